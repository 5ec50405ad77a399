#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "record/bar.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NEW_YEAR_NS (INT64_C(1767225600) * NS_PER_SECOND) /* 2026-01-01, a Thursday */

static int64_t at(const char *text)
{
    int64_t time_ns = 0;
    assert_true(clock_parse_time(str_from(text), &time_ns));
    return time_ns;
}

static struct bar good_bar(void)
{
    struct bar bar = {.symbol = "AAPL",
                      .source = "replay",
                      .timeframe = "1d",
                      .open_time_ns = NEW_YEAR_NS,
                      .open = 2,
                      .high = 4,
                      .low = 1,
                      .close = 3};
    record_complete(&bar_kind, &bar);
    return bar;
}

static void bars_of_a_timeframe_begin_on_its_grid(void **state)
{
    (void)state;
    static const struct {
        const char *timeframe, *time;
        bool want;
    } cases[] = {
        {"1m", "2026-01-01T10:07:00Z", true},   {"1m", "2026-01-01T10:07:01Z", false},
        {"1m", "1969-12-31T23:59:00Z", true},   {"1m", "1969-12-31T23:59:59.5Z", false},
        {"3m", "2026-01-01T10:09:00Z", true},   {"3m", "2026-01-01T10:10:00Z", false},
        {"5m", "2026-01-01T10:05:00Z", true},   {"5m", "2026-01-01T10:04:00Z", false},
        {"15m", "2026-01-01T10:45:00Z", true},  {"15m", "2026-01-01T10:50:00Z", false},
        {"30m", "2026-01-01T10:30:00Z", true},  {"30m", "2026-01-01T10:15:00Z", false},
        {"1h", "2026-01-01T10:00:00Z", true},   {"1h", "2026-01-01T10:30:00Z", false},
        {"2h", "2026-01-01T10:00:00Z", true},   {"2h", "2026-01-01T11:00:00Z", false},
        {"4h", "2026-01-01T20:00:00Z", true},   {"4h", "2026-01-01T18:00:00Z", false},
        {"6h", "2026-01-01T18:00:00Z", true},   {"6h", "2026-01-01T20:00:00Z", false},
        {"8h", "2026-01-01T16:00:00Z", true},   {"8h", "2026-01-01T12:00:00Z", false},
        {"12h", "2026-01-01T12:00:00Z", true},  {"12h", "2026-01-01T18:00:00Z", false},
        {"1d", "2026-01-01T00:00:00Z", true},   {"1d", "2026-01-01T12:00:00Z", false},
        {"1d", "1969-12-31T00:00:00Z", true},   {"3d", "2026-01-01T00:00:00Z", true},
        {"3d", "2026-01-02T00:00:00Z", true},   {"3d", "2026-01-02T00:01:00Z", false},
        {"1w", "2026-01-05T00:00:00Z", true},   {"1w", "2026-01-04T00:00:00Z", false},
        {"1w", "1969-12-29T00:00:00Z", true},   {"1w", "2026-01-05T00:00:01Z", false},
        {"1M", "2026-02-01T00:00:00Z", true},   {"1M", "2026-02-02T00:00:00Z", false},
        {"1M", "1969-12-01T00:00:00Z", true},   {"1M", "2026-02-01T01:00:00Z", false},
        {"9m", "2026-01-01T00:00:00Z", false},  {"", "2026-01-01T00:00:00Z", false},
        {"1D", "2026-01-01T00:00:00Z", false},  {"1d ", "2026-01-01T00:00:00Z", false},
        {"24h", "2026-01-01T00:00:00Z", false}, {"7d", "2026-01-05T00:00:00Z", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (bar_opens_at(str_from(cases[i].timeframe), at(cases[i].time)) != cases[i].want) {
            fail_msg("%s at %s", cases[i].timeframe, cases[i].time);
        }
    }
}

static void stored_times_of_a_day_lie_together_and_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *timeframe, *open;
        int64_t revision;
        const char *day;
        int64_t number;
    } cases[] = {
        {"1d", "2026-01-01T00:00:00Z", 0, "2026-01-01", 0},
        {"1d", "2026-01-01T00:00:00Z", 7, "2026-01-01", 0},
        {"1m", "2026-01-01T00:00:00Z", 0, "2026-01-01", 0},
        {"1m", "2026-01-01T00:01:00Z", 0, "2026-01-01", 1},
        {"1m", "2026-01-01T23:59:00Z", BAR_REVISION_LIMIT - 1, "2026-01-01", 1439},
        {"5m", "2026-01-01T23:55:00Z", 0, "2026-01-01", 287},
        {"12h", "2026-01-01T12:00:00Z", 1, "2026-01-01", 1},
        {"3d", "2026-01-02T00:00:00Z", 0, "2026-01-02", 0},
        {"1w", "2026-01-05T00:00:00Z", 0, "2026-01-05", 0},
        {"1M", "2026-02-01T00:00:00Z", 3, "2026-02-01", 0},
        {"1h", "1969-12-31T23:00:00Z", 0, "1969-12-31", 23}, /* rounds towards the past */
        {"1h", "1678-01-01T01:00:00Z", 0, "1678-01-01", 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bar bar = good_bar();
        (void)str_copy(str_from(cases[i].timeframe), bar.timeframe, sizeof bar.timeframe);
        bar.open_time_ns = at(cases[i].open);
        bar.revision = cases[i].revision;
        int64_t want = at(cases[i].day) + cases[i].number * (INT64_C(1) << 28) + cases[i].revision;
        assert_int_equal(bar_stored_time_ns(&bar), want);
        assert_true(want - at(cases[i].day) < 7 * 60 * NS_PER_SECOND);
        record_complete(&bar_kind, &bar);
        assert_int_equal(bar.time_ns, want);
        assert_int_equal(bar_check(&bar), BAR_OK);
    }
}

