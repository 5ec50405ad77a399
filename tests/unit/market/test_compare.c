#include "market/compare.h"

#include <math.h>
#include <string.h>

#include "cmocka_all.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MINUTE (60 * NS_PER_SECOND)

struct dealt {
    int64_t ms, id;
    double price, amount; /* a price of 0 ends a list */
};

static void add_trades(struct compare *compare, const struct dealt *trades, size_t count)
{
    for (size_t i = 0; i < count && trades[i].price > 0; i++) {
        int64_t time_ns = trades[i].ms * NS_PER_MS + trades[i].id % NS_PER_MS;
        assert_true(
            compare_trade(compare, time_ns, trades[i].id, trades[i].price, trades[i].amount));
    }
}

static struct candle bar(int minute, double open, double high, double low, double close)
{
    return (struct candle){.time_ns = minute * MINUTE,
                           .open = open,
                           .high = high,
                           .low = low,
                           .close = close,
                           .volume = 1,
                           .has_volume = true};
}

/* One minute: its trades against one bar. A newer bar makes it old enough. */
static void prices_of_a_candle_are_compared(void **state)
{
    (void)state;
#define FIVE                                                                                       \
    {                                                                                              \
        {10, 1, 100, 1}, {10, 2, 103, 1}, {20, 3, 102, 1}, {30, 4, 101, 1},                        \
        {                                                                                          \
            30, 5, 104, 1                                                                          \
        }                                                                                          \
    }
    static const struct {
        struct dealt trades[5];
        double open, high, low, close, volume;
        double off; /* in basis points; 0: equal */
        bool equal_volume;
    } cases[] = {
        {{{10, 1, 100, 1}, {20, 2, 110, -2}, {30, 3, 105, 0.5}}, 100, 110, 100, 105, 3.5, 0, true},
        {{{10, 1, 100, 1}}, 100, 100, 100, 100, 1, 0, true},
        {{{10, 1, 100, 1}}, 100, 100, 100, 100, 1.000000001, 0, true},
        {{{10, 1, 100, 1}}, 100, 100, 100, 100, 1.00000001, 0, false},
        {{{10, 1, 100, 1}}, 100, 100, 99, 100, 1, 1e4 / 99, true},
        {{{10, 1, 100, 1}, {20, 2, 101, 1}}, 100, 102, 100, 101, 2, 1e4 / 102, true},
        /* Any price of the first and of the last millisecond. */
        {FIVE, 103, 104, 100, 101, 5, 0, true},
        {FIVE, 100, 104, 100, 104, 5, 0, true},
        {FIVE, 102, 104, 100, 101, 5, 2e4 / 102, true},
        {FIVE, 100, 104, 100, 102, 5, 2e4 / 102, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct candle bars[] = {
            bar(0, cases[i].open, cases[i].high, cases[i].low, cases[i].close),
            bar(1, 1, 1, 1, 1),
        };
        bars[0].volume = cases[i].volume;
        const struct candle_list theirs = {.items = bars, .count = 2};
        struct compare compare = {.interval_ns = MINUTE, .theirs = &theirs};
        add_trades(&compare, cases[i].trades, COUNT(cases[i].trades));
        assert_true(compare_conclude(&compare));
        assert_int_equal(compare.count, 2);
        const struct compared *item = &compare.items[0];
        if (fabs(item->off - cases[i].off) > 1e-9 || item->equal_volume != cases[i].equal_volume ||
            !item->has_volumes || (item->reason == COMPARE_EQUAL) != (cases[i].off == 0)) {
            fail_msg("case %zu: off by %g, %s", i, item->off, compare_reason_names[item->reason]);
        }
        assert_int_equal(compare.items[1].reason, COMPARE_UNEXPLAINED);
        assert_false(compare.items[1].has_ours);
        assert_false(compare.items[1].has_volumes);
        compare_free(&compare);
    }
}

/* The source has covered the minutes 0 to 3, but for some nanosecond of minute 1. */
static struct coverage four_minutes(void)
{
    struct coverage coverage = coverage_begin("x", "a");
    struct event event = {.what = "coins", .source = "x", .time_ns = 5};
    assert_true(coverage_add(&coverage, &event, str_from("a")));
    event = (struct event){.what = "covered",
                           .source = "x",
                           .end_ns = 4 * MINUTE,
                           .has_begin_ns = true,
                           .has_end_ns = true};
    assert_true(coverage_add(&coverage, &event, str_from("5:0-0")));
    event = (struct event){.what = "hole",
                           .source = "x",
                           .subject = "a",
                           .begin_ns = MINUTE + 1,
                           .end_ns = MINUTE + 2,
                           .has_begin_ns = true,
                           .has_end_ns = true};
    assert_true(coverage_add(&coverage, &event, str_from("connection lost")));
    assert_true(coverage_conclude(&coverage));
    return coverage;
}

static void each_difference_has_its_reason(void **state)
{
    (void)state;
    struct coverage coverage = four_minutes();
    struct candle bars[] = {bar(0, 9, 9, 9, 9), bar(1, 9, 9, 9, 9), bar(2, 9, 9, 9, 9),
                            bar(3, 9, 9, 9, 9), bar(5, 9, 9, 9, 9), bar(6, 9, 9, 9, 9)};
    bars[2].revised = true;
    const struct dealt trades[] = {
        {1, 30, 1, 1},      /* minute 0: numbered after the trade of minute 2 */
        {60001, 11, 1, 1},  /* minute 1: a hole */
        {120001, 20, 1, 1}, /* minute 2: its bar was changed */
        {180001, 40, 1, 1}, /* minute 3: nothing explains it */
        {240001, 50, 1, 1}, /* minute 4: they have none, and nothing tells that it was covered */
        {360001, 60, 9, 1}, /* minute 6: equal */
        {420001, 70, 9, 1}, /* minute 7: no bar yet */
    };
    static const enum compare_reason want[] = {
        COMPARE_LATE_TRADE, COMPARE_HOLE,    COMPARE_BAR_CHANGED, COMPARE_UNEXPLAINED,
        COMPARE_UNKNOWN,    COMPARE_UNKNOWN, COMPARE_EQUAL,       COMPARE_NO_BAR_YET};
    const struct candle_list theirs = {.items = bars, .count = COUNT(bars)};
    struct compare compare = {.interval_ns = MINUTE, .coverage = &coverage, .theirs = &theirs};
    add_trades(&compare, trades, COUNT(trades));
    assert_true(compare_conclude(&compare));
    assert_int_equal(compare.count, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        if (compare.items[i].reason != want[i]) {
            fail_msg("minute %zu: %s", i, compare_reason_names[compare.items[i].reason]);
        }
    }
    struct compare_figures figures;
    assert_true(compare_sum_up(&compare, &figures));
    assert_int_equal(figures.candles, 8);
    assert_int_equal(figures.both, 5);
    assert_int_equal(figures.equal, 1);
    assert_int_equal(figures.only_ours, 2);
    assert_int_equal(figures.only_theirs, 1);
    assert_int_equal(figures.whole, 3);
    assert_int_equal(figures.reasons[COMPARE_HOLE], 1);
    assert_int_equal(figures.reasons[COMPARE_UNKNOWN], 2);
    assert_int_equal(figures.volumes, 5);
    assert_true(fabs(figures.median_off - 8e4 / 9) < 1e-9);
    assert_true(figures.worst_off == figures.median_off);
    compare_free(&compare);
    coverage_free(&coverage);
}

static void candles_without_trades_are_compared_as_they_are(void **state)
{
    (void)state;
    struct candle bars[] = {bar(0, 100, 110, 90, 100), bar(1, 100, 100, 100, 100),
                            bar(2, 50, 50, 50, 50)};
    struct candle ours[] = {bar(0, 100, 109, 90, 100), bar(1, 100, 100, 100, 100),
                            bar(2, 50, 50, 49, 50)};
    ours[1].has_volume = false;
    ours[1].volume = 77;
    const struct candle_list theirs = {.items = bars, .count = COUNT(bars)};
    struct compare compare = {.interval_ns = MINUTE, .theirs = &theirs};
    for (size_t i = 0; i < COUNT(ours); i++) {
        assert_true(compare_candle(&compare, &ours[i]));
    }
    assert_true(compare_conclude(&compare));
    struct compare_figures figures;
    assert_true(compare_sum_up(&compare, &figures));
    assert_int_equal(figures.equal, 1);
    assert_int_equal(figures.volumes, 2);
    assert_int_equal(figures.volumes_off, 0);
    assert_true(fabs(figures.worst_off - 1e4 / 50) < 1e-9);
    assert_true(fabs(figures.median_off - (1e4 / 110 + 1e4 / 50) / 2) < 1e-9);
    compare_free(&compare);
}

static void nothing_is_compared_with_nothing(void **state)
{
    (void)state;
    const struct candle_list theirs = {.count = 0};
    struct compare compare = {.interval_ns = MINUTE, .theirs = &theirs};
    struct compare_figures figures;
    assert_true(compare_conclude(&compare));
    assert_true(compare_sum_up(&compare, &figures));
    assert_int_equal(figures.candles, 0);
    assert_true(figures.worst_off == 0 && figures.median_off == 0);
    compare_free(&compare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices_of_a_candle_are_compared),
        cmocka_unit_test(each_difference_has_its_reason),
        cmocka_unit_test(candles_without_trades_are_compared_as_they_are),
        cmocka_unit_test(nothing_is_compared_with_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
