/* Which column of a C struct each field of a schema goes to; for this folder only. */
#ifndef CANDLEWICK_REGISTRY_CODEC_COLUMNS_MATCH_H
#define CANDLEWICK_REGISTRY_CODEC_COLUMNS_MATCH_H

#include "registry/codec/codec.h"

/* bound[i] is the column for the schema's field i, or NULL. False: ERROR_REJECT, for a column
 * whose field is missing, that is there twice, or of a type that the member cannot hold. */
NODISCARD bool columns_match(const struct schema *schema, const struct column *columns,
                             const struct column *bound[SCHEMA_FIELD_LIMIT], struct error *error);

#endif
