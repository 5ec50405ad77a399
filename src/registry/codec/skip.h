/*
 * Skips values that nobody wants, of any Avro type. Reads each byte of the message once at most,
 * whatever counts and sizes it states, and does not recurse. For this folder only.
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_SKIP_H
#define CANDLEWICK_REGISTRY_CODEC_SKIP_H

#include "registry/codec/schema_fields.h"
#include "registry/codec/wire.h"

struct skipper;

/* For all types of the schema, which is borrowed for the call. NULL: memory is out. */
NODISCARD struct skipper *skipper_create(const struct schema *schema);
void skipper_destroy(struct skipper *skipper); /* NULL is allowed */

/* Moves the cursor behind one value of the type with that index in the schema. NULL, or in static
 * words why it cannot. Any number of threads at once. Allocates only for a value that nests deeper
 * than 64 records, arrays and maps; skip_no_memory where that fails. */
NODISCARD const char *skipper_skip(const struct skipper *skipper, size_t type,
                                   struct cursor *cursor);
extern const char skip_no_memory[];

#endif
