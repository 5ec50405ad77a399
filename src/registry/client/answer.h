/* What the answers of a schema registry mean; for this folder only. */
#ifndef CANDLEWICK_REGISTRY_CLIENT_ANSWER_H
#define CANDLEWICK_REGISTRY_CLIENT_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

enum answer_kind {
    ANSWER_SCHEMA,   /* *schema_text is set; the caller frees it */
    ANSWER_UNKNOWN,  /* status 400, 404, 405, 410 or 422, whatever the body: no such id. A server
                        that is no registry sends these too, so check that it answers other
                        registry requests */
    ANSWER_UNUSABLE, /* the schema exists, but is not Avro or has references */
    ANSWER_LATER,    /* no usable answer: send the request again later */
};

/* Reads the answer to GET /schemas/ids/N. `error` is set for all but ANSWER_SCHEMA. */
NODISCARD enum answer_kind answer_read_schema(long status, struct str body, char **schema_text,
                                              struct error *error);

/* Returns whether this answer to GET /schemas/types or GET /config can only come from a
 * registry. */
bool answer_is_of_registry(long status, struct str body);

/* Reads the answer to POST /subjects/S/versions. Returns false with ERROR_FATAL for a refusal that
 * a retry cannot change, with the registry's message; with ERROR_RETRY for anything else. */
NODISCARD bool answer_read_id(long status, struct str body, int32_t *schema_id,
                              struct error *error);

#endif
