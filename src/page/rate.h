/* How fast a counter grows, over the newest samples: steady where the counter moves in bursts. A
 * value. */
#ifndef CANDLEWICK_PAGE_RATE_H
#define CANDLEWICK_PAGE_RATE_H

#include <stddef.h>
#include <stdint.h>

enum { RATE_SAMPLES = 20 };

/* All zero at first. */
struct rate {
    int64_t counters[RATE_SAMPLES];
    int64_t times_ns[RATE_SAMPLES]; /* monotonic */
    size_t count;                   /* samples ever taken */
};

/* Takes a sample; gives the growth per second since the oldest one kept. 0 for the first one; a
 * counter that fell (it was made anew) starts afresh. */
double rate_sample(struct rate *rate, int64_t counter, int64_t time_ns);

#endif
