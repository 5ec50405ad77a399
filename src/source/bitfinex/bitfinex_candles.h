/*
 * Reads the body of Bitfinex's GET /v2/candles/trade:1m:tBTCUSD/hist. Pure: no socket, no clock, no
 * log.
 *
 * A row is [MTS, OPEN, CLOSE, HIGH, LOW, VOLUME] (docs.bitfinex.com/reference/rest-public-candles):
 * the time is that of the bar's begin in ms, the close comes second, and later versions may append
 * columns. There is no row for an interval without a trade. The newest row is of a bar that is
 * still open.
 */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_CANDLES_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_CANDLES_H

#include "base/text/strbuf.h"
#include "record/bar.h"
#include "source/bitfinex/bitfinex_answer.h"
#include "source/source.h"

#define BITFINEX_BARS_NAME                                                                         \
    "bitfinex-bars" /* name of the source; its bars have the source "bitfinex" */

enum { BITFINEX_CANDLES_MAX = 10000 }; /* rows that one request may ask for */

/* A length of bars that Bitfinex and we have. All of them divide a day. */
struct bitfinex_timeframe {
    const char *name;     /* ours: "1d" */
    const char *bitfinex; /* theirs: "1D" */
    int64_t length_ns;
};
/* Returns NULL when there is none of that name. */
const struct bitfinex_timeframe *bitfinex_timeframe_named(struct str name);
/* All of them, with commas, for error texts. */
extern const char bitfinex_timeframes[];

/* Writes the path and query that ask for the bars of `symbol` from `start_ns` on, oldest first. */
void bitfinex_candles_path(struct strbuf *path, const struct bitfinex_timeframe *timeframe,
                           const char *symbol, int64_t start_ns);

/*
 * Reads one answer about one coin. On BITFINEX_ROWS fills `bars` (a batch of bars, emptied first)
 * with the bars of the good rows in the order of time, whole but for their revision, which is 0,
 * and counts all rows and the bad ones in `counts`: the caller counts each bar. Of two rows of one
 * time the first counts, the other is a duplicate. On any other result nothing is counted, and
 * `error` is filled.
 */
NODISCARD enum bitfinex_answer bitfinex_candles_parse(long status, struct str body,
                                                      const struct bitfinex_timeframe *timeframe,
                                                      const char *symbol, struct source_batch *bars,
                                                      struct row_counts *counts,
                                                      struct error *error);

#endif
