/* From a schema's JSON to its names and fields. Everything that is not flat is refused by name. */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "registry/avro_name.h"
#include "registry/schema_fields.h"

static struct str json_str(const json_t *string)
{
    return (struct str){.data = json_string_value(string), .length = json_string_length(string)};
}

/* NULL when the key is absent or not a string that can be a C string. */
static const char *text_member(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value)) {
        return NULL;
    }
    return json_string_value(value);
}

/* `valid` is what each alias must be. */
static bool read_aliases(const json_t *owner, bool (*valid)(struct str), const json_t **aliases)
{
    const json_t *list = json_object_get(owner, "aliases");
    if (list == NULL) {
        return true;
    }
    if (!json_is_array(list)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *alias = json_array_get(list, i);
        if (!json_is_string(alias) || !valid(json_str(alias))) {
            return false;
        }
    }
    *aliases = list;
    return true;
}

/* The text of a type that is a name, or of the object form {"type": "long", ...} of a primitive
 * (whose other attributes, logicalType among them, change nothing in the bytes). */
static bool primitive_type(const json_t *type, enum avro_type *primitive)
{
    const json_t *name = json_is_object(type) ? json_object_get(type, "type") : type;
    return json_is_string(name) && avro_primitive_from_name(json_str(name), primitive);
}

static bool union_type(const json_t *branches, struct schema_field *field)
{
    enum avro_type first;
    enum avro_type second;
    if (json_array_size(branches) != 2 || !primitive_type(json_array_get(branches, 0), &first) ||
        !primitive_type(json_array_get(branches, 1), &second) ||
        (first == AVRO_NULL_TYPE) == (second == AVRO_NULL_TYPE)) {
        return false;
    }
    field->nullable = true;
    field->null_branch = first == AVRO_NULL_TYPE ? 0 : 1;
    field->type = first == AVRO_NULL_TYPE ? second : first;
    return true;
}

static bool read_type(struct schema_field *field, const json_t *json, struct error *error)
{
    const json_t *type = json_object_get(json, "type");
    if (json_is_array(type) ? union_type(type, field) : primitive_type(type, &field->type)) {
        return true;
    }
    const json_t *word = json_is_object(type) ? json_object_get(type, "type") : type;
    if (json_is_string(word)) {
        return error_set(error, ERROR_REJECT,
                         "field '%.64s': type \"%.40s\" is not supported, only primitives and "
                         "[\"null\", primitive] are",
                         field->name, json_string_value(word));
    }
    return error_set(error, ERROR_REJECT,
                     "field '%.64s': its type is not supported, only primitives and "
                     "[\"null\", primitive] are",
                     field->name);
}

static bool read_order(const struct schema_field *field, const json_t *json, struct error *error)
{
    static const char *const orders[] = {"ascending", "descending", "ignore"};
    const json_t *order = json_object_get(json, "order");
    if (order == NULL) {
        return true;
    }
    for (size_t i = 0; json_is_string(order) && i < sizeof orders / sizeof orders[0]; i++) {
        if (str_equal_text(json_str(order), orders[i])) {
            return true;
        }
    }
    return error_set(error, ERROR_REJECT,
                     "field '%.64s': its order is not ascending, descending or ignore",
                     field->name);
}

static bool name_taken(const struct schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        if (strcmp(schema->fields[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_field(struct schema *schema, const json_t *json, struct error *error)
{
    struct schema_field *field = &schema->fields[schema->field_count];
    const char *name = text_member(json, "name");
    if (name == NULL || !avro_name_valid(str_from(name))) {
        return error_set(error, ERROR_REJECT, "field %zu has no valid name%s%.64s",
                         schema->field_count + 1, name != NULL ? ": " : "",
                         name != NULL ? name : "");
    }
    if (name_taken(schema, name)) {
        return error_set(error, ERROR_REJECT, "field '%.64s' stands there twice", name);
    }
    field->name = name;
    schema->field_count++;

    if (!read_aliases(json, avro_name_valid, &field->aliases)) {
        return error_set(error, ERROR_REJECT, "field '%.64s': its aliases are not a list of names",
                         name);
    }
    return read_type(field, json, error) && read_order(field, json, error) &&
           schema_read_default(field, json, error);
}

static bool read_fields(struct schema *schema, struct error *error)
{
    const json_t *fields = json_object_get(schema->root, "fields");
    size_t count = json_array_size(fields);
    if (!json_is_array(fields)) {
        return error_set(error, ERROR_REJECT, "the record has no list of fields");
    }
    if (count > SCHEMA_FIELD_LIMIT) {
        return error_set(error, ERROR_REJECT, "the record has %zu fields, more than %d", count,
                         SCHEMA_FIELD_LIMIT);
    }
    schema->fields = calloc(count > 0 ? count : 1, sizeof *schema->fields);
    if (schema->fields == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory for %zu fields", count);
    }
    for (size_t i = 0; i < count; i++) {
        if (!read_field(schema, json_array_get(fields, i), error)) {
            return false;
        }
    }
    return true;
}

/* A name with dots is full already; else the namespace, if there is one, goes before it. The
 * empty namespace is none. */
static bool read_full_name(struct schema *schema, struct error *error)
{
    const char *name = text_member(schema->root, "name");
    if (name == NULL || !avro_dotted_name_valid(str_from(name))) {
        return error_set(error, ERROR_REJECT, "the record has no valid name%s%.64s",
                         name != NULL ? ": " : "", name != NULL ? name : "");
    }
    const char *space = text_member(schema->root, "namespace");
    bool given = json_object_get(schema->root, "namespace") != NULL;
    if (given && (space == NULL || (*space != '\0' && !avro_dotted_name_valid(str_from(space))))) {
        return error_set(error, ERROR_REJECT, "the record's namespace is no valid name%s%.64s",
                         space != NULL ? ": " : "", space != NULL ? space : "");
    }
    enum avro_type primitive;
    if (avro_primitive_from_name(str_from(avro_unqualified_name(name)), &primitive)) {
        return error_set(error, ERROR_REJECT, "a record cannot be named \"%s\"",
                         avro_type_name(primitive));
    }
    struct strbuf full_name = strbuf_new(SCHEMA_TEXT_LIMIT);
    if (strchr(name, '.') == NULL && space != NULL && *space != '\0') {
        strbuf_append_text(&full_name, space);
        strbuf_append_char(&full_name, '.');
    }
    strbuf_append_text(&full_name, name);
    schema->full_name = strbuf_take(&full_name);
    return schema->full_name != NULL || error_set(error, ERROR_FATAL, "out of memory");
}

bool schema_read_record(struct schema *schema, struct error *error)
{
    const json_t *type = json_object_get(schema->root, "type");
    if (!json_is_string(type) || !str_equal_text(json_str(type), "record")) {
        return error_set(error, ERROR_REJECT, "%.40s is not supported, only flat records are",
                         json_is_string(type) ? json_string_value(type) : "what is no record");
    }
    if (!read_full_name(schema, error)) {
        return false;
    }
    if (!read_aliases(schema->root, avro_dotted_name_valid, &schema->aliases)) {
        return error_set(error, ERROR_REJECT, "the record's aliases are not a list of names");
    }
    return read_fields(schema, error);
}
