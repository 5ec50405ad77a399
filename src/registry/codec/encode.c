/* Encodes a struct as Avro. Every field of the schema has a column of its type, so nothing is
 * promoted or left out. */
#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "registry/codec/avro_name.h"
#include "registry/codec/columns_match.h"
#include "registry/codec/schema_fields.h"

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

static void put_long(struct strbuf *body, int64_t value)
{
    unsigned char bytes[10];
    size_t length = 0;
    uint64_t bits = (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
    while (bits >= 0x80) {
        bytes[length++] = (unsigned char)(bits & 0x7F) | 0x80;
        bits >>= 7;
    }
    bytes[length++] = (unsigned char)bits;
    strbuf_append(body, bytes, length);
}

static bool put_double(struct strbuf *body, const char *from)
{
    double value;
    uint64_t bits;
    memcpy(&value, from, sizeof value);
    memcpy(&bits, from, sizeof bits);
    bits = htole64(bits);
    strbuf_append(body, &bits, sizeof bits);
    return isfinite(value);
}

static bool put_text(struct strbuf *body, const char *from, size_t size)
{
    size_t length = strnlen(from, size);
    put_long(body, (int64_t)length);
    strbuf_append(body, from, length);
    return length < size;
}

static bool put_long_text(struct strbuf *body, struct str text)
{
    put_long(body, (int64_t)text.length);
    strbuf_append_str(body, text);
    return long_text_valid(text);
}

static bool put_value(const struct column *column, const char *record,
                      const struct text_arena *texts, struct strbuf *body)
{
    const char *from = record + column->offset;
    int64_t integer;
    switch (column->type) {
    case COLUMN_TEXT:
        return put_text(body, from, column->size);
    case COLUMN_INT64:
        memcpy(&integer, from, sizeof integer);
        put_long(body, integer);
        return true;
    case COLUMN_DOUBLE:
        return put_double(body, from);
    case COLUMN_BOOL:
        strbuf_append_char(body, column_bool(column, record) ? 1 : 0);
        return true;
    case COLUMN_LONG_TEXT:
        return put_long_text(body, column_long_text(column, record, texts));
    }
    return false;
}

bool encode_plan_run(const struct encode_plan *plan, const void *record,
                     const struct text_arena *texts, struct strbuf *body)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct put *put = &plan->puts[i];
        bool present = true;
        if (put->column.present_offset != COLUMN_REQUIRED) {
            memcpy(&present, (const char *)record + put->column.present_offset, sizeof present);
        }
        if (put->nullable) {
            put_long(body, present ? 1 - (int64_t)put->null_branch : put->null_branch);
        }
        if (present && !put_value(&put->column, record, texts, body)) {
            return false;
        }
    }
    return !body->failed;
}
