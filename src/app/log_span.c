#include "app/log_span.h"

#include <stdlib.h>

enum { KAFKA_TIMEOUT_MS = 8000 };

bool log_span_open(struct log_span *span, const struct kafka_settings *settings, const char *topic,
                   struct error *error)
{
    *span = (struct log_span){.reader = reader_create(settings, topic, error)};
    if (span->reader == NULL ||
        !reader_ranges(span->reader, &span->ranges, &span->count, KAFKA_TIMEOUT_MS, error)) {
        return false;
    }
    for (size_t i = 0; i < span->count; i++) {
        span->messages += span->ranges[i].end - span->ranges[i].begin;
    }
    return true;
}

void log_span_close(struct log_span *span)
{
    reader_destroy(span->reader);
    free(span->ranges);
    *span = (struct log_span){.reader = NULL};
}
