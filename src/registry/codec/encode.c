/* Encodes a struct as Avro. Every field of the schema has a column of its type, so nothing is
 * promoted or left out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/little_endian.h"
#include "record/kind.h"
#include "registry/codec/avro_name.h"
#include "registry/codec/columns_match.h"
#include "registry/codec/schema_fields.h"

enum {
    VARINT_BYTES = 10, /* of the longest one */
    DOUBLE_BYTES = 8,
    /* A field has at most a varint for its branch, one for its length or value, and its bytes. */
    FIELD_MAX = RECORD_BYTES_MAX + 2 * VARINT_BYTES,
    STAGED_MAX = 1024, /* more than one field; all fields of most records */
};

struct put {
    struct column column;
    bool nullable;
    unsigned null_branch;
};

struct encode_plan {
    size_t count;
    struct put puts[]; /* in the order of the schema; the name of `column` is not used */
};

/* Accepts only types that are read back unchanged: int64_t as long, double as double. */
static bool check_field(const struct schema_field *field, const struct column *column,
                        struct error *error)
{
    if (column == NULL) {
        return error_set(error, ERROR_REJECT, "field '%.64s' is not in the C record", field->name);
    }
    bool narrow = field->type == AVRO_INT_TYPE || field->type == AVRO_FLOAT_TYPE;
    if (narrow) {
        return error_set(error, ERROR_REJECT, "field '%.64s': a %s is too narrow for its member",
                         field->name, avro_type_name(field->type));
    }
    if (column->size > RECORD_BYTES_MAX) {
        return error_set(error, ERROR_REJECT, "field '%.64s' is wider than any record",
                         field->name);
    }
    if (!field->nullable && column->present_offset != COLUMN_REQUIRED) {
        return error_set(error, ERROR_REJECT, "field '%.64s' may be absent but is not nullable",
                         field->name);
    }
    return true;
}

struct encode_plan *encode_plan_compile(const struct schema *schema, const struct column *columns,
                                        struct error *error)
{
    const struct column *bound[SCHEMA_FIELD_LIMIT];
    if (!columns_match(schema, columns, bound, error)) {
        return NULL;
    }
    for (size_t i = 0; i < schema->field_count; i++) {
        if (!check_field(&schema->fields[i], bound[i], error)) {
            return NULL;
        }
    }
    struct encode_plan *plan = calloc(1, sizeof *plan + schema->field_count * sizeof plan->puts[0]);
    if (plan == NULL) {
        error_set(error, ERROR_FATAL, "out of memory for an encoding plan");
        return NULL;
    }
    plan->count = schema->field_count;
    for (size_t i = 0; i < plan->count; i++) {
        plan->puts[i] = (struct put){.column = *bound[i],
                                     .nullable = schema->fields[i].nullable,
                                     .null_branch = schema->fields[i].null_branch};
    }
    return plan;
}

void encode_plan_destroy(struct encode_plan *plan)
{
    free(plan);
}

/* Appends a zig-zag varint; at most VARINT_BYTES. */
static unsigned char *put_long(unsigned char *at, int64_t value)
{
    uint64_t bits = (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
    while (bits >= 0x80) {
        *at++ = (unsigned char)(bits & 0x7F) | 0x80;
        bits >>= 7;
    }
    *at++ = (unsigned char)bits;
    return at;
}

static unsigned char *put_double(unsigned char *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    little_endian_store(at, bits);
    return at + DOUBLE_BYTES;
}

static unsigned char *put_text(unsigned char *at, struct str text)
{
    at = put_long(at, (int64_t)text.length);
    memcpy(at, text.data, text.length);
    return at + text.length;
}

/* The bytes of fields that are not appended to the body yet, so that it is asked for room once for
 * many fields. */
struct staged {
    unsigned char bytes[STAGED_MAX];
    unsigned char *end;
};

static void flush(struct staged *staged, struct strbuf *body)
{
    strbuf_append(body, staged->bytes, (size_t)(staged->end - staged->bytes));
    staged->end = staged->bytes;
}

/* Returns false for a value that Avro, or its column, cannot have. */
static bool put_value(const struct column *column, const void *record,
                      const struct text_arena *texts, struct staged *staged, struct strbuf *body)
{
    double number;
    struct str text;
    switch (column->type) {
    case COLUMN_TEXT:
        text = column_text(column, record);
        staged->end = put_text(staged->end, text);
        return text.length < column->size;
    case COLUMN_INT64:
        staged->end = put_long(staged->end, column_int64(column, record));
        return true;
    case COLUMN_DOUBLE:
        number = column_double(column, record);
        staged->end = put_double(staged->end, number);
        return isfinite(number);
    case COLUMN_BOOL:
        *staged->end++ = column_bool(column, record) ? 1 : 0;
        return true;
    case COLUMN_LONG_TEXT:
        text = column_long_text(column, record, texts);
        staged->end = put_long(staged->end, (int64_t)text.length);
        flush(staged, body);
        strbuf_append_str(body, text);
        return long_text_valid(text);
    }
    return false;
}

bool encode_plan_run(const struct encode_plan *plan, const void *record,
                     const struct text_arena *texts, struct strbuf *body)
{
    struct staged staged;
    staged.end = staged.bytes;
    for (size_t i = 0; i < plan->count; i++) {
        const struct put *put = &plan->puts[i];
        bool present = column_present(&put->column, record);
        if (staged.end + FIELD_MAX > staged.bytes + STAGED_MAX) {
            flush(&staged, body);
        }
        if (put->nullable) {
            staged.end =
                put_long(staged.end, present ? 1 - (int64_t)put->null_branch : put->null_branch);
        }
        if (present && !put_value(&put->column, record, texts, &staged, body)) {
            return false;
        }
    }
    flush(&staged, body);
    return !body->failed;
}
