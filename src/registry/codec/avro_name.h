/* Names as the Avro 1.12 specification, section "Names", has them. */
#ifndef CANDLEWICK_REGISTRY_CODEC_AVRO_NAME_H
#define CANDLEWICK_REGISTRY_CODEC_AVRO_NAME_H

#include <stdbool.h>

#include "base/text/str.h"
#include "registry/codec/schema.h"

/* [A-Za-z_][A-Za-z0-9_]*, and beyond ASCII any character: Avro's own library takes the letters of
 * all languages since 1.12. `name` is UTF-8. */
bool avro_name_valid(struct str name);

/* "a.b.C" gives "C". Borrows from `full_name`. */
const char *avro_unqualified_name(const char *full_name);

/* "long" and the like. False when it is no primitive's name; `type` is kept then. */
bool avro_primitive_from_name(struct str name, enum avro_type *type);

/* "long", "record"; static. */
const char *avro_type_name(enum avro_type type);

#endif
