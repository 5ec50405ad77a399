#include "app/verify_read.h"

#include "app/letter_place.h"
#include "base/stop.h"

enum { QUIET_MS = 15000 };

struct reading_call {
    struct verify_reading *reading;
    bool letters;
    bool failed;
    struct error *error;
};

static bool tell_message(struct verify_reading *reading, const struct message *message,
                         struct error *error)
{
    struct ticker tick;
    struct error why = {.kind = ERROR_NONE};
    const struct place place = {.partition = message->partition, .offset = message->offset};
    switch (tick_decode_wait(&reading->decoder, message, reading->stop, &tick, &why)) {
    case DECODE_TICK:
        return verify_log_tick(reading->verify, place, &tick, error);
    case DECODE_BAD:
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
    switch (tick_decode_wait(&reading->decoder, message, reading->stop, &tick, &why)) {
    case DECODE_TICK:
        return verify_letter_tick(reading->verify, place, &tick, error);
    case DECODE_BAD:
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
    call->failed =
        !(call->letters ? tell_letter : tell_message)(call->reading, message, call->error);
    return !call->failed;
}

bool verify_read(struct verify_reading *reading, struct reader *reader,
                 const struct partition_range *ranges, size_t count, bool letters,
                 struct error *error)
{
    struct reading_call call = {.reading = reading, .letters = letters, .error = error};
    return reader_read(reader, ranges, count, take, &call, QUIET_MS, error) && !call.failed;
}
