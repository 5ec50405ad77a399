#include "page/rate.h"

#include "base/clock.h"
#include "cmocka_all.h"

static void rate_of_bursts_is_their_mean(void **state)
{
    (void)state;
    struct rate rate = {0};
    assert_true(rate_sample(&rate, 100, NS_PER_SECOND) == 0);
    /* Three ticks every five seconds, looked at every second. */
    double shown = 0;
    for (int64_t second = 1; second <= 100; second++) {
        shown = rate_sample(&rate, 100 + 3 * (second / 5), (1 + second) * NS_PER_SECOND);
        if (second > RATE_SAMPLES) {
            assert_true(shown > 0.4 && shown < 0.8);
        }
    }
}

static void rate_forgets_what_is_older_than_its_samples(void **state)
{
    (void)state;
    struct rate rate = {0};
    int64_t counter = 0;
    for (int64_t second = 1; second <= 50; second++) {
        counter += second <= 25 ? 1000 : 2;
        double shown = rate_sample(&rate, counter, second * NS_PER_SECOND);
        if (second >= 25 + RATE_SAMPLES) {
            assert_true(shown == 2);
        }
    }
}

static void rate_of_a_counter_that_fell_starts_afresh(void **state)
{
    (void)state;
    struct rate rate = {0};
    (void)rate_sample(&rate, 5000, NS_PER_SECOND);
    assert_true(rate_sample(&rate, 0, 2 * NS_PER_SECOND) == 0);
    assert_true(rate_sample(&rate, 10, 3 * NS_PER_SECOND) == 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_of_bursts_is_their_mean),
        cmocka_unit_test(rate_forgets_what_is_older_than_its_samples),
        cmocka_unit_test(rate_of_a_counter_that_fell_starts_afresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
