/* From a bindings table to the fields of a schema; for this folder only. */
#ifndef CANDLEWICK_REGISTRY_CODEC_BINDING_H
#define CANDLEWICK_REGISTRY_CODEC_BINDING_H

#include "registry/codec/codec.h"

/* bound[i] is the binding of the schema's field i, or NULL. False: ERROR_REJECT, for a binding
 * whose field is missing, bound twice, or of a type that the member cannot hold. */
NODISCARD bool bindings_match(const struct schema *schema, const struct binding *bindings,
                              const struct binding *bound[SCHEMA_FIELD_LIMIT], struct error *error);

#endif
