#include <time.h>

#include "base/log.h"
#include "poller_fixture.h"

#define RETRY(...)                                                                                 \
    {                                                                                              \
        .result = SOURCE_ERROR, .error = {.kind = ERROR_RETRY, __VA_ARGS__ }                       \
    }

static void a_rate_limit_waits_as_long_as_it_asks(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {
        {.symbols = {"tA1"}},
        RETRY(.retry_after_ms = 60000, .text = "rate limited by the exchange"),
        {.symbols = {"tA1"}},
        {.result = SOURCE_END},
    };
    fixture->look_from_ns = 23 * SECOND;
    struct poller_stats stats = RUN(fixture, steps);
    assert_int_equal(fixture->asked_ns[1], 5 * SECOND);
    assert_int_equal(fixture->asked_ns[2], 65 * SECOND);
    assert_int_equal(fixture->asked_ns[3], 70 * SECOND);
    assert_int_equal(stats.request_errors, 1);
    assert_int_equal(stats.requests, 4);
    assert_int_equal(stats.late_rounds, 0);
    assert_int_equal(stats.produced, 2);
    assert_true(stats.healthy);
    assert_false(fixture->looked.healthy);
    assert_string_equal(fixture->looked.reason,
                        "Script asks to wait, next try in 42 s: rate limited by the exchange");
    assert_int_equal(fixture->looked.last_success_ns, WALL_NS);
}

static void other_errors_back_off_from_one_second_to_sixty(void **state)
{
    struct fixture *fixture = *state;
    struct step steps[STEPS_MAX] = {{0}};
    for (int i = 0; i < 20; i++) {
        steps[i] = (struct step)RETRY(.text = "HTTP 503");
    }
    steps[21] = (struct step)RETRY(.text = "HTTP 503"); /* after a success */
    steps[23].result = SOURCE_END;
    fixture->config.requests_per_minute = -1;
    fixture->config.interval_ns = 100 * SECOND;
    fixture->look_from_ns = SECOND / 2;
    struct poller_stats stats = run_script(fixture, steps, 24);
    bool long_one = false;
    for (int i = 0; i < 20; i++) {
        int64_t wait = fixture->asked_ns[i + 1] - fixture->asked_ns[i];
        int64_t most = i < 5 ? SECOND << (i + 1) : 60 * SECOND;
        assert_true(wait >= SECOND && wait <= most);
        long_one = long_one || wait > 30 * SECOND;
    }
    assert_true(long_one); /* 15 waits, even in 1 to 60 s */
    int64_t wait = fixture->asked_ns[22] - fixture->asked_ns[21];
    assert_true(wait >= SECOND && wait <= 2 * SECOND);
    assert_int_equal(stats.request_errors, 21);
    assert_int_equal(stats.late_rounds, 0);
    assert_false(fixture->looked.healthy);
    assert_non_null(strstr(fixture->looked.reason, "Script has not answered yet, next try in "));
    assert_non_null(strstr(fixture->looked.reason, "HTTP 503"));
    assert_int_equal(fixture->looked.last_success_ns, 0);
}

static void a_source_that_is_not_live_is_retried_too(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {
        RETRY(.text = "busy"), {.symbols = {"tA1"}, .times_ns = {1}}, {.result = SOURCE_END}};
    fixture->live = false;
    struct poller_stats stats = RUN(fixture, steps);
    assert_true(fixture->asked_ns[1] >= SECOND && fixture->asked_ns[1] <= 2 * SECOND);
    assert_int_equal(stats.produced, 1);
}

static void an_error_for_good_ends_the_loop(void **state)
{
    struct fixture *fixture = *state;
    static const enum error_kind kinds[] = {ERROR_FATAL, ERROR_USAGE, ERROR_REJECT, ERROR_NONE};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct step steps[] = {
            {.symbols = {"tA1"}},
            {.result = SOURCE_ERROR, .error = {.kind = kinds[i], .text = "prices.csv is cut off"}}};
        struct poller_stats stats = RUN(fixture, steps);
        assert_true(stats.ended);
        assert_false(stats.healthy);
        assert_string_equal(stats.reason, "prices.csv is cut off");
        assert_int_equal(stats.request_errors, 1);
        assert_int_equal(stats.produced, 1);
        poller_destroy(fixture->poller);
        fixture->poller = NULL;
        fixture->step = fixture->count = 0;
        atomic_store(&fixture->ends, 0);
    }
}

