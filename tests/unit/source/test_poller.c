#include <math.h>

#include "capture.h"
#include "poller_fixture.h"

static void answers_are_stamped_and_handed_on(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {
        {.symbols = {"tBTCUSD", "tETHUSD"}, .takes_ms = 30},
        {.symbols = {"tBTCUSD"}, .takes_ms = 20},
        {.result = SOURCE_END},
    };
    struct poller_stats stats = RUN(fixture, steps);
    static const struct {
        const char *symbol;
        int64_t want_ms;
    } want[] = {{"tBTCUSD", 30}, {"tETHUSD", 30}, {"tBTCUSD", 5020}};
    assert_int_equal(fixture->count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(fixture->ticks[i].symbol, want[i].symbol);
        assert_int_equal(fixture->ticks[i].event_time_ns, WALL_NS + want[i].want_ms * NS_PER_MS);
        assert_int_equal(fixture->ticks[i].seq, i + 1);
        assert_int_equal(fixture->ticks[i].run_id, 42);
        assert_string_equal(fixture->ticks[i].source, "script");
    }
    assert_int_equal(stats.requests, 3);
    assert_int_equal(stats.produced, 3);
    assert_int_equal(stats.rows.records, 3);
    assert_int_equal(stats.last_success_ns, WALL_NS + 5020 * NS_PER_MS);
    assert_true(stats.ended && stats.healthy);
    assert_int_equal(fixture->begun_ns, INT64_MIN);
}

static void requests_keep_their_rate(void **state)
{
    struct fixture *fixture = *state;
    struct step steps[40] = {{0}};
    for (int i = 0; i < 40; i++) {
        steps[i].takes_ms = i * 100; /* all within the interval */
    }
    steps[39].result = SOURCE_END;
    struct poller_stats stats = RUN(fixture, steps);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(fixture->asked_ns[i], i * 5 * SECOND);
    }
    assert_int_equal(stats.late_rounds, 0);
    assert_int_equal(stats.requests, 40);
}

static void a_late_round_is_counted_and_not_made_up_for(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {
        {.takes_ms = 12000}, {.takes_ms = 1000}, {0}, {.result = SOURCE_END}};
    struct poller_stats stats = RUN(fixture, steps);
    static const int64_t want_s[] = {0, 12, 17, 22};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(fixture->asked_ns[i], want_s[i] * SECOND);
    }
    assert_int_equal(stats.late_rounds, 1);
}

/* 40 rounds, each a second late, in four minutes. */
static void late_rounds_are_logged_together_once_a_minute(void **state)
{
    struct fixture *fixture = *state;
    struct step steps[41] = {0};
    struct capture capture;
    for (size_t i = 0; i < 40; i++) {
        steps[i].takes_ms = 6000;
    }
    steps[40].result = SOURCE_END;
    capture_start(&capture);
    struct poller_stats stats = RUN(fixture, steps);
    char *log = capture_end(&capture);
    assert_int_equal(stats.late_rounds, 40);
    assert_int_equal(capture_count(log, "event=poll_late"), 4);
    assert_int_equal(capture_count(log, "rounds=1 by=1s"), 1);
    assert_int_equal(capture_count(log, "rounds=10 by=1s"), 3);
    free(log);
}

static void a_slow_sink_makes_rounds_late(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {
        {0}, {.symbols = {"tA1", "tB1", "tA1"}}, {0}, {.result = SOURCE_END}};
    fixture->sink_takes_ms = 2000;
    struct poller_stats stats = RUN(fixture, steps);
    assert_int_equal(stats.late_rounds, 1);
    assert_int_equal(fixture->asked_ns[1], 5 * SECOND);
    assert_int_equal(fixture->asked_ns[2], 11 * SECOND);
    assert_int_equal(fixture->asked_ns[3], 16 * SECOND);
    for (size_t i = 0; i < 3; i++) { /* the time of the answer, not of its turn */
        assert_int_equal(fixture->ticks[i].event_time_ns, WALL_NS + 5 * SECOND + (i == 2 ? 1 : 0));
    }
}

