/*
 * Reads CoinMarketCap's coins and their prices in USD: `data` of listings/latest (an array of
 * coins), quotes/latest (an object of coins, or of arrays of coins) and quotes/historical (a coin
 * with `quotes`, or an object of such). Pure.
 */
#ifndef CANDLEWICK_SOURCE_COINMARKETCAP_COINMARKETCAP_QUOTES_H
#define CANDLEWICK_SOURCE_COINMARKETCAP_COINMARKETCAP_QUOTES_H

#include "source/coinmarketcap/coinmarketcap_answer.h"
#include "source/coinmarketcap/coinmarketcap_coins.h"
#include "source/source.h"

/* What one answer is read for. */
struct coinmarketcap_reading {
    const struct service_answer *answer;
    struct coinmarketcap_coins *coins; /* their ids are learnt */
    const char *past_of; /* the coin whose past was asked for; NULL: prices of now were */
};

/*
 * Fills `batch` (emptied first) with the ticks of the good rows, whose times are those of their
 * prices (`last_updated` or `timestamp` of quote.USD), and counts all rows and the bad ones in
 * `counts`: the caller counts each tick. A coin's row is one row, in the past each of its quotes.
 * Coins that are not wanted count as such. A market cap of 0 is unknown. Adds to *credits what the
 * answer cost. Returns false with ERROR_RETRY for anything else, `refusal` filled, and with
 * ERROR_FATAL when memory runs out; no row is counted then.
 */
NODISCARD bool coinmarketcap_quotes_read(const struct coinmarketcap_reading *reading,
                                         struct source_batch *batch, struct row_counts *counts,
                                         int64_t *credits, struct service_refusal *refusal,
                                         struct error *error);

#endif
