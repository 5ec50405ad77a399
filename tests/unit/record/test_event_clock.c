#include "record/event_clock.h"

#include "cmocka_all.h"

enum { MS = 1000000 };

static void times_are_whole_milliseconds_and_an_order(void **state)
{
    (void)state;
    struct event_clock clock = event_clock_new(5);
    assert_int_equal(event_clock_next(&clock, 1767225600123456789), 1767225600123005000);
    assert_int_equal(event_clock_next(&clock, 1767225600123999999), 1767225600123005001);
    assert_int_equal(event_clock_next(&clock, 1767225600124000000), 1767225600124005000);
}

static void no_time_is_given_twice(void **state)
{
    (void)state;
    static const int64_t steps_ns[] = {0, 1, 0, -5 * MS, 0, MS / 2, 7 * MS, -MS};
    struct event_clock clock = event_clock_new(UINT64_MAX);
    int64_t wall_ns = 1767225600000000000, last_ns = 0;
    for (int i = 0; i < 20000; i++) {
        wall_ns += steps_ns[i % 8];
        int64_t time_ns = event_clock_next(&clock, wall_ns);
        assert_true(time_ns > last_ns);
        last_ns = time_ns;
    }
}

static void writers_begin_at_different_orders(void **state)
{
    (void)state;
    struct event_clock clocks[] = {event_clock_new(1), event_clock_new(2), event_clock_new(1001)};
    int64_t times_ns[3];
    for (int i = 0; i < 3; i++) {
        times_ns[i] = event_clock_next(&clocks[i], 1767225600000000000);
    }
    assert_int_not_equal(times_ns[0], times_ns[1]);
    assert_int_equal(times_ns[0], times_ns[2]);
    /* The last order of a millisecond is still within it. */
    struct event_clock late = event_clock_new(999);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(event_clock_next(&late, 5 * MS) / MS, 5);
    }
    assert_int_equal(event_clock_next(&late, 5 * MS) / MS, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_whole_milliseconds_and_an_order),
        cmocka_unit_test(no_time_is_given_twice),
        cmocka_unit_test(writers_begin_at_different_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
