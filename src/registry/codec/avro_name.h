/* Names as defined by the Avro 1.12 specification, section "Names". */
#ifndef CANDLEWICK_REGISTRY_CODEC_AVRO_NAME_H
#define CANDLEWICK_REGISTRY_CODEC_AVRO_NAME_H

#include <stdbool.h>

#include "base/text/str.h"
#include "registry/codec/schema.h"

/* Accepts [A-Za-z_][A-Za-z0-9_]*, and any character beyond ASCII: Avro's own library accepts the
 * letters of all languages since 1.12. `name` is UTF-8. */
bool avro_name_valid(struct str name);

/* Returns "C" for "a.b.C". Borrows from `full_name`. */
const char *avro_unqualified_name(const char *full_name);

/* Sets `type` for "long" and the like. Returns false, with `type` unchanged, for any other name. */
bool avro_primitive_from_name(struct str name, enum avro_type *type);

/* Returns a static name: "long", "record". */
const char *avro_type_name(enum avro_type type);

#endif