static void ticks_that_the_sink_refuses_are_dropped(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {{.symbols = {"tA1", "tB1", "tC1"}},
                                        {.symbols = {"tA1"}, .times_ns = {7}},
                                        {.result = SOURCE_END}};
    fixture->refuse_from = 3;
    struct poller_stats stats = RUN(fixture, steps);
    assert_int_equal(fixture->count, 4);
    assert_int_equal(stats.produced, 2);
    assert_int_equal(stats.dropped, 2);
    assert_int_equal(stats.rows.records, 4);
}

static void a_stop_during_a_request_is_no_error(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {
        {.result = SOURCE_ERROR, .error = {.kind = ERROR_RETRY, .text = "stopped"}, .stop = true}};
    struct poller_stats stats = RUN(fixture, steps);
    assert_int_equal(stats.request_errors, 0);
    assert_false(stats.ended);
    assert_string_equal(stats.reason, "stopped");
    assert_int_equal(fixture->step, 1);
}

static void an_answer_that_came_before_the_stop_is_handed_on(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {{.symbols = {"tA1", "tB1"}, .stop = true}};
    struct poller_stats stats = RUN(fixture, steps);
    assert_int_equal(stats.produced, 2);
    assert_int_equal(fixture->step, 1);
}

static void recorded_ticks_wait_for_the_next_run_on_a_stop(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {
        {.symbols = {"tA1", "tB1"}, .times_ns = {1, 2}, .stop = true}};
    fixture->live = false;
    struct poller_stats stats = RUN(fixture, steps);
    assert_int_equal(stats.produced, 0);
    assert_int_equal(stats.rows.records, 2);
    assert_false(stats.ended);
}

/* The following run in real time. */

static bool has_asked(void *context)
{
    struct fixture *fixture = context;
    struct poller_stats stats;
    poller_stats(fixture->poller, &stats);
    return stats.requests > 0 && (stats.request_errors > 0 || stats.last_success_ns > 0);
}

static bool has_produced(void *context)
{
    struct fixture *fixture = context;
    struct poller_stats stats;
    poller_stats(fixture->poller, &stats);
    return stats.produced > 0 && strstr(stats.reason, "recorded tick") != NULL;
}

static void a_stop_ends_any_wait_at_once(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        struct step step;
        bool live;
        bool (*waits)(void *context);
    } cases[] = {
        {RETRY(.retry_after_ms = 60000, .text = "rate limited"), true, has_asked},
        {{.symbols = {"tA1"}}, true, has_asked},
        {{.symbols = {"tA1", "tA1"}, .times_ns = {1, 3600 * SECOND}}, false, has_produced},
    };
    fixture->config.clock = NULL;
    fixture->config.interval_ns = 3600 * SECOND;
    fixture->config.speed = 1;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        fixture->live = cases[i].live;
        fixture->step = fixture->count = 0;
        atomic_store(&fixture->ends, 0);
        create_poller(fixture, &cases[i].step, 1);
        start_poller(fixture);
        assert_true(support_wait(cases[i].waits, fixture, 20000));
        int64_t before = clock_monotonic_ns();
        stop_request(fixture->stop);
        poller_destroy(fixture->poller);
        fixture->poller = NULL;
        assert_true(clock_monotonic_ns() - before < 5 * SECOND);
        assert_int_equal(atomic_load(&fixture->ends), 1);
        stop_destroy(fixture->stop);
        fixture->stop = stop_create(&error);
        fixture->config.stop = fixture->stop;
    }
}

/* A sink that blocks until it is let go. */
struct gate {
    atomic_int entered;
    atomic_bool open;
};

