#include "record/event_clock.h"

#include "cmocka_all.h"

enum { MS = 1000000 };

static void times_are_whole_milliseconds_and_an_order(void **state)
{
    (void)state;
    struct event_clock clock = event_clock_random(5);
    assert_int_equal(event_clock_next(&clock, 1767225600123456789), 1767225600123005000);
    assert_int_equal(event_clock_next(&clock, 1767225600123999999), 1767225600123005001);
    assert_int_equal(event_clock_next(&clock, 1767225600124000000), 1767225600124005000);
}

static void no_time_is_given_twice(void **state)
{
    (void)state;
    static const int64_t steps_ns[] = {0, 1, 0, -5 * MS, 0, MS / 2, 7 * MS, -MS};
    struct event_clock clock = event_clock_random(UINT64_MAX);
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
    struct event_clock clocks[] = {event_clock_random(1), event_clock_random(2),
                                   event_clock_random(1001)};
    int64_t times_ns[3];
    for (int i = 0; i < 3; i++) {
        times_ns[i] = event_clock_next(&clocks[i], 1767225600000000000);
    }
    assert_int_not_equal(times_ns[0], times_ns[1]);
    assert_int_equal(times_ns[0], times_ns[2]);
    /* The last order of a millisecond is still within it. */
    struct event_clock late = event_clock_random(999);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(event_clock_next(&late, 5 * MS) / MS, 5);
    }
    assert_int_equal(event_clock_next(&late, 5 * MS) / MS, 6);
}

static void events_in_the_log_are_followed(void **state)
{
    (void)state;
    static const struct {
        int64_t seen_ns, wall_ns, want_ns;
    } cases[] = {
        {0, 7 * MS + 5, 7 * MS},
        {6 * MS, 7 * MS + 5, 7 * MS},
        {7 * MS, 7 * MS + 5, 7 * MS + 1},
        {7 * MS + 999999, 7 * MS + 5, 8 * MS}, /* ahead of the wall clock */
        {9 * MS + 3, 7 * MS + 5, 9 * MS + 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct event_clock clock = {0};
        event_clock_seen(&clock, cases[i].seen_ns);
        event_clock_seen(&clock, cases[i].seen_ns - 1);
        assert_int_equal(event_clock_next(&clock, cases[i].wall_ns), cases[i].want_ns);
        assert_int_equal(event_clock_next(&clock, cases[i].wall_ns), cases[i].want_ns + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_whole_milliseconds_and_an_order),
        cmocka_unit_test(no_time_is_given_twice),
        cmocka_unit_test(writers_begin_at_different_orders),
        cmocka_unit_test(events_in_the_log_are_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
