#include "registry/resolve.h"

#include <string.h>

#include "registry/avro_name.h"
#include "registry/schema_fields.h"

/* promotions[writer][reader]: may a value of the one be read as the other. */
static const bool promotions[AVRO_STRING_TYPE + 1][AVRO_STRING_TYPE + 1] = {
    [AVRO_NULL_TYPE] = {[AVRO_NULL_TYPE] = true},
    [AVRO_BOOLEAN_TYPE] = {[AVRO_BOOLEAN_TYPE] = true},
    [AVRO_INT_TYPE] = {[AVRO_INT_TYPE] = true,
                       [AVRO_LONG_TYPE] = true,
                       [AVRO_FLOAT_TYPE] = true,
                       [AVRO_DOUBLE_TYPE] = true},
    [AVRO_LONG_TYPE] =
        {[AVRO_LONG_TYPE] = true, [AVRO_FLOAT_TYPE] = true, [AVRO_DOUBLE_TYPE] = true},
    [AVRO_FLOAT_TYPE] = {[AVRO_FLOAT_TYPE] = true, [AVRO_DOUBLE_TYPE] = true},
    [AVRO_DOUBLE_TYPE] = {[AVRO_DOUBLE_TYPE] = true},
    [AVRO_BYTES_TYPE] = {[AVRO_BYTES_TYPE] = true, [AVRO_STRING_TYPE] = true},
    [AVRO_STRING_TYPE] = {[AVRO_BYTES_TYPE] = true, [AVRO_STRING_TYPE] = true},
};

static bool check_types(const struct schema_field *writer, const struct schema_field *reader,
                        struct error *error)
{
    bool only_null = writer->type == AVRO_NULL_TYPE && reader->nullable;
    if (only_null || promotions[writer->type][reader->type]) {
        return true;
    }
    return error_set(error, ERROR_REJECT, "field '%.64s': %s cannot be read as %s", reader->name,
                     avro_type_name(writer->type), avro_type_name(reader->type));
}

static const char *alias_at(const json_t *aliases, size_t index)
{
    return json_string_value(json_array_get(aliases, index));
}

static bool same_record(const struct schema *writer, const struct schema *reader)
{
    const char *name = avro_unqualified_name(writer->full_name);
    if (strcmp(name, avro_unqualified_name(reader->full_name)) == 0) {
        return true;
    }
    for (size_t i = 0; i < json_array_size(reader->aliases); i++) {
        if (strcmp(name, avro_unqualified_name(alias_at(reader->aliases, i))) == 0) {
            return true;
        }
    }
    return false;
}

static bool take(const struct schema *writer, const char *name, size_t reader_index,
                 struct resolution *resolution)
{
    for (size_t i = 0; i < writer->field_count; i++) {
        if (resolution->reader_of[i] == RESOLVE_SKIP && strcmp(writer->fields[i].name, name) == 0) {
            resolution->reader_of[i] = (int)reader_index;
            resolution->writer_of[reader_index] = (int)i;
            return true;
        }
    }
    return false;
}

static void take_by_alias(const struct schema *writer, const struct schema *reader, size_t index,
                          struct resolution *resolution)
{
    const json_t *aliases = reader->fields[index].aliases;
    for (size_t i = 0; i < json_array_size(aliases); i++) {
        if (take(writer, alias_at(aliases, i), index, resolution)) {
            return;
        }
    }
}

static void match_fields(const struct schema *writer, const struct schema *reader,
                         struct resolution *resolution)
{
    for (size_t i = 0; i < writer->field_count; i++) {
        resolution->reader_of[i] = RESOLVE_SKIP;
    }
    for (size_t i = 0; i < reader->field_count; i++) {
        resolution->writer_of[i] = RESOLVE_DEFAULT;
        (void)take(writer, reader->fields[i].name, i, resolution);
    }
    for (size_t i = 0; i < reader->field_count; i++) {
        if (resolution->writer_of[i] == RESOLVE_DEFAULT) {
            take_by_alias(writer, reader, i, resolution);
        }
    }
}

bool schema_resolve(const struct schema *writer, const struct schema *reader,
                    struct resolution *resolution, struct error *error)
{
    if (!same_record(writer, reader)) {
        return error_set(error, ERROR_REJECT,
                         "record '%.80s' is neither '%.80s' nor an alias of it", writer->full_name,
                         reader->full_name);
    }
    match_fields(writer, reader, resolution);
    for (size_t i = 0; i < reader->field_count; i++) {
        const struct schema_field *field = &reader->fields[i];
        int from = resolution->writer_of[i];
        if (from == RESOLVE_DEFAULT && field->fallback.kind == DEFAULT_NONE) {
            return error_set(error, ERROR_REJECT,
                             "field '%.64s' is not in the writer's record and has no default",
                             field->name);
        }
        if (from != RESOLVE_DEFAULT && !check_types(&writer->fields[from], field, error)) {
            return false;
        }
    }
    return true;
}

bool schema_can_read(const struct schema *writer, const struct schema *reader, struct error *error)
{
    struct resolution resolution;
    if (!schema_resolve(writer, reader, &resolution, error)) {
        return false;
    }
    for (size_t i = 0; i < writer->field_count; i++) {
        int to = resolution.reader_of[i];
        if (to == RESOLVE_SKIP) {
            continue;
        }
        const struct schema_field *field = &reader->fields[to];
        if (writer->fields[i].nullable && !field->nullable) {
            return error_set(error, ERROR_REJECT, "field '%.64s': null cannot be read as %s",
                             field->name, avro_type_name(field->type));
        }
    }
    return true;
}
