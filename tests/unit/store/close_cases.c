#include "close_cases.h"

#include <math.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "record/bar.h"
#include "record/trade.h"
#include "store_cases.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define DAY20_NS (20 * NS_PER_DAY) /* 1970-01-21 */

enum { SPANS = 4 };

static void write_set(struct store *store, const struct record_kind *kind, const void *items,
                      size_t count)
{
    const struct record_set set = {.kind = kind, .items = items, .count = count};
    struct rejected_list rejected = {0};
    struct error error = {0};
    if (!store_write(store, &set, &rejected, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(rejected.count, 0);
    rejected_list_free(&rejected);
}

/* Asserts the prices; NAN: none. */
static void expect(struct store *store, const struct record_kind *kind, const char *series,
                   int64_t from_ns, int64_t step_ns, const double want[SPANS])
{
    double prices[SPANS] = {-1, -1, -1, -1};
    const struct series_closes closes = {
        .series = series, .from_ns = from_ns, .step_ns = step_ns, .count = SPANS, .prices = prices};
    struct error error = {0};
    if (!store_closes(store, kind, &closes, 1, &error)) {
        fail_msg("%s", error.text);
    }
    for (size_t i = 0; i < SPANS; i++) {
        if (isnan(want[i]) ? !isnan(prices[i]) : prices[i] != want[i]) {
            fail_msg("%s, span %zu: %g, want %g", series, i, prices[i], want[i]);
        }
    }
}

static struct bar minute_bar(const char *timeframe, int64_t open_ns, double close, int64_t revision)
{
    struct bar bar = {.source = "closes",
                      .symbol = "CLOSE",
                      .open_time_ns = open_ns,
                      .revision = revision,
                      .open = close,
                      .high = close,
                      .low = close,
                      .close = close};
    (void)str_copy(str_from(timeframe), bar.timeframe, sizeof bar.timeframe);
    record_complete(&bar_kind, &bar);
    return bar;
}

static void check_ticks(struct store *store)
{
    const int64_t at = DAY20_NS;
    const struct ticker ticks[] = {
        cases_plain_tick("tCLOSE", at, 1),
        cases_plain_tick("tCLOSE", at + MINUTE_NS - 1, 2),
        cases_plain_tick("tCLOSE", at + 2 * MINUTE_NS, 3),
        cases_plain_tick("tCLOSE", at + 4 * MINUTE_NS, 4), /* behind the spans */
        cases_plain_tick("tCLOSE2", at + MINUTE_NS, 5),
    };
    write_set(store, &ticker_kind, ticks, sizeof ticks / sizeof ticks[0]);
    expect(store, &ticker_kind, "tCLOSE", at, MINUTE_NS, (double[]){30002, NAN, 30003, NAN});
    expect(store, &ticker_kind, "tNONE", at, MINUTE_NS, (double[]){NAN, NAN, NAN, NAN});
}

/* One question for two series, of which each gets its own prices. */
static void check_several(struct store *store)
{
    double prices[2][SPANS];
    const struct series_closes wanted[] = {{.series = "tCLOSE2",
                                            .from_ns = DAY20_NS,
                                            .step_ns = MINUTE_NS,
                                            .count = SPANS,
                                            .prices = prices[0]},
                                           {.series = "tCLOSE",
                                            .from_ns = DAY20_NS,
                                            .step_ns = MINUTE_NS,
                                            .count = SPANS,
                                            .prices = prices[1]}};
    struct error error = {0};
    assert_true(store_closes(store, &ticker_kind, wanted, 2, &error));
    assert_true(isnan(prices[0][0]) && prices[0][1] == 30005 && isnan(prices[0][2]));
    assert_true(prices[1][0] == 30002 && isnan(prices[1][1]) && prices[1][2] == 30003);
}

/* A trade's stored time is later than its moment, by its id. */
static void check_trades(struct store *store)
{
    struct trade trades[] = {
        {"tCLOSE", "closes", .trade_id = 999999, DAY20_NS + MINUTE_NS - NS_PER_MS, 7, 1},
        {"tCLOSE", "closes", .trade_id = 1000000, DAY20_NS + MINUTE_NS, 8, 1},
    };
    for (size_t i = 0; i < 2; i++) {
        record_complete(&trade_kind, &trades[i]);
    }
    write_set(store, &trade_kind, trades, 2);
    expect(store, &trade_kind, "tCLOSE closes", DAY20_NS, MINUTE_NS, (double[]){7, 8, NAN, NAN});
    expect(store, &trade_kind, "tCLOSE closes", DAY20_NS + 1, MINUTE_NS,
           (double[]){8, NAN, NAN, NAN});
}

/* Bars are stored at other times than they open, over midnight too; the highest revision counts. */
static void check_bars(struct store *store)
{
    const int64_t midnight = DAY20_NS + NS_PER_DAY;
    const struct bar bars[] = {
        minute_bar("1m", midnight - MINUTE_NS, 11, 0),
        minute_bar("1m", midnight, 12, 0),
        minute_bar("1m", midnight, 13, 1),
        minute_bar("1m", midnight + MINUTE_NS, 14, 0),
        minute_bar("5m", midnight, 99, 0),
        minute_bar("1d", DAY20_NS, 21, 0),
        minute_bar("1d", midnight, 22, 0),
        minute_bar("1d", midnight + 2 * NS_PER_DAY, 24, 0),
    };
    write_set(store, &bar_kind, bars, sizeof bars / sizeof bars[0]);
    expect(store, &bar_kind, "CLOSE closes 1m", midnight - 2 * MINUTE_NS, MINUTE_NS,
           (double[]){NAN, 11, 13, 14});
    expect(store, &bar_kind, "CLOSE closes 1m", midnight - MINUTE_NS + 1, 2 * MINUTE_NS,
           (double[]){14, NAN, NAN, NAN});
    expect(store, &bar_kind, "CLOSE closes 1d", DAY20_NS, NS_PER_DAY, (double[]){21, 22, NAN, 24});
    expect(store, &bar_kind, "CLOSE closes 1d", DAY20_NS + 1, NS_PER_DAY,
           (double[]){22, NAN, 24, NAN});
}

static void check_refused(struct store *store)
{
    double prices[1];
    const struct series_closes wrong[] = {
        {.series = "a'b", .step_ns = 1, .count = 1, .prices = prices},
        {.series = "tCLOSE", .step_ns = 0, .count = 1, .prices = prices},
        {.series = "tCLOSE", .step_ns = INT64_MAX, .count = 2, .prices = prices},
        {.series = "tCLOSE", .from_ns = INT64_MIN, .step_ns = 1, .count = 1, .prices = prices},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error error = {0};
        assert_false(store_closes(store, &ticker_kind, &wrong[i], 1, &error));
        assert_int_equal(error.kind, ERROR_REJECT);
    }
}

void close_cases_run(struct store *store)
{
    check_ticks(store);
    check_several(store);
    check_trades(store);
    check_bars(store);
    check_refused(store);
}
