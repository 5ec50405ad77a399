#include "commands/candles_of_bars.h"

#include <string.h>

#include "commands/series_choice.h"
#include "market/bar_candles.h"
#include "record/bar.h"

/* The state while the chosen series is scanned. */
struct reading {
    struct bar_candles candles;
    bool no_memory;
};

static bool take_point(void *context, const void *point, const struct text_arena *texts,
                       const char *odd)
{
    struct reading *reading = context;
    (void)texts;
    /* Skip a point that another program wrote into the table; verify reports it. */
    if (odd == NULL && bar_check(point) == BAR_OK) {
        reading->no_memory = !bar_candles_add(&reading->candles, point);
    }
    return !reading->no_memory;
}

static bool check_timeframe(const char *timeframe, struct error *error)
{
    int64_t length_ns = 0;
    return bar_timeframe_find(str_from(timeframe), &length_ns) ||
           error_set(error, ERROR_USAGE,
                     "--interval %s: bars have 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1M",
                     timeframe);
}

bool bars_read(struct store *store, const char *series, const char *timeframe, int64_t from_ns,
               int64_t to_ns, size_t limit, struct candle_list *candles, struct error *error)
{
    struct reading reading = {.candles = {.from_ns = from_ns, .to_ns = to_ns}};
    int64_t first_ns, end_ns;
    bar_candles_stored_range(&reading.candles, str_from(timeframe), &first_ns, &end_ns);
    bool read =
        store_scan(store, &bar_kind, series, first_ns, end_ns, take_point, &reading, error) &&
        (!reading.no_memory || error_set(error, ERROR_FATAL, "out of memory"));
    bar_candles_keep_newest(&reading.candles, limit);
    *candles = reading.candles.list;
    return read;
}

bool candles_of_bars(const struct options *options, struct store *store,
                     struct candle_list *candles, char series[RECORD_SERIES_MAX + 1],
                     struct error *error)
{
    char timeframe[CLOCK_TEXT_SIZE];
    const struct series_choice choice = {.kind = &bar_kind,
                                         .coin = options->coin,
                                         .source = options->bar_source,
                                         .timeframe = timeframe};
    candle_interval_format(options->interval_ns, timeframe);
    /* The list of series may be long. With --bar-source it is read only if that source has no bars:
     * the error then says what is stored, so that a typing error does not look like a quiet
     * market. */
    bool named = series_choice_named(&choice, series);
    return check_timeframe(timeframe, error) &&
           (named || series_choose(store, &choice, series, error)) &&
           bars_read(store, series, timeframe, options->from_ns, options->to_ns,
                     (size_t)options->limit, candles, error) &&
           (!named || candles->count > 0 || series_choose(store, &choice, series, error));
}
