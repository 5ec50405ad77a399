#include "store/influx/line_protocol.h"

#include <stdio.h>
#include <string.h>

#include "base/text/digits.h"
#include "base/text/number.h"

/* A bound for the bytes of one field whose value is not text: label, value and comma. */
enum { FIELD_ROOM = LINE_LABEL_SIZE + NUMBER_TEXT_SIZE + 1 };

/* In a line a text may need two bytes for each byte that it has, and is in quotes. */
static size_t room_of(const struct column *column)
{
    return FIELD_ROOM + (column->type == COLUMN_TEXT ? 2 * column->size + 2 : 0);
}

void line_plan_init(struct line_plan *plan, const struct record_kind *kind)
{
    struct stored_columns stored = kind_stored_columns(kind);
    plan->kind = kind;
    plan->count = stored.count;
    plan->has_long_texts = kind_long_texts(kind) > 0;
    plan->room = 2 * FIELD_ROOM; /* room for the time */
    for (size_t i = 0; i < kind->tag_count; i++) {
        (void)snprintf(plan->tags[i], sizeof plan->tags[i], "%s,%s=", i == 0 ? kind->name : "",
                       column_stored_name(kind->tags[i].column));
    }
    for (size_t i = 0; i < stored.count; i++) {
        struct line_field *field = &plan->fields[i];
        plan->room += room_of(stored.items[i]);
        int length =
            snprintf(field->label, sizeof field->label, "%s=", column_stored_name(stored.items[i]));
        field->length = (size_t)length;
        field->column = stored.items[i];
    }
}

bool line_protocol_append_tag_value(struct strbuf *lines, struct str value)
{
    if (value.length == 0 || memchr(value.data, '\n', value.length) != NULL ||
        memchr(value.data, '\\', value.length) != NULL) {
        return false;
    }
    size_t start = 0; /* start of the bytes that are not copied yet; none of them needs an escape */
    for (size_t i = 0; i < value.length; i++) {
        char c = value.data[i];
        if (c == ',' || c == ' ' || c == '=') {
            strbuf_append(lines, value.data + start, i - start);
            strbuf_append_char(lines, '\\');
            start = i;
        }
    }
    strbuf_append(lines, value.data + start, value.length - start);
    return !lines->failed;
}

/* Copies a label. Copies all bytes of its array, because a fixed size is faster: lines are written
 * by the million. */
static char *put_label(char *at, const struct line_field *field)
{
    memcpy(at, field->label, sizeof field->label);
    return at + field->length;
}

static char *put_text(char *at, struct str text)
{
    *at++ = '"';
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\') {
            *at++ = '\\';
        }
        *at++ = text.data[i];
    }
    *at++ = '"';
    return at;
}

static char *put_value(char *at, const struct column *column, const void *record,
                       const struct text_arena *texts)
{
    switch (column->type) {
    case COLUMN_DOUBLE:
        return at + number_format(column_double(column, record), at);
    case COLUMN_INT64:
        at += digits_write_signed(column_int64(column, record), at);
        *at++ = 'i'; /* without it InfluxDB would read a double and lose digits */
        return at;
    case COLUMN_BOOL:
        *at++ = column_bool(column, record) ? 't' : 'f';
        return at;
    case COLUMN_TEXT:
        return put_text(at, column_text(column, record));
    case COLUMN_LONG_TEXT:
        return put_text(at, column_long_text(column, record, texts));
    }
    return at;
}

/* Writes everything after the tags, without a NUL. */
static char *put_fields(char *at, const struct line_plan *plan, const void *record,
                        const struct text_arena *texts)
{
    char separator = ' ';
    for (size_t i = 0; i < plan->count; i++) {
        const struct line_field *field = &plan->fields[i];
        if (column_present(field->column, record)) {
            *at++ = separator;
            at = put_value(put_label(at, field), field->column, record, texts);
            separator = ',';
        }
    }
    *at++ = ' ';
    at += digits_write_signed(column_int64(plan->kind->time, record), at);
    *at++ = '\n';
    return at;
}

/* Returns a bound for the bytes of the record's long texts, with their quotes. */
static size_t room_of_texts(const struct line_plan *plan, const void *record,
                            const struct text_arena *texts)
{
    size_t room = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct column *column = plan->fields[i].column;
        if (column->type == COLUMN_LONG_TEXT) {
            room += 2 * column_long_text(column, record, texts).length + 2;
        }
    }
    return room;
}

bool line_protocol_append(const struct line_plan *plan, const void *record,
                          const struct text_arena *texts, struct strbuf *lines)
{
    const struct record_kind *kind = plan->kind;
    size_t room = plan->room + (plan->has_long_texts ? room_of_texts(plan, record, texts) : 0);
    for (size_t i = 0; i < kind->tag_count; i++) {
        strbuf_append_text(lines, plan->tags[i]);
        if (!line_protocol_append_tag_value(lines, column_text(kind->tags[i].column, record))) {
            return false;
        }
    }
    if (!strbuf_reserve(lines, room)) {
        return false;
    }
    char *end = put_fields(lines->data + lines->length, plan, record, texts);
    lines->length = (size_t)(end - lines->data);
    *end = '\0';
    return true;
}
