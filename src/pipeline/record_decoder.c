#include "pipeline/record_decoder.h"

#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "registry/codec/frame.h"

enum {
    ASK_AGAIN_MS = 10, /* how often a waiting reader asks the registry client */
    ASK_SOON_MS = 1,   /* how often at first: many unknown ids may follow one another, and each
                          is answered quickly */
    SEEN_STEP = 256,   /* how many messages are counted before they are reported to the registry
                          client */
};

void record_decoder_release(struct record_decoder *decoder)
{
    if (decoder->plan != NULL) {
        registry_release(decoder->registry, decoder->plan);
        decoder->plan = NULL;
    }
}

/* Reports the counted messages to the registry client, which compares how many messages have known
 * ids and how many unknown ones. */
static void report_seen(struct record_decoder *decoder)
{
    if (decoder->seen > 0) {
        registry_saw(decoder->registry, decoder->plan_id, decoder->seen);
        decoder->seen = 0;
    }
}

/* Counts one more message of plan_id. Not each message is reported, because that takes the registry
 * client's lock. */
static void count_seen(struct record_decoder *decoder)
{
    if (++decoder->seen == SEEN_STEP) {
        report_seen(decoder);
    }
}

/* Makes the plan of `schema_id` the decoder's plan. */
static enum registry_answer take_plan(struct record_decoder *decoder, int32_t schema_id,
                                      struct error *error)
{
    if (decoder->plan != NULL && decoder->plan_id == schema_id) {
        count_seen(decoder);
        return REGISTRY_READY;
    }
    report_seen(decoder);
    const struct decode_plan *plan = NULL;
    enum registry_answer answer = registry_lookup(decoder->registry, schema_id, &plan, error);
    if (answer == REGISTRY_READY) {
        record_decoder_release(decoder);
        decoder->plan = plan;
        decoder->plan_id = schema_id;
        decoder->seen = 1;
    } else if (answer != REGISTRY_PENDING) {
        registry_saw(decoder->registry, schema_id, 1);
    }
    return answer;
}

static enum decode_answer bad(struct error *error, const char *reason)
{
    error_set(error, ERROR_REJECT, "%s", reason);
    return DECODE_BAD;
}

static enum decode_answer negative_id(int32_t id, struct error *error)
{
    error_set(error, ERROR_REJECT, "schema id %d is negative: no registry gives such ids", id);
    return DECODE_BAD;
}

/* Returns the number of the schema in the registry client: its id, or the number for its GUID. */
static int32_t number_of(struct record_decoder *decoder, const struct schema_name *name)
{
    if (!name->by_guid) {
        return name->id;
    }
    if (decoder->guid_number == 0 || memcmp(&decoder->guid, &name->guid, sizeof name->guid) != 0) {
        decoder->guid = name->guid;
        decoder->guid_number = registry_guid_number(decoder->registry, &name->guid);
    }
    return decoder->guid_number;
}

static bool is_ahead(const struct record_kind *kind, const struct encoded_message *message,
                     const void *record)
{
    int64_t time_ns = column_int64(kind->moment, record);
    return message->timestamp_ms != NO_TIMESTAMP && record_is_live(kind, record) && time_ns > 0 &&
           time_ns - AHEAD_MAX_S * NS_PER_SECOND > message->timestamp_ms * NS_PER_MS;
}

static enum decode_answer ahead(const struct encoded_message *message, int64_t time_ns,
                                struct error *error)
{
    char event_time[CLOCK_TEXT_SIZE], timestamp[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(time_ns, event_time);
    clock_format_rfc3339(message->timestamp_ms * NS_PER_MS, timestamp);
    error_set(error, ERROR_REJECT,
              "its event time %s is ahead of its Kafka timestamp %s by more than %d s", event_time,
              timestamp, AHEAD_MAX_S);
    return DECODE_AHEAD;
}

/* Completes the record, and checks what its kind requires. */
static enum decode_answer judge(const struct record_kind *kind,
                                const struct encoded_message *message, void *record,
                                const struct text_arena *texts, struct error *error)
{
    record_complete(kind, record);
    const char *fault = kind->check(record, texts);
    if (fault != NULL) {
        return bad(error, fault);
    }
    struct str key = column_text(kind->key, record);
    if (!str_equal(message->key, key)) {
        error_set(error, ERROR_REJECT, "the key is not the record's %s", kind->key->name);
        return DECODE_BAD;
    }
    return is_ahead(kind, message, record)
               ? ahead(message, column_int64(kind->moment, record), error)
               : DECODE_RECORD;
}

enum decode_answer record_decode(struct record_decoder *decoder,
                                 const struct encoded_message *message, void *record,
                                 struct text_arena *texts, struct error *error)
{
    struct schema_name name;
    struct str body;
    const char *why = frame_read(message->schema_header, message->value, &name, &body);
    decoder->schema_id = why == NULL ? name.id : -1;
    if (why != NULL) {
        return bad(error, why);
    }
    if (!name.by_guid && name.id < 0) {
        return negative_id(name.id, error);
    }
    enum registry_answer answer = take_plan(decoder, number_of(decoder, &name), error);
    if (answer != REGISTRY_READY) {
        decoder->guid_number = 0; /* ask for the number again, because the registry client may
                                     have dropped the GUID */
    }
    switch (answer) {
    case REGISTRY_READY:
        break;
    case REGISTRY_PENDING:
        return DECODE_WAIT;
    case REGISTRY_MISSING:
    case REGISTRY_UNUSABLE:
        return DECODE_BAD;
    }
    if (!decode_plan_run(decoder->plan, body, record, texts, error)) {
        return error->kind == ERROR_RETRY ? DECODE_WAIT : DECODE_BAD;
    }
    return judge(decoder->kind, message, record, texts, error);
}

enum decode_answer record_decode_wait(struct record_decoder *decoder,
                                      const struct encoded_message *message, int patience_ms,
                                      struct stop *stop, void *record, struct text_arena *texts,
                                      struct error *error)
{
    int64_t until_ns = INT64_MIN; /* set when the first wait begins */
    int wait_ms = ASK_SOON_MS;
    decoder->schema_id = -1;
    if (dead_letter_judge(message, error) != DEAD_LETTER_KINDS) {
        return DECODE_BAD;
    }
    for (;;) {
        enum decode_answer answer = record_decode(decoder, message, record, texts, error);
        if (answer != DECODE_WAIT) {
            return answer;
        }
        int64_t now_ns = clock_monotonic_ns();
        until_ns = until_ns == INT64_MIN ? now_ns + patience_ms * NS_PER_MS : until_ns;
        if (stop_wait_ms(stop, wait_ms)) {
            error_set(error, ERROR_FATAL, "stopped before the end");
            return DECODE_WAIT;
        }
        wait_ms = 2 * wait_ms < ASK_AGAIN_MS ? 2 * wait_ms : ASK_AGAIN_MS;
        if (now_ns >= until_ns) {
            error->kind = ERROR_RETRY;
            return DECODE_WAIT;
        }
    }
}

void record_expect(struct record_decoder *decoder, const struct encoded_message *message)
{
    struct schema_name name;
    struct str body;
    if (frame_read(message->schema_header, message->value, &name, &body) != NULL ||
        (!name.by_guid && name.id < 0)) {
        return;
    }
    int32_t number = number_of(decoder, &name);
    if (decoder->plan != NULL && decoder->plan_id == number) {
        count_seen(decoder);
    } else {
        registry_expect(decoder->registry, number);
    }
}
