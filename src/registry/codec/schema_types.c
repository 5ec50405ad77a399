/* Builds a schema's types from its JSON: first the definitions, in the order of the text, then the
 * names that refer to them. Recursion follows the text, whose depth is at most
 * SCHEMA_LEVEL_LIMIT. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/strbuf.h"
#include "registry/codec/avro_name.h"
#include "registry/codec/schema_fields.h"

struct parser {
    struct schema *schema;
    struct error *error;
    const char *top;   /* the outermost record's field that is being read; NULL: none */
    const char *field; /* the innermost one */
};

/* The place in the schema where a type is defined. */
struct context {
    struct str space; /* the namespace around it; empty: none */
    int level;
};

static bool read_type(struct parser *parser, const json_t *json, struct context context,
                      size_t *index);

static struct str json_str(const json_t *string)
{
    return (struct str){.data = json_string_value(string), .length = json_string_length(string)};
}

/* Returns the text of a JSON string; NULL if it is not a string or contains a NUL. */
static const char *plain_text(const json_t *value)
{
    const char *text = json_string_value(value);
    return text != NULL && strlen(text) == json_string_length(value) ? text : NULL;
}

/* Sets ERROR_REJECT; the text begins with the field's name. Returns false. */
PRINTF_LIKE(2, 3) static bool refuse(const struct parser *parser, const char *format, ...)
{
    char text[160];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (parser->field == NULL) {
        return error_set(parser->error, ERROR_REJECT, "%s", text);
    }
    if (parser->field == parser->top) {
        return error_set(parser->error, ERROR_REJECT, "field '%.64s': %s", parser->top, text);
    }
    return error_set(parser->error, ERROR_REJECT, "field '%.64s', in its field '%.64s': %s",
                     parser->top, parser->field, text);
}

static bool no_memory(const struct parser *parser)
{
    return error_set(parser->error, ERROR_FATAL, "out of memory for a schema");
}

/* Makes room for `more` items after the existing `count`. */
static bool grow(void **items, size_t item_size, size_t count, size_t more, size_t *capacity)
{
    if (count + more <= *capacity) {
        return true;
    }
    size_t wanted = count + more > 2 * *capacity ? count + more : 2 * *capacity;
    void *grown = realloc(*items, wanted * item_size);
    if (grown == NULL) {
        return false;
    }
    *items = grown;
    *capacity = wanted;
    return true;
}

static bool add_type(struct parser *parser, const struct schema_type *type, size_t *index)
{
    struct schema *schema = parser->schema;
    void *types = schema->types;
    if (!grow(&types, sizeof *schema->types, schema->type_count, 1, &schema->type_capacity)) {
        return no_memory(parser);
    }
    schema->types = types;
    *index = schema->type_count++;
    schema->types[*index] = *type;
    return true;
}

static bool add_primitives(struct parser *parser)
{
    size_t index;
    for (int i = 0; i < AVRO_PRIMITIVES; i++) {
        if (!add_type(parser, &(struct schema_type){.type = (enum avro_type)i}, &index)) {
            return false;
        }
    }
    return true;
}

/* Returns `name` if it contains dots (then it is already a full name); otherwise `name` in the
 * namespace, if there is one. */
static struct strbuf full_name(const char *name, struct str space)
{
    struct strbuf full = strbuf_new(2 * SCHEMA_TEXT_LIMIT);
    if (strchr(name, '.') == NULL && space.length > 0) {
        strbuf_append_str(&full, space);
        strbuf_append_char(&full, '.');
    }
    strbuf_append_text(&full, name);
    return full;
}

static struct str namespace_of(const char *full)
{
    const char *dot = strrchr(full, '.');
    return (struct str){.data = full, .length = dot != NULL ? (size_t)(dot - full) : 0};
}

/* Returns the JSON of the type with that name; NULL: none. */
static const json_t *find_name(const struct schema *schema, const char *name, struct str space)
{
    struct strbuf full = full_name(name, space);
    const json_t *found = json_object_get(schema->names, strbuf_text(&full));
    strbuf_free(&full);
    return found;
}

/* Sets `full` to the full name of a record, enum or fixed. Any namespace is accepted, as by Avro's
 * own library: "my-company.data", null. Returns false if the name is refused. */