static void complete_of_any_bytes_gives_a_time_or_none(void **state)
{
    (void)state;
    static const int64_t times_ns[] = {INT64_MIN, INT64_MAX, RECORD_TIME_BEGIN_NS - 1,
                                       RECORD_TIME_END_NS};
    struct bar bar = good_bar();
    for (size_t i = 0; i < COUNT(times_ns); i++) {
        bar.open_time_ns = times_ns[i];
        record_complete(&bar_kind, &bar);
        assert_int_equal(bar.time_ns, 0);
        assert_int_equal(bar_check(&bar), BAR_BAD_TIME);
    }
    memset(&bar, 0xFF, offsetof(struct bar, has_volume)); /* texts without a NUL */
    record_complete(&bar_kind, &bar);
    assert_int_equal(bar.time_ns, 0);
    assert_int_equal(bar_check(&bar), BAR_BAD_SYMBOL);
}

static void check_of_prices_names_those_that_are_no_bar(void **state)
{
    (void)state;
    static const struct {
        double open, high, low, close;
        enum bar_fault want;
    } cases[] = {
        {2, 4, 1, 3, BAR_OK},
        {1, 1, 1, 1, BAR_OK},
        {4, 4, 1, 1, BAR_OK},
        {0x1p-1074, 0x1p-1074, 0x1p-1074, 0x1p-1074, BAR_OK},
        {2, 4, 0, 3, BAR_BAD_PRICE},
        {2, 4, -0.0, 3, BAR_BAD_PRICE},
        {2, 4, -1, 3, BAR_BAD_PRICE},
        {0.5, 4, 1, 3, BAR_BAD_PRICE},
        {5, 4, 1, 3, BAR_BAD_PRICE},
        {2, 4, 1, 0.5, BAR_BAD_PRICE},
        {2, 4, 1, 5, BAR_BAD_PRICE},
        {2, 1, 4, 3, BAR_BAD_PRICE},
        {NAN, 4, 1, 3, BAR_BAD_PRICE},
        {2, NAN, 1, 3, BAR_BAD_PRICE},
        {2, 4, NAN, 3, BAR_BAD_PRICE},
        {2, 4, 1, NAN, BAR_BAD_PRICE},
        {2, INFINITY, 1, 3, BAR_BAD_PRICE},
        {INFINITY, INFINITY, INFINITY, INFINITY, BAR_BAD_PRICE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bar bar = good_bar();
        bar.open = cases[i].open;
        bar.high = cases[i].high;
        bar.low = cases[i].low;
        bar.close = cases[i].close;
        if (bar_check(&bar) != cases[i].want) {
            fail_msg("case %zu: %s", i, bar_fault_names[bar_check(&bar)]);
        }
    }
}

static void reason_names_the_column_that_is_wrong(void **state)
{
    (void)state;
    static const struct {
        double open, high, low, close, volume;
        const char *want;
    } cases[] = {
        {0, 4, 1, 3, 1, "bad_price: open is not a finite number above 0"},
        {2, NAN, 1, 3, 1, "bad_price: high is not a finite number above 0"},
        {2, 4, -1, 3, 1, "bad_price: low is not a finite number above 0"},
        {2, 4, 1, INFINITY, 1, "bad_price: close is not a finite number above 0"},
        {2, 1, 4, 3, 1, "bad_price: low is above high"},
        {0.5, 4, 1, 3, 1, "bad_price: open is below low"},
        {5, 4, 1, 3, 1, "bad_price: open is above high"},
        {2, 4, 1, 0.5, 1, "bad_price: close is below low"},
        {2, 4, 1, 5, 1, "bad_price: close is above high"},
        {2, 4, 1, 3, -1, "bad_figure: volume is below 0, or not a finite number"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bar bar = good_bar();
        bar.open = cases[i].open;
        bar.high = cases[i].high;
        bar.low = cases[i].low;
        bar.close = cases[i].close;
        bar.volume = cases[i].volume;
        bar.has_volume = true;
        assert_string_equal(bar_kind.check(&bar, NULL), cases[i].want);
    }
    struct bar bar = good_bar();
    bar.has_quote_volume = true;
    bar.quote_volume = NAN;
    assert_string_equal(bar_kind.check(&bar, NULL),
                        "bad_figure: quote_volume is below 0, or not a finite number");
    bar.has_quote_volume = false;
    bar.has_trades = true;
    bar.trades = -1;
    assert_string_equal(bar_kind.check(&bar, NULL), "bad_figure: trades is below 0");
}

static void check_of_figures_looks_at_those_that_are_there(void **state)
{
    (void)state;
    static const struct {
        double figure;
        enum bar_fault want;
    } cases[] = {
        {0, BAR_OK},          {-0.0, BAR_OK},        {1e300, BAR_OK},
        {-1, BAR_BAD_FIGURE}, {NAN, BAR_BAD_FIGURE}, {INFINITY, BAR_BAD_FIGURE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bar bar = good_bar();
        bar.volume = bar.quote_volume = cases[i].figure;
        assert_int_equal(bar_check(&bar), BAR_OK);
        bar.has_volume = true;
        assert_int_equal(bar_check(&bar), cases[i].want);
        bar.has_volume = false;
        bar.has_quote_volume = true;
        assert_int_equal(bar_check(&bar), cases[i].want);
    }
    struct bar bar = good_bar();
    bar.trades = -1;
    assert_int_equal(bar_check(&bar), BAR_OK);
    bar.has_trades = true;
    assert_int_equal(bar_check(&bar), BAR_BAD_FIGURE);
    bar.trades = INT64_MAX;
    assert_int_equal(bar_check(&bar), BAR_OK);
}

static void check_names_the_first_fault(void **state)
{
    (void)state;
    static const struct {
        const char *symbol, *source, *timeframe;
        int64_t open_time_ns, revision;
        enum bar_fault want;
        const char *name;
    } cases[] = {
        {"AAPL", "replay", "1d", NEW_YEAR_NS, 0, BAR_OK, "ok"},
        {"^GSPC", "candlewick", "1d", NEW_YEAR_NS, BAR_REVISION_LIMIT - 1, BAR_OK, "ok"},
        {"EURUSD=X", "replay", "1h", NEW_YEAR_NS, 0, BAR_OK, "ok"},
        {"", "replay", "1d", NEW_YEAR_NS, 0, BAR_BAD_SYMBOL, "bad_symbol"},
        {"A B", "replay", "1d", NEW_YEAR_NS, 0, BAR_BAD_SYMBOL, "bad_symbol"},
        {"AAPL", "", "1d", NEW_YEAR_NS, 0, BAR_BAD_SOURCE, "bad_source"},
        {"AAPL", "a b", "1d", NEW_YEAR_NS, 0, BAR_BAD_SOURCE, "bad_source"},
        {"AAPL", "replay", "9m", NEW_YEAR_NS, 0, BAR_BAD_TIMEFRAME, "bad_timeframe"},
        {"AAPL", "replay", "", NEW_YEAR_NS, 0, BAR_BAD_TIMEFRAME, "bad_timeframe"},
        {"AAPL", "replay", "1d", NEW_YEAR_NS + 1, 0, BAR_BAD_TIME, "bad_time"},
        {"AAPL", "replay", "1w", NEW_YEAR_NS, 0, BAR_BAD_TIME, "bad_time"},
        {"AAPL", "replay", "1d", NEW_YEAR_NS, -1, BAR_BAD_REVISION, "bad_revision"},
        {"AAPL", "replay", "1d", NEW_YEAR_NS, BAR_REVISION_LIMIT, BAR_BAD_REVISION, "bad_revision"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bar bar = good_bar();
        (void)str_copy(str_from(cases[i].symbol), bar.symbol, sizeof bar.symbol);
        (void)str_copy(str_from(cases[i].source), bar.source, sizeof bar.source);
        (void)str_copy(str_from(cases[i].timeframe), bar.timeframe, sizeof bar.timeframe);
        bar.open_time_ns = cases[i].open_time_ns;
        bar.revision = cases[i].revision;
        record_complete(&bar_kind, &bar);
        assert_int_equal(bar_check(&bar), cases[i].want);
        assert_string_equal(bar_fault_names[cases[i].want], cases[i].name);
    }
    struct bar bar = good_bar();
    bar.time_ns++;
    assert_int_equal(bar_check(&bar), BAR_INCOMPLETE);
    assert_string_equal(bar_kind.check(&bar, NULL), "incomplete");
}

static void only_a_bar_of_no_replay_is_live(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        bool want;
    } cases[] = {{"replay", false}, {"synthetic", false}, {"binance", true}, {"candlewick", true}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bar bar = good_bar();
        (void)str_copy(str_from(cases[i].source), bar.source, sizeof bar.source);
        assert_int_equal(record_is_live(&bar_kind, &bar), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_of_a_timeframe_begin_on_its_grid),
        cmocka_unit_test(stored_times_of_a_day_lie_together_and_in_order),
        cmocka_unit_test(complete_of_any_bytes_gives_a_time_or_none),
        cmocka_unit_test(check_of_prices_names_those_that_are_no_bar),
        cmocka_unit_test(reason_names_the_column_that_is_wrong),
        cmocka_unit_test(check_of_figures_looks_at_those_that_are_there),
        cmocka_unit_test(check_names_the_first_fault),
        cmocka_unit_test(only_a_bar_of_no_replay_is_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
