/* Reads a field's default from JSON, by the table "field default values" of the Avro 1.12
 * specification: a union's default belongs to the first branch that it fits. */
#include <float.h>
#include <math.h>

#include "registry/codec/avro_name.h"
#include "registry/codec/schema_fields.h"

static bool read_integer(struct schema_default *fallback, const json_t *value)
{
    if (!json_is_integer(value)) {
        return false;
    }
    json_int_t integer = json_integer_value(value);
    if (fallback->type == AVRO_INT_TYPE && (integer < INT32_MIN || integer > INT32_MAX)) {
        return false;
    }
    fallback->kind = DEFAULT_INTEGER;
    fallback->integer = integer;
    return true;
}

static bool read_real(struct schema_default *fallback, const json_t *value)
{
    if (!json_is_number(value)) {
        return false;
    }
    double real = json_number_value(value);
    if (fallback->type == AVRO_FLOAT_TYPE) {
        if (fabs(real) > (double)FLT_MAX) {
            return false;
        }
        real = (double)(float)real;
    }
    fallback->kind = DEFAULT_REAL;
    fallback->real = real;
    return isfinite(real);
}

/* U+0000 to U+00FF represent the bytes 0 to 255. In UTF-8 each of these starts with a byte below
 * 0xC4, and no other character does. */
static bool only_bytes(struct str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] > 0xC3) {
            return false;
        }
    }
    return true;
}

static bool read_text(struct schema_default *fallback, const json_t *value)
{
    struct str text = {.data = json_string_value(value), .length = json_string_length(value)};
    fallback->kind = DEFAULT_TEXT;
    fallback->text = text;
    return json_is_string(value) && (fallback->type != AVRO_BYTES_TYPE || only_bytes(text));
}

size_t schema_default_bytes(const struct schema_default *fallback, char *bytes)
{
    struct str text = fallback->text;
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (fallback->type == AVRO_BYTES_TYPE && c >= 0xC0 && i + 1 < text.length) {
            i++;
            c = (unsigned char)((c & 0x03) << 6 | ((unsigned char)text.data[i] & 0x3F));
        }
        bytes[length++] = (char)c;
    }
    return length;
}

/* Returns false if `value` is not a value of the type. */
static bool read_typed(struct schema_default *fallback, enum avro_type type, const json_t *value)
{
    *fallback = (struct schema_default){.kind = DEFAULT_OTHER, .type = type};
    switch (type) {
    case AVRO_NULL_TYPE:
        fallback->kind = DEFAULT_NULL;
        return json_is_null(value);
    case AVRO_BOOLEAN_TYPE:
        fallback->kind = DEFAULT_BOOLEAN;
        fallback->integer = json_is_true(value);
        return json_is_boolean(value);
    case AVRO_INT_TYPE:
    case AVRO_LONG_TYPE:
        return read_integer(fallback, value);
    case AVRO_FLOAT_TYPE:
    case AVRO_DOUBLE_TYPE:
        return read_real(fallback, value);
    case AVRO_BYTES_TYPE:
    case AVRO_STRING_TYPE:
        return read_text(fallback, value);
    case AVRO_ENUM_TYPE:
    case AVRO_FIXED_TYPE:
        return json_is_string(value);
    case AVRO_ARRAY_TYPE:
        return json_is_array(value);
    case AVRO_MAP_TYPE:
    case AVRO_RECORD_TYPE:
        return json_is_object(value);
    case AVRO_UNION_TYPE: /* an error: no union is directly inside another */
        break;
    }
    return false;
}

bool schema_read_default(const struct schema *schema, const struct schema_field *field,
                         struct schema_default *fallback, struct error *error)
{
    const struct schema_type *type = &schema->types[field->of];
    if (field->fallback == NULL) {
        return error_set(error, ERROR_REJECT,
                         "field '%.64s' is not in the writer's record and has no default",
                         field->name);
    }
    bool fits = false;
    if (type->type != AVRO_UNION_TYPE) {
        fits = read_typed(fallback, type->type, field->fallback);
    }
    for (size_t i = 0; type->type == AVRO_UNION_TYPE && i < type->count && !fits; i++) {
        size_t branch = schema->branches[type->first + i];
        fits = read_typed(fallback, schema->types[branch].type, field->fallback);
    }
    return fits || error_set(error, ERROR_REJECT,
                             "field '%.64s' is not in the writer's record and its default is no %s",
                             field->name, avro_type_name(type->type));
}
