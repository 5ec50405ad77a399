/* Implements schema_can_read(). Compares each pair of a writer's type and a reader's type that can
 * occur together; each pair once. Uses a work list instead of recursion, because types may be
 * recursive. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "registry/codec/avro_name.h"
#include "registry/codec/resolve.h"
#include "registry/codec/schema_fields.h"

/* Hostile schemas with many records and names could otherwise be compared for minutes. */
enum { WORK_LIMIT = 1 << 25 };

/* A writer's type and the reader's type as which it is read; `field` is the reader's field that has
 * the type (NULL: none). */
struct pair {
    size_t writer, reader;
    const char *field;
};

struct comparison {
    const struct schema *writer, *reader;
    struct pair *pairs;
    size_t count, capacity;
    json_t *seen;     /* the pairs that were found so far, as keys "writer reader" */
    size_t work_left; /* names and symbols that may still be compared */
    struct resolution *resolution;
    struct error *error;
};

static bool no_memory(struct comparison *comparison)
{
    return error_set(comparison->error, ERROR_FATAL, "out of memory for comparing two schemas");
}

PRINTF_LIKE(3, 4)
static bool refuse(struct comparison *comparison, const char *field, const char *format, ...)
{
    char text[200];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return field != NULL
               ? error_set(comparison->error, ERROR_REJECT, "field '%.64s': %s", field, text)
               : error_set(comparison->error, ERROR_REJECT, "%s", text);
}

static bool add_pair(struct comparison *comparison, size_t writer, size_t reader, const char *field)
{
    char key[48];
    (void)snprintf(key, sizeof key, "%zu %zu", writer, reader);
    if (json_object_get(comparison->seen, key) != NULL) {
        return true;
    }
    struct pair *pairs =
        array_room(comparison->pairs, comparison->count, &comparison->capacity, sizeof *pairs);
    if (pairs == NULL) {
        return no_memory(comparison);
    }
    comparison->pairs = pairs;
    comparison->pairs[comparison->count++] =
        (struct pair){.writer = writer, .reader = reader, .field = field};
    return json_object_set_new(comparison->seen, key, json_true()) == 0 || no_memory(comparison);
}

static bool spend(struct comparison *comparison, size_t work)
{
    if (work > comparison->work_left) {
        return error_set(comparison->error, ERROR_REJECT,
                         "the schemas have too many names to compare");
    }
    comparison->work_left -= work;
    return true;
}

/* Sets *matches to whether two types that are not unions match. Arrays always match arrays, and
 * maps match maps: the types of their items are queued as another pair to compare. Returns false
 * for an error. */
static bool match(struct comparison *comparison, size_t writer, size_t reader, bool *matches)
{
    const struct schema_type *from = &comparison->writer->types[writer];
    const struct schema_type *to = &comparison->reader->types[reader];
    bool have_items = from->type == AVRO_ARRAY_TYPE || from->type == AVRO_MAP_TYPE;
    if (!spend(comparison, 1 + json_array_size(to->aliases))) {
        return false;
    }
    *matches = have_items
                   ? from->type == to->type
                   : schema_types_match(comparison->writer, writer, comparison->reader, reader);
    return true;
}

/* Returns the largest number of names that schema_match_fields() may compare. */
static size_t count_names(const struct schema *reader, const struct schema_type *record)
{
    size_t names = record->count;
    for (size_t i = 0; i < record->count; i++) {
        names += json_array_size(reader->fields[record->first + i].aliases);
    }
    return names;
}

/* Adds the fields of two matching records as pairs. */
static bool open_records(struct comparison *comparison, const struct pair *pair)
{
    const struct schema *writer = comparison->writer;
    const struct schema *reader = comparison->reader;
    const struct schema_type *from = &writer->types[pair->writer];
    const struct schema_type *to = &reader->types[pair->reader];
    if (!spend(comparison, (from->count + 1) * (count_names(reader, to) + 1))) {
        return false;
    }
    schema_match_fields(writer, pair->writer, reader, pair->reader, comparison->resolution);
    for (size_t i = 0; i < to->count; i++) {
        const struct schema_field *field = &reader->fields[to->first + i];
        int source = comparison->resolution->writer_of[i];
        struct schema_default unused;
        if (source == RESOLVE_DEFAULT
                ? !schema_read_default(reader, field, &unused, comparison->error)
                : !add_pair(comparison, writer->fields[from->first + (size_t)source].of, field->of,
                            field->name)) {
            return false;
        }
    }
    return true;
}

