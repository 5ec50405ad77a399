/* Computes how fast a counter grows over the newest samples, so that the rate is steady even if the
 * counter moves in bursts. A plain value. */
#ifndef CANDLEWICK_PAGE_RATE_H
#define CANDLEWICK_PAGE_RATE_H

#include <stddef.h>
#include <stdint.h>

enum { RATE_SAMPLES = 20 };

/* Zero-initialise. */
struct rate {
    int64_t counters[RATE_SAMPLES];
    int64_t times_ns[RATE_SAMPLES]; /* monotonic time of each sample */
    size_t count;                   /* samples since the start or the last reset of the counter */
};

/* Adds a sample. Returns the growth per second since the oldest sample that is kept; 0 for the
 * first sample. If the counter has fallen, it was reset, and the samples start again. */
double rate_sample(struct rate *rate, int64_t counter, int64_t time_ns);

#endif
