/* The ranges of offsets that a topic has now, for commands that read it from its beginning to its
 * present end. */
#ifndef CANDLEWICK_VERIFY_LOG_SPAN_H
#define CANDLEWICK_VERIFY_LOG_SPAN_H

#include "kafka/client/commit_metadata.h"
#include "kafka/reader/reader.h"

struct log_span {
    struct reader *reader;
    struct partition_range *ranges;
    size_t count;
    struct topic_id topic_id;
    int64_t messages; /* an upper bound: some offsets may hold no message */
};

/* Opens a reader, which obeys `stop`, and asks for the topic's ranges. ERROR_RETRY: the brokers
 * cannot be reached. ERROR_REJECT: there is no such topic. */
NODISCARD bool log_span_open(struct log_span *span, const struct kafka_settings *settings,
                             const char *topic, const struct stop *stop, struct error *error);
/* Moves the begin of each range to where the log begins now, because retention may have deleted
 * messages meanwhile. The ends stay. Errors as above. */
NODISCARD bool log_span_move_begin(struct log_span *span, struct error *error);
/* Closes the reader; afterwards only the ranges can be used. */
void log_span_quiet(struct log_span *span);
void log_span_close(struct log_span *span); /* a zeroed one that was never opened is allowed */

#endif
