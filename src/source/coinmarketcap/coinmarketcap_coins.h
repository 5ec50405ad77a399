/*
 * The coins of CoinMarketCap that are asked for. A coin's name has the service's slug
 * ("cmc:bitcoin"), which is unique, but may change; so its id is learnt from the first answer, and
 * it is asked for by that from then on. Pure.
 */
#ifndef CANDLEWICK_SOURCE_COINMARKETCAP_COINMARKETCAP_COINS_H
#define CANDLEWICK_SOURCE_COINMARKETCAP_COINMARKETCAP_COINS_H

#include "source/coins.h"

#define COINMARKETCAP_PREFIX "cmc:"

enum { COINMARKETCAP_COINS_MAX = 200 }; /* of one request, which costs a credit or two */

struct coinmarketcap_coins {
    bool all;                             /* those with the greatest market caps are wanted */
    struct coin_table known;              /* the wanted ones; of `all` those that answers had */
    int64_t ids[COINMARKETCAP_COINS_MAX]; /* by index in `known`; 0: not known yet */
};

/* Returns the coin that has the id, or, when its id is not known, the name; NULL: it is not wanted,
 * or (`all`) memory ran out or there are COINMARKETCAP_COINS_MAX others. Keeps the id. Borrowed
 * until the next call. */
const char *coinmarketcap_coins_learn(struct coinmarketcap_coins *coins, const char *name,
                                      int64_t id);

/* Returns the coin's id; 0: it is not known. */
int64_t coinmarketcap_coins_id(const struct coinmarketcap_coins *coins, const char *name);

#endif
