/*
 * A flat Avro record schema: fields are primitives or ["null", primitive] (either order). Parsed
 * from its JSON with jansson (names, aliases, defaults), after avro-c agreed that it is Avro.
 */
#ifndef CANDLEWICK_REGISTRY_SCHEMA_H
#define CANDLEWICK_REGISTRY_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/str.h"

enum {
    SCHEMA_TEXT_LIMIT = 64 * 1024,
    SCHEMA_FIELD_LIMIT = 256,
};

enum avro_type {
    AVRO_NULL_TYPE,
    AVRO_BOOLEAN_TYPE,
    AVRO_INT_TYPE,
    AVRO_LONG_TYPE,
    AVRO_FLOAT_TYPE,
    AVRO_DOUBLE_TYPE,
    AVRO_BYTES_TYPE,
    AVRO_STRING_TYPE,
};

struct schema;

/* `text` is borrowed for the call. NULL: ERROR_REJECT, with what is wrong or not supported (too
 * long, nested too deep, not a record, a field of another type); ERROR_FATAL: out of memory. Any
 * thread. */
NODISCARD struct schema *schema_parse(struct str text, struct error *error);
void schema_destroy(struct schema *schema); /* NULL is allowed */

/* Borrowed, as long as the schema lives. */
const char *schema_text(const struct schema *schema);      /* as it was given */
const char *schema_full_name(const struct schema *schema); /* "candlewick.Ticker" */

/* Same schema, whatever the white space, key order and docs: equal canonical JSON (keys sorted). */
bool schema_same(const struct schema *left, const struct schema *right);

#endif
