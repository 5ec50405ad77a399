#include "registry/codec/avro_name.h"

#include <string.h>

static const char *const type_names[] = {
    [AVRO_NULL_TYPE] = "null",   [AVRO_BOOLEAN_TYPE] = "boolean", [AVRO_INT_TYPE] = "int",
    [AVRO_LONG_TYPE] = "long",   [AVRO_FLOAT_TYPE] = "float",     [AVRO_DOUBLE_TYPE] = "double",
    [AVRO_BYTES_TYPE] = "bytes", [AVRO_STRING_TYPE] = "string",   [AVRO_RECORD_TYPE] = "record",
    [AVRO_ENUM_TYPE] = "enum",   [AVRO_ARRAY_TYPE] = "array",     [AVRO_MAP_TYPE] = "map",
    [AVRO_FIXED_TYPE] = "fixed", [AVRO_UNION_TYPE] = "union",
};

static bool name_start(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (unsigned char)c >= 0x80;
}

bool avro_name_valid(struct str name)
{
    if (name.length == 0 || !name_start(name.data[0])) {
        return false;
    }
    for (size_t i = 1; i < name.length; i++) {
        if (!name_start(name.data[i]) && (name.data[i] < '0' || name.data[i] > '9')) {
            return false;
        }
    }
    return true;
}

const char *avro_unqualified_name(const char *full_name)
{
    const char *dot = strrchr(full_name, '.');
    return dot != NULL ? dot + 1 : full_name;
}

bool avro_primitive_from_name(struct str name, enum avro_type *type)
{
    for (size_t i = 0; i < AVRO_PRIMITIVES; i++) {
        if (str_equal_text(name, type_names[i])) {
            *type = (enum avro_type)i;
            return true;
        }
    }
    return false;
}

const char *avro_type_name(enum avro_type type)
{
    return type_names[type];
}
