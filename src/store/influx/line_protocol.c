#include "store/influx/line_protocol.h"

#include <stdio.h>
#include <string.h>

#include "base/text/digits.h"
#include "base/text/number.h"

/* At least the bytes of one field: its label, its value and a comma. */
enum { FIELD_ROOM = LINE_LABEL_SIZE + NUMBER_TEXT_SIZE + 1 };

void line_plan_init(struct line_plan *plan, const struct record_kind *kind)
{
    struct stored_columns stored = kind_stored_columns(kind);
    plan->kind = kind;
    plan->count = stored.count;
    (void)snprintf(plan->start, sizeof plan->start, "%s,%s=", kind->name,
                   column_stored_name(kind->key));
    for (size_t i = 0; i < stored.count; i++) {
        struct line_field *field = &plan->fields[i];
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
    size_t start = 0; /* of the run of bytes that need no escape */
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

/* Copies all bytes of the fixed-size label, which is faster: lines are written by the million. */
static char *put_label(char *at, const struct line_field *field)
{
    memcpy(at, field->label, sizeof field->label);
    return at + field->length;
}

/* Without the `i` InfluxDB would read an integer as a double and lose digits. */
static char *put_value(char *at, const struct column *column, const void *record)
{
    if (column->type == COLUMN_DOUBLE) {
        return at + number_format(column_double(column, record), at);
    }
    at += digits_write_signed(column_int64(column, record), at);
    *at++ = 'i';
    return at;
}

/* Writes everything after the tag, without a NUL. */
static char *put_fields(char *at, const struct line_plan *plan, const void *record)
{
    char separator = ' ';
    for (size_t i = 0; i < plan->count; i++) {
        const struct line_field *field = &plan->fields[i];
        if (column_present(field->column, record)) {
            *at++ = separator;
            at = put_value(put_label(at, field), field->column, record);
            separator = ',';
        }
    }
    *at++ = ' ';
    at += digits_write_signed(column_int64(plan->kind->time, record), at);
    *at++ = '\n';
    return at;
}

bool line_protocol_append(const struct line_plan *plan, const void *record, struct strbuf *lines)
{
    strbuf_append_text(lines, plan->start);
    if (!line_protocol_append_tag_value(lines, column_text(plan->kind->key, record)) ||
        !strbuf_reserve(lines, (plan->count + 2) * FIELD_ROOM)) {
        return false;
    }
    char *end = put_fields(lines->data + lines->length, plan, record);
    lines->length = (size_t)(end - lines->data);
    *end = '\0';
    return true;
}
