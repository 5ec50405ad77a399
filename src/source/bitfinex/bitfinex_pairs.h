/* Which coins can be trading pairs of Bitfinex. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_PAIRS_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_PAIRS_H

#include "source/coins.h"

/* The names of all pairs are in one request's URL, which servers cap at about 16 KiB. */
enum { BITFINEX_PAIRS_MAX = 1000 };

/* Refuses funding currencies ("fUSD") and names without the leading t before anything is asked,
 * where all can be named at once. Returns false with ERROR_USAGE. */
NODISCARD bool bitfinex_pairs_check(const struct coin_table *wanted, struct error *error);

#endif
