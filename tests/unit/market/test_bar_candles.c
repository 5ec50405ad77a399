#include "market/bar_candles.h"

#include <string.h>

#include "cmocka_all.h"

#define DAY (86400 * NS_PER_SECOND)
#define T0 (INT64_C(1704067200) * NS_PER_SECOND) /* Monday 2024-01-01 */

static struct bar bar_of(const char *timeframe, int64_t open_time_ns, double close)
{
    struct bar bar = {.symbol = "AAPL",
                      .source = "replay",
                      .open_time_ns = open_time_ns,
                      .open = 10,
                      .high = 20,
                      .low = 5,
                      .close = close};
    (void)str_copy(str_from(timeframe), bar.timeframe, sizeof bar.timeframe);
    return bar;
}

static void bars_become_candles_and_a_later_revision_replaces_its_bar(void **state)
{
    (void)state;
    struct bar_candles candles = {.from_ns = INT64_MIN, .to_ns = INT64_MAX};
    struct bar first = bar_of("1d", T0, 11);
    struct bar second = bar_of("1d", T0 + DAY, 12);
    struct bar corrected = bar_of("1d", T0 + DAY, 13);
    second.trades = 7;
    second.has_trades = true;
    corrected.revision = 1;
    corrected.high = 21;
    assert_true(bar_candles_add(&candles, &first) && bar_candles_add(&candles, &second));
    assert_int_equal(candles.list.items[1].ticks, 7);
    assert_true(bar_candles_add(&candles, &corrected));
    assert_int_equal(candles.list.count, 2);
    assert_int_equal(candles.list.items[0].time_ns, T0);
    assert_true(candles.list.items[0].open == 10 && candles.list.items[0].high == 20 &&
                candles.list.items[0].low == 5 && candles.list.items[0].close == 11);
    assert_true(candles.list.items[1].close == 13 && candles.list.items[1].high == 21);
    assert_int_equal(candles.list.items[1].ticks, CANDLE_TICKS_UNKNOWN);
    candle_list_keep_newest(&candles.list, 0);
    assert_int_equal(candles.list.count, 2);
    candle_list_keep_newest(&candles.list, 1);
    assert_int_equal(candles.list.count, 1);
    assert_int_equal(candles.list.items[0].time_ns, T0 + DAY);
    candle_list_free(&candles.list);
}

