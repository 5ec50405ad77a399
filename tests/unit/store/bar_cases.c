#include "bar_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NEW_YEAR_NS (INT64_C(1767225600) * NS_PER_SECOND) /* 2026-01-01 */
#define MINUTE_NS (60 * NS_PER_SECOND)
#define DAY_NS (1440 * MINUTE_NS)

struct bar cases_bar(const char *symbol, const char *source, const char *timeframe,
                     int64_t open_time_ns, int number)
{
    struct bar bar = {
        .open_time_ns = open_time_ns, .open = 2, .high = 1000.5, .low = 0.1, .close = 2 + number};
    assert_true(str_copy(str_from(symbol), bar.symbol, sizeof bar.symbol));
    assert_true(str_copy(str_from(source), bar.source, sizeof bar.source));
    assert_true(str_copy(str_from(timeframe), bar.timeframe, sizeof bar.timeframe));
    record_complete(&bar_kind, &bar);
    return bar;
}

void cases_write_bars(struct store *store, const struct bar *bars, size_t count)
{
    struct rejected_list rejected = {0};
    struct error error = {0};
    bool written =
        store_write(store, &(struct record_set){&bar_kind, bars, count, NULL}, &rejected, &error);
    assert_string_equal(error.text, "");
    assert_true(written);
    assert_int_equal(rejected.count, 0);
    rejected_list_free(&rejected);
}

static bool no_point(void *context, const void *point, const struct text_arena *texts,
                     const char *odd)
{
    (void)texts;
    (void)context, (void)point, (void)odd;
    fail_msg("a bar, where there is none");
    return false;
}

void cases_no_bars(struct store *store)
{
    struct error error = {0};
    struct series_summary *list = NULL;
    struct candle_list candles = {0};
    struct store_contents contents;
    size_t count = 1;
    int64_t points = -1;
    double price = 0;
    bool found = true;
    const char *series = "AAPL replay 1d";
    const struct candle_query query = {
        .kind = &bar_kind, .series = series, .interval_ns = DAY_NS, .to_ns = INT64_MAX, .limit = 3};
    assert_true(store_count(store, &bar_kind, &points, &error));
    assert_int_equal(points, 0);
    assert_true(store_count_between(store, &bar_kind, series, 0, 9, &points, &error));
    assert_int_equal(points, 0);
    assert_true(store_list_series(store, &bar_kind, &list, &count, &error));
    assert_int_equal(count, 0);
    assert_true(store_candles(store, &query, &candles, &error));
    assert_int_equal(candles.count, 0);
    assert_true(store_price_at(store, &bar_kind, series, 9, &price, &found, &error));
    assert_false(found);
    assert_true(store_scan(store, &bar_kind, series, INT64_MIN, INT64_MAX, no_point, NULL, &error));
    assert_true(store_contents_begin(store, &bar_kind, 0, 1, &contents, &error));
    assert_int_equal(contents.series_count + contents.oddity_count, 0);
    store_contents_end(store, &contents);
}

/* Series that differ in one tag only, and names that sort otherwise than their first tags do. */
static const struct {
    const char *symbol, *source, *timeframe;
    int64_t length_ns;
    int bars;
} series_of_cases[] = {
    {"AAPL", "binance", "1d", DAY_NS, 3},   {"AAPL", "replay", "1d", DAY_NS, 70},
    {"AAPL", "replay", "1m", MINUTE_NS, 5}, {"AAPL-B", "replay", "1d", DAY_NS, 2},
    {"BTC=F", "replay", "1d", DAY_NS, 2},   {"^GSPC", "replay", "1d", DAY_NS, 1},
};
enum { SERIES = COUNT(series_of_cases), FIRST_MINUTE = 1438 };

static void name_of(size_t series, char name[RECORD_SERIES_MAX + 1])
{
    (void)snprintf(name, RECORD_SERIES_MAX + 1, "%s %s %s", series_of_cases[series].symbol,
                   series_of_cases[series].source, series_of_cases[series].timeframe);
}

