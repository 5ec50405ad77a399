/*
 * The fake exchange's own limits: how many requests and connections of a kind it takes in a minute
 * before it answers 429 for a while, and how many channels a connection may have. Not thread-safe;
 * no clock: the caller says what time it is.
 */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_LIMIT_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

enum fake_limit {
    FAKE_LIMIT_TICKERS,                     /* requests a minute; 30 */
    FAKE_LIMIT_TRADES,                      /* the same; 15 */
    FAKE_LIMIT_CANDLES,                     /* the same; 30 */
    FAKE_LIMIT_CONNECTS,                    /* new WebSockets a minute; 20 */
    FAKE_LIMIT_RATES,                       /* how many of the limits above are rates */
    FAKE_LIMIT_CHANNELS = FAKE_LIMIT_RATES, /* channels of one connection; 25 */
    FAKE_LIMIT_BLOCK,                       /* seconds without an answer after a breach; 60 */
    FAKE_LIMITS,
};

/* What a user writes: "trades=600,connects=0". A plain value. */
struct fake_limits {
    int64_t most[FAKE_LIMITS]; /* 0: no limit; for FAKE_LIMIT_BLOCK: no block */
};

/* Parses NAME=N, several separated by commas; what is not named stays at Bitfinex's own figure,
 * which NULL and "" mean for all. Fails with ERROR_USAGE, naming what is allowed. */
NODISCARD bool fake_limits_parse(const char *text, struct fake_limits *limits, struct error *error);

/* How many have come in the last minute. Zero it before the first use. */
struct fake_rate {
    int64_t *times_ms; /* ring with the times of the last `most` requests that were allowed */
    size_t taken;
    int64_t blocked_until_ms;
    bool blocked;
};
void fake_rate_free(struct fake_rate *rate);

/* Takes one more at `now_ms` of a clock that never steps; `most` is the same each time. Returns
 * false when it is one too many in a minute, and for all that come in the `block_ms` after that. */
NODISCARD bool fake_rate_take(struct fake_rate *rate, int64_t most, int64_t block_ms,
                              int64_t now_ms);

#endif
