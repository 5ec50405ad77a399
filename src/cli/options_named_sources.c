#include "cli/options_named_sources.h"

#include <string.h>

#include "base/clock.h"
#include "cli/options_streams.h"
#include "cli/options_table.h"
#include "source/source_names.h"

bool options_source_valid(struct str text)
{
    struct named_sources sources;
    return source_names_parse(text, &sources, NULL) == SOURCES_NAMED;
}

static void append_names(struct strbuf *text)
{
    for (int i = 0; i < SOURCE_IDS; i++) {
        const struct source_row *row = &source_rows[i];
        strbuf_append_format(text, "%s%s%s%s", i > 0 ? ", " : "", row->name,
                             row->argument != NULL ? ":" : "",
                             row->argument != NULL ? row->argument : "");
    }
}

void options_source_fault(struct str text, struct strbuf *fault)
{
    struct named_sources sources;
    struct str bad;
    enum source_naming naming = source_names_parse(text, &sources, &bad);
    int length = bad.length > 60 ? 60 : (int)bad.length;
    strbuf_append_format(fault, "\"%.*s%s\" ", length, length > 0 ? bad.data : "",
                         bad.length > 60 ? "..." : "");
    if (naming == SOURCES_TWICE) {
        strbuf_append_text(fault, "is named twice");
    } else if (naming == SOURCES_MIXED) {
        strbuf_append_text(fault, "does not go with what stands before it: live prices, made-up "
                                  "ones and those of a file never mix");
    } else if (naming == SOURCES_TOO_MANY) {
        strbuf_append_format(fault, "is one too many: %d at most", SOURCES_MAX);
    } else if (str_equal_text(bad, "replay") || str_equal_text(bad, "replay:")) {
        strbuf_append_text(fault, "needs a file: replay:FILE, as replay:prices.csv");
    } else if (str_equal_text(bad, "rss") || str_equal_text(bad, "rss:")) {
        strbuf_append_text(fault, "needs a feed: rss:URL, or rss:default for well-known ones");
    } else {
        const char *nearest = source_names_nearest(bad);
        strbuf_append_text(fault, "is not one of ");
        append_names(fault);
        if (nearest != NULL) {
            strbuf_append_format(fault, "; did you mean %s?", nearest);
        }
    }
}

/* Splits "DURATION" or "SOURCE=DURATION"; for the first form `name` becomes empty. */
static bool poll_piece(struct str piece, struct str *name, int64_t *interval_ns)
{
    piece = str_trim(piece);
    const char *equals = piece.length > 0 ? memchr(piece.data, '=', piece.length) : NULL;
    *name = (struct str){.data = piece.data};
    if (equals != NULL) {
        name->length = (size_t)(equals - piece.data);
        piece = (struct str){.data = equals + 1, .length = piece.length - name->length - 1};
    }
    return (equals == NULL || source_row_named(*name) != NULL) &&
           clock_parse_duration(piece, interval_ns);
}

bool options_poll_valid(struct str text, int64_t least_ns, int64_t most_ns)
{
    bool named[SOURCE_IDS + 1] = {false};
    struct str piece, name;
    int64_t interval_ns = 0;
    size_t pieces = 0;
    while (str_split(&text, ',', &piece)) {
        if (!poll_piece(piece, &name, &interval_ns) || interval_ns < least_ns ||
            interval_ns > most_ns) {
            return false;
        }
        const struct source_row *row = source_row_named(name);
        size_t number = row != NULL ? (size_t)(row - source_rows) : SOURCE_IDS;
        if (named[number]) {
            return false;
        }
        named[number] = true;
        pieces++;
    }
    return pieces > 0;
}

/* Finds the interval that the text has for that source; with "" the interval that has no source
 * before it. Returns false if there is none. */
static bool find_interval(const char *text, const char *name, int64_t *interval_ns)
{
    struct str rest = str_from(text), piece, found;
    while (str_split(&rest, ',', &piece)) {
        if (poll_piece(piece, &found, interval_ns) && str_equal_text(found, name)) {
            return true;
        }
    }
    return false;
}

int64_t options_poll_interval(const struct options *options, const char *source)
{
    int64_t interval_ns = 0;
    if (source != NULL && find_interval(options->poll_intervals, source, &interval_ns)) {
        return interval_ns;
    }
    const struct source_row *row = source != NULL ? source_row_named(str_from(source)) : NULL;
    if (row != NULL && row->interval_ns > 0) {
        return row->interval_ns;
    }
    if (!find_interval(options->poll_intervals, "", &interval_ns)) {
        (void)find_interval(option_row_find("--poll-interval", COMMAND_NONE)->fallback, "",
                            &interval_ns);
    }
    return interval_ns;
}

