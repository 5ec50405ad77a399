/*
 * One column of a record kind: a field of its Avro schema, where it is in the C struct, and its
 * role in the log and in the stores. The codec, the stores, JSON, CSV and verify all use the same
 * table of columns (kind.h), so that a field is named only once.
 */
#ifndef CANDLEWICK_RECORD_COLUMN_H
#define CANDLEWICK_RECORD_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"
#include "record/long_text.h"

enum column_type {
    COLUMN_TEXT,      /* char[size], NUL-terminated: at most size - 1 bytes */
    COLUMN_INT64,     /* int64_t */
    COLUMN_DOUBLE,    /* double; finite */
    COLUMN_BOOL,      /* bool */
    COLUMN_LONG_TEXT, /* struct long_text; never a tag */
};

enum column_role {
    COLUMN_FIELD,    /* a value of the stored point */
    COLUMN_KEY,      /* text: the message's key in Kafka, where it is a tag of the stored point */
    COLUMN_IDENTITY, /* text: a further tag of the stored point; part of its primary key */
    COLUMN_TIME,     /* int64, nanoseconds since 1970 (UTC): the stored point's time */
    COLUMN_RUN,      /* int64: the run that produced the record, or its number in that run;
                        stored after the point's fields */
    COLUMN_UNSTORED, /* only in the message, not in the stored point */
};

struct column {
    const char *name; /* name in the schema, in CSV and in JSON */
    enum column_type type;
    enum column_role role;
    size_t offset;         /* offsetof in the struct */
    size_t size;           /* sizeof the member */
    size_t present_offset; /* offsetof a bool that is false for null (the value is then 0 or "");
                              or COLUMN_REQUIRED: never null */
    const char *stored;    /* name in the stores; NULL: the same as `name`. COLUMN_UNSTORED: the
                              stores do not have the column */
    int since;             /* first version of the schema that has the column */
    bool derived; /* computed by the kind's complete() from the other columns; not in the schema,
                     CSV or JSON */
    bool is_time; /* int64: a time, in nanoseconds since 1970 (UTC) */
};
#define COLUMN_REQUIRED ((size_t)-1)

/* Returns the column's name in the stores. */
const char *column_stored_name(const struct column *column);

/* These functions read one column of a record; null is read as 0 or "". The column must have the
 * type that the function's name says. */
static inline bool column_present(const struct column *column, const void *record)
{
    bool present = true;
    if (column->present_offset != COLUMN_REQUIRED) {
        memcpy(&present, (const char *)record + column->present_offset, sizeof present);
    }
    return present;
}

static inline int64_t column_int64(const struct column *column, const void *record)
{
    int64_t value;
    memcpy(&value, (const char *)record + column->offset, sizeof value);
    return value;
}

static inline double column_double(const struct column *column, const void *record)
{
    double value;
    memcpy(&value, (const char *)record + column->offset, sizeof value);
    return value;
}

static inline bool column_bool(const struct column *column, const void *record)
{
    bool value;
    memcpy(&value, (const char *)record + column->offset, sizeof value);
    return value;
}

/* Returns the text, borrowed from the record. */
static inline struct str column_text(const struct column *column, const void *record)
{
    const char *text = (const char *)record + column->offset;
    return (struct str){.data = text, .length = strnlen(text, column->size)};
}

/* Returns the text, borrowed from `texts`, the arena that contains the record's long texts. */
static inline struct str column_long_text(const struct column *column, const void *record,
                                          const struct text_arena *texts)
{
    struct long_text place;
    memcpy(&place, (const char *)record + column->offset, sizeof place);
    return text_arena_at(texts, place);
}

void column_set_null(const struct column *column, void *record);
void column_set_int64(const struct column *column, void *record, int64_t value);
void column_set_double(const struct column *column, void *record, double value);
void column_set_bool(const struct column *column, void *record, bool value);
/* Returns false if `value` is too long; the column then holds as much of it as fits. */
bool column_set_text(const struct column *column, void *record, struct str value);
/* Adds a copy of `value` to `texts`, and points the record to it. Returns false when
 * long_text_valid() does not allow the value or memory runs out; the record is then unchanged. */
NODISCARD bool column_set_long_text(const struct column *column, void *record,
                                    struct text_arena *texts, struct str value);

#endif
