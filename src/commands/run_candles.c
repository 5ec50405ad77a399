#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/candle_text.h"
#include "cli/output.h"
#include "cli/run_env.h"
#include "cli/signal_watch.h"
#include "commands/candles_of_bars.h"
#include "commands/commands.h"
#include "commands/series_choice.h"
#include "commands/wiring.h"
#include "market/json.h"
#include "pipeline/coverage_read.h"
#include "record/bar.h"
#include "record/ticker.h"
#include "record/trade.h"

/* The source of polled ticks. Ticks are stored without their source, so it is assumed. */
#define TICKS_SERVICE "bitfinex"

enum {
    NAMES_LIMIT = 160,
    TEXT_LIMIT = 64 << 20,
    DRAWING_ROWS = 14,
};

/* Returns the terminal's size, or none when the output is a pipe. */
static struct drawing_size drawing_size(void)
{
    return (struct drawing_size){.columns = output_columns(STDOUT_FILENO), .rows = DRAWING_ROWS};
}

/* What the store has answered. */
struct answer {
    struct candle_list candles;
    const struct record_kind *kind; /* kind of the records from which the candles are computed */
    struct str service;             /* source of the records; "": unknown */
    char series[RECORD_SERIES_MAX + 1];
    bool synthetic; /* the records are synthetic */
    struct coverage coverage;
    bool has_coverage; /* the store has events of the records' source */
};

static struct candle_marks marks_of(const struct options *options, const struct answer *answer)
{
    return (struct candle_marks){
        .interval_ns = options->interval_ns,
        .now_ns = clock_wall_ns(),
        .from_ns = options->cut ? options->from_ns : INT64_MIN,
        .to_ns = options->cut ? options->to_ns : INT64_MAX,
        .synthetic = answer->synthetic,
        .coverage = answer->has_coverage ? &answer->coverage : NULL,
        .volumes = options->candles_of != CANDLES_OF_TICKS,
    };
}

static void append_table(const struct options *options, const struct candle_list *candles,
                         const struct candle_marks *marks, struct strbuf *text)
{
    bool colour = getenv("NO_COLOR") == NULL;
    candles_to_table(candles, options->coin, marks, output_columns(STDOUT_FILENO), text);
    if (marks->synthetic) {
        strbuf_append_text(text, "synthetic data\n");
    }
    struct strbuf drawing = strbuf_new(TEXT_LIMIT);
    candles_draw(candles, marks, drawing_size(), colour, &drawing);
    if (drawing.length > 0) {
        strbuf_append_char(text, '\n');
        strbuf_append_str(text, strbuf_str(&drawing));
    }
    strbuf_free(&drawing);
}

static void append_candles(const struct options *options, const struct answer *answer,
                           struct strbuf *text)
{
    const struct candle_marks marks = marks_of(options, answer);
    const struct candle_list *candles = &answer->candles;
    switch (options->format) {
    case FORMAT_JSON:
        candles_to_json(candles, options->coin, &marks, text);
        strbuf_append_char(text, '\n');
        break;
    case FORMAT_CSV:
        candles_csv_header(&marks, text);
        candles_to_csv(candles, options->coin, &marks, text);
        break;
    case FORMAT_MARKDOWN: /* `candles` does not offer this format */
    case FORMAT_TABLE:
        append_table(options, candles, &marks, text);
        break;
    }
}

static struct candle_query query_of(const struct options *options, const struct record_kind *kind,
                                    const char *series)
{
    return (struct candle_query){
        .kind = kind,
        .series = series,
        .interval_ns = options->interval_ns,
        .from_ns = options->from_ns,
        .to_ns = options->to_ns,
        .cut = options->cut,
        .limit = (size_t)options->limit,
    };
}

/* Names other kinds of which records are stored, when no ticks are, with the option that reads
 * them. */
static const char *others_stored(struct store *store)
{
    return series_stored(store, &bar_kind, NULL)     ? "bars alone (--of bar)"
           : series_stored(store, &trade_kind, NULL) ? "trades alone (--of trade)"
                                                     : "none";
}

/* Fails if the answer is empty because the store does not know the coin: a typing error must not
 * look like a quiet market. */
