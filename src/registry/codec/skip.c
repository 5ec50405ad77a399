#include "registry/codec/skip.h"

#include <stdlib.h>

enum kind {
    ENDLESS, /* a record that contains itself unconditionally */
    NOTHING, /* values of 0 bytes */
    FIXED,
    BOOLEAN,
    INT,
    LONG,
    TEXT, /* a length, then that many bytes */
    ENUM,
    UNION,
    ARRAY,
    MAP,
    RECORD, /* of two or more parts */
};

/*
 * A simplified type: a record omits parts that are NOTHING, and a record of one part is replaced by
 * that part. So each value is NOTHING or has at least one byte, and the number of records nested in
 * a record is below its number of bytes.
 */
struct skip_type {
    enum kind kind;
    uint32_t first; /* index in `parts` of a record's first part or a union's first branch; for an
                       array or map, the index of its items' type */
    uint32_t count; /* number of these, or of an enum's symbols */
    uint64_t size;  /* of a FIXED, in bytes */
};

struct skipper {
    uint32_t *parts; /* indices into `types` */
    uint32_t part_count;
    struct skip_type types[]; /* by the schema's type index */
};

const char skip_no_memory[] = "out of memory for a deeply nested value";

static struct skip_type fixed(uint64_t size)
{
    return (struct skip_type){.kind = size > 0 ? FIXED : NOTHING, .size = size};
}

static struct skip_type union_type(struct skipper *skipper, const struct schema *schema,
                                   const struct schema_type *type)
{
    struct skip_type result = {
        .kind = UNION, .first = skipper->part_count, .count = (uint32_t)type->count};
    for (size_t i = 0; i < type->count; i++) {
        skipper->parts[skipper->part_count++] = (uint32_t)schema->branches[type->first + i];
    }
    return result;
}

/* Converts any type but a record. */
static struct skip_type simple_type(struct skipper *skipper, const struct schema *schema,
                                    const struct schema_type *type)
{
    switch (type->type) {
    case AVRO_NULL_TYPE:
        return fixed(0);
    case AVRO_FLOAT_TYPE:
        return fixed(sizeof(float));
    case AVRO_DOUBLE_TYPE:
        return fixed(sizeof(double));
    case AVRO_FIXED_TYPE:
        return fixed(type->size);
    case AVRO_BOOLEAN_TYPE:
        return (struct skip_type){.kind = BOOLEAN};
    case AVRO_INT_TYPE:
        return (struct skip_type){.kind = INT};
    case AVRO_LONG_TYPE:
        return (struct skip_type){.kind = LONG};
    case AVRO_BYTES_TYPE:
    case AVRO_STRING_TYPE:
        return (struct skip_type){.kind = TEXT};
    case AVRO_ENUM_TYPE:
        return (struct skip_type){.kind = ENUM, .count = (uint32_t)type->count};
    case AVRO_ARRAY_TYPE:
        return (struct skip_type){.kind = ARRAY, .first = (uint32_t)type->first};
    case AVRO_MAP_TYPE:
        return (struct skip_type){.kind = MAP, .first = (uint32_t)type->first};
    case AVRO_UNION_TYPE:
        return union_type(skipper, schema, type);
    case AVRO_RECORD_TYPE:
        break;
    }
    return (struct skip_type){.kind = ENDLESS};
}

/* Converts a record. Returns false if the type of one of its parts is not yet known. */
static bool record_type(struct skipper *skipper, const struct schema *schema,
                        const struct schema_type *type, struct skip_type *result)
{
    struct skip_type record = {.kind = RECORD, .first = skipper->part_count};
    for (size_t i = 0; i < type->count; i++) {
        size_t part = schema->fields[type->first + i].of;
        if (skipper->types[part].kind == ENDLESS) {
            return false;
        }
        if (skipper->types[part].kind != NOTHING) {
            skipper->parts[record.first + record.count++] = (uint32_t)part;
        }
    }
    *result = record.count == 0   ? fixed(0)
              : record.count == 1 ? skipper->types[skipper->parts[record.first]]
                                  : record;
    skipper->part_count += record.count > 1 ? record.count : 0;
    return true;
}