static void never_more_requests_than_the_ceiling(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int per_minute;
        int64_t want_ns;
    } cases[] = {{0, 2 * SECOND}, {30, 2 * SECOND}, {10, 6 * SECOND}, {-1, SECOND / 10}};
    static const struct step steps[] = {
        {0}, {.result = SOURCE_ERROR, .error = {.kind = ERROR_RETRY}}, {0}, {.result = SOURCE_END}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture->config.interval_ns = SECOND / 10;
        fixture->config.requests_per_minute = cases[i].per_minute;
        (void)RUN(fixture, steps);
        for (int k = 1; k < 4; k++) {
            int64_t gap = fixture->asked_ns[k] - fixture->asked_ns[k - 1];
            assert_true(gap >= cases[i].want_ns);
            assert_true(k == 2 || gap == cases[i].want_ns); /* the retry waits longer, perhaps */
        }
        poller_destroy(fixture->poller);
        fixture->poller = NULL;
        fixture->step = 0;
        atomic_store(&fixture->ends, 0);
    }
}

static void a_clock_that_steps_back_holds_ticks_until_it_has_caught_up(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {
        {.symbols = {"tA1", "tB1"}},
        {.symbols = {"tA1", "tB1"}, .wall_step_ms = -8000}, /* 3 s before the first */
        {.symbols = {"tA1"}},                               /* 2 s after */
        {.symbols = {"tA1"}, .wall_step_ms = -5900},        /* 0.9 s back is bridged */
        {.result = SOURCE_END},
    };
    fixture->look_from_ns = 6 * SECOND;
    struct poller_stats stats = RUN(fixture, steps);
    static const int64_t want_ns[] = {0, 0, 2000000000, 2000000001};
    assert_int_equal(fixture->count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(fixture->ticks[i].event_time_ns - WALL_NS, want_ns[i]);
        assert_int_equal(fixture->ticks[i].seq, i + 1);
    }
    assert_int_equal(stats.held_back, 2);
    assert_int_equal(stats.produced, 4);
    assert_int_equal(stats.rows.records, 6);
    assert_true(fixture->has_looked);
    assert_false(fixture->looked.healthy);
    assert_non_null(
        strstr(fixture->looked.reason, "tA1 and 1 more: the clock stepped back by 3.0 s; waiting"));
    assert_true(stats.healthy);
}

static void stamps_of_the_log_come_first(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {
        {.symbols = {"tA1"}}, {.symbols = {"tA1"}}, {.symbols = {"tA1"}}, {.result = SOURCE_END}};
    create_poller(fixture, steps, 4);
    assert_true(tell_stamp(fixture->poller, "tA1", WALL_NS + 5 * SECOND));
    assert_true(tell_stamp(fixture->poller, "tA1", WALL_NS));
    struct poller_stats stats;
    poller_stats(fixture->poller, &stats);
    assert_false(stats.healthy);
    fixture->look_from_ns = 1;
    start_poller(fixture);
    stats = wait_for_end(fixture);
    assert_int_equal(fixture->begun_ns, WALL_NS + 5 * SECOND);
    assert_int_equal(stats.held_back, 2);
    assert_int_equal(fixture->count, 1);
    assert_int_equal(fixture->ticks[0].event_time_ns, WALL_NS + 10 * SECOND);
    assert_non_null(strstr(fixture->looked.reason, "behind the newest tick in the log"));
}

static void a_tick_from_the_future_in_the_log_stops_nobody(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {{.symbols = {"tA1", "tB1"}}, {.result = SOURCE_END}};
    create_poller(fixture, steps, 2);
    assert_true(tell_stamp(fixture->poller, "tA1", INT64_MAX));
    assert_true(tell_stamp(fixture->poller, "tA1", WALL_NS + 3 * SECOND));
    start_poller(fixture);
    struct poller_stats stats = wait_for_end(fixture);
    assert_int_equal(stats.held_back, 1); /* the stamp that is 3 s ahead binds its coin */
    assert_int_equal(fixture->count, 1);
    assert_string_equal(fixture->ticks[0].symbol, "tB1");
    assert_int_equal(fixture->ticks[0].event_time_ns, WALL_NS);
    assert_non_null(strstr(stats.notice, "tA1"));
    assert_non_null(strstr(stats.notice, "tickers, partition 3, offset 17; source bitfinex"));
}

