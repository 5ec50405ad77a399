#include "page/rate.h"

#include "base/clock.h"

double rate_sample(struct rate *rate, int64_t counter, int64_t time_ns)
{
    if (rate->count > 0 && counter < rate->counters[(rate->count - 1) % RATE_SAMPLES]) {
        rate->count = 0;
    }
    rate->counters[rate->count % RATE_SAMPLES] = counter;
    rate->times_ns[rate->count % RATE_SAMPLES] = time_ns;
    rate->count++;
    size_t oldest = rate->count <= RATE_SAMPLES ? 0 : rate->count % RATE_SAMPLES;
    int64_t elapsed_ns = time_ns - rate->times_ns[oldest];
    if (elapsed_ns <= 0) {
        return 0;
    }
    return (double)(counter - rate->counters[oldest]) /
           ((double)elapsed_ns / (double)NS_PER_SECOND);
}
