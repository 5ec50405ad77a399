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
/* Returns the backoff for retries towards Kafka and the stores: waits from 100 ms to 5 s, so that a
 * service that is back is noticed soon. */
struct backoff backoff_usual(void);

/* Counts one failure and returns the wait before the next try. The server's retry-after
 * (`retry_after_ms` > 0) is a lower bound, itself capped at 60 s. */
int backoff_next_ms(struct backoff *backoff, int retry_after_ms);

/* Call after a success: the next failure starts from base_ms again. */
void backoff_reset(struct backoff *backoff);

#endif
