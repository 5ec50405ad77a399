/*
 * An Avro schema (Avro 1.12 specification, "Schema Declaration"), parsed from JSON to a graph of
 * types. Whatever does not change how a message is read (docs, orders, logical types, namespaces,
 * other programs' attributes, and a writer's defaults and aliases) is not checked.
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
    SCHEMA_LEVEL_LIMIT = 64,     /* nesting of types; the outermost is level 1 */
    SCHEMA_FIELD_LIMIT = 4096,   /* of all records of a schema together */
    SCHEMA_NAME_LIMIT = 1024,    /* limit for the bytes of a type's full name, and of a namespace */
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
    AVRO_PRIMITIVES, /* number of primitive types */
    AVRO_RECORD_TYPE = AVRO_PRIMITIVES,
    AVRO_ENUM_TYPE,
    AVRO_ARRAY_TYPE,
    AVRO_MAP_TYPE,
    AVRO_FIXED_TYPE,
    AVRO_UNION_TYPE,
};

struct schema;

/* `text` is borrowed for the call. Returns NULL with ERROR_REJECT, naming the field and its fault
 * or the limit above that is exceeded, or ERROR_FATAL: out of memory. Any thread. */
NODISCARD struct schema *schema_parse(struct str text, struct error *error);
void schema_destroy(struct schema *schema); /* NULL is allowed */

/* These are borrowed for the life of the schema. */
const char *schema_text(const struct schema *schema);      /* as it was parsed */
const char *schema_full_name(const struct schema *schema); /* "candlewick.Ticker"; "long" */

/* Returns whether two schemas have the same canonical JSON (keys sorted): they may differ in white
 * space, key order and docs. */
bool schema_same(const struct schema *left, const struct schema *right);

#endif
