#include "commands/ingests.h"

#include "made_source.h"
#include "pipeline_rig.h"

enum { SOON_MS = 20000 };

/* Two sources on an in-process cluster. */
struct two {
    struct app_rig rig;
    struct options options;
    struct stop *ended;
    struct wired_streams streams;
    struct made_source made[2];
    struct ingests ingests;
};

static void on_end(void *context)
{
    stop_request(context);
}

static int set_up_two(void **state)
{
    struct error error = {0};
    struct two *two = calloc(1, sizeof *two);
    assert_non_null(two);
    two->rig = rig_start(1);
    char program[] = "candlewick", command[] = "produce";
    char *arguments[] = {program, command, NULL};
    char *environment[] = {NULL};
    const struct options_input input = {.argc = 2, .argv = arguments, .environment = environment};
    assert_true(options_parse(&input, &two->options, &error));
    two->options.brokers = two->rig.settings.brokers;
    two->options.registry = registry_server_url(two->rig.registry_server);
    two->ended = stop_create(&error);
    assert_true(wiring_add_stream(&two->options, &ticker_kind, &registry_reader_limits,
                                  two->rig.stop, &two->streams, &error));
    for (size_t i = 0; i < 2; i++) {
        two->made[i].stop = two->rig.stop;
    }
    *state = two;
    return 0;
}

static int tear_down_two(void **state)
{
    struct two *two = *state;
    wiring_streams_free(&two->streams);
    options_free(&two->options);
    stop_destroy(two->ended);
    rig_end(&two->rig);
    free(two);
    return 0;
}

static void start(struct two *two)
{
    struct error error = {0};
    const struct ingests_config config = {.options = &two->options,
                                          .streams = &two->streams,
                                          .topics_exist = true,
                                          .stop = two->rig.stop,
                                          .on_end = on_end,
                                          .on_end_context = two->ended};
    two->ingests.count = 2;
    for (size_t i = 0; i < 2; i++) {
        two->made[i].pushed = true;
        two->made[i].name = i == 0 ? "first" : "second";
        two->ingests.sources[i] = made_source(&two->made[i]);
    }
    if (!ingests_start(&two->ingests, &config, &error)) {
        fail_msg("%s", error.text);
    }
}

static bool second_is_through(void *context)
{
    struct two *two = context;
    struct ingest_stats stats[SOURCES_MAX];
    return ingests_stats(&two->ingests, stats) == 2 && stats[1].producer.acknowledged == 200;
}

static void one_that_fails_does_not_slow_the_other(void **state)
{
    struct two *two = *state;
    struct made_step refused[8] = {{.kind = NULL}};
    struct made_step ticks[200];
    for (size_t i = 0; i < 8; i++) {
        refused[i].error = (struct error){.kind = ERROR_RETRY, .text = "refused"};
    }
    for (size_t i = 0; i < 200; i++) {
        ticks[i] = (struct made_step){.kind = &ticker_kind, .count = 1};
    }
    two->made[0].steps = refused;
    two->made[0].step_count = 8;
    two->made[1].steps = ticks;
    two->made[1].step_count = 200;
    start(two);
    assert_true(support_wait(second_is_through, two, SOON_MS));
    struct ingest_stats stats[SOURCES_MAX];
    (void)ingests_stats(&two->ingests, stats);
    assert_false(stats[0].poller.healthy);
    assert_int_equal(stats[0].producer.sent, 0);
    assert_true(stats[1].poller.healthy);
    assert_non_null(strstr(stats[0].client_id, "-first"));
    assert_non_null(strstr(stats[1].client_id, "-second"));
    /* The second is used up, the first is still trying: the run goes on. */
    assert_false(stop_requested(two->ended));
    stop_request(two->rig.stop);
    assert_int_equal(ingests_destroy(&two->ingests, SOON_MS, stats), 2);
    assert_int_equal(stats[1].producer.acknowledged, 200);
}

static void the_run_ends_when_all_have_ended(void **state)
{
    struct two *two = *state;
    static const struct made_step steps[] = {{.kind = &ticker_kind, .count = 3}};
    two->made[0].steps = two->made[1].steps = steps;
    two->made[0].step_count = two->made[1].step_count = 1;
    start(two);
    assert_true(stop_wait_ms(two->ended, SOON_MS));
    struct ingests_progress progress = ingests_progress(&two->ingests);
    assert_int_equal(progress.rows, 6);
    assert_true(progress.share < 0); /* such sources do not know how much there is */
    struct ingest_stats stats[SOURCES_MAX];
    stop_request(two->rig.stop);
    assert_int_equal(ingests_destroy(&two->ingests, SOON_MS, stats), 2);
    assert_int_equal(stats[0].producer.acknowledged + stats[1].producer.acknowledged, 6);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up_two, tear_down_two)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_that_fails_does_not_slow_the_other),
        TEST(the_run_ends_when_all_have_ended),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