static bool blocking_sink(void *context, const struct record_kind *kind, const void *record,
                          const struct text_arena *texts, int64_t arrived_ns)
{
    struct gate *gate = context;
    (void)texts;
    (void)arrived_ns;
    (void)kind;
    (void)record;
    (void)atomic_fetch_add(&gate->entered, 1);
    while (!atomic_load(&gate->open)) {
        nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
    }
    return true;
}

static bool sink_blocks(void *context)
{
    struct gate *gate = context;
    return atomic_load(&gate->entered) > 0;
}

static void a_sink_that_blocks_holds_up_ticks_but_not_the_figures(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {{.symbols = {"tA1", "tB1"}}, {.result = SOURCE_END}};
    struct gate gate = {0};
    fixture->config.sink = blocking_sink;
    fixture->config.sink_context = &gate;
    create_poller(fixture, steps, 2);
    start_poller(fixture);
    assert_true(support_wait(sink_blocks, &gate, 20000));
    struct poller_stats stats;
    for (int i = 0; i < 100; i++) {
        poller_stats(fixture->poller, &stats);
    }
    assert_int_equal(stats.produced, 0);
    assert_int_equal(stats.rows.records, 2);
    assert_int_equal(atomic_load(&gate.entered), 1);
    atomic_store(&gate.open, true);
    stats = wait_for_end(fixture);
    assert_int_equal(stats.produced, 2);
}

static void figures_read_meanwhile_always_add_up(void **state)
{
    struct fixture *fixture = *state;
    struct step steps[STEPS_MAX];
    for (int i = 0; i < STEPS_MAX; i++) {
        steps[i] = (struct step){.symbols = {"tA1", "tB1", "tC1", "t?"}};
    }
    steps[STEPS_MAX - 1] = (struct step){.result = SOURCE_END};
    log_set_level(LOG_ERROR);
    create_poller(fixture, steps, STEPS_MAX);
    start_poller(fixture);
    struct poller_stats stats;
    do {
        poller_stats(fixture->poller, &stats);
        assert_int_equal(stats.rows.records + stats.rows.rejected[ROW_BAD_SYMBOL], stats.rows.rows);
        assert_true(stats.produced <= stats.rows.records);
    } while (!stats.ended);
    assert_int_equal(stats.produced, 3 * (STEPS_MAX - 1));
    assert_int_equal(stats.rows.rejected[ROW_BAD_SYMBOL], STEPS_MAX - 1);
    log_set_level(LOG_INFO);
}

static void join_waits_until_the_figures_are_final(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {{.symbols = {"tA1"}}, {.symbols = {"tA1"}, .stop = true}};
    create_poller(fixture, steps, 2);
    poller_join(fixture->poller); /* it has not started */
    start_poller(fixture);
    poller_join(fixture->poller);
    assert_int_equal(atomic_load(&fixture->ends), 1);
    struct poller_stats stats;
    poller_stats(fixture->poller, &stats);
    assert_int_equal(stats.produced, 2);
    poller_join(fixture->poller);
}

static void a_poller_that_never_started_is_freed(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {{0}};
    create_poller(fixture, steps, 1);
    struct poller_stats stats;
    poller_stats(fixture->poller, &stats);
    assert_string_equal(stats.reason, "polling has not begun");
    poller_destroy(fixture->poller);
    fixture->poller = NULL;
    assert_int_equal(atomic_load(&fixture->ends), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_rate_limit_waits_as_long_as_it_asks),
        TEST(other_errors_back_off_from_one_second_to_sixty),
        TEST(a_source_that_is_not_live_is_retried_too),
        TEST(an_error_for_good_ends_the_loop),
        TEST(ticks_that_the_sink_refuses_are_dropped),
        TEST(a_stop_during_a_request_is_no_error),
        TEST(an_answer_that_came_before_the_stop_is_handed_on),
        TEST(recorded_ticks_wait_for_the_next_run_on_a_stop),
        TEST(a_stop_ends_any_wait_at_once),
        TEST(a_sink_that_blocks_holds_up_ticks_but_not_the_figures),
        TEST(figures_read_meanwhile_always_add_up),
        TEST(join_waits_until_the_figures_are_final),
        TEST(a_poller_that_never_started_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
