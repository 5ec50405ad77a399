#include "base/random.h"
#include "cmocka_all.h"

static void seeded_with_0_gives_the_published_numbers(void **state)
{
    (void)state;
    /* The first numbers of splitmix64 for the seed 0, as its authors' reference gives them. */
    static const uint64_t want[] = {UINT64_C(0xe220a8397b1dcdaf), UINT64_C(0x6e789e6aa1b965f4),
                                    UINT64_C(0x06c45d188009454f)};
    struct random random = random_seeded(0);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_true(random_next(&random) == want[i]);
    }
}

static void seeded_alike_gives_the_same_numbers(void **state)
{
    (void)state;
    struct random one = random_seeded(42);
    struct random two = random_seeded(42);
    struct random other = random_seeded(43);
    int same = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t number = random_next(&one);
        assert_true(number == random_next(&two));
        same += number == random_next(&other) ? 1 : 0;
    }
    assert_int_equal(same, 0);
}

static void unit_stays_in_range_and_is_even(void **state)
{
    (void)state;
    enum { NUMBERS = 100000, BINS = 10 };
    int bins[BINS] = {0};
    struct random random = random_seeded(1);
    for (int i = 0; i < NUMBERS; i++) {
        double number = random_unit(&random);
        assert_true(number >= 0 && number < 1);
        bins[(int)(number * BINS)]++;
    }
    for (int i = 0; i < BINS; i++) {
        assert_in_range(bins[i], NUMBERS / BINS - 500, NUMBERS / BINS + 500); /* 5 sigma */
    }
}

static void from_system_differs_each_time(void **state)
{
    (void)state;
    struct random one = random_from_system();
    struct random two = random_from_system();
    assert_true(one.state != two.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeded_with_0_gives_the_published_numbers),
        cmocka_unit_test(seeded_alike_gives_the_same_numbers),
        cmocka_unit_test(unit_stays_in_range_and_is_even),
        cmocka_unit_test(from_system_differs_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
