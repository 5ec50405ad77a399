/* At most so many requests in any 60 seconds. */
#include "base/clock.h"
#include "cmocka_all.h"
#include "source/request_budget.h"

static void burst_is_allowed_and_then_the_oldest_has_to_be_a_minute_old(void **state)
{
    (void)state;
    struct request_budget budget;
    assert_true(request_budget_init(&budget, 3));
    static const int64_t at_s[] = {0, 1, 10};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(request_budget_wait_ns(&budget, at_s[i] * NS_PER_SECOND), 0);
        request_budget_spend(&budget, at_s[i] * NS_PER_SECOND);
    }
    assert_int_equal(request_budget_wait_ns(&budget, 10 * NS_PER_SECOND), 50 * NS_PER_SECOND);
    assert_int_equal(request_budget_wait_ns(&budget, 60 * NS_PER_SECOND - 1), 1);
    assert_int_equal(request_budget_wait_ns(&budget, 60 * NS_PER_SECOND), 0);
    request_budget_spend(&budget, 60 * NS_PER_SECOND);
    assert_int_equal(request_budget_wait_ns(&budget, 60 * NS_PER_SECOND), NS_PER_SECOND);
    request_budget_free(&budget);
}

static void as_many_as_possible_never_exceed_the_ceiling(void **state)
{
    (void)state;
    enum { CEILING = 7, SENT = 200 };
    struct request_budget budget;
    assert_true(request_budget_init(&budget, CEILING));
    int64_t sent_ns[SENT];
    int64_t now_ns = 5;
    for (size_t i = 0; i < SENT; i++) {
        now_ns += (int64_t)(i % 5) * NS_PER_SECOND;
        now_ns += request_budget_wait_ns(&budget, now_ns);
        request_budget_spend(&budget, now_ns);
        sent_ns[i] = now_ns;
        assert_true(i < CEILING || sent_ns[i] - sent_ns[i - CEILING] >= 60 * NS_PER_SECOND);
    }
    request_budget_free(&budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(burst_is_allowed_and_then_the_oldest_has_to_be_a_minute_old),
        cmocka_unit_test(as_many_as_possible_never_exceed_the_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