/* The minutes cross midnight; before 1970 and after. */
static struct bar bar_of(size_t series, int number)
{
    int64_t length_ns = series_of_cases[series].length_ns;
    int64_t first_ns = length_ns < DAY_NS ? FIRST_MINUTE * MINUTE_NS : -2 * DAY_NS;
    struct bar bar =
        cases_bar(series_of_cases[series].symbol, series_of_cases[series].source,
                  series_of_cases[series].timeframe, first_ns + number * length_ns, number);
    bar.has_volume = number % 2 == 0;
    bar.volume = bar.has_volume ? 0.1 + number : 0;
    bar.has_quote_volume = number % 3 == 0;
    bar.has_trades = number % 4 < 2;
    bar.trades = bar.has_trades ? INT64_MAX - number : 0;
    return bar;
}

static void write_all(struct store *store)
{
    for (size_t i = 0; i < SERIES; i++) {
        struct bar bars[100];
        for (int k = 0; k < series_of_cases[i].bars; k++) {
            bars[k] = bar_of(i, k);
        }
        cases_write_bars(store, bars, (size_t)series_of_cases[i].bars);
    }
}

static void assert_same_bar(const void *got, const struct bar *want)
{
    for (const struct column *column = bar_kind.columns; column->name != NULL; column++) {
        bool same = column_present(column, got) == column_present(column, want) &&
                    (column->type == COLUMN_TEXT
                         ? str_equal(column_text(column, got), column_text(column, want))
                         : memcmp((const char *)got + column->offset,
                                  (const char *)want + column->offset, column->size) == 0);
        if (!same) {
            fail_msg("another %s", column->name);
        }
    }
}

struct expected {
    size_t series;
    int next;
};

static bool compare(void *context, const void *point, const struct text_arena *texts,
                    const char *odd)
{
    struct expected *expected = context;
    (void)texts;
    assert_null(odd);
    const struct bar want = bar_of(expected->series, expected->next++);
    assert_same_bar(point, &want);
    return true;
}

static void check_scans(struct store *store)
{
    for (size_t i = 0; i < SERIES; i++) {
        char name[RECORD_SERIES_MAX + 1];
        struct expected expected = {.series = i};
        struct error error = {0};
        int64_t points = -1;
        name_of(i, name);
        int64_t from_ns = bar_of(i, 0).time_ns;
        int64_t to_ns = bar_of(i, series_of_cases[i].bars - 1).time_ns + 1;
        assert_true(store_scan(store, &bar_kind, name, from_ns, to_ns, compare, &expected, &error));
        assert_int_equal(expected.next, series_of_cases[i].bars);
        assert_true(store_count_between(store, &bar_kind, name, from_ns, to_ns, &points, &error));
        assert_int_equal(points, series_of_cases[i].bars);
        /* Half-open, by the stored time. */
        assert_true(
            store_count_between(store, &bar_kind, name, from_ns, to_ns - 1, &points, &error));
        assert_int_equal(points, series_of_cases[i].bars - 1);
    }
}

static void check_list(struct store *store)
{
    struct series_summary *list = NULL;
    size_t count = 0;
    struct error error = {0};
    assert_true(store_list_series(store, &bar_kind, &list, &count, &error));
    assert_int_equal(count, SERIES);
    for (size_t i = 0; i < SERIES; i++) {
        char name[RECORD_SERIES_MAX + 1];
        const struct bar last = bar_of(i, series_of_cases[i].bars - 1);
        name_of(i, name);
        size_t at = 0;
        while (at < count && strcmp(list[at].series, name) != 0) {
            at++;
        }
        assert_true(at < count);
        assert_int_equal(list[at].first_time_ns, bar_of(i, 0).time_ns);
        assert_same_bar(&list[at].last, &last);
    }
    free(list);
}

