#include "pipeline/tail_stamps.h"

#include <stdio.h>

#include "base/log.h"
#include "base/stop.h"
#include "kafka/reader/reader.h"
#include "pipeline/record_decoder.h"

enum {
    TAIL_MESSAGES = 2000, /* limit for each partition; enough for thousands of coins */
    QUIET_TIMEOUT_MS = 5000,
};

struct tail_reading {
    struct record_decoder decoder;
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
    enum decode_answer answer =
        record_decode_wait(&tail->decoder, &message->encoded, RECORD_DECODE_PATIENCE_MS, tail->stop,
                           &record, tail->error);
    if (answer != DECODE_RECORD) {
        tail->failed = answer == DECODE_WAIT;
        return !tail->failed; /* a dead letter is skipped, as consumers ignore its time, too */
    }
    tail->records++;
    char place[128];
    (void)snprintf(place, sizeof place, "%.60s, partition %d, offset %lld", message->topic,
                   (int)message->partition, (long long)message->offset);
    tail->failed = !poller_tell_stamp(tail->poller, &record, place);
    if (tail->failed) {
        error_set(tail->error, ERROR_FATAL, "out of memory");
    }
    return !tail->failed;
}

bool tail_stamps_read(const struct kafka_settings *kafka, const char *topic,
                      const struct record_kind *kind, struct registry_client *registry,
                      struct poller *poller, struct stop *stop, struct error *error)
{
    struct tail_reading tail = {.decoder = {.kind = kind, .registry = registry},
                                .poller = poller,
                                .stop = stop,
                                .error = error};
    struct reader *reader = reader_create(kafka, topic, error);
    if (reader == NULL) {
        return false;
    }
    reader_heed(reader, stop);
    bool read =
        reader_tail(reader, TAIL_MESSAGES, take, &tail, QUIET_TIMEOUT_MS, error) && !tail.failed;
    record_decoder_release(&tail.decoder);
    reader_destroy(reader);
    if (read) {
        log_info("tail_read", log_text("topic", topic), log_int(kind->records, tail.records));
    }
    return read;
}
