#include "pipeline/tail_stamps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "kafka/reader/reader.h"
#include "pipeline/record_decoder.h"

enum {
    QUIET_TIMEOUT_MS = 5000,
};

struct tail_reading {
    struct record_decoder decoder;
    struct text_arena texts; /* the long texts of the record that was decoded last */
    const char *source;      /* only records of this source are passed on; NULL: those of every
                                source */
    struct poller *poller;
    struct stop *stop;
    int64_t records;
    struct error *error;
    bool failed;
};

static bool take(void *context, const struct message *message)
{
    struct tail_reading *tail = context;
    union record_room record;
    tail->texts.length = 0;
    enum decode_answer answer =
        record_decode_wait(&tail->decoder, &message->encoded, RECORD_DECODE_PATIENCE_MS, tail->stop,
                           &record, &tail->texts, tail->error);
    if (answer != DECODE_RECORD) {
        tail->failed = answer == DECODE_WAIT;
        return !tail->failed; /* a dead letter is skipped, as consumers ignore its time, too */
    }
    const struct record_kind *kind = tail->decoder.kind;
    if (tail->source != NULL && !str_equal_text(column_text(kind->source, &record), tail->source)) {
        return true;
    }
    tail->records++;
    char text[128];
    (void)snprintf(text, sizeof text, "%.60s, partition %d, offset %lld", message->topic,
                   (int)message->partition, (long long)message->offset);
    int64_t written_ms = message->encoded.timestamp_ms;
    const struct poller_place place = {
        .text = text, .written_ns = written_ms != NO_TIMESTAMP ? written_ms * NS_PER_MS : 0};
    tail->failed = !poller_restore(tail->poller, kind, &record, &tail->texts, &place);
    if (tail->failed) {
        error_set(tail->error, ERROR_FATAL, "out of memory");
    }
    return !tail->failed;
}

/* Finds the last `messages` messages of each partition, or all since the topic's time if these are
 * more; 0: all messages. */
static bool find_tail(const struct tail_topic *topic, struct reader *reader, int64_t messages,
                      struct partition_range **ranges, size_t *count, struct error *error)
{
    if (!reader_ranges(reader, ranges, count, QUIET_TIMEOUT_MS, error) || messages == 0) {
        return *ranges != NULL;
    }
    struct partition_range *since = calloc(*count, sizeof *since);
    if (since == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    memcpy(since, *ranges, *count * sizeof *since);
    bool found = topic->since_ms == 0 ||
                 reader_since(reader, since, *count, topic->since_ms, QUIET_TIMEOUT_MS, error);
    for (size_t i = 0; i < *count; i++) {
        struct partition_range *range = &(*ranges)[i];
        int64_t tail = range->end - messages > range->begin ? range->end - messages : range->begin;
        bool sooner = topic->since_ms != 0 && since[i].begin < tail;
        range->begin = sooner ? since[i].begin : tail;
    }
    free(since);
    return found;
}

/* Reads what find_tail() finds. */
static bool read_topic(const struct tail_topic *topic, int64_t messages, struct tail_reading *tail)
{
    struct partition_range *ranges = NULL;
    size_t count = 0;
    struct reader *reader = reader_create_to_end(topic->kafka, topic->topic, tail->error);
    if (reader == NULL) {
        return false;
    }
    tail->decoder.kind = topic->kind;
    tail->decoder.registry = topic->registry;
    reader_heed(reader, tail->stop);
    bool read = find_tail(topic, reader, messages, &ranges, &count, tail->error) &&
                reader_read(reader, ranges, count, take, tail, QUIET_TIMEOUT_MS, tail->error);
    free(ranges);
    record_decoder_release(&tail->decoder);
    text_arena_free(&tail->texts);
    reader_destroy(reader);
    if (!read || tail->failed) {
        return false;
    }
    log_info("tail_read", log_text("topic", topic->topic),
             log_int(topic->kind->records, tail->records));
    return true;
}

bool tail_stamps_read(const struct tail_topic *topic, int64_t messages, struct poller *poller,
                      struct stop *stop, struct error *error)
{
    struct tail_reading tail = {.poller = poller, .stop = stop, .error = error};
    return read_topic(topic, messages, &tail);
}

bool tail_events_read(const struct tail_topic *topic, const char *source, struct poller *poller,
                      struct stop *stop, struct error *error)
{
    struct tail_reading tail = {.source = source, .poller = poller, .stop = stop, .error = error};
    return read_topic(topic, TAIL_ALL, &tail);
}
