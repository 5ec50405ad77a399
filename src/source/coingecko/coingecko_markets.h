/*
 * Reads the body of CoinGecko's GET /coins/markets (docs.coingecko.com, "Coins List with Market
 * Data"): an array of objects, one a coin, each with the time at which its figures were last
 * updated, which may be hours ago for a coin that is hardly traded. Pure.
 */
#ifndef CANDLEWICK_SOURCE_COINGECKO_COINGECKO_MARKETS_H
#define CANDLEWICK_SOURCE_COINGECKO_COINGECKO_MARKETS_H

#include "source/coingecko/coingecko_answer.h"
#include "source/coins.h"
#include "source/source.h"

enum { COINGECKO_PAGE = 250 }; /* the most coins that one request may ask for */

/*
 * Reads one answer. Fills `batch` (emptied first) with the ticks of the good rows, with their own
 * times, seq and run id 0, and counts all rows and the bad ones in `counts`; the caller counts the
 * ticks. A row of a coin that is not in `wanted` (NULL: all are wanted) counts as ROW_UNKNOWN_COIN.
 * A market cap of 0 means that it is unknown. Returns false with ERROR_RETRY for an answer without
 * rows (coingecko_refuse()), and with ERROR_FATAL when memory runs out; nothing is counted then.
 */
NODISCARD bool coingecko_markets_read(const struct service_answer *answer,
                                      const struct coin_table *wanted, struct source_batch *batch,
                                      struct row_counts *counts, struct service_refusal *refusal,
                                      struct error *error);

#endif
