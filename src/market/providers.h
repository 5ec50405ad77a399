/*
 * Who the data is from: for each service a name for people, a link, and the words that stand beside
 * its data. Some services' terms want such words; the others are named alike.
 */
#ifndef CANDLEWICK_MARKET_PROVIDERS_H
#define CANDLEWICK_MARKET_PROVIDERS_H

#include <stddef.h>

#include "base/text/str.h"

struct provider {
    const char *service; /* the source of its records: "coingecko"; of news the host */
    const char *name;    /* "CoinGecko" */
    const char *link;
    const char *words; /* "Data provided by CoinGecko" */
};
extern const struct provider providers[];
extern const size_t provider_count;

/* Returns the provider of that service; NULL: it is in no row. */
const struct provider *provider_of(struct str service);

/* Returns the service whose coins have names of that form: "tBTCUSD" is one of Bitfinex's,
 * "cg:bitcoin" one of CoinGecko's. NULL: the form says nothing. Needed for ticks, which are stored
 * without their source. */
const char *provider_service_of_coin(struct str coin);

#endif
