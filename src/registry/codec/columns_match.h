/* Matches the fields of a schema with the columns of a C struct; for this folder only. */
#ifndef CANDLEWICK_REGISTRY_CODEC_COLUMNS_MATCH_H
#define CANDLEWICK_REGISTRY_CODEC_COLUMNS_MATCH_H

#include "registry/codec/codec.h"

/* Sets bound[i] to the column of the schema's field i, or NULL. Ignores derived columns. Returns
 * false with ERROR_REJECT if a column has no field, occurs twice, or has a type that cannot hold
 * its field. */
NODISCARD bool columns_match(const struct schema *schema, const struct column *columns,
                             const struct column *bound[SCHEMA_FIELD_LIMIT], struct error *error);

#endif
