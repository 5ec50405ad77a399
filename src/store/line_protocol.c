#include "store/line_protocol.h"

#include <string.h>

#include "base/number.h"

#define LINE_START "ticker,coin="

bool line_protocol_append_tag_value(struct strbuf *lines, struct str value)
{
    if (value.length == 0 || memchr(value.data, '\n', value.length) != NULL ||
        memchr(value.data, '\\', value.length) != NULL) {
        return false;
    }
    for (size_t i = 0; i < value.length; i++) {
        char c = value.data[i];
        if (c == ',' || c == ' ' || c == '=') {
            strbuf_append_char(lines, '\\');
        }
        strbuf_append_char(lines, c);
    }
    return !lines->failed;
}

static void append_double(struct strbuf *lines, char before, const char *name, double value)
{
    char text[NUMBER_TEXT_SIZE];
    size_t length = number_format(value, text);
    strbuf_append_char(lines, before);
    strbuf_append_text(lines, name);
    strbuf_append_char(lines, '=');
    strbuf_append(lines, text, length);
}

/* Without the `i` InfluxDB would take it for a double and lose digits. */
static void append_integer(struct strbuf *lines, const char *name, int64_t value)
{
    strbuf_append_char(lines, ',');
    strbuf_append_text(lines, name);
    strbuf_append_char(lines, '=');
    strbuf_append_int64(lines, value);
    strbuf_append_char(lines, 'i');
}

bool line_protocol_append(struct strbuf *lines, const struct ticker *tick)
{
    strbuf_append(lines, LINE_START, strlen(LINE_START));
    if (!line_protocol_append_tag_value(lines, str_from(tick->symbol))) {
        return false;
    }
    append_double(lines, ' ', "last_price", tick->last_price);
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        if (tick->has[i]) {
            append_double(lines, ',', ticker_figure_names[i], tick->figures[i]);
        }
    }
    append_integer(lines, "seq", tick->seq);
    append_integer(lines, "run_id", tick->run_id);
    strbuf_append_char(lines, ' ');
    strbuf_append_int64(lines, tick->event_time_ns);
    strbuf_append_char(lines, '\n');
    return !lines->failed;
}
