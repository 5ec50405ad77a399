/* What a topic holds now, for commands that read it from its beginning to there. */
#ifndef CANDLEWICK_VERIFY_LOG_SPAN_H
#define CANDLEWICK_VERIFY_LOG_SPAN_H

#include "kafka/client/commit_metadata.h"
#include "kafka/reader/reader.h"

struct log_span {
    struct reader *reader;
    struct partition_range *ranges;
    size_t count;
    struct topic_id topic_id;
    int64_t messages; /* at most: some offsets may be no messages */
};

/* Its reader heeds `stop`. ERROR_RETRY: brokers away. ERROR_REJECT: there is no such topic. */
NODISCARD bool log_span_open(struct log_span *span, const struct kafka_settings *settings,
                             const char *topic, const struct stop *stop, struct error *error);
/* For who finds no dead letters: what has none is not what was never there. Errors as above. */
NODISCARD bool log_span_has_topic(const struct kafka_settings *settings, const char *topic,
                                  const struct stop *stop, struct error *error);
/* Where the log begins by now: retention may have moved it meanwhile. The ends stay. Errors as
 * above. */
NODISCARD bool log_span_move_begin(struct log_span *span, struct error *error);
/* Ends its reader: only the ranges are of use then. */
void log_span_quiet(struct log_span *span);
void log_span_close(struct log_span *span); /* one that was never opened, but zeroed, is fine */

#endif
