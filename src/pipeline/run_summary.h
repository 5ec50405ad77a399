/* Writes the log line at the end of a run: how many records were polled, rejected (by reason),
 * produced, consumed, written and dead-lettered. */
#ifndef CANDLEWICK_PIPELINE_RUN_SUMMARY_H
#define CANDLEWICK_PIPELINE_RUN_SUMMARY_H

#include "kafka/consumer/consumer.h"
#include "pipeline/ingest.h"

struct run_summary {
    const struct ingest_stats *ingests; /* one for each source */
    size_t ingest_count;                /* 0 if nothing was produced */
    const struct consumer_stats *members;
    size_t member_count;
    int64_t lag; /* messages of this run that are not committed; -1 if unknown */
};

/* With several sources, first logs a line for each ("source_summary"), then one for the run. */
void run_summary_log(const struct run_summary *summary);

/* Returns false with ERROR_FATAL if an ingest failed or messages were left unacknowledged;
 * `produce` then exits with a failure. The text names the first source to which that happened. */
NODISCARD bool run_summary_ingests_complete(const struct ingest_stats *ingests, size_t count,
                                            struct error *error);

#endif
