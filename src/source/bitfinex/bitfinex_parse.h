/*
 * What a body of Bitfinex's GET /v2/tickers says. Pure: no socket, no clock, no log.
 *
 * A trading row is ["tBTCUSD", BID, BID_SIZE, ASK, ASK_SIZE, DAILY_CHANGE, DAILY_CHANGE_RELATIVE,
 * LAST_PRICE, VOLUME, HIGH, LOW] and may grow at its end; a funding row begins with "f".
 */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_PARSE_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_PARSE_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"
#include "source/coins.h"
#include "source/source.h"

enum {
    BITFINEX_TOO_MANY = 429,        /* HTTP's status for a breach of the rate limit */
    BITFINEX_RATE_LIMIT_MS = 60000, /* how long an address is shut out after one */
};

enum bitfinex_answer {
    BITFINEX_ROWS,           /* ticks and counts are filled */
    BITFINEX_UNKNOWN_SYMBOL, /* ["error",10020,"symbol: invalid"]: one that was asked for is none */
    BITFINEX_AWAY,      /* anything else: ERROR_RETRY, after a minute when it is a rate limit */
    BITFINEX_NO_MEMORY, /* ERROR_FATAL */
};

/*
 * Reads one answer. `status` is HTTP's; a rate limit comes with 429 or with 200 alike.
 * BITFINEX_ROWS: appends a tick (symbol, source, last price, figures) for each good row to `batch`
 * and adds to `counts`, every row once; `seen` (empty before; free it) holds each coin that the
 * answer has a row of, good or bad. `wanted` NULL: every coin. Else nothing is added anywhere and
 * `error` says why.
 */
NODISCARD enum bitfinex_answer bitfinex_parse(long status, struct str body,
                                              const struct coin_table *wanted,
                                              struct coin_table *seen, struct tick_batch *batch,
                                              struct row_counts *counts, struct error *error);

#endif
