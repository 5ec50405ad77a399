/* What a schema registry answered, apart from how it came; for this folder only. */
#ifndef CANDLEWICK_REGISTRY_ANSWER_H
#define CANDLEWICK_REGISTRY_ANSWER_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/str.h"

enum answer_kind {
    ANSWER_SCHEMA,   /* *schema_text is set: free() it */
    ANSWER_UNKNOWN,  /* the registry has no such id (40403) */
    ANSWER_UNUSABLE, /* a schema, but of another kind or with references */
    ANSWER_LATER,    /* nothing to rely on: ask again */
};

/* The answer to GET /schemas/ids/N. `error` says why, but for ANSWER_SCHEMA. */
NODISCARD enum answer_kind answer_read_schema(long status, struct str body, char **schema_text,
                                              struct error *error);

/* The answer to POST /subjects/S/versions. False: ERROR_FATAL for a refusal that will stay, with
 * the registry's words; ERROR_RETRY for all else. */
NODISCARD bool answer_read_id(long status, struct str body, int32_t *schema_id,
                              struct error *error);

#endif