static bool read_full_name(struct parser *parser, const json_t *json, struct str space,
                           struct strbuf *full)
{
    const char *kind = json_string_value(json_object_get(json, "type"));
    const char *name = plain_text(json_object_get(json, "name"));
    if (name == NULL || !avro_name_valid(str_from(avro_unqualified_name(name)))) {
        return refuse(parser, "the %s has no valid name%s%.64s", kind, name != NULL ? ": " : "",
                      name != NULL ? name : "");
    }
    const json_t *given = json_object_get(json, "namespace");
    if (given != NULL && !json_is_null(given)) {
        const char *text = plain_text(given);
        if (text == NULL) {
            return refuse(parser, "the namespace of the %s is no text", kind);
        }
        space = str_from(text);
    }
    enum avro_type primitive;
    if (avro_primitive_from_name(str_from(avro_unqualified_name(name)), &primitive)) {
        return refuse(parser, "a %s cannot be named \"%s\"", kind, avro_type_name(primitive));
    }
    *full = full_name(name, space);
    if (full->length > SCHEMA_NAME_LIMIT || space.length > SCHEMA_NAME_LIMIT) {
        return refuse(parser, "the name or namespace of the %s is longer than %d bytes", kind,
                      SCHEMA_NAME_LIMIT);
    }
    return !full->failed || no_memory(parser);
}

/* Adds a named type and its name. *again becomes true if identical JSON has defined it before. */
static bool add_named(struct parser *parser, struct schema_type *type, struct str space,
                      size_t *index, bool *again)
{
    struct schema *schema = parser->schema;
    struct strbuf full = strbuf_new(0);
    if (!read_full_name(parser, type->json, space, &full)) {
        strbuf_free(&full);
        return false;
    }
    const json_t *known = json_object_get(schema->names, strbuf_text(&full));
    bool good = false;
    *again = known != NULL;
    if (known != NULL) {
        *index = (size_t)json_integer_value(known);
        good = json_equal(schema->types[*index].json, type->json) ||
               refuse(parser, "'%.80s' is defined twice, and not the same", strbuf_text(&full));
    } else if (json_object_set_new(schema->names, strbuf_text(&full),
                                   json_integer((json_int_t)schema->type_count)) != 0) {
        good = no_memory(parser);
    } else {
        /* Borrow the text from the table of names, which owns it. */
        type->full_name =
            json_object_iter_key(json_object_iter_at(schema->names, strbuf_text(&full)));
        type->name = avro_unqualified_name(type->full_name);
        type->aliases = json_object_get(type->json, "aliases");
        good = add_type(parser, type, index);
    }
    strbuf_free(&full);
    return good;
}

static bool name_taken(const struct schema_field *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_field(struct parser *parser, const json_t *json, size_t first, size_t number,
                       struct context context)
{
    const char *name = plain_text(json_object_get(json, "name"));
    if (name == NULL || !avro_name_valid(str_from(name))) {
        return refuse(parser, "field %zu has no valid name%s%.64s", number + 1,
                      name != NULL ? ": " : "", name != NULL ? name : "");
    }
    if (name_taken(&parser->schema->fields[first], number, name)) {
        return refuse(parser, "field '%.64s' stands there twice", name);
    }
    const char *outer = parser->field;
    parser->field = name;
    parser->top = outer == NULL ? name : parser->top;
    const json_t *aliases = json_object_get(json, "aliases");
    struct schema_field field = {.name = name,
                                 .aliases = json_is_array(aliases) ? aliases : NULL,
                                 .fallback = json_object_get(json, "default")};
    bool good = read_type(parser, json_object_get(json, "type"), context, &field.of);
    parser->schema->fields[first + number] = field; /* the array may have been reallocated
                                                       meanwhile */
    parser->field = outer;
    return good;
}

static bool read_record(struct parser *parser, const json_t *json, struct context context,
                        size_t *index)
{
    struct schema *schema = parser->schema;
    const json_t *fields = json_object_get(json, "fields");
    size_t count = json_array_size(fields);
    if (!json_is_array(fields)) {
        return refuse(parser, "the record has no list of fields");
    }
    struct schema_type record = {
        .type = AVRO_RECORD_TYPE, .json = json, .first = schema->all_fields, .count = count};
    bool again;
    if (!add_named(parser, &record, context.space, index, &again)) {
        return false;
    }
    if (again) {
        return true;
    }
    if (count > SCHEMA_FIELD_LIMIT - schema->all_fields) {
        return refuse(parser, "the schema has more than %d fields", SCHEMA_FIELD_LIMIT);
    }
    void *grown = schema->fields;
    if (!grow(&grown, sizeof *schema->fields, schema->all_fields, count, &schema->field_capacity)) {
        return no_memory(parser);
    }
    schema->fields = grown;
    schema->all_fields += count;
    context.space = namespace_of(record.full_name);
    for (size_t i = 0; i < count; i++) {
        if (!read_field(parser, json_array_get(fields, i), record.first, i, context)) {
            return false;
        }
    }
    return true;
}

/* Every symbol must be a valid name, and occur once. */
static bool read_enum(struct parser *parser, const json_t *json, struct context context,
                      size_t *index)
{
    const json_t *symbols = json_object_get(json, "symbols");
    size_t count = json_array_size(symbols);
    if (!json_is_array(symbols)) {
        return refuse(parser, "the enum has no list of symbols");
    }
    json_t *seen = json_object();
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        const char *symbol = plain_text(json_array_get(symbols, i));
        good = symbol != NULL && avro_name_valid(str_from(symbol)) &&
               json_object_get(seen, symbol) == NULL &&
               json_object_set_new(seen, symbol, json_true()) == 0;
    }
    json_decref(seen);
    bool again;
    struct schema_type type = {.type = AVRO_ENUM_TYPE, .json = json, .count = count};
    return (good || refuse(parser, "the enum's symbols are not a list of different names")) &&
           add_named(parser, &type, context.space, index, &again);
}

