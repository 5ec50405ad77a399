#include "pipeline/event_log.h"

#include <stdlib.h>

#include "base/clock.h"
#include "kafka/reader/reader.h"
#include "pipeline/record_decoder.h"
#include "pipeline_rig.h"

#define TOPIC "events"

enum { SOON_MS = 20000, BROKERS = 3 };

struct logged {
    struct app_rig rig;
    struct registry_client *registry;
    struct event_log *log;
};

static int set_up_log(void **state)
{
    struct error error = {0};
    struct logged *logged = calloc(1, sizeof *logged);
    assert_non_null(logged);
    logged->rig = rig_start(1);
    struct topic_spec spec = {.name = TOPIC, .partitions = 1, .replication = 3};
    assert_true(embedded_kafka_create_topic(logged->rig.kafka, &spec, &error));
    logged->registry = registry_client_create(
        &(struct registry_config){.url = registry_server_url(logged->rig.registry_server),
                                  .columns = event_kind.columns,
                                  .reader_schema = event_kind.schema,
                                  .stop = logged->rig.stop},
        &error);
    assert_non_null(logged->registry);
    *state = logged;
    return 0;
}

static int tear_down_log(void **state)
{
    struct logged *logged = *state;
    event_log_destroy(logged->log);
    registry_client_destroy(logged->registry);
    rig_end(&logged->rig);
    free(logged);
    return 0;
}

static void open_log(struct logged *logged)
{
    struct error error = {0};
    const struct event_log_config config = {.kafka = logged->rig.settings,
                                            .topic = TOPIC,
                                            .registry = logged->registry,
                                            .source = "test"};
    logged->log = event_log_create(&config, &error);
    if (logged->log == NULL) {
        fail_msg("%s", error.text);
    }
}

static struct event_log_stats stats_of(struct logged *logged)
{
    struct event_log_stats stats;
    event_log_stats(logged->log, &stats);
    return stats;
}

/* The events of the topic. */
struct found {
    struct record_decoder decoder;
    struct event events[8];
    struct text_arena texts;
    size_t count;
    struct stop *stop;
};

static bool note_event(void *context, const struct message *message)
{
    struct found *found = context;
    union record_room record;
    struct error error = {0};
    assert_int_equal(record_decode_wait(&found->decoder, &message->encoded, SOON_MS, found->stop,
                                        &record, &found->texts, &error),
                     DECODE_RECORD);
    assert_true(found->count < 8);
    memcpy(&found->events[found->count++], &record, sizeof(struct event));
    return true;
}

static struct found look(struct logged *logged)
{
    struct found found = {.decoder = {.kind = &event_kind, .registry = logged->registry},
                          .stop = logged->rig.stop};
    struct error error = {0};
    struct reader *reader = reader_create(&logged->rig.settings, TOPIC, &error);
    assert_non_null(reader);
    if (!reader_tail(reader, 1000, note_event, &found, SOON_MS, &error)) {
        fail_msg("%s", error.text);
    }
    record_decoder_release(&found.decoder);
    reader_destroy(reader);
    return found;
}

static void what_is_written_is_in_the_topic_with_a_time_of_its_own(void **state)
{
    struct logged *logged = *state;
    open_log(logged);
    int64_t begin_ns = clock_wall_ns();
    event_log_add(logged->log, "assigned", "consumer-1", 7, "tickers 0,1,2");
    event_log_add(logged->log, "assigned", "consumer-1", 7, NULL);
    event_log_add(logged->log, "drill", "kill broker", -1, "begin");
    assert_true(event_log_end(logged->log, SOON_MS));
    struct event_log_stats stats = stats_of(logged);
    assert_int_equal(stats.written, 3);
    assert_int_equal(stats.acknowledged, 3);
    assert_int_equal(stats.given_up + stats.waiting, 0);
    struct found found = look(logged);
    assert_int_equal(found.count, 3);
    assert_string_equal(found.events[0].what, "assigned");
    assert_string_equal(found.events[0].subject, "consumer-1");
    assert_string_equal(found.events[0].source, "test");
    assert_true(str_equal_text(event_detail(&found.events[0], &found.texts), "tickers 0,1,2"));
    assert_true(found.events[0].has_number && found.events[0].number == 7);
    assert_false(found.events[1].has_detail);
    assert_string_equal(found.events[2].subject, "kill-broker");
    assert_false(found.events[2].has_number);
    assert_true(found.events[0].time_ns / NS_PER_MS >= begin_ns / NS_PER_MS);
    assert_true(found.events[1].time_ns > found.events[0].time_ns);
    text_arena_free(&found.texts);
}

