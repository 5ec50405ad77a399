/*
 * What is inside a schema; for this folder only. Names and defaults borrow from the JSON trees that
 * the schema keeps.
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_SCHEMA_FIELDS_H
#define CANDLEWICK_REGISTRY_CODEC_SCHEMA_FIELDS_H

#include <jansson.h>

#include "registry/codec/schema.h"

/* Types refer to each other by their index in schema->types; a primitive's index is its enum
 * avro_type. A named type stands there once, so recursive types are cycles. */
struct schema_type {
    enum avro_type type;
    const char *full_name; /* of a record, enum or fixed */
    const char *name;      /* the same without its namespace */
    const json_t *aliases; /* of these; NULL: none */
    const json_t *json;    /* the object of a type that is no primitive; of a union: the list */
    /* Record: its fields are schema->fields[first] and those behind. Union: its branches' types are
     * schema->branches[first] and those behind. Array and map: `first` is the items' type. */
    size_t first;
    size_t count;  /* of fields, of branches, of an enum's symbols */
    uint64_t size; /* of a fixed, in bytes */
    /* While parsing only: this entry stands for a type whose name (`json`) is looked for in `space`
     * when all are known. The field that uses it, or "". NULL: it is a type. */
    const char *refers_to;
    struct str space;
};

struct schema_field {
    const char *name;
    const json_t *aliases;  /* NULL: none */
    const json_t *fallback; /* its "default"; NULL: none */
    size_t of;              /* its type */
    /* The same type, for readers that are flat: of a union of null and one other type, the other
     * one; of any other union, AVRO_UNION_TYPE. */
    enum avro_type type;
    bool nullable;        /* a union of null and one other type */
    unsigned null_branch; /* its index in that union: 0 or 1 */
};

struct schema {
    char *text;
    char *canonical; /* keys sorted, without docs */
    char *sorted;    /* keys sorted, docs kept: what a registry sends */
    json_t *json;
    json_t *names; /* full name: index of the type */
    size_t root;   /* index of the outermost type */
    struct schema_type *types;
    size_t type_count, type_capacity;
    struct schema_field *fields; /* those of the root, when it is a record, come first */
    size_t field_count;          /* of the root; 0 when it is no record */
    size_t all_fields, field_capacity;
    size_t *branches;
    size_t branch_count, branch_capacity;
};

/* The JSON tree of a schema's text. NULL: ERROR_REJECT, too large, too deep or no JSON. A key that
 * stands twice counts as its last one; numbers that JSON cannot hold become strings. */
NODISCARD json_t *schema_read_json(struct str text, struct error *error);

/* Fills names, types, fields and branches from schema->json. False: ERROR_REJECT, names the field.
 */
NODISCARD bool schema_read_types(struct schema *schema, struct error *error);

enum default_kind {
    DEFAULT_NULL,
    DEFAULT_BOOLEAN, /* `integer` */
    DEFAULT_INTEGER, /* int and long: `integer` */
    DEFAULT_REAL,    /* float and double: `real`; finite */
    DEFAULT_TEXT,    /* string and bytes: `text` */
    DEFAULT_OTHER,   /* of a type that is no primitive; not looked into */
};

struct schema_default {
    enum default_kind kind;
    enum avro_type type; /* of a union's default, that of the branch which it fits first */
    int64_t integer;
    double real;
    struct str text; /* UTF-8 as in the JSON, for bytes too */
};

/* What stands for a field that the writer does not have. False: ERROR_REJECT, it has no default or
 * one that is none of its type's values. */
NODISCARD bool schema_read_default(const struct schema *schema, const struct schema_field *field,
                                   struct schema_default *fallback, struct error *error);

/* Writes the bytes of a DEFAULT_TEXT and gives their number, at most fallback->text.length. */
size_t schema_default_bytes(const struct schema_default *fallback, char *bytes);

#endif
