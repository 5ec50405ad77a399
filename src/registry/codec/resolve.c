#include "registry/codec/resolve.h"

#include <string.h>

#include "registry/codec/avro_name.h"
#include "registry/codec/schema_fields.h"

/* promotions[writer][reader]: whether a value of the first type may be read as the second. */
static const bool promotions[AVRO_PRIMITIVES][AVRO_PRIMITIVES] = {
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

/* Returns NULL if there is none, or it is not a string. */
static const char *alias_at(const json_t *aliases, size_t index)
{
    return json_string_value(json_array_get(aliases, index));
}

/* Returns whether the names of two named types of the same kind match. */
static bool same_name(const struct schema_type *writer, const struct schema_type *reader)
{
    if (strcmp(writer->name, reader->name) == 0) {
        return true;
    }
    for (size_t i = 0; i < json_array_size(reader->aliases); i++) {
        const char *alias = alias_at(reader->aliases, i);
        if (alias != NULL && strcmp(writer->name, avro_unqualified_name(alias)) == 0) {
            return true;
        }
    }
    return false;
}

/* The recursion descends into arrays of arrays, so it is no deeper than the schema's text. */
bool schema_types_match(const struct schema *writer, size_t writer_type,
                        const struct schema *reader, size_t reader_type)
{
    const struct schema_type *from = &writer->types[writer_type];
    const struct schema_type *to = &reader->types[reader_type];
    bool matches = false;
    if (from->type == AVRO_UNION_TYPE) {
        for (size_t i = 0; !matches && i < from->count; i++) {
            matches =
                schema_types_match(writer, writer->branches[from->first + i], reader, reader_type);
        }
    } else if (to->type == AVRO_UNION_TYPE) {
        for (size_t i = 0; !matches && i < to->count; i++) {
            matches =
                schema_types_match(writer, writer_type, reader, reader->branches[to->first + i]);
        }
    } else if (from->type < AVRO_PRIMITIVES && to->type < AVRO_PRIMITIVES) {
        matches = promotions[from->type][to->type];
    } else if (from->type != to->type) {
        matches = false;
    } else if (from->type == AVRO_ARRAY_TYPE || from->type == AVRO_MAP_TYPE) {
        matches = schema_types_match(writer, from->first, reader, to->first);
    } else {
        matches = same_name(from, to) && from->size == to->size;
    }
    return matches;
}

static bool take(const struct schema *writer, const struct schema_type *record, const char *name,
                 size_t reader_index, struct resolution *resolution)
{
    for (size_t i = 0; i < record->count; i++) {
        if (resolution->reader_of[i] == RESOLVE_SKIP &&
            strcmp(writer->fields[record->first + i].name, name) == 0) {
            resolution->reader_of[i] = (int)reader_index;
            resolution->writer_of[reader_index] = (int)i;
            return true;
        }
    }
    return false;
}

static void take_by_alias(const struct schema *writer, const struct schema_type *record,
                          const json_t *aliases, size_t index, struct resolution *resolution)
{
    for (size_t i = 0; i < json_array_size(aliases); i++) {
        const char *alias = alias_at(aliases, i);
        if (alias != NULL && take(writer, record, alias, index, resolution)) {
            return;
        }
    }
}

void schema_match_fields(const struct schema *writer, size_t writer_record,
                         const struct schema *reader, size_t reader_record,
                         struct resolution *resolution)
{
    const struct schema_type *from = &writer->types[writer_record];
    const struct schema_type *to = &reader->types[reader_record];
    const struct schema_field *fields = reader->fields;
    for (size_t i = 0; i < from->count; i++) {
        resolution->reader_of[i] = RESOLVE_SKIP;
    }
    for (size_t i = 0; i < to->count; i++) {
        resolution->writer_of[i] = RESOLVE_DEFAULT;
        (void)take(writer, from, fields[to->first + i].name, i, resolution);
    }
    for (size_t i = 0; i < to->count; i++) {
        if (resolution->writer_of[i] == RESOLVE_DEFAULT) {
            take_by_alias(writer, from, fields[to->first + i].aliases, i, resolution);
        }
    }
}

static bool names_differ(const struct schema_type *writer, const struct schema_type *reader,
                         struct error *error)
{
    return error_set(error, ERROR_REJECT, "%s '%.80s' is neither '%.80s' nor an alias of it",
                     avro_type_name(writer->type), writer->full_name, reader->full_name);
}

static bool cannot_read(enum avro_type writer, enum avro_type reader, struct error *error)
{
    return error_set(error, ERROR_REJECT, "%s cannot be read as %s", avro_type_name(writer),
                     avro_type_name(reader));
}

bool schema_resolve(const struct schema *writer, size_t record, const struct schema *reader,
                    struct resolution *resolution, struct error *error)
{
    const struct schema_type *from = &writer->types[record];
    const struct schema_type *to = &reader->types[reader->root];
    if (from->type != AVRO_RECORD_TYPE || to->type != AVRO_RECORD_TYPE) {
        return cannot_read(from->type, to->type, error);
    }
    if (!same_name(from, to)) {
        return names_differ(from, to, error);
    }
    schema_match_fields(writer, record, reader, reader->root, resolution);
    for (size_t i = 0; i < to->count; i++) {
        const struct schema_field *field = &reader->fields[to->first + i];
        struct schema_default unused;
        if (resolution->writer_of[i] == RESOLVE_DEFAULT) {
            if (!schema_read_default(reader, field, &unused, error)) {
                return false;
            }
            continue;
        }
        const struct schema_field *source =
            &writer->fields[from->first + (size_t)resolution->writer_of[i]];
        if (!schema_types_match(writer, source->of, reader, field->of)) {
            (void)cannot_read(source->type, field->type, error);
            return error_prefix(error, "field '%.64s'", field->name);
        }
    }
    return true;
}
