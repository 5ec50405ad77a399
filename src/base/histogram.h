/*
 * Counts durations by bucket, for a Prometheus histogram. A plain value; not thread-safe.
 */
#ifndef CANDLEWICK_BASE_HISTOGRAM_H
#define CANDLEWICK_BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_BOUNDS_MAX = 20 };

/* Upper bounds, ascending, inclusive. */
struct histogram_bounds {
    size_t count;
    int64_t us[HISTOGRAM_BOUNDS_MAX];
};

struct histogram {
    const struct histogram_bounds *bounds;
    uint64_t counts[HISTOGRAM_BOUNDS_MAX + 1]; /* one per bound; the last one counts what is
                                                  above all bounds */
    double sum_us;
    size_t newest; /* bucket of the last duration; the search for the next one's starts there */
};

/* Returns an empty histogram; `bounds` are borrowed. */
struct histogram histogram_new(const struct histogram_bounds *bounds);

/* Adds one duration. A negative one counts as 0; it occurs where the clocks of two machines differ.
 * Cheap when successive durations are in the same bucket. */
void histogram_add(struct histogram *histogram, int64_t us);

/* Adds the counts of `from`, which must have the same bounds. */
void histogram_merge(struct histogram *to, const struct histogram *from);

uint64_t histogram_total(const struct histogram *histogram);

/* Returns the upper bound of the bucket in which the given share of all durations is reached: with
 * 0.5, at least half of the durations are at most that long. Returns INT64_MAX if only the
 * durations above all bounds reach the share, and -1 if there are no durations. */
int64_t histogram_below_us(const struct histogram *histogram, double share);

#endif