static bool read_fixed(struct parser *parser, const json_t *json, struct context context,
                       size_t *index)
{
    const json_t *size = json_object_get(json, "size");
    if (!json_is_integer(size) || json_integer_value(size) < 0) {
        return refuse(parser, "the fixed has no size of 0 or more");
    }
    bool again;
    struct schema_type type = {
        .type = AVRO_FIXED_TYPE, .json = json, .size = (uint64_t)json_integer_value(size)};
    return add_named(parser, &type, context.space, index, &again);
}

static bool read_items(struct parser *parser, const json_t *json, struct context context,
                       size_t *index)
{
    bool is_map = str_equal_text(json_str(json_object_get(json, "type")), "map");
    struct schema_type type = {.type = is_map ? AVRO_MAP_TYPE : AVRO_ARRAY_TYPE, .json = json};
    return read_type(parser, json_object_get(json, is_map ? "values" : "items"), context,
                     &type.first) &&
           add_type(parser, &type, index);
}

static bool read_union(struct parser *parser, const json_t *list, struct context context,
                       size_t *index)
{
    struct schema *schema = parser->schema;
    struct schema_type type = {.type = AVRO_UNION_TYPE,
                               .json = list,
                               .first = schema->branch_count,
                               .count = json_array_size(list)};
    void *grown = schema->branches;
    if (!grow(&grown, sizeof *schema->branches, schema->branch_count, type.count,
              &schema->branch_capacity)) {
        return no_memory(parser);
    }
    schema->branches = grown;
    schema->branch_count += type.count;
    for (size_t i = 0; i < type.count; i++) {
        size_t branch;
        const json_t *json = json_array_get(list, i);
        if (json_is_array(json)) {
            return refuse(parser, "a union stands directly in a union");
        }
        if (!read_type(parser, json, context, &branch)) {
            return false;
        }
        schema->branches[type.first + i] = branch;
    }
    return add_type(parser, &type, index);
}

/* Reads a type that is written as a name. An unknown name becomes a reference, which is resolved
 * once all definitions are read. */
static bool read_name(struct parser *parser, const json_t *json, struct context context,
                      size_t *index)
{
    enum avro_type primitive;
    const char *name = plain_text(json);
    if (name != NULL && avro_primitive_from_name(str_from(name), &primitive)) {
        *index = (size_t)primitive;
        return true;
    }
    if (json_string_length(json) > SCHEMA_NAME_LIMIT) {
        return refuse(parser, "the name of its type is longer than %d bytes", SCHEMA_NAME_LIMIT);
    }
    const json_t *known = name != NULL ? find_name(parser->schema, name, context.space) : NULL;
    if (known != NULL) {
        *index = (size_t)json_integer_value(known);
        return true;
    }
    if (name == NULL || !avro_name_valid(str_from(avro_unqualified_name(name)))) {
        return refuse(parser, "there is no type \"%.40s\"", name != NULL ? name : "");
    }
    struct schema_type reference = {.json = json,
                                    .refers_to = parser->field != NULL ? parser->field : "",
                                    .space = context.space};
    return add_type(parser, &reference, index);
}

typedef bool read_function(struct parser *parser, const json_t *json, struct context context,
                           size_t *index);

static read_function *reader_of(struct str word)
{
    static const struct {
        const char *word;
        read_function *read;
    } readers[] = {
        {"record", read_record}, {"error", read_record}, {"enum", read_enum},
        {"fixed", read_fixed},   {"array", read_items},  {"map", read_items},
    };
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (str_equal_text(word, readers[i].word)) {
            return readers[i].read;
        }
    }
    return NULL;
}