/* Returns false for a command that has no source. */
static bool read_sources(const struct options *options, struct named_sources *sources)
{
    return (options->command == COMMAND_PRODUCE || options->command == COMMAND_DEMO) &&
           source_names_parse(str_from(options->source), sources, NULL) == SOURCES_NAMED;
}

static bool names_source(const struct named_sources *sources, enum source_id id)
{
    size_t i = 0;
    while (i < sources->count && sources->items[i].id != id) {
        i++;
    }
    return i < sources->count;
}

static bool is_changed(const struct options *options, const char *flag, const char *value)
{
    return strcmp(value, option_row_find(flag, options->command)->fallback) != 0;
}

bool options_exchange_check(const struct options *options, struct error *error)
{
    struct named_sources sources;
    if (!read_sources(options, &sources) || !names_source(&sources, SOURCE_ID_BITFINEX_TRADES)) {
        return true;
    }
    static const char rest[] = "--exchange-url", pushed[] = "--exchange-ws-url";
    bool rest_changed = is_changed(options, rest, options->exchange_url);
    bool pushed_changed = is_changed(options, pushed, options->exchange_ws_url);
    return rest_changed == pushed_changed ||
           error_set(error, ERROR_USAGE,
                     "%s alone leaves %s of %s at Bitfinex itself: name %s too, or other sources "
                     "with --source",
                     rest_changed ? rest : pushed, rest_changed ? "the trades" : "the history",
                     source_rows[SOURCE_ID_BITFINEX_TRADES].name, rest_changed ? pushed : rest);
}

/* Remarks on intervals that --poll-interval gives to sources which --source does not name. */
static void remark_intervals(const struct options *options, const struct named_sources *sources,
                             struct strbuf *lines)
{
    struct str rest = str_from(options->poll_intervals), piece, name;
    int64_t interval_ns = 0;
    while (str_split(&rest, ',', &piece)) {
        const struct source_row *row =
            poll_piece(piece, &name, &interval_ns) ? source_row_named(name) : NULL;
        if (row != NULL && !names_source(sources, (enum source_id)(row - source_rows))) {
            strbuf_append_format(lines, "--poll-interval %s=…: --source (%s) does not name it\n",
                                 row->name, options->source);
        }
    }
}

/* Bitfinex's names are in capitals behind their first letter. */
static void remark_coins(const struct options *options, const struct named_sources *sources,
                         struct strbuf *lines)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    struct str rest = str_from(options->coins), coin;
    bool bitfinex = names_source(sources, SOURCE_ID_BITFINEX) ||
                    names_source(sources, SOURCE_ID_BITFINEX_TRADES) ||
                    names_source(sources, SOURCE_ID_BITFINEX_BARS);
    while (bitfinex && str_split(&rest, ',', &coin)) {
        coin = str_trim(coin);
        struct strbuf better = strbuf_new(RECORD_KEY_MAX);
        for (size_t i = 0; i < coin.length; i++) {
            char c = coin.data[i];
            bool small = i > 0 && c >= 'a' && c <= 'z';
            strbuf_append_char(&better, small ? capitals[c - 'a'] : c);
        }
        if (!str_equal(strbuf_str(&better), coin)) {
            strbuf_append_format(lines,
                                 "--coins %.*s: Bitfinex writes its coins in capitals: %s?\n",
                                 (int)coin.length, coin.data, strbuf_text(&better));
        }
        strbuf_free(&better);
    }
}

/* Kinds that the sources make and --streams does not name, if anybody has chosen either; a demo
 * reads them all the same. */
static void remark_streams(const struct options *options, const struct named_sources *sources,
                           struct strbuf *lines)
{
    struct stream streams[STREAMS_MAX];
    size_t count = options_streams(options, streams);
    bool chosen = options_origin(options, "--source") != ORIGIN_DEFAULT ||
                  options_origin(options, "--streams") != ORIGIN_DEFAULT;
    bool remarked = options->command == COMMAND_PRODUCE && chosen;
    for (size_t i = 0; i < sources->count && remarked; i++) {
        const struct source_row *row = &source_rows[sources->items[i].id];
        if (row->kind != NULL && stream_of_kind(streams, count, row->kind) == NULL) {
            strbuf_append_format(lines,
                                 "--streams %s: the source %s makes records of the kind %s, which "
                                 "only members whose --streams has %s read\n",
                                 options->streams, row->name, row->kind->name, row->kind->name);
        }
    }
}

void options_source_remarks(const struct options *options, struct strbuf *lines)
{
    struct named_sources sources;
    if (read_sources(options, &sources)) {
        remark_intervals(options, &sources, lines);
        remark_coins(options, &sources, lines);
        remark_streams(options, &sources, lines);
    }
}