/* Converts the records whose parts are all known, round by round until none is added. A record that
 * is never converted contains itself. One round is mostly enough, because a name is seldom used
 * before its definition. */
static void add_records(struct skipper *skipper, const struct schema *schema)
{
    bool more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < schema->type_count; i++) {
            const struct schema_type *type = &schema->types[i];
            if (type->type == AVRO_RECORD_TYPE && skipper->types[i].kind == ENDLESS) {
                more = record_type(skipper, schema, type, &skipper->types[i]) || more;
            }
        }
    }
}

struct skipper *skipper_create(const struct schema *schema)
{
    struct skipper *skipper =
        calloc(1, sizeof *skipper + schema->type_count * sizeof skipper->types[0]);
    if (skipper == NULL) {
        return NULL;
    }
    skipper->parts = calloc(schema->branch_count + schema->all_fields + 1, sizeof(uint32_t));
    if (skipper->parts == NULL) {
        free(skipper);
        return NULL;
    }
    for (size_t i = 0; i < schema->type_count; i++) {
        skipper->types[i] = simple_type(skipper, schema, &schema->types[i]);
    }
    add_records(skipper, schema);
    return skipper;
}

void skipper_destroy(struct skipper *skipper)
{
    if (skipper != NULL) {
        free(skipper->parts);
        free(skipper);
    }
}

/* An open record, array or map that has more values to come. */
struct frame {
    const struct skip_type *type;
    uint64_t left; /* what is still to be skipped: of a record its parts, of an array or map the
                      items of this block */
};

enum { FRAMES = 64 };

struct skipping {
    const struct skipper *skipper;
    struct cursor *cursor;
    struct frame *frames; /* `few`, or allocated */
    size_t depth, capacity;
    struct frame few[FRAMES];
};

static const char *push(struct skipping *skipping, const struct skip_type *type, uint64_t left)
{
    /* Each open value needs at least one more byte, which limits the depth. */
    if (skipping->depth >= wire_left(skipping->cursor)) {
        return "the message ends inside a value";
    }
    if (skipping->depth == skipping->capacity) {
        bool few = skipping->frames == skipping->few;
        size_t bytes = 2 * skipping->capacity * sizeof(struct frame);
        struct frame *grown = realloc(few ? NULL : skipping->frames, bytes);
        if (grown == NULL) {
            return skip_no_memory;
        }
        if (few) {
            memcpy(grown, skipping->few, sizeof skipping->few);
        }
        skipping->frames = grown;
        skipping->capacity *= 2;
    }
    skipping->frames[skipping->depth++] = (struct frame){.type = type, .left = left};
    return NULL;
}

static const char *read_index(struct cursor *cursor, uint32_t count, const char *out_of_range,
                              uint32_t *index)
{
    int64_t number;
    const char *why = wire_long(cursor, &number);
    if (why == NULL && (number < 0 || number >= (int64_t)count)) {
        return out_of_range;
    }
    *index = why == NULL ? (uint32_t)number : 0;
    return why;
}

/* Skips a value that has no values inside. */
static const char *skip_simple(const struct skip_type *type, struct cursor *cursor)
{
    int64_t number;
    uint32_t index;
    struct str bytes;
    switch (type->kind) {
    case FIXED:
        return wire_skip(cursor, type->size);
    case BOOLEAN:
        return wire_boolean(cursor);
    case INT:
        return wire_int(cursor, &number);
    case LONG:
        return wire_long(cursor, &number);
    case TEXT:
        return wire_bytes(cursor, &bytes);
    case ENUM:
        return read_index(cursor, type->count, "an enum has no such symbol", &index);
    case ENDLESS:
        return "a record contains itself without end";
    default: /* NOTHING */
        return NULL;
    }
}

/* Begins a value. *next becomes the first value inside it, or NULL if there is none or the value is
 * complete. */