static bool coin_known(const struct options *options, struct store *store, struct error *error)
{
    struct series_summary *coins = NULL;
    size_t count = 0;
    if (!store_list_series(store, &ticker_kind, &coins, &count, error)) {
        return false;
    }
    struct strbuf names = strbuf_new(NAMES_LIMIT); /* as many names as fit */
    bool known = false;
    for (size_t i = 0; i < count; i++) {
        known = known || strcmp(coins[i].series, options->coin) == 0;
        strbuf_append_format(&names, "%s%s", i > 0 ? ", " : "", coins[i].series);
    }
    if (!known) {
        bool trades = series_stored(store, &trade_kind, options->coin);
        bool bars = series_stored(store, &bar_kind, options->coin);
        error_set(error, ERROR_REJECT, "no tick of %s is stored%s%s; stored are: %s", options->coin,
                  trades ? ", but trades are (--of trade)" : "",
                  bars ? ", but bars are (--of bar)" : "",
                  count > 0 ? strbuf_text(&names) : others_stored(store));
    }
    strbuf_free(&names);
    free(coins);
    return known;
}

/* Folds the coin's trades by --bar-source, or by the only source of such trades in the store, into
 * candles; their series is written to `series`. */
static bool candles_of_trades(const struct options *options, struct store *store,
                              struct candle_list *candles, char series[RECORD_SERIES_MAX + 1],
                              struct error *error)
{
    const struct series_choice choice = {
        .kind = &trade_kind, .coin = options->coin, .source = options->bar_source};
    bool named = series_choice_named(&choice, series);
    if (!named && !series_choose(store, &choice, series, error)) {
        return false;
    }
    struct candle_query query = query_of(options, &trade_kind, series);
    return store_candles(store, &query, candles, error) &&
           (!named || candles->count > 0 || series_choose(store, &choice, series, error));
}

/* Reads the candles from the store. */
static bool read_candles(const struct options *options, struct store *store, struct answer *answer,
                         struct error *error)
{
    bool bars = options->candles_of == CANDLES_OF_BARS;
    if (options->candles_of != CANDLES_OF_TICKS) {
        bool read =
            bars ? candles_of_bars(options, store, &answer->candles, answer->series, error)
                 : candles_of_trades(options, store, &answer->candles, answer->series, error);
        answer->kind = bars ? &bar_kind : &trade_kind;
        answer->service = series_source(answer->kind, answer->series);
        answer->synthetic = str_equal_text(answer->service, "synthetic");
        return read;
    }
    struct candle_query query = query_of(options, &ticker_kind, options->coin);
    answer->kind = &ticker_kind;
    answer->service = str_from(TICKS_SERVICE);
    answer->synthetic = options_origin(options, "--store") == ORIGIN_RUN_ENV &&
                        run_env_synthetic(options->run_env_path);
    return store_candles(store, &query, &answer->candles, error) &&
           (answer->candles.count > 0 || coin_known(options, store, error));
}

/* Reads the source's coverage of the time of all candles. */
static bool read_coverage(const struct options *options, struct store *store, struct answer *answer,
                          struct error *error)
{
    const struct candle_list *candles = &answer->candles;
    char source[SOURCE_MAX + 1];
    if (candles->count == 0) {
        return true;
    }
    int64_t last_ns = candles->items[candles->count - 1].time_ns;
    coverage_source(answer->kind, answer->service, source);
    return coverage_read(store, source, options->coin, candles->items[0].time_ns,
                         candle_bucket_end(last_ns, options->interval_ns), &answer->coverage,
                         &answer->has_coverage, error);
}

bool run_candles(const struct options *options, struct error *error)
{
    struct store_config config = wiring_store(options);
    config.read_only = true;
    struct answer answer = {.has_coverage = false};
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    struct signal_watch *watch = NULL;
    struct store *store = NULL;
    struct stop *stop = stop_create(error);
    config.stop = stop;
    bool done = stop != NULL && (watch = signal_watch_create(stop, 0, error)) != NULL &&
                (store = store_open(&config, error)) != NULL &&
                read_candles(options, store, &answer, error) &&
                read_coverage(options, store, &answer, error);
    if (done) {
        append_candles(options, &answer, &text);
        done = output_write(&text, error);
    }
    strbuf_free(&text);
    coverage_free(&answer.coverage);
    candle_list_free(&answer.candles);
    store_close(store);
    signal_watch_destroy(watch);
    stop_destroy(stop);
    return done;
}
