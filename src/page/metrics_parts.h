/* The functions that the files of page/metrics share. */
#ifndef CANDLEWICK_PAGE_METRICS_PARTS_H
#define CANDLEWICK_PAGE_METRICS_PARTS_H

#include "base/text/strbuf.h"
#include "page/page_model.h"
#include "web/metrics.h"

/* In metrics_members.c: appends the members' figures. */
void metrics_append_members(const struct live_figures *figures, struct strbuf *text);
/* Appends the broker round trips that the clients of the ingests and of the members have
 * measured. */
void metrics_append_round_trips(const struct live_figures *figures, struct strbuf *text);

/* Appends a histogram of durations, in seconds. */
void metrics_append_histogram(const char *name, struct metric_labels labels,
                              const struct histogram *histogram, struct strbuf *text);

/* In metrics_truth.c: appends the truth lags (kafka/consumer/truth_lag.h), by member, stream and
 * step. */
void metrics_append_truth_lag(const struct live_figures *figures, struct strbuf *text);

#endif
