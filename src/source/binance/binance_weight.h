/*
 * Keeps to the weight of requests that Binance allows: 6,000 a minute for each address, in minutes
 * of its own clock. Each answer says how much was used so far (header X-MBX-USED-WEIGHT-1M;
 * developers.binance.com, "LIMITS"). Others at the same address use the same budget, so a fifth is
 * left to them. Pure.
 */
#ifndef CANDLEWICK_SOURCE_BINANCE_BINANCE_WEIGHT_H
#define CANDLEWICK_SOURCE_BINANCE_BINANCE_WEIGHT_H

#include <stdint.h>

#include "base/text/str.h"

#define BINANCE_WEIGHT_HEADER "X-MBX-USED-WEIGHT-1M"
enum { BINANCE_WEIGHT_MAX = 4800 };

/* A zero-initialised one has used nothing. */
struct binance_weight {
    int64_t used;
    int64_t minute; /* minutes since 1970: when it was used */
};

/* Takes the header's value of an answer; a text that is no number says nothing. `now_ns` is the
 * wall clock. */
void binance_weight_note(struct binance_weight *weight, struct str value, int64_t now_ns);

/* Returns how long the next request has to wait; 0: it may be sent now. */
int64_t binance_weight_wait_ns(const struct binance_weight *weight, int64_t now_ns);

#endif
