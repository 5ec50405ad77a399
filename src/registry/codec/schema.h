/*
 * An Avro schema (Avro 1.12 specification, "Schema Declaration"), parsed from its JSON to a graph
 * of types. What does not change how a message is read (docs, orders, logical types,
 * namespaces, other programs' attributes, and a writer's defaults and aliases) is not judged.
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_SCHEMA_H
#define CANDLEWICK_REGISTRY_CODEC_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

enum {
    SCHEMA_TEXT_LIMIT = 1 << 20, /* bytes of JSON */
    SCHEMA_LEVEL_LIMIT = 64,     /* how deep types nest: the outermost is the first level */
    SCHEMA_FIELD_LIMIT = 4096,   /* of all records of a schema together */
    SCHEMA_NAME_LIMIT = 1024,    /* bytes of a type's full name, and of a namespace */
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
    AVRO_PRIMITIVES, /* how many of these */
    AVRO_RECORD_TYPE = AVRO_PRIMITIVES,
    AVRO_ENUM_TYPE,
    AVRO_ARRAY_TYPE,
    AVRO_MAP_TYPE,
    AVRO_FIXED_TYPE,
    AVRO_UNION_TYPE,
};

struct schema;

/* `text` is borrowed for the call. NULL: ERROR_REJECT, with the field and what is wrong with it, or
 * the limit above that the schema passes; ERROR_FATAL: out of memory. Any thread. */
NODISCARD struct schema *schema_parse(struct str text, struct error *error);
void schema_destroy(struct schema *schema); /* NULL is allowed */

/* Borrowed, as long as the schema lives. */
const char *schema_text(const struct schema *schema);      /* as it was given */
const char *schema_full_name(const struct schema *schema); /* "candlewick.Ticker"; "long" */

/* Same schema, whatever the white space, key order and docs: equal canonical JSON (keys sorted). */
bool schema_same(const struct schema *left, const struct schema *right);

#endif
