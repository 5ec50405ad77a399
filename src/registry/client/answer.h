/* What an answer of a schema registry means, however it was fetched; for this folder only. */
#ifndef CANDLEWICK_REGISTRY_CLIENT_ANSWER_H
#define CANDLEWICK_REGISTRY_CLIENT_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

enum answer_kind {
    ANSWER_SCHEMA,   /* *schema_text is set; the caller frees it */
    ANSWER_UNKNOWN,  /* no such id: 400, 404, 405, 410 or 422, whatever the body. A server that
                        is no registry answers so too: check that it answers other requests */
    ANSWER_UNUSABLE, /* a schema, but not Avro, or with references */
    ANSWER_LATER,    /* no usable answer: ask again */
};

/* Reads the answer to GET /schemas/ids/N. `error` is set for all but ANSWER_SCHEMA. */
NODISCARD enum answer_kind answer_read_schema(long status, struct str body, char **schema_text,
                                              struct error *error);

/* Whether this answer to GET /schemas/types or GET /config is that of a registry. */
bool answer_is_of_registry(long status, struct str body);

/* Reads the answer to POST /subjects/S/versions. On false: ERROR_FATAL for a refusal that a retry
 * cannot change, with the registry's message; ERROR_RETRY for all else. */
NODISCARD bool answer_read_id(long status, struct str body, int32_t *schema_id,
                              struct error *error);

#endif
