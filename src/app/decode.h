/* Decoding one message for people and tools (tail, the messages tab, the log's tail before
 * producing). */
#ifndef CANDLEWICK_APP_DECODE_H
#define CANDLEWICK_APP_DECODE_H

#include "market/ticker.h"
#include "registry/client.h"

struct stop;

/* Waits for a schema up to `deadline_ns` (monotonic), so that the schemas of many messages can
 * share one; a requested stop ends it at once. *schema_id is -1 when the value has no frame. False:
 * `error` says why the value is no tick of ours (ERROR_REJECT), or that the schema did not come in
 * time (ERROR_RETRY). */
NODISCARD bool decode_message_wait(struct registry_client *registry, struct str value,
                                   int64_t deadline_ns, struct stop *stop, int32_t *schema_id,
                                   struct ticker *tick, struct error *error);

#endif
