#include "base/histogram.h"

#include "cmocka_all.h"

static const struct histogram_bounds bounds = {3, {10, 100, 1000}};

static void times_fall_into_the_bucket_of_the_next_bound_whatever_came_before(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        size_t want;
    } cases[] = {{0, 0},   {-5, 0},  {INT64_MIN, 0}, {10, 0},   {11, 1},
                 {100, 1}, {101, 2}, {1000, 2},      {1001, 3}, {INT64_MAX, 3}};
    enum { CASES = sizeof cases / sizeof cases[0] };
    for (size_t before = 0; before < CASES; before++) {
        for (size_t i = 0; i < CASES; i++) {
            struct histogram histogram = histogram_new(&bounds);
            histogram_add(&histogram, cases[before].us);
            uint64_t had = histogram.counts[cases[i].want];
            histogram_add(&histogram, cases[i].us);
            assert_int_equal(histogram.counts[cases[i].want], had + 1);
            assert_int_equal(histogram_total(&histogram), 2);
        }
    }
}

static void sum_takes_no_time_below_zero(void **state)
{
    (void)state;
    struct histogram histogram = histogram_new(&bounds);
    histogram_add(&histogram, 30);
    histogram_add(&histogram, -1000);
    histogram_add(&histogram, 12);
    assert_true(histogram.sum_us == 42);
}

static void merge_adds_buckets_and_sums(void **state)
{
    (void)state;
    struct histogram left = histogram_new(&bounds), right = histogram_new(&bounds);
    histogram_add(&left, 5);
    histogram_add(&right, 7);
    histogram_add(&right, 5000);
    histogram_merge(&left, &right);
    assert_int_equal(left.counts[0], 2);
    assert_int_equal(left.counts[3], 1);
    assert_int_equal(histogram_total(&left), 3);
    assert_true(left.sum_us == 5012);
}

static void share_of_all_is_below_a_bound(void **state)
{
    (void)state;
    struct histogram histogram = histogram_new(&bounds);
    assert_int_equal(histogram_below_us(&histogram, 0.5), -1);
    histogram_add(&histogram, 0);
    assert_int_equal(histogram_below_us(&histogram, 0.5), bounds.us[0]);
    assert_int_equal(histogram_below_us(&histogram, 0.99), bounds.us[0]);
    histogram_add(&histogram, bounds.us[bounds.count - 1]);
    assert_int_equal(histogram_below_us(&histogram, 0.5), bounds.us[0]);
    assert_int_equal(histogram_below_us(&histogram, 0.51), bounds.us[bounds.count - 1]);
    histogram_add(&histogram, bounds.us[bounds.count - 1] + 1);
    assert_int_equal(histogram_below_us(&histogram, 0.99), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_fall_into_the_bucket_of_the_next_bound_whatever_came_before),
        cmocka_unit_test(sum_takes_no_time_below_zero),
        cmocka_unit_test(merge_adds_buckets_and_sums),
        cmocka_unit_test(share_of_all_is_below_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
