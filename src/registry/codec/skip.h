/*
 * Skips values of Avro types that the reader does not need. Reads each byte of the message at most
 * once, whatever counts and sizes the message claims, and does not recurse. For this folder only.
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_SKIP_H
#define CANDLEWICK_REGISTRY_CODEC_SKIP_H

#include "registry/codec/schema_fields.h"
#include "registry/codec/wire.h"

struct skipper;

/* Creates a skipper for all types of the schema, which is borrowed for the call. Returns NULL when
 * out of memory. */
NODISCARD struct skipper *skipper_create(const struct schema *schema);
void skipper_destroy(struct skipper *skipper); /* NULL is allowed */

/* Moves the cursor past one value of the type with that index in the schema. Returns NULL, or a
 * static text that says why it cannot. Any number of threads at once. Allocates only for a value
 * that nests deeper than 64 records, arrays and maps; returns skip_no_memory if that fails. */
NODISCARD const char *skipper_skip(const struct skipper *skipper, size_t type,
                                   struct cursor *cursor);
extern const char skip_no_memory[];

#endif
