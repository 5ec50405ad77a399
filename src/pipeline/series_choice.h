/* Chooses one of a coin's stored series, which may be of several sources. */
#ifndef CANDLEWICK_PIPELINE_SERIES_CHOICE_H
#define CANDLEWICK_PIPELINE_SERIES_CHOICE_H

#include "record/series.h"
#include "store/store.h"

/* The wanted series. The kind's tags are the coin, the source and, for some kinds, the timeframe.
 * The texts are borrowed. */
struct series_choice {
    const struct record_kind *kind;
    const char *coin;
    const char *source;      /* NULL: the only source of such a series */
    const char *source_hint; /* how a source is named, for the error: "--bar-source " */
    const char *timeframe;   /* NULL: the kind has no timeframe */
    int64_t interval_ns;     /* only for bars: if the coin has none of the timeframe, the longest
                                timeframe whose bars make up this interval is chosen; 0: only
                                `timeframe` is allowed */
};

/* Indexes of the parts of a series' name, in the order of the tags of trades and bars. */
enum { SERIES_COIN, SERIES_SOURCE, SERIES_TIMEFRAME };

/* If the source is named, writes the series' name and returns true, without asking the store.
 * Otherwise returns false. */
bool series_choice_named(const struct series_choice *choice, char series[RECORD_SERIES_MAX + 1]);

/* Lists the stored series and writes the name of the one that fits the choice. Fails with
 * ERROR_REJECT, listing what is stored, if no series fits, or if several do and the choice names no
 * source. Otherwise fails with the store's error. */
NODISCARD bool series_choose(struct store *store, const struct series_choice *wanted,
                             char series[RECORD_SERIES_MAX + 1], struct error *error);

/* Returns the part of the series' name that is its source, borrowed from `series`. */
struct str series_source(const struct record_kind *kind, const char *series);

/* Returns whether the store has records of the kind for that coin (NULL: for any coin). Returns
 * false also if the store does not answer, so use it for hints only. */
bool series_stored(struct store *store, const struct record_kind *kind, const char *coin);

#endif
