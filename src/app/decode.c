#include "app/decode.h"

#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "registry/frame.h"

/* How often a waiting reader asks the registry client's cache again. */
enum { ASK_AGAIN_MS = 10 };

static const struct decode_plan *wait_for_plan(struct registry_client *registry, int32_t schema_id,
                                               int64_t deadline_ns, struct stop *stop,
                                               struct error *error)
{
    const struct decode_plan *plan = NULL;
    for (;;) {
        switch (registry_lookup(registry, schema_id, &plan, error)) {
        case REGISTRY_READY:
            return plan;
        case REGISTRY_PENDING:
            break;
        case REGISTRY_MISSING:
        case REGISTRY_UNUSABLE:
            error->kind = ERROR_REJECT;
            return NULL;
        }
        if (clock_monotonic_ns() >= deadline_ns || stop_wait_ms(stop, ASK_AGAIN_MS)) {
            error->kind = ERROR_RETRY;
            return NULL;
        }
    }
}

bool decode_message_wait(struct registry_client *registry, struct str value, int64_t deadline_ns,
                         struct stop *stop, int32_t *schema_id, struct ticker *tick,
                         struct error *error)
{
    struct str body;
    *schema_id = -1;
    if (value.data == NULL) {
        return error_set(error, ERROR_REJECT, "a tombstone: no value");
    }
    if (!frame_open(value, schema_id, &body)) {
        *schema_id = -1;
        return error_set(error, ERROR_REJECT,
                         "not in Confluent's framing: no 0x00 and schema id at its start");
    }
    const struct decode_plan *plan = wait_for_plan(registry, *schema_id, deadline_ns, stop, error);
    if (plan == NULL) {
        return false;
    }
    memset(tick, 0, sizeof *tick);
    bool decoded = decode_plan_run(plan, body, tick, error);
    registry_release(registry, plan);
    return decoded;
}
