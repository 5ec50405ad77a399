/* Bitfinex's documents give the base of its API with and without the version: both are taken. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_URL_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_URL_H

/* What stands between the base and "/tickers": "/v2", or "" when the base ends with it. Static. */
const char *bitfinex_version_path(const char *base_url);

#endif
