#include "pipeline/stored_candles.h"

#include <string.h>

#include "market/bar_candles.h"
#include "pipeline/coverage_read.h"
#include "pipeline/series_choice.h"
#include "record/bar.h"
#include "record/ticker.h"
#include "record/trade.h"

/* The state while a series of bars is scanned. */
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

bool bars_read(struct store *store, const char *series, struct str timeframe, int64_t from_ns,
               int64_t to_ns, struct candle_list *candles, struct error *error)
{
    struct reading reading = {.candles = {.from_ns = from_ns, .to_ns = to_ns}};
    int64_t first_ns, end_ns;
    bar_candles_stored_range(&reading.candles, timeframe, &first_ns, &end_ns);
    bool read =
        store_scan(store, &bar_kind, series, first_ns, end_ns, take_point, &reading, error) &&
        (!reading.no_memory || error_set(error, ERROR_FATAL, "out of memory"));
    *candles = reading.candles.list;
    return read;
}

static struct series_choice choice_of(const struct candles_wanted *wanted, const char *timeframe)
{
    return (struct series_choice){
        .kind = wanted->of,
        .coin = wanted->coin,
        .source = wanted->source,
        .source_hint = wanted->source_hint,
        .timeframe = timeframe,
        .interval_ns = timeframe != NULL ? wanted->interval_ns : 0,
    };
}

static int64_t bucket_edge(int64_t time_ns, int64_t interval_ns, bool end)
{
    if (time_ns == INT64_MIN || time_ns == INT64_MAX) {
        return time_ns;
    }
    int64_t start_ns = candle_bucket_start(time_ns, interval_ns);
    return end && start_ns < time_ns ? candle_bucket_end(time_ns, interval_ns) : start_ns;
}

/* Reads the bars of candles->series, which are of the interval or make it up. */
static bool read_series_of_bars(struct store *store, const struct candles_wanted *wanted,
                                struct stored_candles *candles, struct error *error)
{
    struct str parts[KIND_TAGS_MAX];
    struct str timeframe = series_split(&bar_kind, str_from(candles->series), parts)
                               ? parts[SERIES_TIMEFRAME]
                               : str_from("");
    char whole[CLOCK_TEXT_SIZE];
    int64_t from_ns = wanted->from_ns, to_ns = wanted->to_ns;
    candle_interval_format(wanted->interval_ns, whole);
    bool coarsen = !str_equal_text(timeframe, whole);
    if (coarsen) {
        from_ns = bucket_edge(from_ns, wanted->interval_ns, false);
        to_ns = bucket_edge(to_ns, wanted->interval_ns, true);
    }
    if (!bars_read(store, candles->series, timeframe, from_ns, to_ns, &candles->list, error)) {
        return false;
    }
    if (coarsen) {
        candle_list_coarsen(&candles->list, wanted->interval_ns);
    }
    candle_list_keep_newest(&candles->list, wanted->limit);
    return true;
}

/* The list of series may be long. If the source is named, it is read only if that source has no
 * bars of the interval: it then tells which bars make up the interval, or the error says what is
 * stored, so that a typing error does not look like a quiet market. */
static bool read_bars(struct store *store, const struct candles_wanted *wanted,
                      struct stored_candles *candles, struct error *error)
{
    char timeframe[CLOCK_TEXT_SIZE];
    int64_t length_ns;
    candle_interval_format(wanted->interval_ns, timeframe);
    const struct series_choice choice = choice_of(wanted, timeframe);
    if (bar_timeframe_find(str_from(timeframe), &length_ns) &&
        series_choice_named(&choice, candles->series)) {
        if (!read_series_of_bars(store, wanted, candles, error)) {
            return false;
        }
        if (candles->list.count > 0) {
            return true;
        }
    }
    return series_choose(store, &choice, candles->series, error) &&
           read_series_of_bars(store, wanted, candles, error);
}

static bool fold(struct store *store, const struct candles_wanted *wanted,
                 struct stored_candles *candles, struct error *error)
{
    const struct candle_query query = {
        .kind = wanted->of,
        .series = candles->series,
        .interval_ns = wanted->interval_ns,
        .from_ns = wanted->from_ns,
        .to_ns = wanted->to_ns,
        .cut = wanted->cut,
        .limit = wanted->limit,
    };
    return store_candles(store, &query, &candles->list, error);
}

static bool read_trades(struct store *store, const struct candles_wanted *wanted,
                        struct stored_candles *candles, struct error *error)
{
    const struct series_choice choice = choice_of(wanted, NULL);
    bool named = series_choice_named(&choice, candles->series);
    if (!named && !series_choose(store, &choice, candles->series, error)) {
        return false;
    }
    return fold(store, wanted, candles, error) &&
           (!named || candles->list.count > 0 ||
            series_choose(store, &choice, candles->series, error));
}

bool stored_candles_read(struct store *store, const struct candles_wanted *wanted,
                         struct stored_candles *candles, struct error *error)
{
    if (wanted->of == &ticker_kind) {
        (void)str_copy(str_from(wanted->coin), candles->series, sizeof candles->series);
        candles->service = str_from(TICKS_SERVICE);
        return fold(store, wanted, candles, error);
    }
    bool read = wanted->of == &bar_kind ? read_bars(store, wanted, candles, error)
                                        : read_trades(store, wanted, candles, error);
    candles->service = series_source(wanted->of, candles->series);
    return read;
}

bool stored_candles_coverage(struct store *store, const struct candles_wanted *wanted,
                             const struct stored_candles *candles, struct coverage *coverage,
                             bool *any, struct error *error)
{
    const struct candle_list *list = &candles->list;
    char source[SOURCE_MAX + 1];
    *any = false;
    *coverage = (struct coverage){.spans = NULL};
    if (list->count == 0) {
        return true;
    }
    int64_t first_ns = list->items[0].time_ns;
    coverage_source(wanted->of, candles->service, source);
    if (!coverage_read(store, source, wanted->coin, first_ns, coverage, any, error)) {
        return false;
    }
    if (*any || wanted->of != &ticker_kind) {
        return true;
    }
    coverage_free(coverage);
    return coverage_read(store, TICKS_SYNTHETIC, wanted->coin, first_ns, coverage, any, error);
}
