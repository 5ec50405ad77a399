#include "source/bitfinex/bitfinex_candles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define HOUR_NS (60 * MINUTE_NS)

enum { MTS, OPEN, CLOSE, HIGH, LOW, VOLUME, COLUMNS };

/* Without Bitfinex's timeframes of several days and of months, whose bars begin where ours do not;
 * and we have no 3h. */
static const struct bitfinex_timeframe timeframes[] = {
    {"1m", "1m", MINUTE_NS},        {"5m", "5m", 5 * MINUTE_NS}, {"15m", "15m", 15 * MINUTE_NS},
    {"30m", "30m", 30 * MINUTE_NS}, {"1h", "1h", HOUR_NS},       {"6h", "6h", 6 * HOUR_NS},
    {"12h", "12h", 12 * HOUR_NS},   {"1d", "1D", NS_PER_DAY},
};
const char bitfinex_timeframes[] = "1m, 5m, 15m, 30m, 1h, 6h, 12h or 1d";

const struct bitfinex_timeframe *bitfinex_timeframe_named(struct str name)
{
    for (size_t i = 0; i < sizeof timeframes / sizeof timeframes[0]; i++) {
        if (str_equal_text(name, timeframes[i].name)) {
            return &timeframes[i];
        }
    }
    return NULL;
}

void bitfinex_candles_path(struct strbuf *path, const struct bitfinex_timeframe *timeframe,
                           const char *symbol, int64_t start_ns)
{
    strbuf_append_format(path, "/candles/trade:%s:%s/hist?limit=%d&sort=1&start=%lld",
                         timeframe->bitfinex, symbol, BITFINEX_CANDLES_MAX,
                         (long long)(start_ns / NS_PER_MS));
}

/* Reads a time in whole milliseconds. */
static bool read_time(const json_t *json, int64_t *time_ns)
{
    double ms = json_number_value(json);
    if (!json_is_number(json) || !(ms >= 0) || ms >= (double)RECORD_TIME_END_NS / NS_PER_MS ||
        ms != floor(ms)) {
        return false;
    }
    *time_ns = (int64_t)ms * NS_PER_MS;
    return true;
}

static bool read_numbers(const json_t *row, struct bar *bar)
{
    double *const numbers[COLUMNS] = {[OPEN] = &bar->open,
                                      [CLOSE] = &bar->close,
                                      [HIGH] = &bar->high,
                                      [LOW] = &bar->low,
                                      [VOLUME] = &bar->volume};
    for (size_t i = OPEN; i < COLUMNS; i++) {
        const json_t *number = json_array_get(row, i);
        *numbers[i] = json_number_value(number);
        if (!json_is_number(number)) {
            return false;
        }
    }
    bar->has_volume = true;
    return true;
}

/* Returns ROW_FAULTS when the row is good. */
static enum row_fault read_row(const json_t *row, const struct bitfinex_timeframe *timeframe,
                               const char *symbol, struct bar *bar)
{
    *bar = (struct bar){.source = "bitfinex"};
    if (json_array_size(row) < COLUMNS) {
        return ROW_BAD_SHAPE;
    }
    if (!str_copy(str_from(symbol), bar->symbol, sizeof bar->symbol)) {
        return ROW_BAD_SYMBOL;
    }
    (void)str_copy(str_from(timeframe->name), bar->timeframe, sizeof bar->timeframe);
    if (!read_time(json_array_get(row, MTS), &bar->open_time_ns)) {
        return ROW_BAD_TIME;
    }
    if (!read_numbers(row, bar)) {
        return ROW_BAD_FIGURE;
    }
    record_complete(&bar_kind, bar);
    const char *reason = bar_kind.check(bar, NULL);
    return reason == NULL ? ROW_FAULTS : row_fault_of(reason);
}

/* Orders bars by time; those of one time in the order of the answer, which `revision` holds
 * meanwhile. */
static int compare_bars(const void *left, const void *right)
{
    const struct bar *a = left;
    const struct bar *b = right;
    if (a->open_time_ns != b->open_time_ns) {
        return a->open_time_ns < b->open_time_ns ? -1 : 1;
    }
    return (a->revision > b->revision) - (a->revision < b->revision);
}

static void sort_bars(struct source_batch *bars, struct row_counts *counts)
{
    struct bar *all = bars->records;
    size_t kept = 0;
    if (bars->count > 0) {
        qsort(all, bars->count, sizeof *all, compare_bars);
    }
    for (size_t i = 0; i < bars->count; i++) {
        if (kept > 0 && all[kept - 1].open_time_ns == all[i].open_time_ns) {
            counts->rejected[ROW_DUPLICATE]++;
            continue;
        }
        all[kept] = all[i];
        all[kept++].revision = 0;
    }
    bars->count = kept;
}

static bool read_rows(const json_t *rows, const struct bitfinex_timeframe *timeframe,
                      const char *symbol, struct source_batch *bars, struct row_counts *counts)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        struct bar bar;
        enum row_fault fault = read_row(json_array_get(rows, i), timeframe, symbol, &bar);
        counts->rows++;
        if (fault != ROW_FAULTS) {
            counts->rejected[fault]++;
            continue;
        }
        struct bar *added = source_batch_add(bars);
        if (added == NULL) {
            return false;
        }
        *added = bar;
        added->revision = (int64_t)i;
    }
    sort_bars(bars, counts);
    return true;
}

enum bitfinex_answer bitfinex_candles_parse(long status, struct str body,
                                            const struct bitfinex_timeframe *timeframe,
                                            const char *symbol, struct source_batch *bars,
                                            struct row_counts *counts, struct error *error)
{
    json_t *rows = NULL;
    struct row_counts fresh = {0};
    source_batch_begin(bars, &bar_kind, true);
    enum bitfinex_answer answer = bitfinex_answer_read(status, body, "candles", &rows, error);
    if (answer == BITFINEX_ROWS && !read_rows(rows, timeframe, symbol, bars, &fresh)) {
        (void)error_set(error, ERROR_FATAL, "no memory for an answer of %zu candles",
                        json_array_size(rows));
        answer = BITFINEX_NO_MEMORY;
    }
    if (answer == BITFINEX_ROWS) {
        counts->rows += fresh.rows;
        for (size_t i = 0; i < ROW_FAULTS; i++) {
            counts->rejected[i] += fresh.rejected[i];
        }
    } else {
        bars->count = 0;
    }
    json_decref(rows);
    return answer;
}
