/* The fake exchange's clock. */
#include "base/clock.h"
#include "cmocka_all.h"
#include "fake_exchange/fake_time.h"

#define ORIGIN_MS INT64_C(1795251600000)

static void clock_that_is_held_stands_until_it_is_let_go(void **state)
{
    (void)state;
    struct fake_time time;
    fake_time_init(&time, ORIGIN_MS, 1000, true);
    assert_true(fake_time_held(&time));
    assert_int_equal(fake_time_ms(&time), ORIGIN_MS);
    assert_int_equal(fake_time_wait_ms(&time, ORIGIN_MS, 200), 0);
    assert_in_range(fake_time_wait_ms(&time, ORIGIN_MS + 1, 200), 1, 10);
    int64_t before_ns = clock_monotonic_ns();
    fake_time_release(&time);
    assert_false(fake_time_held(&time));
    while (fake_time_ms(&time) < ORIGIN_MS + 20000) {
    }
    assert_true(clock_monotonic_ns() - before_ns >= 20 * NS_PER_MS);
    int64_t now_ms = fake_time_ms(&time);
    fake_time_release(&time); /* once is enough */
    assert_true(fake_time_ms(&time) >= now_ms);
}

static void sleep_ends_when_the_clock_shows_the_time(void **state)
{
    (void)state;
    static const struct {
        double speed;
        int64_t ahead_ms;
        int most_ms, least, most;
    } cases[] = {
        {1, 100000, 200, 200, 200}, {1, 100, 200, 1, 101}, {1000, 100000, 200, 1, 101},
        {0.5, 50, 200, 1, 101},     {1, -5, 200, 0, 0},    {1, INT64_MAX / 2, 7, 7, 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake_time time;
        fake_time_init(&time, ORIGIN_MS, cases[i].speed, false);
        int64_t until_ms = ORIGIN_MS + cases[i].ahead_ms;
        int wait_ms = fake_time_wait_ms(&time, until_ms, cases[i].most_ms);
        /* on a busy machine the time may have passed already */
        if (fake_time_ms(&time) < until_ms) {
            assert_in_range(wait_ms, cases[i].least, cases[i].most);
        }
    }
}

static void clock_that_is_set_shows_that(void **state)
{
    (void)state;
    struct fake_time time;
    fake_time_init(&time, ORIGIN_MS, 1000, false);
    fake_time_set(&time, 5);
    assert_int_equal(fake_time_ms(&time), 5);
    assert_in_range(fake_time_wait_ms(&time, 100000, 200), 1, 10);
    fake_time_set(&time, 100000);
    assert_int_equal(fake_time_wait_ms(&time, 100000, 200), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_that_is_held_stands_until_it_is_let_go),
        cmocka_unit_test(sleep_ends_when_the_clock_shows_the_time),
        cmocka_unit_test(clock_that_is_set_shows_that),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
