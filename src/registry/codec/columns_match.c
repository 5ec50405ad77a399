#include "registry/codec/columns_match.h"

#include <string.h>

#include "registry/codec/avro_name.h"
#include "registry/codec/schema_fields.h"

static bool holds(enum column_type column, enum avro_type type)
{
    switch (column) {
    case COLUMN_TEXT:
        return type == AVRO_STRING_TYPE || type == AVRO_BYTES_TYPE;
    case COLUMN_INT64:
        return type == AVRO_INT_TYPE || type == AVRO_LONG_TYPE;
    case COLUMN_DOUBLE:
        return type == AVRO_FLOAT_TYPE || type == AVRO_DOUBLE_TYPE;
    case COLUMN_BOOL:
        return type == AVRO_BOOLEAN_TYPE;
    case COLUMN_LONG_TEXT:
        return type == AVRO_STRING_TYPE;
    }
    return false;
}

static bool match_one(const struct schema *schema, const struct column *column,
                      const struct column **bound, struct error *error)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct schema_field *field = &schema->fields[i];
        if (strcmp(field->name, column->name) != 0) {
            continue;
        }
        if (bound[i] != NULL) {
            return error_set(error, ERROR_REJECT, "field '%.64s' is bound twice", column->name);
        }
        if (!holds(column->type, field->type)) {
            return error_set(error, ERROR_REJECT, "field '%.64s': a %s does not fit its member",
                             column->name, avro_type_name(field->type));
        }
        bound[i] = column;
        return true;
    }
    return error_set(error, ERROR_REJECT, "the schema '%.80s' has no field '%.64s'",
                     schema_full_name(schema), column->name);
}

bool columns_match(const struct schema *schema, const struct column *columns,
                   const struct column *bound[SCHEMA_FIELD_LIMIT], struct error *error)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        bound[i] = NULL;
    }
    for (; columns->name != NULL; columns++) {
        if (!columns->derived && !match_one(schema, columns, bound, error)) {
            return false;
        }
    }
    return true;
}
