#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/output.h"
#include "cli/signal_watch.h"
#include "commands/candles_of_bars.h"
#include "commands/commands.h"
#include "commands/compare_report.h"
#include "commands/series_choice.h"
#include "commands/wiring.h"
#include "pipeline/coverage_read.h"
#include "record/bar.h"
#include "record/ticker.h"
#include "record/trade.h"

enum { TEXT_LIMIT = 64 << 20 };

/* The pairs of candle sets that are compared, in the order of the report. */
enum { TRADES_BARS, TICKS_BARS, TICKS_TRADES, PAIRS };

struct comparison {
    const struct options *options;
    struct store *store;
    int64_t from_ns, to_ns; /* the compared range: only whole candles that have ended */
    char timeframe[CLOCK_TEXT_SIZE];
    char trade_series[RECORD_SERIES_MAX + 1], bar_series[RECORD_SERIES_MAX + 1];
    char source[SOURCE_MAX + 1]; /* source of the trades, such as "bitfinex" */
    struct coverage coverage;
    struct candle_list bars;   /* from the exchange's bars */
    struct candle_list trades; /* computed from the exchange's trades */
    struct candle_list ticks;  /* computed from polled ticks */
    struct compare_pair pairs[PAIRS];
};

static bool no_memory(struct error *error)
{
    return error_set(error, ERROR_FATAL, "out of memory");
}

/* Sets the range to the whole candles in --from to --to that have ended. */
static bool set_range(struct comparison *comparison, struct error *error)
{
    const struct options *options = comparison->options;
    int64_t now_ns = clock_wall_ns();
    int64_t to_ns = options->to_ns < now_ns ? options->to_ns : now_ns;
    int64_t from_ns = options->from_ns;
    comparison->to_ns = candle_bucket_start(to_ns, options->interval_ns);
    comparison->from_ns = from_ns;
    if (from_ns > INT64_MIN && candle_bucket_start(from_ns, options->interval_ns) < from_ns) {
        comparison->from_ns = candle_bucket_end(from_ns, options->interval_ns);
    }
    return comparison->from_ns < comparison->to_ns ||
           error_set(error, ERROR_USAGE,
                     "no candle of --interval has begun and ended in the range");
}

static bool choose_series(struct comparison *comparison, struct error *error)
{
    const struct options *options = comparison->options;
    struct series_choice trades = {
        .kind = &trade_kind, .coin = options->coin, .source = options->bar_source};
    if (!series_choose(comparison->store, &trades, comparison->trade_series, error)) {
        return false;
    }
    (void)str_copy(series_source(&trade_kind, comparison->trade_series), comparison->source,
                   sizeof comparison->source);
    struct series_choice bars = {.kind = &bar_kind,
                                 .coin = options->coin,
                                 .source = comparison->source,
                                 .timeframe = comparison->timeframe};
    candle_interval_format(options->interval_ns, comparison->timeframe);
    return series_choose(comparison->store, &bars, comparison->bar_series, error);
}

static bool read_coverage(struct comparison *comparison, struct error *error)
{
    char source[SOURCE_MAX + 1];
    bool any = false;
    coverage_source(&trade_kind, str_from(comparison->source), source);
    return coverage_read(comparison->store, source, comparison->options->coin, comparison->from_ns,
                         comparison->to_ns, &comparison->coverage, &any, error);
}

static bool read_ticks(struct comparison *comparison, struct error *error)
{
    const struct candle_query query = {.kind = &ticker_kind,
                                       .series = comparison->options->coin,
                                       .interval_ns = comparison->options->interval_ns,
                                       .from_ns = comparison->from_ns,
                                       .to_ns = comparison->to_ns};
    return store_candles(comparison->store, &query, &comparison->ticks, error);
}

/* The context of take_trade(). */
struct reading {
    struct compare *compare;
    bool no_memory;
};

static bool take_trade(void *context, const void *point, const struct text_arena *texts,
                       const char *odd)
{
    struct reading *reading = context;
    const struct trade *trade = point;
    (void)texts;
    /* Skip what this program would not have written into the table; `verify` reports it. */
    if (odd == NULL && trade_check(trade) == TRADE_OK) {
        reading->no_memory = !compare_trade(reading->compare, trade->time_ns, trade->trade_id,
                                            trade->price, trade->amount);
    }
    return !reading->no_memory;
}

static bool conclude(struct compare_pair *pair, struct error *error)
{
    return (compare_conclude(&pair->compare) && compare_sum_up(&pair->compare, &pair->figures)) ||
           no_memory(error);
}

