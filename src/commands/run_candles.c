#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text/fit.h"
#include "cli/candle_text.h"
#include "cli/output.h"
#include "cli/run_env.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/wiring.h"
#include "market/json.h"
#include "pipeline/series_choice.h"
#include "pipeline/stored_candles.h"
#include "record/bar.h"
#include "record/names.h"
#include "record/ticker.h"
#include "record/trade.h"
#include "terminal/candle_chart.h"

enum {
    NAMES_LIMIT = 160,
    TEXT_LIMIT = 64 << 20,
    SENTENCE_SIZE = 160,
    /* Of the rows of a terminal: */
    ROWS_USUAL = 24, /* if it does not say how many it has */
    PROMPT_ROWS = 1, /* what is left for the shell's prompt */
    TABLE_SHARE = 5, /* one part in five is for the table's candles, */
    TABLE_LEAST = 3, /* and at least so many rows */
    DRAWING_LEAST = 6,
};

/* What the store has answered. */
struct answer {
    struct stored_candles candles;
    const char *made_up; /* what the records are, if they are made up; NULL: they are not */
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
        .synthetic = answer->made_up != NULL,
        .coverage = answer->has_coverage ? &answer->coverage : NULL,
        .volumes = options->candles_of != CANDLES_OF_TICKS,
    };
}

/* Appends the newest `shown` candles as a table. */
static void append_newest(const struct options *options, const struct candle_list *candles,
                          size_t shown, const struct candle_marks *marks, const char *made_up,
                          struct strbuf *text)
{
    int columns = output_columns(STDOUT_FILENO);
    size_t left_out = candles->count - shown;
    const struct candle_list newest = {.items = candles->items + left_out, .count = shown};
    candles_to_table(&newest, options->coin, marks, columns, text);
    if (left_out > 0) {
        char sentence[SENTENCE_SIZE];
        (void)snprintf(sentence, sizeof sentence,
                       "%zu earlier ones are left out: a pipe (| less) or --format csv has all\n",
                       left_out);
        fit_append_lines(text, str_from(sentence), (size_t)columns);
    }
    if (made_up != NULL) {
        strbuf_append_format(text, "%s\n", made_up);
    }
}

/* Appends a drawing of `rows` rows, and a blank line before it. */
static void append_drawing(const struct options *options, const struct candle_list *candles,
                           const struct candle_marks *marks, int rows, struct strbuf *text)
{
    struct canvas canvas;
    char interval[CLOCK_TEXT_SIZE], title[SENTENCE_SIZE];
    candle_interval_format(options->interval_ns, interval);
    (void)snprintf(title, sizeof title, "%s %s", options->coin, interval);
    const struct candle_chart chart = {.candles = candles, .marks = marks, .title = title};
    if (canvas_create(&canvas, output_columns(STDOUT_FILENO), rows)) {
        const struct canvas_area all = canvas_all(&canvas);
        int drawn = candle_chart_draw(&chart, &all);
        strbuf_append_text(text, drawn > 0 ? "\n" : "");
        canvas_append(&canvas, drawn, output_coloured(STDOUT_FILENO), text);
    }
    canvas_free(&canvas);
}

static int count_lines(const struct strbuf *text)
{
    int lines = 0;
    for (size_t i = 0; i < text->length; i++) {
        lines += text->data[i] == '\n' ? 1 : 0;
    }
    return lines;
}

/* Appends a table of the newest candles and a drawing below it, both together as high as the
 * terminal. */
static void append_screen(const struct options *options, const struct candle_list *candles,
                          const struct candle_marks *marks, const char *made_up,
                          struct strbuf *text)
{
    int rows = output_rows(STDOUT_FILENO);
    rows = rows > 0 ? rows : ROWS_USUAL;
    int shown = rows / TABLE_SHARE > TABLE_LEAST ? rows / TABLE_SHARE : TABLE_LEAST;
    size_t count = candles->count < (size_t)shown ? candles->count : (size_t)shown;
    append_newest(options, candles, count, marks, made_up, text);
    int left = rows - PROMPT_ROWS - count_lines(text) - 1;
    if (left >= DRAWING_LEAST) {
        append_drawing(options, candles, marks, left, text);
    }
}

static void append_table(const struct options *options, const struct candle_list *candles,
                         const struct candle_marks *marks, const char *made_up, struct strbuf *text)
{
    if (output_columns(STDOUT_FILENO) > 0) {
        append_screen(options, candles, marks, made_up, text);
    } else {
        append_newest(options, candles, candles->count, marks, made_up, text);
    }
}

static void append_candles(const struct options *options, const struct answer *answer,
                           struct strbuf *text)
{
    const struct candle_marks marks = marks_of(options, answer);
    const struct candle_list *candles = &answer->candles.list;
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
        append_table(options, candles, &marks, answer->made_up, text);
        break;
    }
}

/* Returns which other kind of records the store has, with the option that reads it: for the error
 * that it has no ticks. */
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

/* If no --coin was set, an error about what is stored also tells how to name a coin. */
static void add_remedy(const struct options *options, struct error *error)
{
    if (error->kind == ERROR_REJECT && options_origin(options, "--coin") == ORIGIN_DEFAULT) {
        error->remedy = options->candles_of == CANDLES_OF_BARS
                            ? "name the coin with --coin, and the bars' length with --interval"
                            : "name the coin with --coin";
    }
}

/* Reads the candles from the store, and how much of their time was covered. */
static bool read_candles(const struct options *options, struct store *store, struct answer *answer,
                         struct error *error)
{
    static const struct record_kind *const kinds[] = {[CANDLES_OF_TICKS] = &ticker_kind,
                                                      [CANDLES_OF_BARS] = &bar_kind,
                                                      [CANDLES_OF_TRADES] = &trade_kind};
    const struct candles_wanted wanted = {
        .of = kinds[options->candles_of],
        .coin = options->coin,
        .source = options->bar_source,
        .source_hint = "--bar-source ",
        .interval_ns = options->interval_ns,
        .from_ns = options->from_ns,
        .to_ns = options->to_ns,
        .cut = options->cut,
        .limit = (size_t)options->limit,
    };
    bool ticks = wanted.of == &ticker_kind;
    if (!stored_candles_read(store, &wanted, &answer->candles, error) ||
        (ticks && answer->candles.list.count == 0 && !coin_known(options, store, error))) {
        return false;
    }
    bool of_demo = options_origin(options, "--store") == ORIGIN_RUN_ENV;
    answer->made_up = !ticks    ? record_made_up(answer->candles.service)
                      : of_demo ? run_env_made_up(options->run_env_path)
                                : NULL;
    return stored_candles_coverage(store, &wanted, &answer->candles, &answer->coverage,
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
                read_candles(options, store, &answer, error);
    if (done) {
        append_candles(options, &answer, &text);
        done = output_write(&text, error);
    }
    if (!done) {
        add_remedy(options, error);
    }
    strbuf_free(&text);
    coverage_free(&answer.coverage);
    candle_list_free(&answer.candles.list);
    store_close(store);
    signal_watch_destroy(watch);
    stop_destroy(stop);
    return done;
}
