#include "verify/verify_read.h"

#include <stdlib.h>

#include "base/handover.h"
#include "base/stop.h"
#include "verify/dead_letter_place.h"

enum { QUIET_MS = 15000, KAFKA_TIMEOUT_MS = 8000 };

struct reading_call {
    struct verify_reading *reading;
    enum verify_part part;
    bool failed;
    struct verify_course *courses; /* by partition */
    size_t partitions;
    struct error *error;
    struct handover *handover; /* passes the records of VERIFY_LOG to a second thread, which adds
                                  them while this thread reads the next ones; meanwhile this
                                  thread adds nothing */
    struct error not_added;    /* set by the second thread */
    bool long_texts;         /* the kind has long texts, so this thread adds its records: the second
                                thread would need the texts, too */
    struct text_arena texts; /* the long texts of the record that was decoded last */
};

/* A record on its way to the second thread. */
struct queued {
    struct place place;
    union record_room record;
};

static bool add(struct verify_reading *reading, const struct queued *queued,
                const struct text_arena *texts, struct error *error)
{
    return log_coins_record(&reading->coins, reading->decoder.kind, queued->place.partition,
                            &queued->record, 0, error) &&
           verify_log_record(reading->verify, queued->place, &queued->record, texts, error);
}

static bool add_queued(void *context, const void *item)
{
    struct reading_call *call = context;
    return add(call->reading, item, NULL, &call->not_added);
}

struct verify_course verify_course_from(int64_t begin)
{
    return (struct verify_course){.begin = begin, .next = begin, .first_ms = -1, .jump_offset = -1};
}

void verify_course_follow(struct verify_course *course, int64_t offset, int64_t timestamp_ms)
{
    if (course->first_ms < 0) {
        course->first_ms = timestamp_ms;
    }
    if (offset > course->next) {
        course->jump_offset = offset;
        course->jump_ms = timestamp_ms;
    }
    course->next = offset >= course->next ? offset + 1 : course->next;
}

int64_t verify_course_begin(const struct verify_course *course, int64_t begin_now,
                            int64_t *timestamp_ms)
{
    bool cut = begin_now > course->begin && course->jump_offset >= 0;
    *timestamp_ms = cut ? course->jump_ms : course->first_ms;
    if (!cut) {
        return course->begin;
    }
    return course->jump_offset < begin_now ? course->jump_offset : begin_now;
}

static bool add_begins(struct reading_call *call, struct reader *reader,
                       const struct partition_range *ranges, struct error *error)
{
    struct partition_range *now = NULL;
    size_t count = 0;
    if (!reader_ranges(reader, &now, &count, KAFKA_TIMEOUT_MS, error)) {
        return false;
    }
    for (size_t i = 0; i < call->partitions && i < count; i++) {
        int64_t timestamp_ms = -1;
        struct place first = {.partition = (int32_t)i};
        first.offset = verify_course_begin(&call->courses[i], now[i].begin, &timestamp_ms);
        if (first.offset > 0 && ranges[i].begin < ranges[i].end) {
            verify_log_begins(call->reading->verify, first, timestamp_ms);
        }
    }
    free(now);
    return true;
}

static bool add_unreadable(struct reading_call *call, struct place place,
                           const struct encoded_message *message)
{
    return handover_drain(call->handover) &&
           verify_log_unreadable(call->reading->verify, place, message, call->error);
}

static bool add_log_record(struct reading_call *call, const struct queued *queued, bool later)
{
    struct verify_reading *reading = call->reading;
    if (later) {
        return verify_later_record(reading->verify, queued->place, &queued->record, &call->texts,
                                   call->error);
    }
    return call->long_texts ? add(reading, queued, &call->texts, call->error)
                            : handover_put(call->handover);
}

static bool add_log_message(struct reading_call *call, const struct message *message, bool later)
{
    struct verify_reading *reading = call->reading;
    struct queued *queued = handover_room(call->handover);
    struct error why = {.kind = ERROR_NONE};
    queued->place = (struct place){.partition = message->partition, .offset = message->offset};
    call->texts.length = 0;
    switch (record_decode_wait(&reading->decoder, &message->encoded, RECORD_DECODE_PATIENCE_MS,
                               reading->stop, &queued->record, &call->texts, &why)) {
    case DECODE_RECORD:
        return add_log_record(call, queued, later);
    case DECODE_BAD:
    case DECODE_AHEAD:
        return later || add_unreadable(call, queued->place, &message->encoded);
    case DECODE_WAIT:
        break;
    }
    *call->error = why;
    return false;
}

static bool add_letter(struct reading_call *call, const struct message *message)
{
    struct verify_reading *reading = call->reading;
    union record_room record;
    struct place place;
    struct error why = {.kind = ERROR_NONE};
    if (!dead_letter_place(message, reading->topic, &place) ||
        letter_is_former(message, &reading->topic_id)) {
        verify_letter_elsewhere(reading->verify);
        return true;
    }
    const struct encoded_message original = letter_original(message);
    call->texts.length = 0;
    switch (record_decode_wait(&reading->decoder, &original, RECORD_DECODE_PATIENCE_MS,
                               reading->stop, &record, &call->texts, &why)) {
    case DECODE_RECORD:
        return verify_letter_record(reading->verify, place, &record, &call->texts, call->error);
    case DECODE_BAD:
    case DECODE_AHEAD:
        return verify_letter_unreadable(reading->verify, place, &message->encoded, call->error);
    case DECODE_WAIT:
        break;
    }
    *call->error = why;
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
        verify_course_follow(&call->courses[message->partition], message->offset,
                             message->encoded.timestamp_ms);
    }
    call->failed = call->part == VERIFY_LETTERS
                       ? !add_letter(call, message)
                       : !add_log_message(call, message, call->part == VERIFY_LATER);
    return !call->failed;
}

bool verify_read(struct verify_reading *reading, struct reader *reader,
                 const struct partition_range *ranges, size_t count, enum verify_part part,
                 struct error *error)
{
    struct reading_call call = {
        .reading = reading, .part = part, .partitions = count, .error = error};
    call.long_texts = kind_long_texts(reading->decoder.kind) > 0;
    call.handover = handover_create(sizeof(struct queued), add_queued, &call, error);
    if (call.handover == NULL) {
        return false;
    }
    call.courses = calloc(count + 1, sizeof *call.courses);
    if (call.courses == NULL) {
        handover_destroy(call.handover);
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    for (size_t i = 0; i < count; i++) { /* the index is the partition number */
        call.courses[i] = verify_course_from(ranges[i].begin);
    }
    bool read = reader_read(reader, ranges, count, take, &call, QUIET_MS, error) && !call.failed;
    bool added = handover_drain(call.handover);
    if (!added) {
        *error = call.not_added;
    }
    bool done = read && added && (part != VERIFY_LOG || add_begins(&call, reader, ranges, error));
    handover_destroy(call.handover);
    free(call.courses);
    text_arena_free(&call.texts);
    return done;
}
