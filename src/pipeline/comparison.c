#include "pipeline/comparison.h"

#include "base/clock.h"
#include "pipeline/coverage_read.h"
#include "pipeline/series_choice.h"
#include "pipeline/stored_candles.h"
#include "record/bar.h"
#include "record/ticker.h"
#include "record/trade.h"

/* A comparison that is under way. */
struct course {
    const struct comparison_wanted *wanted;
    struct store *store;
    struct comparison *comparison;
    int64_t from_ns, to_ns; /* the compared range: only whole candles that have ended */
    char trade_series[RECORD_SERIES_MAX + 1], bar_series[RECORD_SERIES_MAX + 1];
};

static bool no_memory(struct error *error)
{
    return error_set(error, ERROR_FATAL, "out of memory");
}

/* Sets the range to the whole candles in the wanted one that have ended. */
static bool set_range(struct course *course, struct error *error)
{
    const struct comparison_wanted *wanted = course->wanted;
    int64_t now_ns = clock_wall_ns();
    int64_t to_ns = wanted->to_ns < now_ns ? wanted->to_ns : now_ns;
    int64_t from_ns = wanted->from_ns;
    course->to_ns = candle_bucket_start(to_ns, wanted->interval_ns);
    course->from_ns = from_ns;
    if (from_ns > INT64_MIN && candle_bucket_start(from_ns, wanted->interval_ns) < from_ns) {
        course->from_ns = candle_bucket_end(from_ns, wanted->interval_ns);
    }
    return course->from_ns < course->to_ns ||
           error_set(error, ERROR_USAGE,
                     "no candle of the interval has begun and ended in the range");
}

static bool choose_series(struct course *course, struct error *error)
{
    const struct comparison_wanted *wanted = course->wanted;
    struct comparison *comparison = course->comparison;
    char timeframe[CLOCK_TEXT_SIZE];
    struct series_choice choice = {.kind = &trade_kind,
                                   .coin = wanted->coin,
                                   .source = wanted->source,
                                   .source_hint = wanted->source_hint};
    if (!series_choose(course->store, &choice, course->trade_series, error)) {
        return false;
    }
    (void)str_copy(series_source(&trade_kind, course->trade_series), comparison->source,
                   sizeof comparison->source);
    choice.kind = &bar_kind;
    choice.source = comparison->source;
    choice.timeframe = timeframe;
    candle_interval_format(wanted->interval_ns, timeframe);
    return series_choose(course->store, &choice, course->bar_series, error);
}

static bool read_coverage(struct course *course, struct error *error)
{
    char source[SOURCE_MAX + 1];
    bool any = false;
    coverage_source(&trade_kind, str_from(course->comparison->source), source);
    return coverage_read(course->store, source, course->wanted->coin, course->from_ns,
                         &course->comparison->coverage, &any, error);
}

static bool read_bars(struct course *course, struct error *error)
{
    char timeframe[CLOCK_TEXT_SIZE];
    candle_interval_format(course->wanted->interval_ns, timeframe);
    return bars_read(course->store, course->bar_series, str_from(timeframe), course->from_ns,
                     course->to_ns, &course->comparison->bars, error);
}

static bool read_ticks(struct course *course, struct error *error)
{
    const struct candle_query query = {.kind = &ticker_kind,
                                       .series = course->wanted->coin,
                                       .interval_ns = course->wanted->interval_ns,
                                       .from_ns = course->from_ns,
                                       .to_ns = course->to_ns};
    return store_candles(course->store, &query, &course->comparison->ticks, error);
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
static bool compare_trades(struct course *course, struct error *error)
{
    struct comparison *comparison = course->comparison;
    struct compare_pair *pair = &comparison->pairs[TRADES_BARS];
    struct reading reading = {.compare = &pair->compare};
    *pair = (struct compare_pair){.ours = "trades",
                                  .theirs = "bars",
                                  .judged = true,
                                  .compare = {.interval_ns = course->wanted->interval_ns,
                                              .coverage = &comparison->coverage,
                                              .theirs = &comparison->bars}};
    if (!store_scan(course->store, &trade_kind, course->trade_series, course->from_ns,
                    course->to_ns, take_trade, &reading, error)) {
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
static bool compare_ticks(struct course *course, int number, const char *theirs,
                          const struct candle_list *candles, struct error *error)
{
    const struct comparison *comparison = course->comparison;
    struct compare_pair *pair = &course->comparison->pairs[number];
    bool taken = true;
    *pair = (struct compare_pair){
        .ours = "ticks",
        .theirs = theirs,
        .compare = {.interval_ns = course->wanted->interval_ns, .theirs = candles}};
    for (size_t i = 0; taken && i < comparison->ticks.count; i++) {
        taken = compare_candle(&pair->compare, &comparison->ticks.items[i]);
    }
    return taken ? conclude(pair, error) : no_memory(error);
}

bool comparison_read(struct store *store, const struct comparison_wanted *wanted,
                     struct comparison *comparison, struct error *error)
{
    struct course course = {.wanted = wanted, .store = store, .comparison = comparison};
    *comparison = (struct comparison){.report = {.coin = wanted->coin,
                                                 .source = comparison->source,
                                                 .interval_ns = wanted->interval_ns,
                                                 .pairs = comparison->pairs,
                                                 .count = COMPARISON_PAIRS}};
    return set_range(&course, error) && choose_series(&course, error) &&
           read_coverage(&course, error) && read_bars(&course, error) &&
           compare_trades(&course, error) && read_ticks(&course, error) &&
           compare_ticks(&course, TICKS_BARS, "bars", &comparison->bars, error) &&
           compare_ticks(&course, TICKS_TRADES, "trades", &comparison->trades, error);
}

void comparison_free(struct comparison *comparison)
{
    for (int i = 0; i < COMPARISON_PAIRS; i++) {
        compare_free(&comparison->pairs[i].compare);
    }
    coverage_free(&comparison->coverage);
    candle_list_free(&comparison->bars);
    candle_list_free(&comparison->trades);
    candle_list_free(&comparison->ticks);
}
