/* Bitfinex documents its base URL with and without the API version: both are accepted. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_URL_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_URL_H

/* Returns the path between the base URL and "/tickers": "/v2", or "" when the base already ends
 * with it. The string is static. */
const char *bitfinex_version_path(const char *base_url);

#endif
