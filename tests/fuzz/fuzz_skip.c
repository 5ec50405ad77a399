/*
 * Values that nobody wants. Input: a schema up to a NUL, then a message.
 *
 * Whatever the schema's types and the message are, the skipper moves behind as many bytes as a
 * reader that takes the value apart by recursion, and refuses what that one refuses; it never
 * leaves the message. Where recursion needs more than STEPS_MOST steps or LEVELS_MOST levels, only
 * the latter is looked at: that is what the skipper is for.
 */
#include "fuzz/fuzz.h"
#include "registry/codec/skip.h"

enum { STEPS_MOST = 20000, LEVELS_MOST = 500 };

struct plain {
    const struct schema *schema;
    struct cursor cursor;
    int steps;
    bool gave_up;
};

static bool read_type(struct plain *plain, size_t index, int level);

/* Blocks of items, with keys before them in a map; one that states its size is passed whole. */
static bool read_blocks(struct plain *plain, const struct schema_type *type, int level)
{
    int64_t count = 1;
    while (count != 0 && !plain->gave_up) {
        int64_t bytes = 0;
        if (wire_long(&plain->cursor, &count) != NULL) {
            return false;
        }
        if (count < 0 && (wire_long(&plain->cursor, &bytes) != NULL || bytes < 0 ||
                          (uint64_t)bytes > wire_left(&plain->cursor) ||
                          wire_skip(&plain->cursor, (size_t)bytes) != NULL)) {
            return false;
        }
        for (int64_t i = 0; i < count && !plain->gave_up; i++) {
            struct str key;
            if ((type->type == AVRO_MAP_TYPE && wire_bytes(&plain->cursor, &key) != NULL) ||
                !read_type(plain, type->first, level)) {
                return false;
            }
        }
    }
    return true;
}

static bool read_record(struct plain *plain, const struct schema_type *type, int level)
{
    bool good = true;
    for (size_t i = 0; good && i < type->count; i++) {
        good = read_type(plain, plain->schema->fields[type->first + i].of, level);
    }
    return good;
}

/* An enum's symbol or a union's branch. */
static bool read_index(struct plain *plain, size_t count, size_t *index)
{
    int64_t number;
    bool good =
        wire_long(&plain->cursor, &number) == NULL && number >= 0 && (uint64_t)number < count;
    *index = good ? (size_t)number : 0;
    return good;
}

static bool read_simple(struct plain *plain, const struct schema_type *type)
{
    int64_t number;
    size_t index;
    struct str bytes;
    switch (type->type) {
    case AVRO_BOOLEAN_TYPE:
        return wire_boolean(&plain->cursor) == NULL;
    case AVRO_INT_TYPE:
        return wire_int(&plain->cursor, &number) == NULL;
    case AVRO_LONG_TYPE:
        return wire_long(&plain->cursor, &number) == NULL;
    case AVRO_FLOAT_TYPE:
        return wire_skip(&plain->cursor, 4) == NULL;
    case AVRO_DOUBLE_TYPE:
        return wire_skip(&plain->cursor, 8) == NULL;
    case AVRO_BYTES_TYPE:
    case AVRO_STRING_TYPE:
        return wire_bytes(&plain->cursor, &bytes) == NULL;
    case AVRO_FIXED_TYPE:
        return wire_skip(&plain->cursor, type->size) == NULL;
    case AVRO_ENUM_TYPE:
        return read_index(plain, type->count, &index);
    default:
        return true; /* null */
    }
}

/* True, too, when it gave up. */
static bool read_type(struct plain *plain, size_t index, int level)
{
    const struct schema_type *type = &plain->schema->types[index];
    size_t branch;
    if (++plain->steps > STEPS_MOST || level > LEVELS_MOST) {
        plain->gave_up = true;
        return true;
    }
    switch (type->type) {
    case AVRO_RECORD_TYPE:
        return read_record(plain, type, level + 1);
    case AVRO_ARRAY_TYPE:
    case AVRO_MAP_TYPE:
        return read_blocks(plain, type, level + 1);
    case AVRO_UNION_TYPE:
        return read_index(plain, type->count, &branch) &&
               read_type(plain, plain->schema->branches[type->first + branch], level + 1);
    default:
        return read_simple(plain, type);
    }
}

static void check_type(const struct schema *schema, const struct skipper *skipper, size_t index,
                       const char *message, size_t length)
{
    const unsigned char *start = (const unsigned char *)message;
    struct cursor cursor = {.at = start, .end = start + length};
    struct plain plain = {.schema = schema, .cursor = cursor};
    bool skipped = skipper_skip(skipper, index, &cursor) == NULL;
    MUST(cursor.at >= start && cursor.at <= start + length && cursor.end == start + length);
    bool good = read_type(&plain, index, 0);
    if (!plain.gave_up) {
        MUST(good == skipped);
        MUST(!good || plain.cursor.at == cursor.at);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct str text = fuzz_piece(&in);
    struct str rest = fuzz_rest(&in);
    struct schema *schema = schema_parse(text, NULL);
    if (schema == NULL) {
        return 0;
    }
    struct skipper *skipper = skipper_create(schema);
    char *message = malloc(rest.length + (rest.length == 0)); /* not a byte more */
    MUST(skipper != NULL && message != NULL);
    if (rest.length > 0) {
        memcpy(message, rest.data, rest.length);
    }
    for (size_t i = 0; i < schema->type_count; i++) {
        check_type(schema, skipper, i, message, rest.length);
    }
    free(message);
    skipper_destroy(skipper);
    schema_destroy(schema);
    return 0;
}
