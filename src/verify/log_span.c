#include "verify/log_span.h"

#include <stdlib.h>

enum { KAFKA_TIMEOUT_MS = 8000 };

static void count_messages(struct log_span *span)
{
    span->messages = 0;
    for (size_t i = 0; i < span->count; i++) {
        span->messages += span->ranges[i].end - span->ranges[i].begin;
    }
}

bool log_span_open(struct log_span *span, const struct kafka_settings *settings, const char *topic,
                   const struct stop *stop, struct error *error)
{
    *span = (struct log_span){.reader = reader_create_to_end(settings, topic, error)};
    if (span->reader == NULL) {
        return false;
    }
    reader_heed(span->reader, stop);
    if (!reader_ranges(span->reader, &span->ranges, &span->count, KAFKA_TIMEOUT_MS, error)) {
        return false;
    }
    span->topic_id = reader_topic_id(span->reader);
    count_messages(span);
    return true;
}

bool log_span_move_begin(struct log_span *span, struct error *error)
{
    struct partition_range *now = NULL;
    size_t count = 0;
    if (!reader_ranges(span->reader, &now, &count, KAFKA_TIMEOUT_MS, error)) {
        return false;
    }
    for (size_t i = 0; i < span->count && i < count; i++) {
        struct partition_range *range = &span->ranges[i];
        int64_t begin = now[i].begin < range->end ? now[i].begin : range->end;
        range->begin = begin > range->begin ? begin : range->begin;
    }
    free(now);
    count_messages(span);
    return true;
}

void log_span_quiet(struct log_span *span)
{
    reader_destroy(span->reader);
    span->reader = NULL;
}

void log_span_close(struct log_span *span)
{
    log_span_quiet(span);
    free(span->ranges);
    *span = (struct log_span){.reader = NULL};
}
