#include "commands/candles_of_bars.h"

#include <stdlib.h>
#include <string.h>

#include "market/bar_candles.h"
#include "record/bar.h"
#include "record/names.h"
#include "record/series.h"

enum { NAMES_LIMIT = 200 };

/* The parts of a bar's series, in the order of bar_kind's tags. */
enum { PART_COIN, PART_SOURCE, PART_TIMEFRAME };

struct wanted {
    const struct options *options;
    char timeframe[CLOCK_TEXT_SIZE];
    size_t sources;                   /* how many sources the store has for this coin and
                                         timeframe */
    char source[SOURCE_MAX + 1];      /* the source that is chosen; "": none yet */
    struct strbuf stored, of_sources; /* names for the error's text, as many as fit */
};

static bool check_timeframe(struct wanted *wanted, struct error *error)
{
    int64_t length_ns = 0;
    candle_interval_format(wanted->options->interval_ns, wanted->timeframe);
    return bar_timeframe_find(str_from(wanted->timeframe), &length_ns) ||
           error_set(error, ERROR_USAGE,
                     "--interval %s: bars have 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1M",
                     wanted->timeframe);
}

static void append_name(struct strbuf *names, struct str name)
{
    strbuf_append_text(names, names->length > 0 ? ", " : "");
    strbuf_append_str(names, name);
}

static void consider_series(struct wanted *wanted, struct str series)
{
    struct str parts[KIND_TAGS_MAX];
    const char *asked = wanted->options->bar_source;
    append_name(&wanted->stored, series);
    if (!series_split(&bar_kind, series, parts) ||
        !str_equal_text(parts[PART_COIN], wanted->options->coin) ||
        !str_equal_text(parts[PART_TIMEFRAME], wanted->timeframe)) {
        return;
    }
    append_name(&wanted->of_sources, parts[PART_SOURCE]);
    wanted->sources++;
    if (asked == NULL || str_equal_text(parts[PART_SOURCE], asked)) {
        (void)str_copy(parts[PART_SOURCE], wanted->source, sizeof wanted->source);
    }
}

/* Chooses the source whose bars are shown, among those that the store has. */
static bool choose(const struct wanted *wanted, struct error *error)
{
    const struct options *options = wanted->options;
    if (wanted->sources == 0) {
        return error_set(error, ERROR_REJECT, "no bar of %s %s is stored; stored are: %s",
                         options->coin, wanted->timeframe,
                         wanted->stored.length > 0 ? strbuf_text(&wanted->stored) : "none");
    }
    if (wanted->source[0] == '\0') {
        return error_set(error, ERROR_REJECT,
                         "no bar of %s %s of the source %s is stored; its sources are: %s",
                         options->coin, wanted->timeframe, options->bar_source,
                         strbuf_text(&wanted->of_sources));
    }
    if (options->bar_source == NULL && wanted->sources > 1) {
        return error_set(error, ERROR_REJECT,
                         "bars of %s %s are stored of several sources, %s: name one, as "
                         "--bar-source %s",
                         options->coin, wanted->timeframe, strbuf_text(&wanted->of_sources),
                         wanted->source);
    }
    return true;
}

static bool find_source(struct wanted *wanted, struct store *store, struct error *error)
{
    struct series_summary *list = NULL;
    size_t count = 0;
    wanted->source[0] = '\0';
    if (!store_list_series(store, &bar_kind, &list, &count, error)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        consider_series(wanted, str_from(list[i].series));
    }
    free(list);
    return choose(wanted, error);
}

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

static bool read_bars(const struct wanted *wanted, struct store *store, struct candle_list *candles,
                      struct error *error)
{
    const struct options *options = wanted->options;
    struct reading reading = {.candles = {.from_ns = options->from_ns, .to_ns = options->to_ns}};
    const struct str parts[KIND_TAGS_MAX] = {[PART_COIN] = str_from(options->coin),
                                             [PART_SOURCE] = str_from(wanted->source),
                                             [PART_TIMEFRAME] = str_from(wanted->timeframe)};
    char series[RECORD_SERIES_MAX + 1];
    int64_t from_ns, to_ns;
    series_join(&bar_kind, parts, series);
    bar_candles_stored_range(&reading.candles, str_from(wanted->timeframe), &from_ns, &to_ns);
    bool read = store_scan(store, &bar_kind, series, from_ns, to_ns, take_point, &reading, error) &&
                (!reading.no_memory || error_set(error, ERROR_FATAL, "out of memory"));
    bar_candles_keep_newest(&reading.candles, (size_t)options->limit);
    *candles = reading.candles.list;
    return read;
}

bool candles_of_bars(const struct options *options, struct store *store,
                     struct candle_list *candles, char source[SOURCE_MAX + 1], struct error *error)
{
    struct wanted wanted = {.options = options,
                            .stored = strbuf_new(NAMES_LIMIT),
                            .of_sources = strbuf_new(NAMES_LIMIT)};
    /* The list of series may be long. With --bar-source it is read only if that source has no bars:
     * the error then says what is stored, so that a typing error does not look like a quiet
     * market. */
    bool named = options->bar_source != NULL && record_source_valid(str_from(options->bar_source));
    if (named) {
        (void)str_copy(str_from(options->bar_source), wanted.source, sizeof wanted.source);
    }
    bool read = check_timeframe(&wanted, error) && (named || find_source(&wanted, store, error)) &&
                read_bars(&wanted, store, candles, error) &&
                (!named || candles->count > 0 || find_source(&wanted, store, error));
    (void)str_copy(str_from(wanted.source), source, SOURCE_MAX + 1);
    strbuf_free(&wanted.stored);
    strbuf_free(&wanted.of_sources);
    return read;
}

bool bars_are_stored(struct store *store, const char *coin)
{
    struct error ignored;
    struct series_summary *list = NULL;
    size_t count = 0;
    bool stored = false;
    if (store_list_series(store, &bar_kind, &list, &count, &ignored)) {
        for (size_t i = 0; i < count && !stored; i++) {
            stored = coin == NULL || str_equal_text(column_text(bar_kind.key, &list[i].last), coin);
        }
    }
    free(list);
    return stored;
}
