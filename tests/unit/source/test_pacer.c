#include <math.h>

#include "base/clock.h"
#include "base/random.h"
#include "cmocka_all.h"
#include "source/pacer.h"

#define SECOND NS_PER_SECOND

static void rounds_keep_their_rate_however_late_timers_wake(void **state)
{
    (void)state;
    struct round_pacer pacer = round_pacer_new(5 * SECOND, 30);
    struct random random = random_seeded(1);
    int64_t start = 1000 * SECOND;
    assert_true(round_pacer_due(&pacer) <= start);
    assert_int_equal(round_pacer_start(&pacer, start), 0);
    for (int64_t k = 1; k < 1000; k++) {
        assert_int_equal(round_pacer_due(&pacer), start + k * 5 * SECOND);
        int64_t late = (int64_t)(random_next(&random) % (SECOND / 2));
        assert_int_equal(round_pacer_start(&pacer, start + k * 5 * SECOND + late), 0);
    }
}

static void a_late_round_is_said_and_not_made_up_for(void **state)
{
    (void)state;
    struct round_pacer pacer = round_pacer_new(5 * SECOND, 30);
    (void)round_pacer_start(&pacer, 100 * SECOND);
    assert_int_equal(round_pacer_start(&pacer, 117 * SECOND), 12 * SECOND);
    assert_int_equal(round_pacer_due(&pacer), 122 * SECOND);
    assert_int_equal(round_pacer_start(&pacer, 122 * SECOND), 0);
    /* A tenth of the interval is no news, more is. */
    assert_int_equal(round_pacer_start(&pacer, 127 * SECOND + SECOND / 2), 0);
    assert_int_equal(round_pacer_start(&pacer, 132 * SECOND + SECOND / 2 + 1), SECOND / 2 + 1);
}

static void never_more_rounds_than_the_ceiling_in_any_minute(void **state)
{
    (void)state;
    static const int ceilings[] = {1, 7, 30, 90};
    for (size_t i = 0; i < sizeof ceilings / sizeof ceilings[0]; i++) {
        int ceiling = ceilings[i];
        struct round_pacer pacer = round_pacer_new(SECOND / 10, ceiling);
        struct random random = random_seeded(i);
        int64_t starts[1000];
        int64_t now = 0;
        for (int k = 0; k < 1000; k++) {
            int64_t due = round_pacer_due(&pacer);
            now = due > now ? due : now;
            now += (int64_t)(random_next(&random) % (SECOND / 20));
            starts[k] = now;
            (void)round_pacer_start(&pacer, now);
            if (k % 5 == 0) {
                round_pacer_retry(&pacer, now, 1);
            }
            assert_true(k < ceiling || starts[k] - starts[k - ceiling] >= 60 * SECOND);
        }
        assert_true(starts[999] < (1000 / ceiling + 1) * 66 * SECOND);
    }
}

static void without_a_ceiling_the_interval_alone_counts(void **state)
{
    (void)state;
    struct round_pacer pacer = round_pacer_new(SECOND / 100, -1);
    (void)round_pacer_start(&pacer, SECOND);
    assert_int_equal(round_pacer_due(&pacer), SECOND + SECOND / 100);
}

static void a_retry_comes_when_it_was_asked_for_and_is_not_late(void **state)
{
    (void)state;
    struct round_pacer pacer = round_pacer_new(5 * SECOND, 30);
    (void)round_pacer_start(&pacer, 100 * SECOND);
    round_pacer_retry(&pacer, 101 * SECOND, 60 * SECOND);
    assert_int_equal(round_pacer_due(&pacer), 161 * SECOND);
    assert_int_equal(round_pacer_start(&pacer, 161 * SECOND), 0);
    assert_int_equal(round_pacer_due(&pacer), 166 * SECOND);
    round_pacer_retry(&pacer, 161 * SECOND, SECOND / 2); /* the ceiling holds for retries too */
    assert_int_equal(round_pacer_due(&pacer), 163 * SECOND);
}

static void recorded_ticks_go_out_by_their_own_times(void **state)
{
    (void)state;
    static const struct {
        double speed;
        int64_t first, event, want_wait;
    } cases[] = {
        {1, 0, 5 * SECOND, 5 * SECOND},
        {60, 0, 3600 * SECOND, 60 * SECOND},
        {0.5, 1000, 1000 + SECOND, 2 * SECOND},
        {1, 5 * SECOND, 5 * SECOND, 0},
        {1, 5 * SECOND, 4 * SECOND, 0}, /* another coin's, from before */
        {0, 0, 3600 * SECOND, 0},
        {1, INT64_MIN, INT64_MAX, INT64_C(100000000000000000)},
        {1e-300, 0, 1, INT64_C(100000000000000000)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct replay_pacer pacer = {.speed = cases[i].speed};
        int64_t start = 77 * SECOND;
        assert_int_equal(replay_pacer_due(&pacer, cases[i].first, start), start);
        /* Asked later: the start counts, not the moment of asking. */
        int64_t due = replay_pacer_due(&pacer, cases[i].event, start + SECOND);
        assert_int_equal(due - start, cases[i].want_wait);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_keep_their_rate_however_late_timers_wake),
        cmocka_unit_test(a_late_round_is_said_and_not_made_up_for),
        cmocka_unit_test(never_more_rounds_than_the_ceiling_in_any_minute),
        cmocka_unit_test(without_a_ceiling_the_interval_alone_counts),
        cmocka_unit_test(a_retry_comes_when_it_was_asked_for_and_is_not_late),
        cmocka_unit_test(recorded_ticks_go_out_by_their_own_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
