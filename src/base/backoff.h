/* Exponential backoff with full jitter: the wait is uniform in [base, min(cap, base * 2^attempt)],
 * where the first failure is attempt 1. */
#ifndef CANDLEWICK_BASE_BACKOFF_H
#define CANDLEWICK_BASE_BACKOFF_H

#include "base/random.h"

struct backoff {
    int base_ms;
    int cap_ms;
    unsigned attempt; /* failures since the last success */
    struct random random;
};

struct backoff backoff_new(int base_ms, int cap_ms, struct random random);
/* From 100 ms to 5 s: once Kafka or a store is back, what waits for it goes on within 5 s. */
struct backoff backoff_usual(void);

/* The wait before the next try, and counts one failure. A wait that the other end asked for
 * (`retry_after_ms` > 0) is a floor, itself capped at 60 s. */
int backoff_next_ms(struct backoff *backoff, int retry_after_ms);

/* After a success: the next failure starts from base_ms again. */
void backoff_reset(struct backoff *backoff);

#endif
