/* Compares an exchange's bars with the candles of its trades and of polled ticks in the store. */
#ifndef CANDLEWICK_PIPELINE_COMPARISON_H
#define CANDLEWICK_PIPELINE_COMPARISON_H

#include "market/compare_json.h"
#include "store/store.h"

/* The pairs of candle sets that are compared, in the order of the report. */
enum { TRADES_BARS, TICKS_BARS, TICKS_TRADES, COMPARISON_PAIRS };

/* What to compare; the texts are borrowed. */
struct comparison_wanted {
    const char *coin;
    const char *source;      /* of the trades and bars; NULL: the only source that has some of
                                the coin */
    const char *source_hint; /* how a source is named, for errors: "--bar-source " */
    int64_t interval_ns;     /* a timeframe of stored bars */
    int64_t from_ns, to_ns;  /* only whole candles in it that have ended are compared; INT64_MIN,
                                INT64_MAX: no bound */
};

struct comparison {
    struct compare_report report; /* borrows from the rest, and from `wanted` */
    struct compare_pair pairs[COMPARISON_PAIRS];
    char source[SOURCE_MAX + 1]; /* source of the trades and bars, such as "bitfinex" */
    struct coverage coverage;
    struct candle_list bars, trades, ticks;
};

/* Reads and compares. Fails with ERROR_USAGE if no whole candle lies in the range, with
 * ERROR_REJECT, listing what is stored, if there are no such trades or bars or their source must be
 * named, and otherwise with the store's error. In any case the caller frees `comparison` with
 * comparison_free(); it must not be moved before. */
NODISCARD bool comparison_read(struct store *store, const struct comparison_wanted *wanted,
                               struct comparison *comparison, struct error *error);
void comparison_free(struct comparison *comparison);

#endif