static void check_contents(struct store *store)
{
    struct store_contents contents;
    struct error error = {0};
    assert_true(
        store_contents_begin(store, &bar_kind, -9 * DAY_NS, 99 * DAY_NS, &contents, &error));
    assert_int_equal(contents.oddity_count, 0);
    assert_string_equal(contents.others, "");
    assert_int_equal(contents.other_types, 0);
    assert_int_equal(contents.series_count, SERIES);
    for (size_t i = 0; i < SERIES; i++) {
        const struct series_extent *extent = &contents.series[i];
        assert_true(i == 0 || strcmp(extent[-1].series, extent->series) < 0);
        size_t at = 0;
        char name[RECORD_SERIES_MAX + 1];
        for (name_of(at, name); strcmp(name, extent->series) != 0; name_of(at, name)) {
            assert_true(++at < SERIES);
        }
        assert_int_equal(extent->points, series_of_cases[at].bars);
    }
    store_contents_end(store, &contents);
}

/* Candles and prices are those of the close, at the stored time. */
static void check_candles(struct store *store)
{
    struct candle_list candles = {0};
    struct error error = {0};
    const struct candle_query query = {.kind = &bar_kind,
                                       .series = "AAPL replay 1d",
                                       .interval_ns = 2 * DAY_NS,
                                       .from_ns = -2 * DAY_NS,
                                       .to_ns = 2 * DAY_NS,
                                       .limit = 100};
    assert_true(store_candles(store, &query, &candles, &error));
    assert_int_equal(candles.count, 2);
    assert_true(candles.items[1].open == 4 && candles.items[1].close == 5);
    candle_list_free(&candles);
    double price = 0;
    bool found = false;
    assert_true(
        store_price_at(store, &bar_kind, "AAPL replay 1m", DAY_NS - 1, &price, &found, &error));
    assert_true(found && price == 3); /* the last minute of that day */
    assert_true(
        store_price_at(store, &bar_kind, "AAPL binance 1m", DAY_NS, &price, &found, &error));
    assert_false(found);
}

/* A corrected bar is a point of its own. */
static void check_revision(struct store *store, int64_t before)
{
    struct bar bar = bar_of(0, 1);
    bar.revision = 1;
    record_complete(&bar_kind, &bar);
    cases_write_bars(store, &bar, 1);
    int64_t points = 0;
    struct error error = {0};
    assert_true(store_count(store, &bar_kind, &points, &error));
    assert_int_equal(points, before + 1);
}

static void check_refused(struct store *store)
{
    static const char *const wrong[] = {"AAPL",
                                        "AAPL replay",
                                        "AAPL replay 9m",
                                        "AAPL  1d",
                                        "AAPL replay 1d ",
                                        "AAPL' OR '1'='1 a 1d",
                                        "AAPL replay 1d x"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        int64_t points = 0;
        struct error error = {0};
        assert_false(store_count_between(store, &bar_kind, wrong[i], 0, 1, &points, &error));
        assert_int_equal(error.kind, ERROR_REJECT);
        assert_non_null(strstr(error.text, "is no coin: [A-Za-z0-9:._^=-]{1,64}, source: "));
    }
    struct bar bars[2] = {bar_of(0, 0), bar_of(0, 1)};
    bars[1].low = 0;
    struct rejected_list rejected = {0};
    struct error error = {0};
    assert_true(
        store_write(store, &(struct record_set){&bar_kind, bars, 2, NULL}, &rejected, &error));
    assert_int_equal(rejected.count, 1);
    assert_int_equal(rejected.items[0].index, 1);
    assert_string_equal(rejected.items[0].reason, "bad_price: low is not a finite number above 0");
    rejected_list_free(&rejected);
}

void bar_cases_run(struct store *store)
{
    int64_t points = 0;
    int64_t want = 0;
    struct error error = {0};
    cases_no_bars(store);
    write_all(store);
    write_all(store); /* what comes twice counts once */
    for (size_t i = 0; i < SERIES; i++) {
        want += series_of_cases[i].bars;
    }
    assert_true(store_count(store, &bar_kind, &points, &error));
    assert_int_equal(points, want);
    check_scans(store);
    check_list(store);
    check_contents(store);
    check_candles(store);
    check_refused(store);
    check_revision(store, want);
}
