#include "pipeline/series_choice.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text/strbuf.h"
#include "market/bar_candles.h"
#include "record/names.h"
#include "record/series.h"

enum { NAMES_LIMIT = 200 };

/* What was found in the list of stored series. */
struct listing {
    const struct series_choice *choice;
    size_t sources;                   /* number of series that have the coin and the timeframe,
                                         each of another source */
    char source[SOURCE_MAX + 1];      /* source of the chosen series; "": none yet */
    struct strbuf stored, of_sources; /* names for the error text, as many as fit: all series,
                                         and the sources counted above */
};

static void join(const struct series_choice *choice, const char *source,
                 char series[RECORD_SERIES_MAX + 1])
{
    struct str parts[KIND_TAGS_MAX] = {
        [SERIES_COIN] = str_from(choice->coin), [SERIES_SOURCE] = str_from(source)};
    if (choice->timeframe != NULL) {
        parts[SERIES_TIMEFRAME] = str_from(choice->timeframe);
    }
    series_join(choice->kind, parts, series);
}

bool series_choice_named(const struct series_choice *choice, char series[RECORD_SERIES_MAX + 1])
{
    bool named = choice->source != NULL && record_source_valid(str_from(choice->source));
    if (named) {
        join(choice, choice->source, series);
    }
    return named;
}

static void append_name(struct strbuf *names, struct str name)
{
    strbuf_append_text(names, names->length > 0 ? ", " : "");
    strbuf_append_str(names, name);
}

static void consider(struct listing *listing, struct str series)
{
    const struct series_choice *choice = listing->choice;
    struct str parts[KIND_TAGS_MAX];
    append_name(&listing->stored, series);
    if (!series_split(choice->kind, series, parts) ||
        !str_equal_text(parts[SERIES_COIN], choice->coin) ||
        (choice->timeframe != NULL &&
         !str_equal_text(parts[SERIES_TIMEFRAME], choice->timeframe))) {
        return;
    }
    append_name(&listing->of_sources, parts[SERIES_SOURCE]);
    listing->sources++;
    if (choice->source == NULL || str_equal_text(parts[SERIES_SOURCE], choice->source)) {
        (void)str_copy(parts[SERIES_SOURCE], listing->source, sizeof listing->source);
    }
}

/* Fails unless exactly one series fits the choice. */
static bool decide(const struct listing *listing, struct error *error)
{
    const struct series_choice *choice = listing->choice;
    const char *blank = choice->timeframe != NULL ? " " : "";
    const char *timeframe = choice->timeframe != NULL ? choice->timeframe : "";
    if (listing->sources == 0) {
        return error_set(error, ERROR_REJECT, "no %s of %s%s%s is stored; stored are: %s",
                         choice->kind->record, choice->coin, blank, timeframe,
                         listing->stored.length > 0 ? strbuf_text(&listing->stored) : "none");
    }
    if (listing->source[0] == '\0') {
        return error_set(error, ERROR_REJECT,
                         "no %s of %s%s%s of the source %s is stored; its sources are: %s",
                         choice->kind->record, choice->coin, blank, timeframe, choice->source,
                         strbuf_text(&listing->of_sources));
    }
    if (choice->source == NULL && listing->sources > 1) {
        return error_set(error, ERROR_REJECT,
                         "%s of %s%s%s are stored of several sources, %s: name one, as "
                         "%s%s",
                         choice->kind->records, choice->coin, blank, timeframe,
                         strbuf_text(&listing->of_sources), choice->source_hint, listing->source);
    }
    return true;
}

/* Writes the timeframe of the bars that are to be taken: the wanted one, or, where the coin has
 * none of it, the longest of those that make up the interval. */
static void choose_timeframe(const struct series_choice *choice, const struct series_summary *list,
                             size_t count, char timeframe[CLOCK_TEXT_SIZE])
{
    int64_t longest_ns = 0, length_ns = 0;
    (void)str_copy(str_from(choice->timeframe), timeframe, CLOCK_TEXT_SIZE);
    for (size_t i = 0; i < count; i++) {
        struct str parts[KIND_TAGS_MAX];
        if (!series_split(choice->kind, str_from(list[i].series), parts) ||
            !str_equal_text(parts[SERIES_COIN], choice->coin) ||
            (choice->source != NULL && !str_equal_text(parts[SERIES_SOURCE], choice->source))) {
            continue;
        }
        if (str_equal_text(parts[SERIES_TIMEFRAME], choice->timeframe)) {
            (void)str_copy(parts[SERIES_TIMEFRAME], timeframe, CLOCK_TEXT_SIZE);
            return;
        }
        if (bars_make_up(parts[SERIES_TIMEFRAME], choice->interval_ns) &&
            bar_timeframe_find(parts[SERIES_TIMEFRAME], &length_ns) && length_ns > longest_ns) {
            longest_ns = length_ns;
            (void)str_copy(parts[SERIES_TIMEFRAME], timeframe, CLOCK_TEXT_SIZE);
        }
    }
}

bool series_choose(struct store *store, const struct series_choice *wanted,
                   char series[RECORD_SERIES_MAX + 1], struct error *error)
{
    struct series_choice choice = *wanted;
    struct listing listing = {.choice = &choice,
                              .stored = strbuf_new(NAMES_LIMIT),
                              .of_sources = strbuf_new(NAMES_LIMIT)};
    struct series_summary *list = NULL;
    char timeframe[CLOCK_TEXT_SIZE];
    size_t count = 0;
    bool listed = store_list_series(store, choice.kind, &list, &count, error);
    if (choice.interval_ns != 0) {
        choose_timeframe(wanted, list, count, timeframe);
        choice.timeframe = timeframe;
    }
    for (size_t i = 0; listed && i < count; i++) {
        consider(&listing, str_from(list[i].series));
    }
    free(list);
    bool chosen = listed && decide(&listing, error);
    if (chosen) {
        join(&choice, listing.source, series);
    }
    strbuf_free(&listing.stored);
    strbuf_free(&listing.of_sources);
    return chosen;
}

struct str series_source(const struct record_kind *kind, const char *series)
{
    struct str parts[KIND_TAGS_MAX];
    return series_split(kind, str_from(series), parts) ? parts[SERIES_SOURCE] : str_from("");
}

bool series_stored(struct store *store, const struct record_kind *kind, const char *coin)
{
    struct error ignored;
    struct series_summary *list = NULL;
    size_t count = 0;
    bool stored = false;
    if (store_list_series(store, kind, &list, &count, &ignored)) {
        for (size_t i = 0; i < count && !stored; i++) {
            stored = coin == NULL || str_equal_text(column_text(kind->key, &list[i].last), coin);
        }
    }
    free(list);
    return stored;
}
