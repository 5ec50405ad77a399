/* What a schema registry answered, apart from how it came; for this folder only. */
#ifndef CANDLEWICK_REGISTRY_CLIENT_ANSWER_H
#define CANDLEWICK_REGISTRY_CLIENT_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

enum answer_kind {
    ANSWER_SCHEMA,   /* *schema_text is set: free() it */
    ANSWER_UNKNOWN,  /* there is no such thing here: 404, 410 or 422, whatever the body. So too
                        answers what is no registry: see whether it answers other questions */
    ANSWER_UNUSABLE, /* a schema, but of another kind or with references */
    ANSWER_LATER,    /* nothing to rely on: ask again */
};

/* The answer to GET /schemas/ids/N. `error` says why, but for ANSWER_SCHEMA. */
NODISCARD enum answer_kind answer_read_schema(long status, struct str body, char **schema_text,
                                              struct error *error);

/* Is this the answer of a registry to GET /schemas/types or GET /config? */
bool answer_is_of_registry(long status, struct str body);

/* The answer to POST /subjects/S/versions. False: ERROR_FATAL for a refusal that will stay, with
 * the registry's words; ERROR_RETRY for all else. */
NODISCARD bool answer_read_id(long status, struct str body, int32_t *schema_id,
                              struct error *error);

#endif
