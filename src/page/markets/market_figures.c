#include "page/markets/market_figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pipeline/stored_candles.h"
#include "record/trade.h"

#define HOUR_NS (3600 * NS_PER_SECOND)
#define HALF_HOUR_NS (1800 * NS_PER_SECOND)

/* Sets how long the row's spans are and how many: half-hours, or bars that are longer. */
static void set_spans(struct market_row *row)
{
    row->step_ns = row->length_ns > HALF_HOUR_NS ? row->length_ns : HALF_HOUR_NS;
    row->span_count = (size_t)(NS_PER_DAY / row->step_ns) + 1;
    row->week_close = NAN;
    for (size_t i = 0; i < row->span_count; i++) {
        row->closes[i] = NAN;
    }
}

/* Returns the begin of the first of `count` spans, of which the last one ends with `end_ns`. A bar
 * is stored by its begin, but its price is that of its end, so the spans of bars lie a bar's length
 * earlier. */
static int64_t first_span(const struct market_row *row, int64_t end_ns, size_t count)
{
    return end_ns + 1 - row->length_ns - (int64_t)count * row->step_ns;
}

/* Reads the prices of all rows of a kind: those of the last day, then those of a week ago. */
static bool read_closes(struct store *store, const struct record_kind *kind,
                        struct market_rows *rows, struct series_closes *wanted, struct error *error)
{
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        struct market_row *row = &rows->items[i];
        if (row->kind == kind) {
            wanted[count++] =
                (struct series_closes){.series = row->series,
                                       .from_ns = first_span(row, rows->as_of_ns, row->span_count),
                                       .step_ns = row->step_ns,
                                       .count = row->span_count,
                                       .prices = row->closes};
        }
    }
    if (!store_closes(store, kind, wanted, count, error)) {
        return false;
    }
    count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        struct market_row *row = &rows->items[i];
        if (row->kind == kind) {
            wanted[count++] = (struct series_closes){
                .series = row->series,
                .from_ns = first_span(row, rows->as_of_ns - 7 * NS_PER_DAY, 1),
                .step_ns = row->step_ns,
                .count = 1,
                .prices = &row->week_close};
        }
    }
    return store_closes(store, kind, wanted, count, error);
}

/* Returns the change since `before`, the price `ago_ns` before `as_of_ns`; NAN if that is not
 * known, or the row's own price is older than it. */
static double change_since(const struct market_row *row, double before, int64_t as_of_ns,
                           int64_t ago_ns)
{
    bool known = !isnan(before) && before > 0 && row->time_ns > as_of_ns - ago_ns;
    return known ? row->price / before - 1 : NAN;
}

/* Returns the close of the span that ends `ago_ns` before the last one; NAN if no span does. */
static double close_before(const struct market_row *row, int64_t ago_ns)
{
    size_t steps = (size_t)(ago_ns / row->step_ns);
    return ago_ns % row->step_ns == 0 && steps < row->span_count
               ? row->closes[row->span_count - 1 - steps]
               : NAN;
}

static void set_changes(struct market_row *row, int64_t as_of_ns)
{
    row->change_1h = change_since(row, close_before(row, HOUR_NS), as_of_ns, HOUR_NS);
    row->change_24h = change_since(row, close_before(row, NS_PER_DAY), as_of_ns, NS_PER_DAY);
    row->change_7d = change_since(row, row->week_close, as_of_ns, 7 * NS_PER_DAY);
}

/* Sums up the volumes of the last day's bars. The sum is not known if one of them has none, or if
 * the first one begins more than an hour after the day does. */
static bool read_volume(struct store *store, struct market_row *row, int64_t as_of_ns,
                        struct error *error)
{
    struct candle_list bars = {.count = 0};
    int64_t from_ns = as_of_ns - NS_PER_DAY;
    bool read =
        bars_read(store, row->series, str_from(row->timeframe), from_ns, as_of_ns, &bars, error);
    double sum = bars.count > 0 && bars.items[0].time_ns <= from_ns + HOUR_NS ? 0 : NAN;
    for (size_t i = 0; i < bars.count; i++) {
        const struct candle *bar = &bars.items[i];
        sum += bar->time_ns < from_ns ? 0 : bar->has_volume ? bar->volume : NAN;
    }
    candle_list_free(&bars);
    row->volume = sum;
    if (!isnan(sum)) {
        memcpy(row->volume_source, row->source, sizeof row->volume_source);
    }
    return read;
}

static bool read_volumes(struct store *store, struct market_rows *rows, struct error *error)
{
    size_t left = MARKET_VOLUMES_MAX;
    for (size_t i = 0; left > 0 && i < rows->count; i++) {
        struct market_row *row = &rows->items[i];
        if (row->kind == &bar_kind && isnan(row->volume) && row->length_ns <= NS_PER_DAY) {
            left--;
            if (!read_volume(store, row, rows->as_of_ns, error)) {
                return false;
            }
        }
    }
    return true;
}

bool market_figures_read(struct store *store, struct market_rows *rows, struct error *error)
{
    static const struct record_kind *const kinds[] = {&ticker_kind, &trade_kind, &bar_kind};
    struct series_closes *wanted = calloc(rows->count + 1, sizeof *wanted);
    bool read = wanted != NULL || error_set(error, ERROR_RETRY, "no memory for the markets");
    for (size_t i = 0; i < rows->count; i++) {
        set_spans(&rows->items[i]);
    }
    for (size_t i = 0; read && i < sizeof kinds / sizeof kinds[0]; i++) {
        read = read_closes(store, kinds[i], rows, wanted, error);
    }
    free(wanted);
    for (size_t i = 0; i < rows->count; i++) {
        set_changes(&rows->items[i], rows->as_of_ns);
    }
    return read && read_volumes(store, rows, error);
}
