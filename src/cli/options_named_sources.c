#include "cli/options_named_sources.h"

#include <string.h>

#include "base/clock.h"
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
