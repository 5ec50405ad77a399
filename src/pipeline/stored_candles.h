/* Reads candles from the store: of ticks, of trades or of bars, and how much of their time their
 * source has covered. */
#ifndef CANDLEWICK_PIPELINE_STORED_CANDLES_H
#define CANDLEWICK_PIPELINE_STORED_CANDLES_H

#include "market/candle.h"
#include "market/coverage.h"
#include "store/store.h"

/* Ticks are stored without their source. Their coverage is that of TICKS_SERVICE or, if it has
 * written no events, that of TICKS_SYNTHETIC: a store has either real or synthetic ticks. */
#define TICKS_SERVICE "bitfinex"
#define TICKS_SYNTHETIC "synthetic"

/* The wanted candles; the texts are borrowed. */
struct candles_wanted {
    const struct record_kind *of; /* ticker_kind, trade_kind or bar_kind */
    const char *coin;
    const char *source;      /* of trades and bars; NULL: the only source that has some of the
                                coin */
    const char *source_hint; /* how a source is named, for errors: "--bar-source " */
    int64_t interval_ns;
    int64_t from_ns, to_ns; /* candles with a moment in [from_ns, to_ns); INT64_MIN, INT64_MAX: no
                               bound */
    bool cut;               /* as in struct candle_query; not for bars */
    size_t limit;           /* at most the newest so many; 0: all */
};

struct stored_candles {
    struct candle_list list;
    char series[RECORD_SERIES_MAX + 1]; /* of the records from which they are made */
    struct str service; /* the records' source, "bitfinex"; borrowed from `series` or constant */
};

/* Reads the candles. Bars are those of the interval, each by its highest revision; where none are
 * stored, the candles are folded from the longest bars that make up the interval. Fails with
 * ERROR_REJECT, listing what is stored, if there are no such trades or bars at all, or if several
 * sources have some and none is named; an unknown coin of ticks has no candles. Otherwise fails
 * with the store's error. The caller frees candles->list, which must be empty before the call. */
NODISCARD bool stored_candles_read(struct store *store, const struct candles_wanted *wanted,
                                   struct stored_candles *candles, struct error *error);

/* Reads how the source has covered the time of the candles; *any is false, and the coverage empty,
 * if there are no candles or the store has no event of the source. The caller frees `coverage`. */
NODISCARD bool stored_candles_coverage(struct store *store, const struct candles_wanted *wanted,
                                       const struct stored_candles *candles,
                                       struct coverage *coverage, bool *any, struct error *error);

/* Reads the bars of a series whose timeframe is `timeframe`, with a moment in [from_ns, to_ns),
 * into `candles`, which must be empty; the caller frees it. Fails with the store's error. */
NODISCARD bool bars_read(struct store *store, const char *series, struct str timeframe,
                         int64_t from_ns, int64_t to_ns, struct candle_list *candles,
                         struct error *error);

#endif