static void bars_that_share_a_moment_with_the_range_are_wanted_and_found(void **state)
{
    (void)state;
    static const struct {
        const char *timeframe;
        int64_t open_ns, from_ns, to_ns;
        bool want;
    } cases[] = {
        {"1d", T0, T0, T0 + 1, true},
        {"1d", T0, T0 + DAY - 1, T0 + DAY, true},
        {"1d", T0, T0 + DAY, T0 + 2 * DAY, false},
        {"1d", T0, T0 - DAY, T0, false},
        {"1d", T0, T0 - DAY, T0 + 1, true},
        {"1d", T0, INT64_MIN, T0 + 1, true},
        {"1d", T0, T0 + DAY - 1, INT64_MAX, true},
        {"1w", T0, T0 + 7 * DAY - 1, INT64_MAX, true},
        {"1w", T0, T0 + 7 * DAY, INT64_MAX, false},
        {"1M", T0, T0 + 31 * DAY - 1, INT64_MAX, true},
        {"1M", T0, T0 + 31 * DAY, INT64_MAX, false},
        {"1m", T0 + DAY - 60 * NS_PER_SECOND, T0 + DAY - 1, T0 + DAY, true},
        {"1m", T0 + DAY - 60 * NS_PER_SECOND, T0 + DAY, T0 + 2 * DAY, false},
        {"1h", T0 + DAY, T0, T0 + DAY + 1, true},
        {"1d", T0, INT64_MIN + 1, INT64_MAX - 1, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bar_candles candles = {.from_ns = cases[i].from_ns, .to_ns = cases[i].to_ns};
        struct bar bar = bar_of(cases[i].timeframe, cases[i].open_ns, 11);
        bar.revision = BAR_REVISION_LIMIT - 1;
        assert_true(bar_candles_add(&candles, &bar));
        if ((candles.list.count == 1) != cases[i].want) {
            fail_msg("case %zu", i);
        }
        int64_t from_ns, to_ns, stored_ns = bar_stored_time_ns(&bar);
        bar_candles_stored_range(&candles, str_from(bar.timeframe), &from_ns, &to_ns);
        if (cases[i].want && (stored_ns < from_ns || stored_ns >= to_ns)) {
            fail_msg("case %zu is stored outside its range", i);
        }
        candle_list_free(&candles.list);
    }
}

static void a_candle_is_made_up_by_bars_that_lie_within_it(void **state)
{
    (void)state;
    static const struct {
        const char *timeframe, *interval;
        bool want;
    } cases[] = {
        {"1m", "1m", true},  {"1m", "5m", true},  {"1m", "7m", true},  {"5m", "7m", false},
        {"5m", "1m", false}, {"1h", "1w", true},  {"1d", "1M", true},  {"3d", "3d", true},
        {"3d", "6d", false}, {"3d", "1M", false}, {"1w", "1M", false}, {"1M", "1M", true},
        {"8h", "1d", true},  {"1w", "2w", false}, {"7x", "1h", false}, {"1M", "1d", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t interval_ns;
        assert_true(candle_interval_parse(str_from(cases[i].interval), &interval_ns));
        if (bars_make_up(str_from(cases[i].timeframe), interval_ns) != cases[i].want) {
            fail_msg("%s of %s", cases[i].interval, cases[i].timeframe);
        }
    }
}

static void candles_are_folded_into_longer_ones(void **state)
{
    (void)state;
    const int64_t hour = 3600 * NS_PER_SECOND;
    struct candle_list list = {0};
    const struct candle parts[] = {
        {T0 + hour, 10, 12, 9, 11, 3, 0.5, true, false, false},
        {T0 + 5 * hour, 11, 15, 11, 14, 4, 0.25, true, true, false},
        {T0 + DAY, 14, 14, 14, 14, 1, 1, true, false, false},
        {T0 + DAY + hour, 14, 14, 2, 3, CANDLE_TICKS_UNKNOWN, 0, false, false, false},
        {T0 + DAY + 2 * hour, 3, 4, 3, 4, 1, 1, true, false, false},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        assert_true(candle_list_add(&list, &parts[i]));
    }
    candle_list_coarsen(&list, DAY);
    assert_int_equal(list.count, 2);
    const struct candle *first = &list.items[0], *second = &list.items[1];
    assert_true(first->time_ns == T0 && first->open == 10 && first->high == 15 && first->low == 9 &&
                first->close == 14 && first->ticks == 7 && first->volume == 0.75 &&
                first->has_volume && first->revised);
    assert_true(second->time_ns == T0 + DAY && second->open == 14 && second->high == 14 &&
                second->low == 2 && second->close == 4 && !second->revised);
    assert_int_equal(second->ticks, CANDLE_TICKS_UNKNOWN);
    assert_false(second->has_volume);
    candle_list_free(&list);
}

static void gaps_are_filled_with_other_candles(void **state)
{
    (void)state;
    struct candle ours[] = {{.time_ns = 20, .close = 1}, {.time_ns = 40, .close = 1}};
    struct candle theirs[] = {{.time_ns = 10, .close = 2},
                              {.time_ns = 20, .close = 2},
                              {.time_ns = 30, .close = 2},
                              {.time_ns = 50, .close = 2}};
    struct candle_list list = {0}, others = {.items = theirs, .count = 4};
    assert_true(candle_list_add(&list, &ours[0]) && candle_list_add(&list, &ours[1]));
    assert_true(candle_list_fill(&list, &others));
    assert_int_equal(list.count, 5);
    for (size_t i = 0; i < list.count; i++) {
        bool filled = i != 1 && i != 3;
        assert_int_equal(list.items[i].time_ns, 10 * (int64_t)(i + 1));
        assert_true(list.items[i].filled == filled && list.items[i].close == (filled ? 2 : 1));
    }
    candle_list_free(&list);
    assert_true(candle_list_fill(&list, &others));
    assert_int_equal(list.count, 4);
    candle_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_become_candles_and_a_later_revision_replaces_its_bar),
        cmocka_unit_test(bars_that_share_a_moment_with_the_range_are_wanted_and_found),
        cmocka_unit_test(a_candle_is_made_up_by_bars_that_lie_within_it),
        cmocka_unit_test(candles_are_folded_into_longer_ones),
        cmocka_unit_test(gaps_are_filled_with_other_candles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
