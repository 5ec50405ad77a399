#include <limits.h>
#include <stdbool.h>

#include "base/backoff.h"
#include "cmocka_all.h"

static void next_waits_between_base_and_a_doubling_bound(void **state)
{
    (void)state;
    static const int bounds[] = {200, 400, 800, 1000, 1000, 1000};
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct backoff backoff = backoff_new(100, 1000, random_seeded(seed));
        for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
            assert_in_range(backoff_next_ms(&backoff, 0), 100, bounds[i]);
        }
    }
}

static void next_reaches_both_ends_of_its_range(void **state)
{
    (void)state;
    bool least = false;
    bool most = false;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct backoff backoff = backoff_new(10, 1000, random_seeded(seed));
        int wait = backoff_next_ms(&backoff, 0);
        least = least || wait == 10;
        most = most || wait == 20;
    }
    assert_true(least && most);
}

static void next_with_another_seed_waits_differently(void **state)
{
    (void)state;
    struct backoff one = backoff_new(1000, 60000, random_seeded(1));
    struct backoff two = backoff_new(1000, 60000, random_seeded(2));
    int same = 0;
    for (int i = 0; i < 20; i++) {
        same += backoff_next_ms(&one, 0) == backoff_next_ms(&two, 0) ? 1 : 0;
    }
    assert_true(same < 5);
}

static void next_honours_a_wait_that_was_asked_for_up_to_a_minute(void **state)
{
    (void)state;
    struct backoff backoff = backoff_new(100, 1000, random_seeded(1));
    assert_int_equal(backoff_next_ms(&backoff, 5000), 5000);
    assert_int_equal(backoff_next_ms(&backoff, 60000), 60000);
    assert_int_equal(backoff_next_ms(&backoff, INT_MAX), 60000);
    assert_in_range(backoff_next_ms(&backoff, 1), 100, 1000); /* a floor, not the wait */
    assert_in_range(backoff_next_ms(&backoff, -5), 100, 1000);
}

static void next_for_ever_stays_at_the_cap(void **state)
{
    (void)state;
    struct backoff backoff = backoff_new(1, INT_MAX, random_seeded(1));
    for (int i = 0; i < 1000; i++) {
        assert_in_range(backoff_next_ms(&backoff, 0), 1, INT_MAX);
    }
}

static void next_with_a_cap_below_base_waits_base(void **state)
{
    (void)state;
    struct backoff backoff = backoff_new(500, 100, random_seeded(1));
    for (int i = 0; i < 5; i++) {
        assert_int_equal(backoff_next_ms(&backoff, 0), 500);
    }
}

static void reset_starts_from_base_again(void **state)
{
    (void)state;
    struct backoff backoff = backoff_new(100, 100000, random_seeded(1));
    for (int i = 0; i < 10; i++) {
        (void)backoff_next_ms(&backoff, 0);
    }
    assert_int_equal(backoff.attempt, 10);
    backoff_reset(&backoff);
    assert_in_range(backoff_next_ms(&backoff, 0), 100, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_waits_between_base_and_a_doubling_bound),
        cmocka_unit_test(next_reaches_both_ends_of_its_range),
        cmocka_unit_test(next_with_another_seed_waits_differently),
        cmocka_unit_test(next_honours_a_wait_that_was_asked_for_up_to_a_minute),
        cmocka_unit_test(next_for_ever_stays_at_the_cap),
        cmocka_unit_test(next_with_a_cap_below_base_waits_base),
        cmocka_unit_test(reset_starts_from_base_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
