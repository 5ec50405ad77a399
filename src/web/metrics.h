/*
 * Writes the Prometheus text exposition format 0.0.4 into a strbuf. One family at a time: its head,
 * then its samples.
 *
 *     metrics_family(&text, "candlewick_ticks_total", METRIC_COUNTER, "Ticks produced.");
 *     metrics_int(&text, "candlewick_ticks_total", METRIC_LABELS({"coin", "tBTCUSD"}), 12);
 */
#ifndef CANDLEWICK_WEB_METRICS_H
#define CANDLEWICK_WEB_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/text/strbuf.h"

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM, METRIC_SUMMARY };

/* Names and values are borrowed for the call. Values are escaped; names must be valid. */
struct metric_label {
    const char *name;
    const char *value;
};
struct metric_labels {
    const struct metric_label *items;
    size_t count;
};
#define METRIC_NO_LABELS ((struct metric_labels){NULL, 0})
#define METRIC_LABELS(...)                                                                         \
    ((struct metric_labels){(const struct metric_label[]){__VA_ARGS__},                            \
                            sizeof((struct metric_label[]){__VA_ARGS__}) /                         \
                                sizeof(struct metric_label)})

/* Writes the "# HELP" and "# TYPE" lines. `help` is one sentence; line breaks and backslashes in it
 * are escaped. */
void metrics_family(struct strbuf *text, const char *name, enum metric_type type, const char *help);

/* Writes one sample of a counter or gauge. A double that is not finite is written as +Inf, -Inf or
 * NaN. */
void metrics_int(struct strbuf *text, const char *name, struct metric_labels labels, int64_t value);
void metrics_double(struct strbuf *text, const char *name, struct metric_labels labels,
                    double value);

/* A histogram. `counts` are per bucket, not cumulative: one for each of the `count` upper `bounds`
 * (ascending, inclusive), and one more for values above the last bound. */
struct metric_histogram {
    const double *bounds;
    const uint64_t *counts;
    size_t count;
    double sum;
};
/* Writes NAME_bucket with cumulative counts and `le`, NAME_sum and NAME_count. */
void metrics_histogram(struct strbuf *text, const char *name, struct metric_labels labels,
                       const struct metric_histogram *histogram);

struct metric_quantile {
    double quantile; /* 0 to 1 */
    double value;    /* NaN if there was no recent observation */
};
struct metric_summary {
    const struct metric_quantile *quantiles;
    size_t quantile_count;
    double sum;
    uint64_t count;
};
/* Writes NAME once per quantile, NAME_sum and NAME_count. */
void metrics_summary(struct strbuf *text, const char *name, struct metric_labels labels,
                     const struct metric_summary *summary);

#endif