/* A symbol that the reader lacks is acceptable if the reader's enum has a default. */
static bool compare_symbols(struct comparison *comparison, const struct pair *pair)
{
    const struct schema_type *from = &comparison->writer->types[pair->writer];
    const struct schema_type *to = &comparison->reader->types[pair->reader];
    if (json_object_get(to->json, "default") != NULL) {
        return true;
    }
    const json_t *ours = json_object_get(to->json, "symbols");
    for (size_t i = 0; i < from->count; i++) {
        const json_t *symbol = json_array_get(json_object_get(from->json, "symbols"), i);
        bool found = false;
        if (!spend(comparison, to->count)) {
            return false;
        }
        for (size_t k = 0; !found && k < to->count; k++) {
            found = json_equal(symbol, json_array_get(ours, k)) != 0;
        }
        if (!found) {
            return refuse(comparison, pair->field, "the enum '%.64s' has no symbol '%.64s'",
                          to->full_name, json_string_value(symbol));
        }
    }
    return true;
}

/* Finds the branch of a reader's union as which a writer's type is read: an equal type, else the
 * first that matches. Returns false for an error. */
static bool find_branch(struct comparison *comparison, const struct pair *pair, size_t *branch)
{
    const struct schema *reader = comparison->reader;
    const struct schema_type *from = &comparison->writer->types[pair->writer];
    const struct schema_type *to = &reader->types[pair->reader];
    const char *name = from->full_name != NULL ? from->full_name : "";
    bool found = false;
    for (size_t i = 0; i < to->count; i++) {
        size_t index = reader->branches[to->first + i];
        const struct schema_type *type = &reader->types[index];
        bool matches = false;
        if (!match(comparison, pair->writer, index, &matches)) {
            return false;
        }
        if (!matches) {
            continue;
        }
        bool equal = type->type == from->type &&
                     strcmp(type->full_name != NULL ? type->full_name : "", name) == 0;
        *branch = found && !equal ? *branch : index;
        found = true;
        if (equal) {
            break;
        }
    }
    return found || refuse(comparison, pair->field, "%s cannot be read as %s",
                           avro_type_name(from->type), avro_type_name(to->type));
}

static bool compare_branches(struct comparison *comparison, const struct pair *pair)
{
    const struct schema *writer = comparison->writer;
    const struct schema_type *from = &writer->types[pair->writer];
    if (from->type == AVRO_UNION_TYPE) {
        for (size_t i = 0; i < from->count; i++) {
            if (!add_pair(comparison, writer->branches[from->first + i], pair->reader,
                          pair->field)) {
                return false;
            }
        }
        return true;
    }
    size_t branch = 0;
    return find_branch(comparison, pair, &branch) &&
           add_pair(comparison, pair->writer, branch, pair->field);
}

static bool compare(struct comparison *comparison, const struct pair *pair)
{
    const struct schema_type *from = &comparison->writer->types[pair->writer];
    const struct schema_type *to = &comparison->reader->types[pair->reader];
    if (from->type == AVRO_UNION_TYPE || to->type == AVRO_UNION_TYPE) {
        return compare_branches(comparison, pair);
    }
    bool matches = false;
    if (!match(comparison, pair->writer, pair->reader, &matches)) {
        return false;
    }
    if (!matches) {
        bool named = from->type == to->type && from->full_name != NULL;
        return named
                   ? refuse(comparison, pair->field,
                            "%s '%.64s' is neither '%.64s' nor an alias of it, or of another size",
                            avro_type_name(from->type), from->full_name, to->full_name)
                   : refuse(comparison, pair->field, "%s cannot be read as %s",
                            avro_type_name(from->type), avro_type_name(to->type));
    }
    switch (from->type) {
    case AVRO_RECORD_TYPE:
        return open_records(comparison, pair);
    case AVRO_ENUM_TYPE:
        return compare_symbols(comparison, pair);
    case AVRO_ARRAY_TYPE:
    case AVRO_MAP_TYPE:
        return add_pair(comparison, from->first, to->first, pair->field);
    default:
        return true;
    }
}

bool schema_can_read(const struct schema *writer, const struct schema *reader, struct error *error)
{
    struct comparison comparison = {.writer = writer,
                                    .reader = reader,
                                    .seen = json_object(),
                                    .work_left = WORK_LIMIT,
                                    .resolution = malloc(sizeof(struct resolution)),
                                    .error = error};
    bool good =
        (comparison.seen != NULL && comparison.resolution != NULL) || no_memory(&comparison);
    good = good && add_pair(&comparison, writer->root, reader->root, NULL);
    for (size_t next = 0; good && next < comparison.count; next++) {
        struct pair pair = comparison.pairs[next]; /* a copy: the array may be reallocated */
        good = compare(&comparison, &pair);
    }
    free(comparison.resolution);
    free(comparison.pairs);
    json_decref(comparison.seen);
    return good;
}
