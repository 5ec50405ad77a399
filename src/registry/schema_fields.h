/*
 * What is inside a schema; for this folder only. Names and defaults borrow from the JSON tree,
 * which the schema keeps.
 */
#ifndef CANDLEWICK_REGISTRY_SCHEMA_FIELDS_H
#define CANDLEWICK_REGISTRY_SCHEMA_FIELDS_H

#include <jansson.h>

#include "registry/schema.h"

enum default_kind {
    DEFAULT_NONE,
    DEFAULT_NULL,
    DEFAULT_BOOLEAN, /* `integer` */
    DEFAULT_INTEGER, /* int and long: `integer` */
    DEFAULT_REAL,    /* float and double: `real`; finite */
    DEFAULT_TEXT,    /* string and bytes: `text` */
};

struct schema_default {
    enum default_kind kind;
    int64_t integer;
    double real;
    struct str text; /* UTF-8 as in the JSON, for bytes too */
};

struct schema_field {
    const char *name;
    const json_t *aliases; /* array of strings; NULL: none */
    enum avro_type type;   /* of a union: of its branch that is not null */
    bool nullable;         /* a union with null */
    unsigned null_branch;  /* its index in the union: 0 or 1 */
    struct schema_default fallback;
};

struct schema {
    char *text;
    char *canonical; /* keys sorted, without docs */
    char *sorted;    /* keys sorted, docs kept: what a registry sends */
    char *full_name;
    json_t *root;
    const json_t *aliases; /* of the record; NULL: none */
    struct schema_field *fields;
    size_t field_count;
};

/* Fills full_name, aliases and fields from schema->root. False: ERROR_REJECT, names the field. */
NODISCARD bool schema_read_record(struct schema *schema, struct error *error);

/* Fills field->fallback from its "default" if it has one. `json` is the field's object. */
NODISCARD bool schema_read_default(struct schema_field *field, const json_t *json,
                                   struct error *error);

/* Writes the bytes of a DEFAULT_TEXT and gives their number, at most fallback.text.length. */
size_t schema_default_bytes(const struct schema_field *field, char *bytes);

#endif