static const char *begin(struct skipping *skipping, const struct skip_type *type,
                         const struct skip_type **next)
{
    const struct skipper *skipper = skipping->skipper;
    const char *why;
    uint32_t branch;
    *next = NULL;
    switch (type->kind) {
    case UNION:
        why = read_index(skipping->cursor, type->count, "a union has no such branch", &branch);
        if (why == NULL) {
            *next = &skipper->types[skipper->parts[type->first + branch]];
        }
        return why;
    case RECORD:
        *next = &skipper->types[skipper->parts[type->first]];
        return push(skipping, type, type->count - 1);
    case ARRAY:
    case MAP:
        return push(skipping, type, 0);
    default:
        return skip_simple(type, skipping->cursor);
    }
}

/* Reads the head of the next block of an array or map. *count becomes the number of items that must
 * be skipped one by one; *last: this was the end of the blocks. If the block states its size in
 * bytes (its count is negative), skips it as a whole. */
static const char *open_block(struct cursor *cursor, bool nothing, uint64_t *count, bool *last)
{
    int64_t stated = 0;
    int64_t bytes = 0;
    const char *why = wire_long(cursor, &stated);
    *count = 0;
    *last = why == NULL && stated == 0;
    if (why != NULL || stated == 0) {
        return why;
    }
    if (stated < 0) {
        why = wire_long(cursor, &bytes);
        if (why == NULL && (bytes < 0 || (uint64_t)bytes > wire_left(cursor))) {
            return "a block is larger than what is left of the message";
        }
        return why != NULL ? why : wire_skip(cursor, (size_t)bytes);
    }
    if (nothing) {
        return NULL; /* items of 0 bytes need no skipping, whatever their number */
    }
    *count = (uint64_t)stated;
    return *count > wire_left(cursor) ? "a block has more items than the message has bytes" : NULL;
}

/* Finds the next item of the innermost open array or map. *next becomes NULL at its end, and after
 * a block that was skipped as a whole. */
static const char *next_item(struct skipping *skipping, struct frame *frame,
                             const struct skip_type **next)
{
    const struct skip_type *item = &skipping->skipper->types[frame->type->first];
    bool is_map = frame->type->kind == MAP;
    *next = NULL;
    if (frame->left == 0) {
        bool last;
        const char *why =
            open_block(skipping->cursor, !is_map && item->kind == NOTHING, &frame->left, &last);
        skipping->depth -= last;
        if (why != NULL || frame->left == 0) {
            return why;
        }
    }
    frame->left--;
    *next = item;
    struct str key;
    return is_map ? wire_bytes(skipping->cursor, &key) : NULL;
}

/* Finds the next value inside the innermost open value. */
static const char *go_on(struct skipping *skipping, const struct skip_type **next)
{
    const struct skipper *skipper = skipping->skipper;
    struct frame *frame = &skipping->frames[skipping->depth - 1];
    const struct skip_type *type = frame->type;
    if (type->kind != RECORD) {
        return next_item(skipping, frame, next);
    }
    *next = &skipper->types[skipper->parts[type->first + type->count - frame->left]];
    frame->left--;
    /* A record is closed before its last part begins, so that a list which is linked by the last
     * field of its nodes needs no memory. */
    skipping->depth -= frame->left == 0;
    return NULL;
}

const char *skipper_skip(const struct skipper *skipper, size_t type, struct cursor *cursor)
{
    struct skipping skipping; /* deliberately not zeroed: most values need no frame */
    skipping.skipper = skipper;
    skipping.cursor = cursor;
    skipping.frames = skipping.few;
    skipping.depth = 0;
    skipping.capacity = FRAMES;
    const struct skip_type *next;
    const char *why = begin(&skipping, &skipper->types[type], &next);
    while (why == NULL && (next != NULL || skipping.depth > 0)) {
        why = next != NULL ? begin(&skipping, next, &next) : go_on(&skipping, &next);
    }
    if (skipping.frames != skipping.few) {
        free(skipping.frames);
    }
    return why;
}
