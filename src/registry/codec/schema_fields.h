/*
 * The inside of a schema; for this folder only. Names and defaults borrow from the JSON trees that
 * the schema owns.
 */
#ifndef CANDLEWICK_REGISTRY_CODEC_SCHEMA_FIELDS_H
#define CANDLEWICK_REGISTRY_CODEC_SCHEMA_FIELDS_H

#include <jansson.h>

#include "registry/codec/schema.h"

/* Types refer to each other by index in schema->types; a primitive's index is its enum avro_type.
 * Each named type is stored once, so recursive types form cycles. */
struct schema_type {
    enum avro_type type;
    const char *full_name; /* of a record, enum or fixed */
    const char *name;      /* full_name without its namespace */
    const json_t *aliases; /* of a named type; NULL: none */
    const json_t *json;    /* the object of a type that is not primitive; of a union: the list */
    /* Record: its fields start at schema->fields[first]. Union: the indices of its branches' types
     * start at schema->branches[first]. Array and map: `first` is the index of the items' type. */
    size_t first;
    size_t count;  /* number of fields, branches or an enum's symbols */
    uint64_t size; /* size of a fixed, in bytes */
    /* Set only while parsing: this entry is then not a type, but a reference to the type named by
     * `json`, which is looked up in the namespace `space` once all types are known. The text is the
     * field that has the reference, or "". */
    const char *refers_to;
    struct str space;
};

struct schema_field {
    const char *name;
    const json_t *aliases;  /* NULL: none */
    const json_t *fallback; /* the field's "default"; NULL: none */
    size_t of;              /* index of its type */
    /* The type as a reader of flat records sees it: for a union of null and one other type, the
     * other one; for any other union, AVRO_UNION_TYPE. */
    enum avro_type type;
    bool nullable;        /* a union of null and one other type */
    unsigned null_branch; /* its index in that union: 0 or 1 */
};

struct schema {
    char *text;
    char *canonical; /* keys sorted, without docs */
    char *sorted;    /* keys sorted, docs kept: what a registry sends */
    json_t *json;
    json_t *names; /* maps a full name to the index of its type */
    size_t root;   /* index of the outermost type */
    struct schema_type *types;
    size_t type_count, type_capacity;
    struct schema_field *fields; /* the root's own come first, if it is a record */
    size_t field_count;          /* of the root; 0 if it is not a record */
    size_t all_fields, field_capacity;
    size_t *branches;
    size_t branch_count, branch_capacity;
};

/* Parses a schema's text to a JSON tree. Returns NULL with ERROR_REJECT: too large, too deep or not
 * JSON. Of a duplicate key the last one counts; numbers that JSON cannot hold become strings. */
NODISCARD json_t *schema_read_json(struct str text, struct error *error);

/* Fills names, types, fields and branches from schema->json. Returns false with ERROR_REJECT,
 * naming the field. */
NODISCARD bool schema_read_types(struct schema *schema, struct error *error);

enum default_kind {
    DEFAULT_NULL,
    DEFAULT_BOOLEAN, /* `integer` */
    DEFAULT_INTEGER, /* int and long: `integer` */
    DEFAULT_REAL,    /* float and double: `real`; finite */
    DEFAULT_TEXT,    /* string and bytes: `text` */
    DEFAULT_OTHER,   /* of any other type; its content is not checked */
};

struct schema_default {
    enum default_kind kind;
    enum avro_type type; /* the default's; for a union's default, the first branch that it fits */
    int64_t integer;
    double real;
    struct str text; /* for DEFAULT_TEXT: the JSON's text in UTF-8, even if the type is bytes
                        (schema_default_bytes() converts it) */
};

/* Reads the default of a reader's field that the writer lacks. Returns false with ERROR_REJECT if
 * it has no default, or one that is not a value of its type. */
NODISCARD bool schema_read_default(const struct schema *schema, const struct schema_field *field,
                                   struct schema_default *fallback, struct error *error);

/* Writes the bytes of a DEFAULT_TEXT and returns their number, at most fallback->text.length. */
size_t schema_default_bytes(const struct schema_default *fallback, char *bytes);

#endif
