#include "base/histogram.h"

struct histogram histogram_new(const struct histogram_bounds *bounds)
{
    return (struct histogram){.bounds = bounds};
}

void histogram_add(struct histogram *histogram, int64_t us)
{
    const struct histogram_bounds *bounds = histogram->bounds;
    size_t bucket = histogram->newest;
    us = us > 0 ? us : 0;
    while (bucket < bounds->count && us > bounds->us[bucket]) {
        bucket++;
    }
    while (bucket > 0 && us <= bounds->us[bucket - 1]) {
        bucket--;
    }
    histogram->newest = bucket;
    histogram->counts[bucket]++;
    histogram->sum_us += (double)us;
}

void histogram_merge(struct histogram *to, const struct histogram *from)
{
    for (size_t i = 0; i <= from->bounds->count; i++) {
        to->counts[i] += from->counts[i];
    }
    to->sum_us += from->sum_us;
}

uint64_t histogram_total(const struct histogram *histogram)
{
    uint64_t total = 0;
    for (size_t i = 0; i <= histogram->bounds->count; i++) {
        total += histogram->counts[i];
    }
    return total;
}

int64_t histogram_below_us(const struct histogram *histogram, double share)
{
    uint64_t total = histogram_total(histogram);
    if (total == 0) {
        return -1;
    }
    uint64_t seen = 0;
    for (size_t i = 0; i < histogram->bounds->count; i++) {
        seen += histogram->counts[i];
        if ((double)seen >= share * (double)total) {
            return histogram->bounds->us[i];
        }
    }
    return INT64_MAX;
}