static void recorded_ticks_keep_their_times_and_are_paced_by_them(void **state)
{
    struct fixture *fixture = *state;
    static const int64_t t0 = INT64_C(946684800000000000);
    const struct step steps[] = {
        {.symbols = {"tA1", "tB1", "tA1", "tC1"},
         .times_ns = {t0, t0 + SECOND, t0 + 60 * SECOND, t0 - SECOND}},
        {.symbols = {"tA1"}, .times_ns = {t0 + 3600 * SECOND}},
        {.result = SOURCE_END},
    };
    static const int64_t times[] = {0, 1, 60, -1, 3600};
    static const struct {
        double speed;
        int64_t want_ms[5];
    } cases[] = {
        {1, {0, 1000, 60000, 60000, 3600000}},
        {60, {0, 17, 1000, 1000, 60000}}, /* waits end on a whole ms, not before their time */
        {0, {0, 0, 0, 0, 0}},
    };
    fixture->live = false;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture->config.speed = cases[i].speed;
        int64_t start_ns = atomic_load(&fixture->now_ns);
        fixture->look_from_ns = cases[i].speed == 1 ? 61 * SECOND : 0;
        struct poller_stats stats = RUN(fixture, steps);
        assert_int_equal(fixture->count, 5);
        for (size_t k = 0; k < 5; k++) {
            assert_int_equal(fixture->ticks[k].event_time_ns, t0 + times[k] * SECOND);
            assert_int_equal((fixture->taken_ns[k] - start_ns + NS_PER_MS - 1) / NS_PER_MS,
                             cases[i].want_ms[k]);
        }
        assert_true(stats.ended && stats.healthy);
        assert_int_equal(stats.requests, 0);
        assert_int_equal(stats.late_rounds, 0);
        assert_true(cases[i].speed > 0 || fixture->waits == 0);
        if (cases[i].speed == 1) {
            assert_true(fixture->looked.healthy);
            assert_string_equal(fixture->looked.reason,
                                "the next of the recorded ticks is due in 3539 s");
        }
        poller_destroy(fixture->poller);
        fixture->poller = NULL;
        fixture->step = fixture->count = 0;
        fixture->waits = 0;
        atomic_store(&fixture->ends, 0);
    }
}

static void a_live_source_with_times_of_its_own_is_not_stamped(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {{.symbols = {"tA1"}, .times_ns = {5}},
                                        {.symbols = {"tA1"}, .times_ns = {900 * SECOND}},
                                        {.result = SOURCE_END}};
    fixture->config.speed = 1;
    (void)RUN(fixture, steps);
    assert_int_equal(fixture->count, 2);
    assert_int_equal(fixture->ticks[1].event_time_ns, 900 * SECOND);
    assert_int_equal(fixture->taken_ns[1], 5 * SECOND); /* at its interval */
}

static void ticks_that_break_a_promise_are_counted_as_rows(void **state)
{
    struct fixture *fixture = *state;
    static const struct step steps[] = {
        {.symbols = {"tA1", "t?", "x y"}},
        {.symbols = {"tA1"}, .price = -1},
        {.symbols = {"t!"}, .times_ns = {1}},
        {.result = SOURCE_END},
    };
    struct poller_stats stats = RUN(fixture, steps);
    assert_int_equal(fixture->count, 1);
    assert_int_equal(stats.produced, 1);
    assert_int_equal(stats.rows.rows, 5);
    assert_int_equal(stats.rows.records, 1);
    assert_int_equal(stats.rows.rejected[ROW_BAD_SYMBOL], 3);
    assert_int_equal(stats.rows.rejected[ROW_BAD_PRICE], 1);
}

static void create_refuses_what_cannot_be_and_leaves_the_source(void **state)
{
    struct fixture *fixture = *state;
    const struct poller_config good = fixture->config;
    struct poller_config configs[] = {good, good, good, good};
    configs[0].interval_ns = 0;
    configs[1].interval_ns = -1;
    configs[2].speed = -1;
    configs[3].speed = (double)INFINITY;
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        struct error error = {0};
        struct source source = {.name = "script", .live = true};
        assert_null(poller_create(&configs[i], &source, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
    }
    poller_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(answers_are_stamped_and_handed_on),
        TEST(requests_keep_their_rate),
        TEST(a_late_round_is_counted_and_not_made_up_for),
        TEST(late_rounds_are_logged_together_once_a_minute),
        TEST(a_slow_sink_makes_rounds_late),
        TEST(never_more_requests_than_the_ceiling),
        TEST(a_clock_that_steps_back_holds_ticks_until_it_has_caught_up),
        TEST(stamps_of_the_log_come_first),
        TEST(a_tick_from_the_future_in_the_log_stops_nobody),
        TEST(recorded_ticks_keep_their_times_and_are_paced_by_them),
        TEST(a_live_source_with_times_of_its_own_is_not_stamped),
        TEST(ticks_that_break_a_promise_are_counted_as_rows),
        TEST(create_refuses_what_cannot_be_and_leaves_the_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
