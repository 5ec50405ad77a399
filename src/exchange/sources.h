/* The three sources. Each create gives NULL on failure, `error` filled; free with source_destroy().
 */
#ifndef CANDLEWICK_EXCHANGE_SOURCES_H
#define CANDLEWICK_EXCHANGE_SOURCES_H

#include "exchange/source.h"

struct stop;

struct bitfinex_config {
    const char *base_url; /* "https://api-pub.bitfinex.com": "/v2/tickers?symbols=" is added */
    const char *coins;    /* "tBTCUSD,tETHUSD" or "ALL" */
    const char *ca_file;  /* NULL: the system's */
    struct stop *stop;
};
/* ERROR_USAGE: a coin that cannot be one. Copies everything. */
NODISCARD struct source *bitfinex_source_create(const struct bitfinex_config *config,
                                                struct error *error);

struct replay_config {
    const char *path;  /* CSV, or gzip of it */
    const char *coins; /* "ALL" or the ones to take; others count as ROW_UNKNOWN_COIN */
};
/* ERROR_USAGE: no such file, no header, a column missing. Reads the file once through to hash it:
 * run_id. */
NODISCARD struct source *replay_source_create(const struct replay_config *config,
                                              struct error *error);

struct synthetic_config {
    const char *coins; /* their names; "ALL" makes ten common ones */
    uint64_t seed;
    int64_t start_ns; /* time of the first tick; 0: now */
    int64_t step_ns;  /* between two ticks of a coin */
    bool live;        /* pace by the wall clock; else as fast as asked for */
    int64_t limit;    /* rounds; 0: endless */
};
NODISCARD struct source *synthetic_source_create(const struct synthetic_config *config,
                                                 struct error *error);

#endif
