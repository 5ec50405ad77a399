#include "store/influx/influx_rows.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

json_t *influx_rows_parse(struct str text)
{
    json_t *rows = json_loadb(text.data, text.length, 0, NULL);
    bool fits = json_is_array(rows);
    for (size_t i = 0; fits && i < json_array_size(rows); i++) {
        fits = json_is_object(json_array_get(rows, i));
    }
    if (!fits) {
        json_decref(rows);
        return NULL;
    }
    return rows;
}

/* Skips white space, removes the next byte and returns it; returns '\0' at the end. */
static char take_mark(struct str *rest)
{
    *rest = str_trim(*rest);
    char mark = rest->length > 0 ? rest->data[0] : '\0';
    rest->data += rest->length > 0 ? 1 : 0;
    rest->length -= rest->length > 0 ? 1 : 0;
    return mark;
}

static bool take_object(struct str *rest, json_t **row)
{
    json_error_t where;
    *row = json_loadb(rest->data, rest->length, JSON_DISABLE_EOF_CHECK, &where);
    if (!json_is_object(*row)) {
        json_decref(*row);
        *row = NULL;
        return false;
    }
    rest->data += where.position;
    rest->length -= (size_t)where.position;
    return true;
}

bool influx_rows_next(struct influx_row_reader *reader, json_t **row)
{
    *row = NULL;
    if (reader->ended) {
        return true;
    }
    char mark = take_mark(&reader->rest);
    if (!reader->begun) {
        struct str behind = reader->rest;
        bool empty = take_mark(&behind) == ']';
        if (mark != '[') {
            return false;
        }
        reader->begun = true;
        reader->rest = empty ? behind : reader->rest;
        mark = empty ? ']' : ',';
    }
    if (mark == ']') {
        reader->ended = true;
        return str_trim(reader->rest).length == 0;
    }
    return mark == ',' && take_object(&reader->rest, row);
}

const char *influx_row_text(const json_t *row, const char *name)
{
    return json_string_value(json_object_get(row, name));
}

bool influx_row_time(const json_t *row, const char *name, int64_t *time_ns)
{
    const char *value = influx_row_text(row, name);
    if (value == NULL) {
        return false;
    }
    struct str text = str_from(value);
    if (clock_parse_time(text, time_ns)) {
        return true;
    }
    /* InfluxDB's times are UTC, but only some of its versions append the zone. */
    char zoned[CLOCK_TEXT_SIZE];
    if (!str_copy(text, zoned, sizeof zoned - 1)) {
        return false;
    }
    zoned[text.length] = 'Z';
    zoned[text.length + 1] = '\0';
    return clock_parse_time(str_from(zoned), time_ns);
}

bool influx_row_double(const json_t *row, const char *name, double *value)
{
    const json_t *number = json_object_get(row, name);
    double read = json_number_value(number);
    if (!json_is_number(number) || !isfinite(read)) {
        return false;
    }
    *value = read;
    return true;
}

bool influx_row_int64(const json_t *row, const char *name, int64_t *value)
{
    const json_t *number = json_object_get(row, name);
    if (!json_is_integer(number)) {
        return false;
    }
    *value = (int64_t)json_integer_value(number);
    return true;
}

const char *influx_row_tags(const json_t *row, const struct record_kind *kind,
                            struct str parts[KIND_TAGS_MAX])
{
    const char *missing = NULL;
    for (size_t i = kind->tag_count; i > 0; i--) { /* backwards, so that the result is the first
                                                      missing one */
        const char *name = column_stored_name(kind->tags[i - 1].column);
        const char *text = influx_row_text(row, name);
        parts[i - 1] = str_from(text != NULL ? text : "");
        missing = text != NULL ? missing : name;
    }
    return missing;
}

bool influx_row_candle(const json_t *row, struct candle *candle)
{
    *candle = (struct candle){.ticks = 0};
    candle->has_volume = influx_row_double(row, "volume", &candle->volume);
    return influx_row_time(row, "time", &candle->time_ns) &&
           influx_row_double(row, "open", &candle->open) &&
           influx_row_double(row, "high", &candle->high) &&
           influx_row_double(row, "low", &candle->low) &&
           influx_row_double(row, "close", &candle->close) &&
           influx_row_int64(row, "ticks", &candle->ticks) && candle->ticks > 0;
}

/* Returns false if the value has another type, or is missing although the column is required. */
static bool read_column(const json_t *row, const struct column *column, void *point,
                        struct text_arena *texts)
{
    const char *name = column_stored_name(column);
    const json_t *cell = json_object_get(row, name);
    bool required = column->present_offset == COLUMN_REQUIRED;
    int64_t integer = INT64_MIN;
    double real = 0;
    struct str text;
    bool read = false;
    column_set_null(column, point);
    if (!required && (cell == NULL || json_is_null(cell))) {
        return true;
    }
    switch (column->type) {
    case COLUMN_INT64:
        read = influx_row_int64(row, name, &integer);
        if (read || required) {
            column_set_int64(column, point, integer);
        }
        return read;
    case COLUMN_DOUBLE:
        read = influx_row_double(row, name, &real);
        if (read || required) {
            column_set_double(column, point, real);
        }
        return read;
    case COLUMN_BOOL:
        read = json_is_boolean(cell);
        if (read || required) {
            column_set_bool(column, point, json_is_true(cell));
        }
        return read;
    case COLUMN_TEXT:
        return json_is_string(cell) &&
               column_set_text(column, point, str_from(json_string_value(cell)));
    case COLUMN_LONG_TEXT:
        text = (struct str){json_string_value(cell), json_string_length(cell)};
        return texts == NULL ||
               (json_is_string(cell) && column_set_long_text(column, point, texts, text));
    }
    return false;
}

bool influx_row_point(const json_t *row, const struct stored_columns *columns, void *point,
                      struct text_arena *texts, const char **odd)
{
    int64_t time_ns = 0;
    const struct column *time = columns->kind->time;
    *odd = NULL;
    for (size_t i = columns->count; i > 0; i--) { /* backwards, so that *odd is the first one */
        const struct column *column = columns->items[i - 1];
        *odd = read_column(row, column, point, texts) ? *odd : column_stored_name(column);
    }
    if (!influx_row_time(row, column_stored_name(time), &time_ns)) {
        return false;
    }
    column_set_int64(time, point, time_ns);
    return true;
}
