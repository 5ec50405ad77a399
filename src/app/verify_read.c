#include "app/verify_read.h"

#include <stdlib.h>

#include "app/letter_place.h"
#include "base/stop.h"

enum { QUIET_MS = 15000 };

struct reading_call {
    struct verify_reading *reading;
    bool letters;
    bool failed;
    int64_t *next; /* the offset that is expected, of each partition */
    size_t partitions;
    struct error *error;
};

/* Retention may take messages while they are read: then the next one is further on. */
static void look_for_gap(struct reading_call *call, const struct message *message)
{
    int64_t *next = &call->next[message->partition];
    if (message->offset > *next) {
        verify_log_gap(call->reading->verify,
                       (struct place){.partition = message->partition, .offset = message->offset});
    }
    *next = message->offset >= *next ? message->offset + 1 : *next;
}

static bool tell_message(struct verify_reading *reading, const struct message *message,
                         struct error *error)
{
    struct ticker tick;
    struct error why = {.kind = ERROR_NONE};
    const struct place place = {.partition = message->partition, .offset = message->offset};
    switch (tick_decode_wait(&reading->decoder, &message->encoded, TICK_DECODE_PATIENCE_MS,
                             reading->stop, &tick, &why)) {
    case DECODE_TICK:
        return verify_log_tick(reading->verify, place, &tick, error);
    case DECODE_BAD:
    case DECODE_AHEAD:
        return verify_log_unreadable(reading->verify, place, error);
    case DECODE_WAIT:
        break;
    }
    *error = why;
    return false;
}

static bool tell_letter(struct verify_reading *reading, const struct message *message,
                        struct error *error)
{
    struct ticker tick;
    struct place place;
    struct error why = {.kind = ERROR_NONE};
    if (!letter_place(message, reading->topic, &place)) {
        verify_letter_elsewhere(reading->verify);
        return true;
    }
    const struct encoded_message original = letter_original(message);
    switch (tick_decode_wait(&reading->decoder, &original, TICK_DECODE_PATIENCE_MS, reading->stop,
                             &tick, &why)) {
    case DECODE_TICK:
        return verify_letter_tick(reading->verify, place, &tick, error);
    case DECODE_BAD:
    case DECODE_AHEAD:
        return verify_letter_unreadable(reading->verify, place, error);
    case DECODE_WAIT:
        break;
    }
    *error = why;
    return false;
}

static bool take(void *context, const struct message *message)
{
    struct reading_call *call = context;
    if (stop_requested(call->reading->stop)) {
        call->failed = !error_set(call->error, ERROR_FATAL, "stopped before the end");
        return false;
    }
    atomic_fetch_add_explicit(&call->reading->messages, 1, memory_order_relaxed);
    if (!call->letters && (size_t)message->partition < call->partitions) {
        look_for_gap(call, message);
    }
    call->failed =
        !(call->letters ? tell_letter : tell_message)(call->reading, message, call->error);
    return !call->failed;
}

bool verify_read(struct verify_reading *reading, struct reader *reader,
                 const struct partition_range *ranges, size_t count, bool letters,
                 struct error *error)
{
    struct reading_call call = {
        .reading = reading, .letters = letters, .partitions = count, .error = error};
    call.next = calloc(count + 1, sizeof *call.next);
    if (call.next == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    for (size_t i = 0; i < count; i++) { /* the n-th is partition n */
        call.next[i] = ranges[i].begin;
    }
    bool done = reader_read(reader, ranges, count, take, &call, QUIET_MS, error) && !call.failed;
    free(call.next);
    return done;
}
