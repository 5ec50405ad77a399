/* How long the truth takes, step by step. */
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "kafka/consumer/truth_lag.h"
#include "record/bar.h"
#include "record/ticker.h"
#include "record/trade.h"

#define NOON_MS INT64_C(1764504000000)
enum { NOT = -1, BELOW = -2 };

static const struct trade trade = {.source = "bitfinex", .exchange_time_ns = NOON_MS * NS_PER_MS};
static const struct bar bar = {.source = "bitfinex", .open_time_ns = NOON_MS * NS_PER_MS};
static const struct ticker tick = {.source = "bitfinex", .event_time_ns = NOON_MS * NS_PER_MS};

enum { STEPS = 4 };
/* The steps of a way to the store, and of one to the page. */
static const enum truth_step ways[2][STEPS] = {
    {TRUTH_EXCHANGE_TO_FRAME, TRUTH_FRAME_TO_KAFKA, TRUTH_KAFKA_TO_STORE, TRUTH_EXCHANGE_TO_STORE},
    {TRUTH_EXCHANGE_TO_FRAME, TRUTH_FRAME_TO_KAFKA, TRUTH_KAFKA_TO_PAGE, TRUTH_EXCHANGE_TO_PAGE},
};

/* Times are ms after noon; `want` is each step's span in ms, NOT measured or BELOW 0. */
static const struct {
    const struct record_kind *kind;
    const void *record;
    int64_t arrived_ms, timestamp_ms, done_ms;
    int64_t want[STEPS];
} cases[] = {
    {&trade_kind, &trade, 40, 45, 145, {40, 5, 100, 145}},
    {&trade_kind, &trade, -3, 45, 145, {BELOW, 48, 100, 145}},
    {&trade_kind, &trade, 40, 39, 145, {40, BELOW, 106, 145}},
    {&trade_kind, &trade, 40, 45, 44, {40, 5, BELOW, 44}},
    {&trade_kind, &trade, 40, 45, -1, {40, 5, BELOW, BELOW}},
    {&trade_kind, &trade, 0, 0, 0, {0, 0, 0, 0}},
    {&trade_kind, &trade, INT64_MIN, 45, 145, {NOT, NOT, NOT, NOT}}, /* refilled: no header */
    {&trade_kind, &trade, 40, INT64_MIN, 145, {NOT, NOT, NOT, NOT}}, /* no timestamp */
    {&bar_kind, &bar, 61000, 61002, 61100, {NOT, 2, 98, NOT}},
    {&bar_kind, &bar, INT64_MIN, 61002, 61100, {NOT, NOT, NOT, NOT}},
    {&ticker_kind, &tick, 0, 3, 100, {NOT, 3, 97, NOT}},
    {&ticker_kind, &tick, INT64_MIN, 3, 100, {NOT, NOT, NOT, NOT}}, /* replayed */
};

static void check_case(size_t i, bool page)
{
    struct truth_lag lag = truth_lag_new("trade");
    int64_t arrived_ms = cases[i].arrived_ms, timestamp_ms = cases[i].timestamp_ms;
    const struct truth_times times = {
        .arrived_ns = arrived_ms == INT64_MIN ? 0 : (NOON_MS + arrived_ms) * NS_PER_MS,
        .timestamp_ms = timestamp_ms == INT64_MIN ? -1 : NOON_MS + timestamp_ms,
        .done_ms = NOON_MS + cases[i].done_ms,
    };
    (page ? truth_lag_add_page : truth_lag_add)(&lag, cases[i].kind, cases[i].record, &times);
    for (int k = 0; k < STEPS; k++) {
        enum truth_step step = ways[page][k];
        int64_t want = cases[i].want[k];
        bool measured = histogram_total(&lag.steps[step]) == (want >= 0 ? 1 : 0);
        if (!measured || lag.negative[step] != (want == BELOW) ||
            (want >= 0 && lag.steps[step].sum_us != (double)want * 1000)) {
            fail_msg("case %zu, %s: %g us, %d below 0", i, truth_step_names[step],
                     lag.steps[step].sum_us, (int)lag.negative[step]);
        }
        enum truth_step other = ways[!page][k];
        assert_true(other == step ||
                    (histogram_total(&lag.steps[other]) == 0 && lag.negative[other] == 0));
    }
}

static void each_step_is_measured_or_counted_as_below_zero(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check_case(i, false);
        check_case(i, true);
    }
}

static void a_sum_with_members_takes_of_the_page_only_its_own_steps(void **state)
{
    (void)state;
    struct truth_lag all = truth_lag_new("trade"), page = truth_lag_new("trade");
    const struct truth_times times = {.arrived_ns = (NOON_MS + 1) * NS_PER_MS,
                                      .timestamp_ms = NOON_MS + 5,
                                      .done_ms = NOON_MS + 9};
    truth_lag_add(&all, &trade_kind, &trade, &times);
    truth_lag_add_page(&page, &trade_kind, &trade, &times);
    truth_lag_merge_page(&all, &page);
    for (int step = 0; step < TRUTH_STEPS; step++) {
        assert_int_equal(histogram_total(&all.steps[step]), 1);
    }
}

static void lags_of_several_batches_add_up(void **state)
{
    (void)state;
    struct truth_lag all = truth_lag_new("trade");
    for (int64_t i = 0; i < 3; i++) {
        struct truth_lag one = truth_lag_new("trade");
        const struct truth_times times = {.arrived_ns = (NOON_MS - 1 + i) * NS_PER_MS,
                                          .timestamp_ms = NOON_MS + 5,
                                          .done_ms = NOON_MS + 9};
        truth_lag_add(&one, &trade_kind, &trade, &times);
        truth_lag_merge(&all, &one);
    }
    assert_int_equal(truth_lag_total(&all), 3);
    assert_int_equal(all.negative[TRUTH_EXCHANGE_TO_FRAME], 1);
    assert_int_equal(histogram_total(&all.steps[TRUTH_EXCHANGE_TO_FRAME]), 2);
    assert_true(all.steps[TRUTH_KAFKA_TO_STORE].sum_us == 12000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_is_measured_or_counted_as_below_zero),
        cmocka_unit_test(lags_of_several_batches_add_up),
        cmocka_unit_test(a_sum_with_members_takes_of_the_page_only_its_own_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
