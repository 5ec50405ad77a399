/* Which stored series of a coin is meant, among those of several sources. */
#ifndef CANDLEWICK_COMMANDS_SERIES_CHOICE_H
#define CANDLEWICK_COMMANDS_SERIES_CHOICE_H

#include "record/series.h"
#include "store/store.h"

/* What is asked for: a series of a kind whose tags are the coin, the source and perhaps the
 * timeframe. Borrowed texts. */
struct series_choice {
    const struct record_kind *kind;
    const char *coin;
    const char *source;    /* NULL: the only one that there is */
    const char *timeframe; /* NULL: the kind has none */
};

/* Writes the series' name without asking the store, if the source is named. Returns whether it
 * is. */
bool series_choice_named(const struct series_choice *choice, char series[RECORD_SERIES_MAX + 1]);

/* Lists the stored series and chooses one. Fails with ERROR_REJECT, saying what is stored, if there
 * is no such series, or several and no source is named; otherwise as a query does. */
NODISCARD bool series_choose(struct store *store, const struct series_choice *choice,
                             char series[RECORD_SERIES_MAX + 1], struct error *error);

/* The part of a series' name that is its source; borrowed from it. */
struct str series_source(const struct record_kind *kind, const char *series);

/* Returns whether anything of the coin (NULL: of any) is stored, for a hint; false also if the
 * store does not answer. */
bool series_stored(struct store *store, const struct record_kind *kind, const char *coin);

#endif
