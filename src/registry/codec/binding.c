#include "registry/codec/binding.h"

#include <string.h>

#include "registry/codec/avro_name.h"
#include "registry/codec/schema_fields.h"

static bool holds(enum binding_type binding, enum avro_type type)
{
    switch (binding) {
    case BIND_TEXT:
        return type == AVRO_STRING_TYPE || type == AVRO_BYTES_TYPE;
    case BIND_INT64:
        return type == AVRO_INT_TYPE || type == AVRO_LONG_TYPE;
    case BIND_DOUBLE:
        return type == AVRO_FLOAT_TYPE || type == AVRO_DOUBLE_TYPE;
    }
    return false;
}

static bool match_one(const struct schema *schema, const struct binding *binding,
                      const struct binding **bound, struct error *error)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct schema_field *field = &schema->fields[i];
        if (strcmp(field->name, binding->field) != 0) {
            continue;
        }
        if (bound[i] != NULL) {
            return error_set(error, ERROR_REJECT, "field '%.64s' is bound twice", binding->field);
        }
        if (!holds(binding->type, field->type)) {
            return error_set(error, ERROR_REJECT, "field '%.64s': a %s does not fit its member",
                             binding->field, avro_type_name(field->type));
        }
        bound[i] = binding;
        return true;
    }
    return error_set(error, ERROR_REJECT, "the schema '%.80s' has no field '%.64s'",
                     schema_full_name(schema), binding->field);
}

bool bindings_match(const struct schema *schema, const struct binding *bindings,
                    const struct binding *bound[SCHEMA_FIELD_LIMIT], struct error *error)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        bound[i] = NULL;
    }
    for (; bindings->field != NULL; bindings++) {
        if (!match_one(schema, bindings, bound, error)) {
            return false;
        }
    }
    return true;
}
