#include <stdlib.h>

#include "base/clock.h"
#include "base/stop.h"
#include "kafka/reader/reader_internal.h"

enum {
    BATCH_MESSAGES = 1000,
    WAIT_MS = 100, /* how often to check the time-out */
};

struct progress {
    struct partition_range range;
    bool running;
};

struct reading {
    struct reader *reader;
    rd_kafka_queue_t *queue;
    struct progress *partitions; /* the partitions that have messages to read */
    size_t count, running;
    size_t recent; /* index of the newest message's partition: the next message is probably of
                      the same one */
    message_callback callback;
    void *context;
    bool ended;                     /* the callback returned false */
    bool moved;                     /* a message or a partition's end was read */
    rd_kafka_resp_err_t last_error; /* the newest temporary error */
};

static struct progress *find(struct reading *reading, int32_t partition)
{
    for (size_t i = 0; i < reading->count; i++) {
        size_t index = (reading->recent + i) % reading->count;
        if (reading->partitions[index].range.partition == partition) {
            reading->recent = index;
            return &reading->partitions[index];
        }
    }
    return NULL;
}

static void finish(struct reading *reading, struct progress *progress)
{
    progress->running = false;
    reading->moved = true;
    reading->running--;
    reader_stop(reading->reader, progress->range.partition);
}

/* Handles an error that librdkafka passes as a message. Returns false, with `error` filled in, if
 * the reading has to end. */
static bool take_trouble(struct reading *reading, const rd_kafka_message_t *message,
                         struct error *error)
{
    enum error_kind kind = kafka_error_kind(message->err);
    if (kind == ERROR_RETRY) {
        reading->last_error = message->err; /* librdkafka retries by itself */
        return true;
    }
    return error_set(error, kind, "%.100s partition %d, offset %lld: %s", reading->reader->name,
                     message->partition, (long long)message->offset,
                     rd_kafka_err2str(message->err));
}

static bool take(struct reading *reading, const rd_kafka_message_t *message, struct error *error)
{
    struct progress *progress = find(reading, message->partition);
    if (progress == NULL || !progress->running) {
        return true; /* it was fetched before its partition was stopped */
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        /* The partition has ended, so offsets that are missing before its end are a gap. If its end
         * is below the requested one, an outdated leader has reported it: wait for the remaining
         * messages, or for the time-out. */
        if (message->offset >= progress->range.end) {
            finish(reading, progress);
        }
        return true;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return take_trouble(reading, message, error);
    }
    reading->moved = true;
    /* An offset below the range means that the log was truncated, and is read again from its
     * start. */
    if (message->offset >= progress->range.begin && message->offset < progress->range.end) {
        struct message borrowed = reader_message(reading->reader, message);
        reading->ended = !reading->callback(reading->context, &borrowed);
    }
    if (message->offset + 1 >= progress->range.end) {
        finish(reading, progress);
    }
    return true;
}

static bool take_all(struct reading *reading, rd_kafka_message_t **messages, size_t count,
                     struct error *error)
{
    bool fine = true;
    for (size_t i = 0; i < count; i++) {
        fine = fine && (reading->ended || take(reading, messages[i], error));
        rd_kafka_message_destroy(messages[i]);
    }
    return fine;
}

static bool time_out(const struct reading *reading, int timeout_ms, struct error *error)
{
    const struct progress *first = reading->partitions;
    while (!first->running) {
        first++;
    }
    rd_kafka_resp_err_t code = reading->last_error != RD_KAFKA_RESP_ERR_NO_ERROR
                                   ? reading->last_error
                                   : RD_KAFKA_RESP_ERR__TIMED_OUT;
    return client_trouble_explain(
        &reading->reader->trouble, code, error,
        "%.100s partition %d is not read to its end, nothing came for %d s", reading->reader->name,
        (int)first->range.partition, timeout_ms / 1000);
}

static bool run(struct reading *reading, int timeout_ms, struct error *error)
{
    rd_kafka_message_t *messages[BATCH_MESSAGES];
    int64_t quiet_ns = clock_monotonic_ns();
    while (reading->running > 0 && !reading->ended) {
        if (reading->reader->stop != NULL && stop_requested(reading->reader->stop)) {
            return error_set(error, ERROR_FATAL, "stopped before the end");
        }
        size_t got = reader_take(reading->queue, WAIT_MS, messages, BATCH_MESSAGES);
        (void)rd_kafka_poll(reading->reader->client, 0); /* calls the callbacks that log errors */
        if (!take_all(reading, messages, got, error)) {
            return false;
        }
        int64_t now_ns = clock_monotonic_ns();
        if (reading->moved) {
            reading->moved = false;
            quiet_ns = now_ns;
        }
        bool late = now_ns - quiet_ns >= timeout_ms * NS_PER_MS;
        if (late && reading->running > 0 && !reading->ended) {
            return time_out(reading, timeout_ms, error);
        }
    }
    return true;
}

static bool start_all(struct reading *reading, const struct partition_range *ranges, size_t count,
                      struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].begin >= ranges[i].end) {
            continue;
        }
        if (!reader_start(reading->reader, reading->queue, ranges[i].partition, ranges[i].begin,
                          error)) {
            return false;
        }
        reading->partitions[reading->count++] =
            (struct progress){.range = ranges[i], .running = true};
        reading->running++;
    }
    return true;
}

bool reader_read(struct reader *reader, const struct partition_range *ranges, size_t count,
                 message_callback callback, void *context, int timeout_ms, struct error *error)
{
    struct reading reading = {.reader = reader, .callback = callback, .context = context};
    reading.partitions = calloc(count > 0 ? count : 1, sizeof *reading.partitions);
    if (reading.partitions == NULL) {
        return error_set(error, ERROR_FATAL, "reader: out of memory");
    }
    /* Use a new queue for each reading, so that it contains no message of an earlier one. */
    reading.queue = rd_kafka_queue_new(reader->client);
    bool done = start_all(&reading, ranges, count, error) && run(&reading, timeout_ms, error);
    for (size_t i = 0; i < reading.count; i++) {
        if (reading.partitions[i].running) {
            finish(&reading, &reading.partitions[i]);
        }
    }
    rd_kafka_queue_destroy(reading.queue);
    free(reading.partitions);
    return done && reader_check_topic(reader, timeout_ms, error);
}

bool reader_tail(struct reader *reader, int64_t messages, message_callback callback, void *context,
                 int timeout_ms, struct error *error)
{
    struct partition_range *ranges = NULL;
    size_t count = 0;
    if (!reader_ranges(reader, &ranges, &count, timeout_ms, error)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].end - ranges[i].begin > messages) {
            ranges[i].begin = ranges[i].end - messages;
        }
    }
    bool done = reader_read(reader, ranges, count, callback, context, timeout_ms, error);
    free(ranges);
    return done;
}
