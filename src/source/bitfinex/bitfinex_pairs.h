/* Which names Bitfinex's symbols have, and which of them can be trading pairs. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_PAIRS_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_PAIRS_H

#include "source/coins.h"

/* The names of all pairs are in one request's URL, which servers cap at about 16 KiB. */
enum {
    BITFINEX_PAIRS_MAX = 1000,
    BITFINEX_SYMBOL_MAX = 32, /* bytes of a symbol; the longest so far has 13 */
};

/* Returns whether a symbol is a 't' (trading pair) or an 'f' (funding currency), followed by 1 to
 * 31 of A-Za-z0-9:_- (fewer than a coin may have: these need no escapes in a URL). */
bool bitfinex_symbol_valid(struct str symbol);

/* Refuses too many coins, funding currencies ("fUSD") and names that no trading pair has. Returns
 * false with ERROR_USAGE, which names the first of them. */
NODISCARD bool bitfinex_pairs_check(const struct coin_table *wanted, struct error *error);

#endif
