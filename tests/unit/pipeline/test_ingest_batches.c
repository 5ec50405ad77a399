/* A source of two kinds on the way to Kafka: topics, headers, the barrier, what it is told. */
#include "base/clock.h"
#include "kafka/reader/reader.h"
#include "made_source.h"
#include "pipeline/ingest.h"
#include "pipeline/run_summary.h"
#include "pipeline_rig.h"

#define SECOND_TOPIC "bars"

enum { SOON_MS = 20000, BROKERS = 3 };

struct two_kinds {
    struct app_rig rig;
    struct registry_client *bars;
    struct stop *ended;
    struct made_source made;
    struct ingest *ingest;
};

static void on_end(void *context)
{
    stop_request(context);
}

static struct registry_client *bar_registry(struct app_rig *rig)
{
    struct error error = {0};
    struct registry_client *client = registry_client_create(
        &(struct registry_config){.url = registry_server_url(rig->registry_server),
                                  .columns = bar_kind.columns,
                                  .reader_schema = bar_kind.schema,
                                  .stop = rig->stop},
        &error);
    assert_non_null(client);
    return client;
}

static int set_up_two(void **state)
{
    struct error error = {0};
    struct two_kinds *two = calloc(1, sizeof *two);
    assert_non_null(two);
    two->rig = rig_start(2);
    struct topic_spec bars = {.name = SECOND_TOPIC, .partitions = 2, .replication = 3};
    assert_true(embedded_kafka_create_topic(two->rig.kafka, &bars, &error));
    two->bars = bar_registry(&two->rig);
    two->ended = stop_create(&error);
    assert_non_null(two->ended);
    two->made.stop = two->rig.stop;
    two->made.writes_events = true;
    *state = two;
    return 0;
}

static int tear_down_two(void **state)
{
    struct two_kinds *two = *state;
    registry_client_destroy(two->bars);
    stop_destroy(two->ended);
    rig_end(&two->rig);
    free(two);
    return 0;
}

static void start(struct two_kinds *two)
{
    struct error error = {0};
    struct ingest_config config = {
        .kafka = two->rig.settings,
        .streams = {{.kind = &ticker_kind,
                     .topics = {{.name = RIG_TOPIC}, {.name = RIG_TOPIC ".dlq"}},
                     .registry = two->rig.registry},
                    {.kind = &bar_kind,
                     .topics = {{.name = SECOND_TOPIC}, {.name = SECOND_TOPIC ".dlq"}},
                     .registry = two->bars}},
        .stream_count = 2,
        .topics_exist = true,
        .poller = {.interval_ns = NS_PER_MS, .requests_per_minute = -1},
        .tail = INGEST_NEEDS_TAIL,
        .on_end = on_end,
        .on_end_context = two->ended,
        .stop = two->rig.stop,
    };
    two->ingest = ingest_create(&config, made_source(&two->made), &error);
    if (two->ingest == NULL) {
        fail_msg("%s", error.text);
    }
}

/* What a topic holds: how many messages, and the last one's header. */
struct found {
    size_t count;
    bool has_arrived;
    char arrived[32];
};

static bool note_message(void *context, const struct message *message)
{
    struct found *found = context;
    struct str arrived;
    found->count++;
    found->has_arrived = message_header(message, ARRIVED_HEADER, &arrived);
    if (found->has_arrived) {
        (void)str_copy(arrived, found->arrived, sizeof found->arrived);
    }
    return true;
}

static struct found look(struct two_kinds *two, const char *topic)
{
    struct found found = {.count = 0};
    struct error error = {0};
    struct reader *reader = reader_create(&two->rig.settings, topic, &error);
    assert_non_null(reader);
    if (!reader_tail(reader, 1000, note_message, &found, SOON_MS, &error)) {
        fail_msg("%s", error.text);
    }
    reader_destroy(reader);
    return found;
}

static void each_kind_goes_to_its_topic_with_its_arrival(void **state)
{
    struct two_kinds *two = *state;
    static const struct made_step steps[] = {
        {.kind = &ticker_kind, .count = 3, .arrived_ns = 1767225600123456789},
        {.kind = &bar_kind, .count = 2, .settle = true},
        {.kind = &ticker_kind, .count = 1, .arrived_ns = -5},
    };
    two->made.steps = steps;
    two->made.step_count = 3;
    start(two);
    assert_true(stop_wait_ms(two->ended, SOON_MS));
    struct ingest_stats stats;
    struct error error;
    ingest_destroy(two->ingest, SOON_MS, &stats);
    assert_true(run_summary_ingests_complete(&stats, 1, &error));
    assert_int_equal(stats.producer.acknowledged, 6);
    assert_int_equal(stats.records.sent, 4);
    assert_int_equal(stats.records.acknowledged, 4);
    assert_int_equal(stats.events.sent, 2); /* of the second stream */
    assert_int_equal(stats.events.acknowledged, 2);
    assert_string_equal(stats.source, "made");
    struct found ticks = look(two, RIG_TOPIC), bars = look(two, SECOND_TOPIC);
    assert_int_equal(ticks.count, 4);
    assert_true(ticks.has_arrived);
    assert_string_equal(ticks.arrived, "-5");
    assert_int_equal(bars.count, 2);
    assert_false(bars.has_arrived);
}