static bool read_type(struct parser *parser, const json_t *json, struct context context,
                      size_t *index)
{
    /* {"type": "long", …} is a long: its other attributes, such as logicalType, do not change the
     * bytes. */
    const json_t *word = json_is_object(json) ? json_object_get(json, "type") : json;
    read_function *read = json_is_array(json)                            ? read_union
                          : json_is_object(json) && json_is_string(word) ? reader_of(json_str(word))
                                                                         : NULL;
    if (read == NULL) {
        return json_is_string(word) ? read_name(parser, word, context, index)
                                    : refuse(parser, "its type is no name, object or list");
    }
    context.level++;
    if (context.level > SCHEMA_LEVEL_LIMIT) {
        return refuse(parser, "the schema nests deeper than %d levels", SCHEMA_LEVEL_LIMIT);
    }
    return read(parser, json, context, index);
}

/* If `index` is that of a reference, replaces it by the index of the type it refers to. */
static bool follow(const struct parser *parser, size_t *index)
{
    const struct schema *schema = parser->schema;
    const struct schema_type *type = &schema->types[*index];
    if (type->refers_to == NULL) {
        return true;
    }
    const char *name = json_string_value(type->json);
    const json_t *found = find_name(schema, name, type->space);
    /* Names without a namespace are also visible inside a namespace, as in Avro's own library. */
    found = found != NULL ? found : json_object_get(schema->names, name);
    if (found == NULL) {
        (void)error_set(parser->error, ERROR_REJECT, "there is no type \"%.40s\"", name);
        return *type->refers_to != '\0'
                   ? error_prefix(parser->error, "field '%.64s'", type->refers_to)
                   : false;
    }
    *index = (size_t)json_integer_value(found);
    return true;
}

static bool follow_all(const struct parser *parser)
{
    struct schema *schema = parser->schema;
    for (size_t i = 0; i < schema->all_fields; i++) {
        if (!follow(parser, &schema->fields[i].of)) {
            return false;
        }
    }
    for (size_t i = 0; i < schema->branch_count; i++) {
        if (!follow(parser, &schema->branches[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < schema->type_count; i++) {
        struct schema_type *type = &schema->types[i];
        bool has_items = type->type == AVRO_ARRAY_TYPE || type->type == AVRO_MAP_TYPE;
        if (has_items && !follow(parser, &type->first)) {
            return false;
        }
    }
    return follow(parser, &schema->root);
}

/* A union may hold each named type once, and one of each other type. */
static bool check_union(const struct parser *parser, const struct schema_type *type)
{
    const struct schema *schema = parser->schema;
    json_t *seen = json_object();
    bool good = true;
    for (size_t i = 0; good && i < type->count; i++) {
        const struct schema_type *branch = &schema->types[schema->branches[type->first + i]];
        const char *name =
            branch->full_name != NULL ? branch->full_name : avro_type_name(branch->type);
        good = (json_object_get(seen, name) == NULL ||
                error_set(parser->error, ERROR_REJECT, "a union holds \"%.80s\" twice", name)) &&
               (json_object_set_new(seen, name, json_true()) == 0 || no_memory(parser));
    }
    json_decref(seen);
    return good;
}

/* Sets how a reader of flat records sees the field (struct schema_field, `type` and `nullable`). */
static void flatten(const struct schema *schema, struct schema_field *field)
{
    const struct schema_type *type = &schema->types[field->of];
    field->type = type->type;
    if (type->type != AVRO_UNION_TYPE || type->count != 2) {
        return;
    }
    const size_t *branches = &schema->branches[type->first];
    if ((branches[0] == AVRO_NULL_TYPE) == (branches[1] == AVRO_NULL_TYPE)) {
        return;
    }
    field->nullable = true;
    field->null_branch = branches[0] == AVRO_NULL_TYPE ? 0 : 1;
    field->type = schema->types[branches[1 - field->null_branch]].type;
}

bool schema_read_types(struct schema *schema, struct error *error)
{
    struct parser parser = {.schema = schema, .error = error};
    struct context outermost = {.level = 0};
    schema->names = json_object();
    if (schema->names == NULL) {
        return no_memory(&parser);
    }
    if (!add_primitives(&parser) || !read_type(&parser, schema->json, outermost, &schema->root) ||
        !follow_all(&parser)) {
        return false;
    }
    for (size_t i = 0; i < schema->type_count; i++) {
        if (schema->types[i].type == AVRO_UNION_TYPE && !check_union(&parser, &schema->types[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < schema->all_fields; i++) {
        flatten(schema, &schema->fields[i]);
    }
    const struct schema_type *root = &schema->types[schema->root];
    schema->field_count = root->type == AVRO_RECORD_TYPE ? root->count : 0;
    return true;
}
