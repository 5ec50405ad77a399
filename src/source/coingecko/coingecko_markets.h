/*
 * Reads the body of CoinGecko's GET /coins/markets (docs.coingecko.com, "Coins List with Market
 * Data"): an array of objects, one a coin, each with the time at which its figures were last
 * updated, which may be hours ago for a coin that is hardly traded. Pure.
 */
#ifndef CANDLEWICK_SOURCE_COINGECKO_COINGECKO_MARKETS_H
#define CANDLEWICK_SOURCE_COINGECKO_COINGECKO_MARKETS_H

#include "record/ticker.h"
#include "source/coins.h"
#include "source/source.h"

#define COINGECKO_NAME "coingecko"
#define COINGECKO_PREFIX "cg:" /* of its coins, whose names are the service's ids: "cg:bitcoin" */

enum { COINGECKO_PAGE = 250 }; /* the most coins that one request may ask for */

struct coingecko_reply {
    long status;
    struct str body;
    int retry_after_ms; /* from Retry-After; 0: none */
    bool has_key;       /* a key was sent */
};

/*
 * Reads one answer. Fills `batch` (emptied first) with the ticks of the good rows, with their own
 * times, seq and run id 0, and counts all rows and the bad ones in `counts`; the caller counts the
 * ticks. A row of a coin that is not in `wanted` (NULL: all are wanted) counts as ROW_UNKNOWN_COIN.
 * A market cap of 0 means that it is unknown. Returns false with ERROR_RETRY for an answer without
 * rows (retry_after_ms is the wait that it asks for), and with ERROR_FATAL when memory runs out;
 * nothing is counted then.
 */
NODISCARD bool coingecko_markets_read(const struct coingecko_reply *reply,
                                      const struct coin_table *wanted, struct source_batch *batch,
                                      struct row_counts *counts, struct error *error);

#endif
