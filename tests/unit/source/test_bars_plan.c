/* Which coin's bars are asked for next, and when. */
#include "cmocka_all.h"
#include "source/bars/bars_plan.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define NOON_NS INT64_C(1764504000000000000)

enum { COINS = 3, NONE = -1 };

struct planned {
    struct bars_turn turns[COINS];
    struct bars_plan plan;
};

static void begin(struct planned *planned, int64_t length_ns, int64_t interval_ns)
{
    *planned = (struct planned){0};
    planned->plan = (struct bars_plan){.turns = planned->turns,
                                       .count = COINS,
                                       .length_ns = length_ns,
                                       .grace_ns = 60 * NS_PER_SECOND,
                                       .interval_ns = interval_ns};
}

static int due(const struct planned *planned, int64_t now_ns)
{
    size_t coin = 0;
    return bars_plan_due(&planned->plan, now_ns, &coin) ? (int)coin : NONE;
}

/* Asks the coin that is due, which must be that one. */
static void ask(struct planned *planned, int64_t now_ns, int want, enum bars_answer answer)
{
    assert_int_equal(due(planned, now_ns), want);
    bars_plan_asks(&planned->plan, (size_t)want);
    bars_plan_answer(&planned->plan, (size_t)want, now_ns, answer);
}

static void ask_all(struct planned *planned, int64_t now_ns)
{
    for (int i = 0; i < COINS; i++) {
        ask(planned, now_ns, i, BARS_WHOLE);
    }
    assert_int_equal(due(planned, now_ns), NONE);
}

static void bar_is_due_a_minute_after_its_end_and_coins_keep_their_order(void **state)
{
    (void)state;
    struct planned planned;
    begin(&planned, MINUTE_NS, 5 * NS_PER_SECOND);
    int64_t now_ns = NOON_NS + 59 * NS_PER_SECOND;
    assert_int_equal(bars_plan_end_ns(&planned.plan, now_ns), NOON_NS - MINUTE_NS);
    ask_all(&planned, now_ns);
    assert_int_equal(due(&planned, NOON_NS + MINUTE_NS - 1), NONE);
    assert_int_equal(bars_plan_end_ns(&planned.plan, NOON_NS + MINUTE_NS), NOON_NS);
    ask_all(&planned, NOON_NS + MINUTE_NS);
    assert_int_equal(due(&planned, NOON_NS + 2 * MINUTE_NS - 1), NONE);
    ask_all(&planned, NOON_NS + 2 * MINUTE_NS);
}

static void longer_bars_and_a_longer_interval_are_asked_for_less_often(void **state)
{
    (void)state;
    struct planned planned;
    begin(&planned, 60 * MINUTE_NS, 5 * NS_PER_SECOND);
    ask_all(&planned, NOON_NS + MINUTE_NS);
    assert_int_equal(due(&planned, NOON_NS + 61 * MINUTE_NS - 1), NONE);
    ask_all(&planned, NOON_NS + 61 * MINUTE_NS);
    begin(&planned, MINUTE_NS, 5 * MINUTE_NS);
    ask_all(&planned, NOON_NS + MINUTE_NS);
    assert_int_equal(due(&planned, NOON_NS + 6 * MINUTE_NS - 1), NONE);
    ask_all(&planned, NOON_NS + 6 * MINUTE_NS);
}

static void coin_with_more_pages_or_a_failure_does_not_hold_up_the_others(void **state)
{
    (void)state;
    struct planned planned;
    begin(&planned, MINUTE_NS, 0);
    ask(&planned, NOON_NS, 0, BARS_PAGE);
    assert_int_equal(due(&planned, NOON_NS), 1);
    bars_plan_asks(&planned.plan, 1); /* no answer comes */
    ask(&planned, NOON_NS, 2, BARS_WHOLE);
    ask(&planned, NOON_NS, 0, BARS_PAGE);
    ask(&planned, NOON_NS, 1, BARS_WHOLE);
    ask(&planned, NOON_NS, 0, BARS_WHOLE);
    assert_int_equal(due(&planned, NOON_NS), NONE);
}

