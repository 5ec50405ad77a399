/* Waiting that costs at most so much in any hour, with a clock of our own. */
#include "registry/client/wait_budget.h"

#include "base/clock.h"
#include "cmocka_all.h"

static const int64_t second = NS_PER_SECOND;

static void waits_that_overlap_count_once(void **state)
{
    (void)state;
    struct wait_budget budget = wait_budget_new(60000, 3600000);
    wait_budget_charge(&budget, 1000 * second, 1010 * second);
    wait_budget_charge(&budget, 1005 * second, 1010 * second);
    wait_budget_charge(&budget, 1005 * second, 1015 * second);
    assert_int_equal(wait_budget_left_ns(&budget, 1015 * second), 45 * second);
    wait_budget_charge(&budget, 1100 * second, 1190 * second);
    assert_int_equal(wait_budget_left_ns(&budget, 1190 * second), 0);
}

/* Whenever it is spent: in no hour more than a minute. */
static void no_window_has_more_than_its_limit(void **state)
{
    (void)state;
    enum { STEPS = 30000 };
    static bool spent[STEPS]; /* each a second */
    struct wait_budget budget = wait_budget_new(60000, 3600000);
    int64_t all = 0;
    for (int64_t step = 0; step < STEPS; step++) {
        bool wants = step % 5000 < 4000 || step % 7 == 0;
        int64_t now_ns = step * second;
        spent[step] = wants && wait_budget_left_ns(&budget, now_ns) >= second;
        if (spent[step]) {
            wait_budget_charge(&budget, now_ns, now_ns + second);
            all++;
        }
    }
    for (size_t begin = 0; begin + 3600 <= STEPS; begin++) {
        int sum = 0;
        for (size_t i = begin; i < begin + 3600; i++) {
            sum += spent[i] ? 1 : 0;
        }
        assert_true(sum <= 60);
    }
    assert_true(all >= 60 * (STEPS / 3600 - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_that_overlap_count_once),
        cmocka_unit_test(no_window_has_more_than_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
