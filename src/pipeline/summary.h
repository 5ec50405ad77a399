/* The log line at the end of a run: what was polled, produced, rejected by reason, consumed,
 * written, dead-lettered. */
#ifndef CANDLEWICK_PIPELINE_SUMMARY_H
#define CANDLEWICK_PIPELINE_SUMMARY_H

#include "kafka/consumer/consumer.h"
#include "pipeline/feed.h"

struct summary {
    const struct feed_stats *feed; /* NULL if nothing was produced */
    const struct consumer_stats *members;
    size_t member_count;
    int64_t lag; /* messages of this run that are not committed; -1 if unknown */
};

void summary_log(const struct summary *summary);

/* Returns false with ERROR_FATAL if the feed failed or messages were left unacknowledged; `produce`
 * then exits with a failure. */
NODISCARD bool summary_feed_complete(const struct feed_stats *feed, struct error *error);

#endif