static void long_detail_is_whole_or_refused(void **state)
{
    struct logged *logged = *state;
    static char detail[LONG_TEXT_MAX + 2];
    memset(detail, 'x', LONG_TEXT_MAX + 1);
    open_log(logged);
    event_log_add(logged->log, "drill", "too-long", -1, detail);
    detail[LONG_TEXT_MAX] = '\0';
    event_log_add(logged->log, "drill", "longest", -1, detail);
    assert_true(event_log_end(logged->log, SOON_MS));
    assert_int_equal(stats_of(logged).written, 1);
    struct found found = look(logged);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.events[0].subject, "longest");
    assert_true(str_equal_text(event_detail(&found.events[0], &found.texts), detail));
    text_arena_free(&found.texts);
}

static void nothing_is_taken_after_the_end(void **state)
{
    struct logged *logged = *state;
    open_log(logged);
    assert_true(event_log_end(logged->log, SOON_MS));
    event_log_add(logged->log, "revoked", "consumer-1", 7, NULL);
    event_log_add(NULL, "revoked", "consumer-1", 7, NULL); /* a program without a log */
    assert_int_equal(stats_of(logged).written, 0);
}

static void set_brokers(struct logged *logged, bool up)
{
    rd_kafka_mock_cluster_t *mock = embedded_kafka_mock(logged->rig.kafka);
    for (int32_t id = 1; id <= BROKERS; id++) {
        assert_int_equal(up ? rd_kafka_mock_broker_set_up(mock, id)
                            : rd_kafka_mock_broker_set_down(mock, id),
                         RD_KAFKA_RESP_ERR_NO_ERROR);
    }
}

static bool some_are_sent(void *context)
{
    struct logged *logged = context;
    return stats_of(logged).given_up > 0;
}

static bool all_are_acknowledged(void *context)
{
    struct event_log_stats stats = stats_of(context);
    return stats.waiting == 0;
}

static void while_kafka_is_away_a_thousand_wait_and_the_oldest_are_given_up(void **state)
{
    struct logged *logged = *state;
    enum { WRITTEN = 3000 };
    set_brokers(logged, false);
    open_log(logged);
    int64_t begin_ns = clock_monotonic_ns();
    for (int i = 0; i < WRITTEN; i++) {
        event_log_add(logged->log, "covered", "test/0", i, NULL);
    }
    assert_true(clock_monotonic_ns() - begin_ns < 5 * NS_PER_SECOND); /* it never waits */
    assert_true(support_wait(some_are_sent, logged, SOON_MS));
    struct event_log_stats stats = stats_of(logged);
    assert_int_equal(stats.written, WRITTEN);
    assert_int_equal(stats.acknowledged, 0);
    assert_true(stats.waiting <= EVENT_LOG_WAITING_MAX);
    assert_int_equal(stats.given_up + stats.waiting, WRITTEN);
    set_brokers(logged, true);
    assert_true(support_wait(all_are_acknowledged, logged, SOON_MS));
    struct event_log_stats after = stats_of(logged);
    assert_int_equal(after.acknowledged, stats.waiting);
    assert_int_equal(after.given_up, stats.given_up);
    assert_false(event_log_end(logged->log, SOON_MS)); /* some are given up */
}

static void an_end_while_kafka_is_away_is_soon(void **state)
{
    struct logged *logged = *state;
    set_brokers(logged, false);
    open_log(logged);
    event_log_add(logged->log, "drill", "kill-broker", -1, NULL);
    int64_t begin_ns = clock_monotonic_ns();
    assert_false(event_log_end(logged->log, 300));
    assert_true(clock_monotonic_ns() - begin_ns < 5 * NS_PER_SECOND);
    assert_int_equal(stats_of(logged).waiting, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up_log, tear_down_log)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_in_the_topic_with_a_time_of_its_own),
        TEST(long_detail_is_whole_or_refused),
        TEST(nothing_is_taken_after_the_end),
        TEST(while_kafka_is_away_a_thousand_wait_and_the_oldest_are_given_up),
        TEST(an_end_while_kafka_is_away_is_soon),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
