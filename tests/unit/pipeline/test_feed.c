#include "pipeline/feed.h"

#include "base/clock.h"
#include "pipeline/flow.h"
#include "pipeline/summary.h"
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

static struct feed_config feed_of(const struct app_rig *rig, struct stop *ended)
{
    return (struct feed_config){
        .kafka = rig->settings,
        .topics =
            {{.name = RIG_TOPIC, .partitions = 1, .replication = 3, .retention_ms = -1},
             {.name = RIG_TOPIC ".dlq", .partitions = 1, .replication = 3, .retention_ms = -1}},
        .topics_exist = true,
        .registry = rig->registry,
        .on_end = on_end,
        .on_end_context = ended,
        .stop = rig->stop,
    };
}

static void feed_source_used_up_all_is_acknowledged(void **state)
{
    (void)state;
    struct error error = {0};
    struct app_rig rig = rig_start(1);
    struct stop *ended = stop_create(&error);
    struct flow *flow = flow_create(1, 1000, &error);
    struct feed_config config = feed_of(&rig, ended);
    config.flow = flow;
    struct feed *feed = feed_create(&config, walk(), &error);
    assert_non_null(feed);
    assert_true(stop_wait_ms(ended, SOON_MS));
    struct feed_stats stats;
    feed_destroy(feed, SOON_MS, &stats);
    assert_int_equal(stats.poller.rows.rows, ROUNDS * COINS);
    assert_int_equal(stats.producer.acknowledged, ROUNDS * COINS);
    assert_string_equal(stats.waiting_for, "");
    assert_true(summary_feed_complete(&stats, &error));
    assert_int_equal(flow_open(flow), ROUNDS * COINS); /* nobody has committed */
    flow_destroy(flow);
    stop_destroy(ended);
    rig_end(&rig);
}

static void feed_schema_refused_ends_and_is_a_failure(void **state)
{
    (void)state;
    static const char other[] = "{\"type\":\"record\",\"name\":\"Other\",\"fields\":["
                                "{\"name\":\"symbol\",\"type\":\"boolean\"}]}";
    struct error error = {0};
    struct app_rig rig = rig_start(1);
    struct stop *ended = stop_create(&error);
    int32_t id = 0;
    assert_true(registry_register(rig.registry, RIG_TOPIC "-value", other, &id, &error));
    struct feed_config config = feed_of(&rig, ended);
    struct feed *feed = feed_create(&config, walk(), &error);
    assert_non_null(feed);
    assert_true(stop_wait_ms(ended, SOON_MS));
    struct feed_stats stats;
    feed_stats(feed, &stats);
    assert_true(stats.failed);
    feed_destroy(feed, 0, &stats);
    assert_true(stats.failed);
    assert_int_equal(stats.producer.sent, 0);
    assert_false(summary_feed_complete(&stats, &error));
    assert_non_null(strstr(error.text, "the schema registry"));
    assert_non_null(strstr(error.text, "409"));
    stop_destroy(ended);
    rig_end(&rig);
}

static bool waits(void *context)
{
    struct feed_stats stats;
    feed_stats(context, &stats);
    return stats.waiting_for[0] != '\0';
}

/* No broker: the stop ends the wait, and what never began has not failed. */
static void feed_stop_while_starting_up_ends_soon(void **state)
{
    (void)state;
    struct error error = {0};
    struct app_rig rig = rig_start(1);
    struct feed_config config = feed_of(&rig, rig.stop);
    config.kafka.brokers = "127.0.0.1:1";
    config.topics_exist = false;
    struct feed *feed = feed_create(&config, walk(), &error);
    assert_non_null(feed);
    assert_true(support_wait(waits, feed, SOON_MS));
    int64_t begin_ns = clock_monotonic_ns();
    stop_request(rig.stop);
    struct feed_stats stats;
    feed_destroy(feed, 8000, &stats);
    assert_true(clock_monotonic_ns() - begin_ns < 6 * NS_PER_SECOND);
    assert_false(stats.failed);
    assert_true(summary_feed_complete(&stats, &error));
    rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feed_source_used_up_all_is_acknowledged),
        cmocka_unit_test(feed_schema_refused_ends_and_is_a_failure),
        cmocka_unit_test(feed_stop_while_starting_up_ends_soon),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
