#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "record/ticker.h"
#include "rig.h"

static void consumer_health_names_what_it_waits_for(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    struct consumer_stats stats = rig_stats(&member);
    assert_false(stats.healthy);
    assert_string_equal(stats.reason, "waiting for its first assignment");
    rig_wait_until(rig_stats(&member).healthy, 10000);
    char id[160];
    consumer_member_id(member.consumer, id, sizeof id);
    assert_true(strlen(id) > 0);

    for (int broker = 1; broker <= 3; broker++) {
        rd_kafka_mock_broker_set_down(embedded_kafka_mock(rig->kafka), broker);
    }
    rig_wait_until(!rig_stats(&member).healthy, 20000);
    stats = rig_stats(&member);
    assert_memory_equal(stats.reason, "no broker answers (127.0.0.1:", 29);
    for (int broker = 1; broker <= 3; broker++) {
        rd_kafka_mock_broker_set_up(embedded_kafka_mock(rig->kafka), broker);
    }
    rig_wait_until(rig_stats(&member).healthy, 30000);
    rig_leave(&member);
    rig_destroy(rig);
}

static void consumer_topic_of_another_program_is_told_until_a_tick_comes(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    for (int i = 0; i < 99; i++) {
        rig_produce_raw(rig, i % RIG_PARTITIONS, str_from("key"), str_from("{\"strange\":1}"));
    }
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(rig_stats(&member).dead_lettered == 99, 20000);
    assert_true(rig_stats(&member).healthy); /* too few to say so */
    rig_produce_raw(rig, 3, str_from("key"), str_from("{\"strange\":1}"));
    rig_wait_until(!rig_stats(&member).healthy, 10000);
    struct consumer_stats stats = rig_stats(&member);
    if (strncmp(stats.reason, "every message so far is undecodable (", 37) != 0 ||
        strstr(stats.reason, "is coins the right --topic") == NULL) {
        fail_msg("%s", stats.reason);
    }
    rig_produce(rig, 3, 1);
    rig_wait_until(rig_stats(&member).healthy, 10000);
    rig_leave(&member);
    rig_destroy(rig);
}

static void consumer_unknown_topic_is_named(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    (void)str_copy(str_from("no/such"), rig->streams[0].topic, STREAM_TOPIC_SIZE);
    struct error error = {0};
    struct consumer_config config = rig->config;
    config.kafka.client_id = "only";
    config.event_context = &member;
    member.consumer = consumer_create(&config, &error);
    assert_non_null(member.consumer);
    rig_wait_until(strstr(rig_stats(&member).reason, "no/such") != NULL, 20000);
    assert_false(rig_stats(&member).healthy);
    rig_leave(&member);
    rig_destroy(rig);
}

static void consumer_create_impossible_configuration_is_refused(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    static const struct kafka_property pinned = {"enable.auto.commit", "true"};
    static const struct stream nameless = {&ticker_kind, "", ""};
    static const struct stream twice[] = {{&ticker_kind, "a", "a.dlq"}, {&ticker_kind, "a", "b"}};
    struct consumer_config cases[15];
    size_t count = 0;
    for (size_t i = 0; i < 15; i++) {
        cases[i] = rig->config;
        cases[i].kafka.client_id = "only";
    }
    cases[count++].stream_count = 0;
    cases[count++].stream_count = STREAMS_MAX + 1;
    cases[count++].streams = &nameless;
    cases[count].streams = twice;
    cases[count++].stream_count = 2;
    cases[count++].group = "";
    cases[count++].writers = 0;
    cases[count++].writers = 17;
    cases[count++].batch_ticks = 0;
    cases[count++].batch_bytes = 0;
    cases[count++].queue_batches = 0;
    cases[count++].drain_timeout_ms = -1;
    cases[count++].dead_letters = NULL;
    cases[count++].decode = NULL;
    cases[count++].kafka.brokers = "";
    cases[count].kafka.properties = &pinned;
    cases[count++].kafka.property_count = 1;
    for (size_t i = 0; i < count; i++) {
        struct error error = {0};
        struct consumer *consumer = consumer_create(&cases[i], &error);
        if (consumer != NULL || error.kind != ERROR_USAGE || error.text[0] == '\0') {
            fail_msg("case %zu: kind %d, \"%s\"", i, (int)error.kind, error.text);
        }
    }
    consumer_destroy(NULL, NULL);
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(consumer_health_names_what_it_waits_for),
        cmocka_unit_test(consumer_topic_of_another_program_is_told_until_a_tick_comes),
        cmocka_unit_test(consumer_unknown_topic_is_named),
        cmocka_unit_test(consumer_create_impossible_configuration_is_refused),
    };
    return run_side_by_side(tests);
}
