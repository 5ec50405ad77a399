#include "base/clock.h"
#include "cluster.h"
#include "kafka/admin/topic_watch.h"

enum { ANSWER_MS = 10000 };

static struct topic_watch *watch_topic(struct cluster *cluster, const char *topic)
{
    struct error error = {0};
    struct topic_watch *watch = topic_watch_create(&cluster->settings, topic, &error);
    if (watch == NULL) {
        fail_msg("%s", error.text);
    }
    return watch;
}

static struct topic_id_state ask(struct topic_watch *watch)
{
    topic_watch_ask(watch);
    topic_watch_wait(watch, clock_monotonic_ns() + ANSWER_MS * NS_PER_MS);
    return topic_watch_newest(watch);
}

static void a_topic_keeps_its_id_and_another_has_another(void **state)
{
    (void)state;
    struct cluster cluster = cluster_start();
    cluster_add_topic(&cluster, "other", 1);
    struct topic_watch *watch = watch_topic(&cluster, CLUSTER_TOPIC);
    struct topic_watch *other_watch = watch_topic(&cluster, "other");
    struct topic_id_state first = ask(watch), again = ask(watch), other = ask(other_watch);
    assert_int_equal(first.kind, TOPIC_ID_KNOWN);
    assert_int_equal(strlen(first.id.text), TOPIC_ID_LENGTH);
    assert_false(topic_id_differs(&first.id, &again.id));
    assert_true(topic_id_differs(&first.id, &other.id));
    topic_watch_destroy(other_watch);
    topic_watch_destroy(watch);
    cluster_stop(&cluster);
}

static bool is_there(void *context)
{
    return topic_watch_newest(context).kind == TOPIC_ID_KNOWN;
}

static void a_topic_that_is_away_is_told_and_found_when_it_comes(void **state)
{
    (void)state;
    struct cluster cluster = cluster_start();
    struct topic_watch *watch = watch_topic(&cluster, "late");
    struct topic_id_state away = ask(watch);
    assert_int_equal(away.kind, TOPIC_ID_NO_TOPIC);
    assert_false(topic_id_known(&away.id));
    assert_non_null(strstr(away.reason, "no topic late"));
    cluster_add_topic(&cluster, "late", 2);
    assert_true(support_wait(is_there, watch, ANSWER_MS));
    topic_watch_destroy(watch);
    cluster_stop(&cluster);
}

static void while_no_broker_answers_the_id_stays_known_and_an_end_does_not_wait(void **state)
{
    (void)state;
    struct cluster cluster = cluster_start();
    struct topic_watch *watch = watch_topic(&cluster, CLUSTER_TOPIC);
    struct topic_id_state there = ask(watch);
    rd_kafka_mock_broker_set_down(cluster_mock(&cluster), -1);
    struct topic_id_state silent = ask(watch);
    assert_int_equal(silent.kind, TOPIC_ID_UNKNOWN);
    assert_true(silent.reason[0] != '\0');
    assert_string_equal(silent.id.text, there.id.text);
    topic_watch_ask(watch);
    int64_t begin_ns = clock_monotonic_ns();
    topic_watch_destroy(watch);
    assert_true(clock_monotonic_ns() - begin_ns < NS_PER_SECOND);
    rd_kafka_mock_broker_set_up(cluster_mock(&cluster), -1);
    cluster_stop(&cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_topic_keeps_its_id_and_another_has_another),
        cmocka_unit_test(a_topic_that_is_away_is_told_and_found_when_it_comes),
        cmocka_unit_test(while_no_broker_answers_the_id_stays_known_and_an_end_does_not_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
