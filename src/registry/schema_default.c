/* A field's default in JSON, by the table "field default values" of the Avro specification. */
#include <float.h>
#include <math.h>

#include "registry/avro_name.h"
#include "registry/schema_fields.h"

static bool read_integer(struct schema_field *field, const json_t *value)
{
    if (!json_is_integer(value)) {
        return false;
    }
    json_int_t integer = json_integer_value(value);
    if (field->type == AVRO_INT_TYPE && (integer < INT32_MIN || integer > INT32_MAX)) {
        return false;
    }
    field->fallback.kind = DEFAULT_INTEGER;
    field->fallback.integer = integer;
    return true;
}

static bool read_real(struct schema_field *field, const json_t *value)
{
    if (!json_is_number(value)) {
        return false;
    }
    double real = json_number_value(value);
    if (field->type == AVRO_FLOAT_TYPE) {
        if (fabs(real) > (double)FLT_MAX) {
            return false;
        }
        real = (double)(float)real;
    }
    field->fallback.kind = DEFAULT_REAL;
    field->fallback.real = real;
    return isfinite(real);
}

/* Code points U+0000 to U+00FF stand for the bytes 0 to 255; in UTF-8 they begin below 0xC4. */
static bool only_bytes(struct str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] > 0xC3) {
            return false;
        }
    }
    return true;
}

static bool read_text(struct schema_field *field, const json_t *value)
{
    struct str text = {.data = json_string_value(value), .length = json_string_length(value)};
    field->fallback.kind = DEFAULT_TEXT;
    field->fallback.text = text;
    return json_is_string(value) && (field->type != AVRO_BYTES_TYPE || only_bytes(text));
}

size_t schema_default_bytes(const struct schema_field *field, char *bytes)
{
    struct str text = field->fallback.text;
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (field->type == AVRO_BYTES_TYPE && c >= 0xC0 && i + 1 < text.length) {
            i++;
            c = (unsigned char)((c & 0x03) << 6 | ((unsigned char)text.data[i] & 0x3F));
        }
        bytes[length++] = (char)c;
    }
    return length;
}

static bool read_null(struct schema_field *field, const json_t *value)
{
    field->fallback.kind = DEFAULT_NULL;
    return json_is_null(value);
}

static bool read_typed(struct schema_field *field, const json_t *value)
{
    /* A union's default is one of its first branch. */
    if (field->nullable && field->null_branch == 0) {
        return read_null(field, value);
    }
    switch (field->type) {
    case AVRO_NULL_TYPE:
        return read_null(field, value);
    case AVRO_BOOLEAN_TYPE:
        field->fallback.kind = DEFAULT_BOOLEAN;
        field->fallback.integer = json_is_true(value);
        return json_is_boolean(value);
    case AVRO_INT_TYPE:
    case AVRO_LONG_TYPE:
        return read_integer(field, value);
    case AVRO_FLOAT_TYPE:
    case AVRO_DOUBLE_TYPE:
        return read_real(field, value);
    case AVRO_BYTES_TYPE:
    case AVRO_STRING_TYPE:
        return read_text(field, value);
    }
    return false;
}

bool schema_read_default(struct schema_field *field, const json_t *json, struct error *error)
{
    const json_t *value = json_object_get(json, "default");
    if (value == NULL || read_typed(field, value)) {
        return true;
    }
    if (field->nullable && field->null_branch == 0) {
        return error_set(error, ERROR_REJECT,
                         "field '%.64s': the default of a union beginning with null must be null",
                         field->name);
    }
    return error_set(error, ERROR_REJECT, "field '%.64s': its default is no %s", field->name,
                     avro_type_name(field->type));
}