/* Compares trades with bars while it reads the trades, and keeps the candles of the trades for
 * compare_ticks(). */
static bool compare_trades(struct comparison *comparison, struct error *error)
{
    struct compare_pair *pair = &comparison->pairs[TRADES_BARS];
    struct reading reading = {.compare = &pair->compare};
    *pair = (struct compare_pair){.ours = "trades",
                                  .theirs = "bars",
                                  .judged = true,
                                  .compare = {.interval_ns = comparison->options->interval_ns,
                                              .coverage = &comparison->coverage,
                                              .theirs = &comparison->bars}};
    if (!store_scan(comparison->store, &trade_kind, comparison->trade_series, comparison->from_ns,
                    comparison->to_ns, take_trade, &reading, error)) {
        return false;
    }
    bool kept = !reading.no_memory && conclude(pair, error);
    for (size_t i = 0; kept && i < pair->compare.count; i++) {
        const struct compared *item = &pair->compare.items[i];
        kept = !item->has_ours || candle_list_add(&comparison->trades, &item->ours);
    }
    return kept || no_memory(error);
}

/* Compares the candles of polled ticks with others. Polling misses prices between two requests, so
 * the differences are reported, but are no faults. */
static bool compare_ticks(struct comparison *comparison, int number, const char *theirs,
                          const struct candle_list *candles, struct error *error)
{
    struct compare_pair *pair = &comparison->pairs[number];
    bool taken = true;
    *pair = (struct compare_pair){
        .ours = "ticks",
        .theirs = theirs,
        .compare = {.interval_ns = comparison->options->interval_ns, .theirs = candles}};
    for (size_t i = 0; taken && i < comparison->ticks.count; i++) {
        taken = compare_candle(&pair->compare, &comparison->ticks.items[i]);
    }
    return taken ? conclude(pair, error) : no_memory(error);
}

static bool look(struct comparison *comparison, struct error *error)
{
    return set_range(comparison, error) && choose_series(comparison, error) &&
           read_coverage(comparison, error) &&
           bars_read(comparison->store, comparison->bar_series, comparison->timeframe,
                     comparison->from_ns, comparison->to_ns, 0, &comparison->bars, error) &&
           compare_trades(comparison, error) && read_ticks(comparison, error) &&
           compare_ticks(comparison, TICKS_BARS, "bars", &comparison->bars, error) &&
           compare_ticks(comparison, TICKS_TRADES, "trades", &comparison->trades, error);
}

static bool report(const struct comparison *comparison, struct error *error)
{
    const struct options *options = comparison->options;
    const struct compare_report told = {.coin = options->coin,
                                        .source = comparison->source,
                                        .interval_ns = options->interval_ns,
                                        .pairs = comparison->pairs,
                                        .count = PAIRS};
    const struct compare_figures *judged = &comparison->pairs[TRADES_BARS].figures;
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    if (options->format == FORMAT_JSON) {
        compare_to_json(&told, &text);
    } else {
        compare_to_table(&told, output_columns(STDOUT_FILENO), &text);
    }
    bool written = output_write(&text, error);
    strbuf_free(&text);
    return written &&
           (judged->reasons[COMPARE_UNEXPLAINED] == 0 ||
            error_set(error, ERROR_REJECT,
                      "%zu of %zu candles of trades differ from the exchange's bars, and "
                      "nothing explains it",
                      judged->reasons[COMPARE_UNEXPLAINED], judged->candles));
}

static void free_all(struct comparison *comparison)
{
    for (int i = 0; i < PAIRS; i++) {
        compare_free(&comparison->pairs[i].compare);
    }
    coverage_free(&comparison->coverage);
    candle_list_free(&comparison->bars);
    candle_list_free(&comparison->trades);
    candle_list_free(&comparison->ticks);
}

bool run_compare(const struct options *options, struct error *error)
{
    struct store_config config = wiring_store(options);
    struct comparison comparison = {.options = options};
    struct signal_watch *watch = NULL;
    struct stop *stop = stop_create(error);
    config.read_only = true;
    config.stop = stop;
    bool looked = stop != NULL && (watch = signal_watch_create(stop, 0, error)) != NULL &&
                  (comparison.store = store_open(&config, error)) != NULL &&
                  look(&comparison, error);
    if (!looked) {
        error->kind = ERROR_USAGE; /* exit code 2, because 1 would mean that candles differ */
    }
    bool equal = looked && report(&comparison, error);
    free_all(&comparison);
    store_close(comparison.store);
    signal_watch_destroy(watch);
    stop_destroy(stop);
    return equal;
}
