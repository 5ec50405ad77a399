#include "app/verify_read.h"

#include <stdlib.h>

#include "app/letter_place.h"
#include "base/stop.h"

enum { QUIET_MS = 15000, KAFKA_TIMEOUT_MS = 8000 };

/* How a partition was read. */
struct course {
    int64_t next;                 /* the offset that is expected */
    int64_t first_ms;             /* the timestamp of the first message; -1: none came */
    int64_t jump_offset, jump_ms; /* of the newest message that came too early; -1: none did */
};

struct reading_call {
    struct verify_reading *reading;
    enum verify_part part;
    bool failed;
    struct course *courses; /* of each partition */
    size_t partitions;
    struct error *error;
};

static void follow(struct reading_call *call, const struct message *message)
{
    struct course *course = &call->courses[message->partition];
    if (course->first_ms < 0) {
        course->first_ms = message->encoded.timestamp_ms;
    }
    if (message->offset > course->next) {
        course->jump_offset = message->offset;
        course->jump_ms = message->encoded.timestamp_ms;
    }
    course->next = message->offset >= course->next ? message->offset + 1 : course->next;
}

/* Retention may take messages while they are read: the next one is further on then. So it is behind
 * a transaction's marker, which is no message: the partition's begin tells them apart. */
static bool tell_begins(struct reading_call *call, struct reader *reader,
                        const struct partition_range *ranges, struct error *error)
{
    struct partition_range *now = NULL;
    size_t count = 0;
    if (!reader_ranges(reader, &now, &count, KAFKA_TIMEOUT_MS, error)) {
        return false;
    }
    for (size_t i = 0; i < call->partitions && i < count; i++) {
        const struct course *course = &call->courses[i];
        struct place first = {.partition = (int32_t)i, .offset = ranges[i].begin};
        if (now[i].begin > ranges[i].begin && course->jump_offset >= 0) {
            first.offset = course->jump_offset;
            verify_log_begins(call->reading->verify, first, course->jump_ms);
        } else if (ranges[i].begin > 0 && ranges[i].begin < ranges[i].end) {
            verify_log_begins(call->reading->verify, first, course->first_ms);
        }
    }
    free(now);
    return true;
}

static bool tell_message(struct verify_reading *reading, const struct message *message, bool later,
                         struct error *error)
{
    struct ticker tick;
    struct error why = {.kind = ERROR_NONE};
    const struct place place = {.partition = message->partition, .offset = message->offset};
    switch (tick_decode_wait(&reading->decoder, &message->encoded, TICK_DECODE_PATIENCE_MS,
                             reading->stop, &tick, &why)) {
    case DECODE_TICK:
        return later ? verify_later_tick(reading->verify, place, &tick, error)
                     : log_coins_tick(&reading->coins, &tick, error) &&
                           verify_log_tick(reading->verify, place, &tick, error);
    case DECODE_BAD:
    case DECODE_AHEAD:
        return later || verify_log_unreadable(reading->verify, place, error);
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
    if ((size_t)message->partition < call->partitions) {
        follow(call, message);
    }
    call->failed =
        call->part == VERIFY_LETTERS
            ? !tell_letter(call->reading, message, call->error)
            : !tell_message(call->reading, message, call->part == VERIFY_LATER, call->error);
    return !call->failed;
}

bool verify_read(struct verify_reading *reading, struct reader *reader,
                 const struct partition_range *ranges, size_t count, enum verify_part part,
                 struct error *error)
{
    struct reading_call call = {
        .reading = reading, .part = part, .partitions = count, .error = error};
    call.courses = calloc(count + 1, sizeof *call.courses);
    if (call.courses == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    for (size_t i = 0; i < count; i++) { /* the n-th is partition n */
        call.courses[i] =
            (struct course){.next = ranges[i].begin, .first_ms = -1, .jump_offset = -1};
    }
    bool done = reader_read(reader, ranges, count, take, &call, QUIET_MS, error) && !call.failed &&
                (part != VERIFY_LOG || tell_begins(&call, reader, ranges, error));
    free(call.courses);
    return done;
}