static void set_brokers(struct two_kinds *two, bool up)
{
    rd_kafka_mock_cluster_t *mock = embedded_kafka_mock(two->rig.kafka);
    for (int32_t id = 1; id <= BROKERS; id++) {
        rd_kafka_resp_err_t failure =
            up ? rd_kafka_mock_broker_set_up(mock, id) : rd_kafka_mock_broker_set_down(mock, id);
        made_require(failure == RD_KAFKA_RESP_ERR_NO_ERROR);
    }
}

/* Before the first batch. */
static void take_brokers_away(void *context, size_t calls)
{
    if (calls == 0) {
        set_brokers(context, false);
    }
}

static bool was_called_again(void *context)
{
    struct two_kinds *two = context;
    return atomic_load(&two->made.calls) > 1;
}

static bool tells_of_the_wait(void *context)
{
    struct two_kinds *two = context;
    struct ingest_stats stats;
    ingest_stats(two->ingest, &stats);
    return !stats.poller.healthy &&
           strstr(stats.poller.reason, "until Kafka acknowledges what was sent") != NULL;
}

static void while_brokers_are_away_a_barrier_holds_the_source_and_says_so(void **state)
{
    struct two_kinds *two = *state;
    static const struct made_step steps[] = {{.kind = &bar_kind, .count = 1, .settle = true},
                                             {.kind = &ticker_kind, .count = 1}};
    two->made.steps = steps;
    two->made.step_count = 2;
    two->made.before = take_brokers_away;
    two->made.before_context = two;
    start(two);
    assert_true(support_wait(tells_of_the_wait, two, SOON_MS));
    struct ingest_stats stats;
    ingest_stats(two->ingest, &stats);
    assert_int_equal(stats.producer.acknowledged, 0);
    assert_int_equal(atomic_load(&two->made.calls), 1);
    set_brokers(two, true);
    assert_true(support_wait(was_called_again, two, SOON_MS));
    ingest_stats(two->ingest, &stats);
    assert_true(stats.producer.acknowledged >= 1);
    assert_true(stop_wait_ms(two->ended, SOON_MS));
    ingest_destroy(two->ingest, SOON_MS, &stats);
    assert_int_equal(stats.producer.acknowledged, 2);
}

static bool has_sent(void *context)
{
    struct two_kinds *two = context;
    struct ingest_stats stats;
    ingest_stats(two->ingest, &stats);
    return stats.producer.sent > 0;
}

static void a_stop_ends_the_barrier_soon_and_nothing_more_is_said(void **state)
{
    struct two_kinds *two = *state;
    static const struct made_step steps[] = {{.kind = &bar_kind, .count = 1, .settle = true},
                                             {.kind = &ticker_kind, .count = 1}};
    two->made.steps = two->made.last = steps;
    two->made.step_count = two->made.last_count = 2;
    two->made.before = take_brokers_away;
    two->made.before_context = two;
    start(two);
    assert_true(support_wait(has_sent, two, SOON_MS));
    int64_t begin_ns = clock_monotonic_ns();
    stop_request(two->rig.stop);
    struct ingest_stats stats;
    ingest_destroy(two->ingest, 0, &stats);
    assert_true(clock_monotonic_ns() - begin_ns < 10 * NS_PER_SECOND);
    assert_int_equal(atomic_load(&two->made.calls), 1);
    assert_int_equal(atomic_load(&two->made.last_calls), 0);
    assert_int_equal(stats.producer.sent, 1);
}

static int32_t schema_of(struct registry_client *registry, const char *subject, const char *schema)
{
    int32_t id = 0;
    struct error error = {0};
    assert_true(registry_register(registry, subject, schema, &id, &error));
    return id;
}

/* Writes that many records of `source` to the log. */
static void fill_log(struct two_kinds *two, const struct record_kind *kind, const char *source,
                     size_t count)
{
    bool ticks = kind == &ticker_kind;
    int32_t id = ticks ? rig_schema(&two->rig)
                       : schema_of(two->bars, SECOND_TOPIC "-value", bar_schema_text);
    for (size_t i = 0; i < count; i++) {
        struct ticker tick = made_tick(source, i);
        struct bar bar = made_bar(source, i);
        struct strbuf message =
            rig_encode(id, kind, ticks ? (const void *)&tick : (const void *)&bar, NULL);
        struct str value = strbuf_str(&message);
        rig_send_to(&two->rig, ticks ? RIG_TOPIC : SECOND_TOPIC, "tBTCUSD", &value, 1);
        strbuf_free(&message);
    }
}

static void it_is_told_the_tail_and_all_its_own_of_the_second_kind(void **state)
{
    struct two_kinds *two = *state;
    fill_log(two, &bar_kind, "made", 4);
    fill_log(two, &bar_kind, "another", 3);
    fill_log(two, &ticker_kind, "another", 2);
    start(two);
    assert_true(stop_wait_ms(two->ended, SOON_MS));
    ingest_destroy(two->ingest, SOON_MS, NULL);
    assert_int_equal(two->made.told, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_ptr_equal(two->made.told_kinds[i], i < 2 ? &ticker_kind : &bar_kind);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up_two, tear_down_two)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_kind_goes_to_its_topic_with_its_arrival),
        TEST(while_brokers_are_away_a_barrier_holds_the_source_and_says_so),
        TEST(a_stop_ends_the_barrier_soon_and_nothing_more_is_said),
        TEST(it_is_told_the_tail_and_all_its_own_of_the_second_kind),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
