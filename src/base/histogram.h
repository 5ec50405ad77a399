/*
 * How often times fell between bounds: a Prometheus histogram on its way. A value; no locks.
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
    uint64_t counts[HISTOGRAM_BOUNDS_MAX + 1]; /* for each bound; the one after: above the last */
    double sum_us;
    size_t newest; /* where the last one fell */
};

/* Empty; `bounds` are borrowed. */
struct histogram histogram_new(const struct histogram_bounds *bounds);

/* Counts one; a time below 0 (two clocks that differ) counts as 0. Cheap when times come in runs of
 * the same bucket. */
void histogram_add(struct histogram *histogram, int64_t us);

/* Adds what `from`, which has the same bounds, has counted. */
void histogram_merge(struct histogram *to, const struct histogram *from);

uint64_t histogram_total(const struct histogram *histogram);

#endif
