#include "pipeline/ingest.h"

#include "base/clock.h"
#include "pipeline/run_summary.h"
#include "pipeline/send_window.h"
#include "pipeline_rig.h"
#include "source/sources.h"

enum { ROUNDS = 50, COINS = 2, SOON_MS = 20000 };

static struct source *walk(void)
{
    struct error error = {0};
    struct source *source =
        synthetic_source_create(&(struct synthetic_config){.coins = "tBTCUSD,tETHUSD",
                                                           .seed = 1,
                                                           .start_ns = 1700000000 * NS_PER_SECOND,
                                                           .step_ns = NS_PER_SECOND,
                                                           .limit = ROUNDS},
                                &error);
    assert_non_null(source);
    return source;
}

static void on_end(void *context)
{
    stop_request(context);
}

static struct ingest_config ingest_of(const struct app_rig *rig, struct stop *ended)
{
    return (struct ingest_config){
        .kafka = rig->settings,
        .streams = {{.kind = &ticker_kind,
                     .topics = {{.name = RIG_TOPIC, .partitions = 1, .replication = 3},
                                {.name = RIG_TOPIC ".dlq", .partitions = 1, .replication = 3}},
                     .registry = rig->registry}},
        .stream_count = 1,
        .topics_exist = true,
        .on_end = on_end,
        .on_end_context = ended,
        .stop = rig->stop,
    };
}

static void ingest_source_used_up_all_is_acknowledged(void **state)
{
    (void)state;
    struct error error = {0};
    struct app_rig rig = rig_start(1);
    struct stop *ended = stop_create(&error);
    struct send_window *send_window = send_window_create(1, 1000, &error);
    struct ingest_config config = ingest_of(&rig, ended);
    config.streams[0].send_window = send_window;
    struct ingest *ingest = ingest_create(&config, walk(), &error);
    assert_non_null(ingest);
    assert_true(stop_wait_ms(ended, SOON_MS));
    struct ingest_stats stats;
    ingest_destroy(ingest, SOON_MS, &stats);
    assert_int_equal(stats.poller.rows.rows, ROUNDS * COINS);
    assert_int_equal(stats.producer.acknowledged, ROUNDS * COINS);
    assert_string_equal(stats.waiting_for, "");
    assert_true(run_summary_ingests_complete(&stats, 1, &error));
    assert_int_equal(send_window_open(send_window), ROUNDS * COINS); /* nobody has committed */
    send_window_destroy(send_window);
    stop_destroy(ended);
    rig_end(&rig);
}

static void ingest_schema_refused_ends_and_is_a_failure(void **state)
{
    (void)state;
    static const char other[] = "{\"type\":\"record\",\"name\":\"Other\",\"fields\":["
                                "{\"name\":\"symbol\",\"type\":\"boolean\"}]}";
    struct error error = {0};
    struct app_rig rig = rig_start(1);
    struct stop *ended = stop_create(&error);
    int32_t id = 0;
    assert_true(registry_register(rig.registry, RIG_TOPIC "-value", other, &id, &error));
    struct ingest_config config = ingest_of(&rig, ended);
    struct ingest *ingest = ingest_create(&config, walk(), &error);
    assert_non_null(ingest);
    assert_true(stop_wait_ms(ended, SOON_MS));
    struct ingest_stats stats;
    ingest_stats(ingest, &stats);
    assert_true(stats.failed);
    ingest_destroy(ingest, 0, &stats);
    assert_true(stats.failed);
    assert_int_equal(stats.producer.sent, 0);
    assert_false(run_summary_ingests_complete(&stats, 1, &error));
    assert_non_null(strstr(error.text, "the schema registry"));
    assert_non_null(strstr(error.text, "409"));
    stop_destroy(ended);
    rig_end(&rig);
}

static bool waits(void *context)
{
    struct ingest_stats stats;
    ingest_stats(context, &stats);
    return stats.waiting_for[0] != '\0';
}

/* No broker: the stop ends the wait, and what never began has not failed. */
static void ingest_stop_while_starting_up_ends_soon(void **state)
{
    (void)state;
    struct error error = {0};
    struct app_rig rig = rig_start(1);
    struct ingest_config config = ingest_of(&rig, rig.stop);
    config.kafka.brokers = "127.0.0.1:1";
    config.topics_exist = false;
    struct ingest *ingest = ingest_create(&config, walk(), &error);
    assert_non_null(ingest);
    assert_true(support_wait(waits, ingest, SOON_MS));
    int64_t begin_ns = clock_monotonic_ns();
    stop_request(rig.stop);
    struct ingest_stats stats;
    ingest_destroy(ingest, 8000, &stats);
    assert_true(clock_monotonic_ns() - begin_ns < 6 * NS_PER_SECOND);
    assert_false(stats.failed);
    assert_true(run_summary_ingests_complete(&stats, 1, &error));
    rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ingest_source_used_up_all_is_acknowledged),
        cmocka_unit_test(ingest_schema_refused_ends_and_is_a_failure),
        cmocka_unit_test(ingest_stop_while_starting_up_ends_soon),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
