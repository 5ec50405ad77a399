/* Writes the log line at the end of a run: how many records were polled, rejected (by reason),
 * produced, consumed, written and dead-lettered. */
#ifndef CANDLEWICK_PIPELINE_RUN_SUMMARY_H
#define CANDLEWICK_PIPELINE_RUN_SUMMARY_H

#include "kafka/consumer/consumer.h"
#include "pipeline/ingest.h"

struct run_summary {
    const struct ingest_stats *ingest; /* NULL if nothing was produced */
    const struct consumer_stats *members;
    size_t member_count;
    int64_t lag; /* messages of this run that are not committed; -1 if unknown */
};

void run_summary_log(const struct run_summary *summary);

/* Returns false with ERROR_FATAL if the ingest failed or messages were not acknowledged; `produce`
 * then exits with a failure. */
NODISCARD bool run_summary_ingest_complete(const struct ingest_stats *ingest, struct error *error);

#endif