static void refused_coin_is_asked_again_after_five_minutes(void **state)
{
    (void)state;
    struct planned planned;
    begin(&planned, MINUTE_NS, 0);
    ask(&planned, NOON_NS, 0, BARS_WHOLE);
    ask(&planned, NOON_NS, 1, BARS_REFUSED);
    ask(&planned, NOON_NS, 2, BARS_WHOLE);
    assert_false(bars_plan_all_refused(&planned.plan));
    ask(&planned, NOON_NS + MINUTE_NS, 0, BARS_REFUSED);
    ask(&planned, NOON_NS + MINUTE_NS, 2, BARS_REFUSED);
    assert_true(bars_plan_all_refused(&planned.plan));
    assert_int_equal(due(&planned, NOON_NS + 5 * MINUTE_NS - 1), NONE);
    ask(&planned, NOON_NS + 5 * MINUTE_NS, 1, BARS_WHOLE);
    assert_false(bars_plan_all_refused(&planned.plan));
}

static void clock_that_steps_makes_every_coin_due(void **state)
{
    (void)state;
    static const int64_t steps_ns[] = {-3600 * NS_PER_SECOND, 3600 * NS_PER_SECOND};
    for (size_t i = 0; i < 2; i++) {
        struct planned planned;
        begin(&planned, MINUTE_NS, 5 * NS_PER_SECOND);
        ask_all(&planned, NOON_NS);
        ask_all(&planned, NOON_NS + steps_ns[i]);
        ask_all(&planned, NOON_NS + steps_ns[i] + MINUTE_NS);
    }
}

/* What came by itself is not asked for; what did not is, after the grace. */
static void pushed_bar_is_asked_for_only_where_it_has_not_come(void **state)
{
    (void)state;
    struct planned planned;
    begin(&planned, MINUTE_NS, 0);
    planned.plan.pushed = true;
    planned.plan.grace_ns = 10 * NS_PER_SECOND;
    bars_plan_pushed(&planned.plan, 0, NOON_NS); /* before its history was asked for */
    ask_all(&planned, NOON_NS + 20 * NS_PER_SECOND);
    for (size_t i = 0; i < COINS; i++) {
        bars_plan_pushed(&planned.plan, i, NOON_NS + MINUTE_NS);
    }
    /* It came ahead of the grace, which is no clock that went back. */
    assert_int_equal(due(&planned, NOON_NS + MINUTE_NS + NS_PER_SECOND), NONE);
    assert_int_equal(due(&planned, NOON_NS + 2 * MINUTE_NS + 9 * NS_PER_SECOND), NONE);
    bars_plan_pushed(&planned.plan, 0, NOON_NS + 2 * MINUTE_NS);
    bars_plan_pushed(&planned.plan, 2, NOON_NS + 2 * MINUTE_NS);
    ask(&planned, NOON_NS + 2 * MINUTE_NS + 10 * NS_PER_SECOND, 1, BARS_WHOLE);
    assert_int_equal(due(&planned, NOON_NS + 2 * MINUTE_NS + 10 * NS_PER_SECOND), NONE);
    assert_int_equal(bars_plan_whole_ns(&planned.plan), NOON_NS + 2 * MINUTE_NS);
}

static void first_request_and_the_first_of_each_hour_look_back(void **state)
{
    (void)state;
    struct planned planned;
    begin(&planned, MINUTE_NS, 0);
    assert_true(bars_plan_looks_back(&planned.plan, 0, NOON_NS));
    ask(&planned, NOON_NS, 0, BARS_PAGE);
    assert_true(bars_plan_looks_back(&planned.plan, 0, NOON_NS));
    bars_plan_answer(&planned.plan, 0, NOON_NS, BARS_WHOLE);
    assert_false(bars_plan_looks_back(&planned.plan, 0, NOON_NS));
    /* The bar that ends at noon may be sent a minute later. */
    assert_true(bars_plan_looks_back(&planned.plan, 0, NOON_NS + MINUTE_NS));
    bars_plan_answer(&planned.plan, 0, NOON_NS + MINUTE_NS, BARS_WHOLE);
    assert_false(bars_plan_looks_back(&planned.plan, 0, NOON_NS + 60 * MINUTE_NS));
    assert_true(bars_plan_looks_back(&planned.plan, 0, NOON_NS + 61 * MINUTE_NS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bar_is_due_a_minute_after_its_end_and_coins_keep_their_order),
        cmocka_unit_test(longer_bars_and_a_longer_interval_are_asked_for_less_often),
        cmocka_unit_test(coin_with_more_pages_or_a_failure_does_not_hold_up_the_others),
        cmocka_unit_test(refused_coin_is_asked_again_after_five_minutes),
        cmocka_unit_test(clock_that_steps_makes_every_coin_due),
        cmocka_unit_test(pushed_bar_is_asked_for_only_where_it_has_not_come),
        cmocka_unit_test(first_request_and_the_first_of_each_hour_look_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
