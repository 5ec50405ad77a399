#include "record/record_json.h"

#include "base/clock.h"
#include "record/series.h"

static void append_int64(const struct record_kind *kind, const struct column *column,
                         const void *record, struct strbuf *json)
{
    int64_t value = column_int64(column, record);
    if (column != kind->moment && column != kind->run && !column->is_time) {
        strbuf_append_int64(json, value);
        return;
    }
    strbuf_append_char(json, '"');
    strbuf_append_int64(json, value);
    strbuf_append_char(json, '"');
    if (column == kind->moment) {
        char text[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(value, text);
        strbuf_append_format(json, ",\"time\":\"%s\"", text);
    }
}

static void append_value(const struct record_kind *kind, const struct column *column,
                         const void *record, const struct text_arena *texts, struct strbuf *json)
{
    if (!column_present(column, record)) {
        strbuf_append_text(json, "null");
        return;
    }
    switch (column->type) {
    case COLUMN_TEXT:
        strbuf_append_json_string(json, column_text(column, record));
        break;
    case COLUMN_INT64:
        append_int64(kind, column, record, json);
        break;
    case COLUMN_DOUBLE:
        strbuf_append_json_double(json, column_double(column, record));
        break;
    case COLUMN_BOOL:
        strbuf_append_text(json, column_bool(column, record) ? "true" : "false");
        break;
    case COLUMN_LONG_TEXT:
        strbuf_append_json_string(json, column_long_text(column, record, texts));
        break;
    }
}

void record_to_json(const struct record_kind *kind, const void *record,
                    const struct text_arena *texts, struct strbuf *json)
{
    char separator = '{';
    for (const struct column *column = kind->columns; column->name != NULL; column++) {
        if (column->derived) {
            continue;
        }
        strbuf_append_char(json, separator);
        strbuf_append_format(json, "\"%s\":", column->name);
        append_value(kind, column, record, texts, json);
        separator = ',';
    }
    strbuf_append_char(json, '}');
}

void series_to_json(const struct record_kind *kind, const char *name, struct strbuf *json)
{
    struct str parts[KIND_TAGS_MAX];
    bool valid = series_split(kind, str_from(name), parts);
    for (size_t i = 0; i < (valid ? kind->tag_count : 1); i++) {
        strbuf_append_format(json, "%s\"%s\":", i > 0 ? "," : "",
                             column_stored_name(kind->tags[i].column));
        strbuf_append_json_string(json, valid ? parts[i] : str_from(name));
    }
}
