/*
 * Gives ticks that come without a time their identity: event_time_ns = max(now in whole ms, the
 * coin's last + 1), strictly increasing per coin; the digits below a millisecond are an order, not
 * a time. When the clock has gone back by more than a second nothing is stamped until it has passed
 * the newest stamp again; smaller steps are bridged by the + 1. Pure: it is told the time.
 */
#ifndef CANDLEWICK_EXCHANGE_STAMPER_H
#define CANDLEWICK_EXCHANGE_STAMPER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "exchange/coins.h"
#include "market/ticker.h"

struct stamper {
    struct coin_table coins;
    int64_t newest_ns; /* of all coins; INT64_MIN: none */
    bool newest_told;  /* it stood in the log, no tick of this run has it */
    bool holding;      /* the clock is behind */
    int64_t run_id;
    int64_t seq; /* of the last tick */
};

struct stamper stamper_new(int64_t run_id);
void stamper_free(struct stamper *stamper);

/* A coin's last stamp from before this run. False: no memory. */
NODISCARD bool stamper_tell(struct stamper *stamper, struct str symbol, int64_t stamp_ns);

/* Whether ticks may be stamped at `now_ns`; once false it is false until now_ns > newest_ns. */
bool stamper_admits(struct stamper *stamper, int64_t now_ns);

/* Sets event_time_ns, seq and run_id. Only after stamper_admits() of the same time. False: no
 * memory for one more coin. */
NODISCARD bool stamper_stamp(struct stamper *stamper, struct ticker *tick, int64_t now_ns);

#endif
