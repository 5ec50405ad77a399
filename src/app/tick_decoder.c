#include "app/tick_decoder.h"

#include "base/clock.h"
#include "base/stop.h"
#include "registry/frame.h"

enum {
    ASK_AGAIN_MS = 10,
    SCHEMA_TIMEOUT_MS = 15000, /* longer than the registry client takes to believe "no such id" */
};

void tick_decoder_release(struct tick_decoder *decoder)
{
    if (decoder->plan != NULL) {
        registry_release(decoder->registry, decoder->plan);
        decoder->plan = NULL;
    }
}

/* Makes decoder->plan the plan of `schema_id`. */
static enum registry_answer take_plan(struct tick_decoder *decoder, int32_t schema_id,
                                      struct error *error)
{
    if (decoder->plan != NULL && decoder->plan_id == schema_id) {
        return REGISTRY_READY;
    }
    const struct decode_plan *plan = NULL;
    enum registry_answer answer = registry_lookup(decoder->registry, schema_id, &plan, error);
    if (answer == REGISTRY_READY) {
        tick_decoder_release(decoder);
        decoder->plan = plan;
        decoder->plan_id = schema_id;
    }
    return answer;
}

static enum decode_answer bad(struct error *error, const char *reason)
{
    error_set(error, ERROR_REJECT, "%s", reason);
    return DECODE_BAD;
}

enum decode_answer tick_decode(struct tick_decoder *decoder, struct str key, struct str value,
                               struct ticker *tick, struct error *error)
{
    int32_t schema_id = 0;
    struct str body;
    if (!frame_open(value, &schema_id, &body)) {
        return bad(error, "not in Confluent's framing: no 0x00 and schema id at its start");
    }
    switch (take_plan(decoder, schema_id, error)) {
    case REGISTRY_READY:
        break;
    case REGISTRY_PENDING:
        return DECODE_WAIT;
    case REGISTRY_MISSING:
    case REGISTRY_UNUSABLE:
        return DECODE_BAD;
    }
    if (!decode_plan_run(decoder->plan, body, tick, error)) {
        return DECODE_BAD;
    }
    enum ticker_fault fault = ticker_check(tick);
    if (fault != TICKER_OK) {
        return bad(error, ticker_fault_names[fault]);
    }
    if (!str_equal_text(key, tick->symbol)) {
        return bad(error, "the key is not the record's symbol");
    }
    return DECODE_TICK;
}

enum decode_answer tick_decode_wait(struct tick_decoder *decoder, const struct message *message,
                                    struct stop *stop, struct ticker *tick, struct error *error)
{
    int64_t until_ns = INT64_MIN; /* asked for when it has to be waited */
    if (letter_judge(message->key, message->value, error) != LETTER_KINDS) {
        return DECODE_BAD;
    }
    for (;;) {
        enum decode_answer answer = tick_decode(decoder, message->key, message->value, tick, error);
        if (answer != DECODE_WAIT) {
            return answer;
        }
        int64_t now_ns = clock_monotonic_ns();
        until_ns = until_ns == INT64_MIN ? now_ns + SCHEMA_TIMEOUT_MS * NS_PER_MS : until_ns;
        if (stop_wait_ms(stop, ASK_AGAIN_MS)) {
            error_set(error, ERROR_FATAL, "stopped before the end");
            return DECODE_WAIT;
        }
        if (now_ns >= until_ns) {
            error->kind = ERROR_RETRY;
            return DECODE_WAIT;
        }
    }
}
