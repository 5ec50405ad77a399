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
    size_t start = 0; /* of what has no special character */
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

/* What stands before each figure: a lookup, since lines are written by the million. */
#define LABEL(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
static const struct str price_label = LABEL(" last_price=");
static const struct str figure_labels[TICKER_FIGURES] = {
    [TICKER_BID] = LABEL(",bid="),
    [TICKER_BID_SIZE] = LABEL(",bid_size="),
    [TICKER_ASK] = LABEL(",ask="),
    [TICKER_ASK_SIZE] = LABEL(",ask_size="),
    [TICKER_DAILY_CHANGE] = LABEL(",daily_change="),
    [TICKER_DAILY_CHANGE_RELATIVE] = LABEL(",daily_change_relative="),
    [TICKER_VOLUME] = LABEL(",volume="),
    [TICKER_HIGH] = LABEL(",high="),
    [TICKER_LOW] = LABEL(",low="),
};

/* Straight into the buffer, for the same reason. */
static void append_double(struct strbuf *lines, struct str label, double value)
{
    if (strbuf_reserve(lines, label.length + NUMBER_TEXT_SIZE)) {
        char *end = lines->data + lines->length;
        memcpy(end, label.data, label.length);
        lines->length += label.length + number_format(value, end + label.length);
    }
}

/* Without the `i` InfluxDB would take it for a double and lose digits. */
static void append_integer(struct strbuf *lines, const char *label, int64_t value)
{
    strbuf_append_text(lines, label);
    strbuf_append_int64(lines, value);
    strbuf_append_char(lines, 'i');
}

bool line_protocol_append(struct strbuf *lines, const struct ticker *tick)
{
    strbuf_append(lines, LINE_START, strlen(LINE_START));
    if (!line_protocol_append_tag_value(lines, str_from(tick->symbol))) {
        return false;
    }
    append_double(lines, price_label, tick->last_price);
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        if (tick->has[i]) {
            append_double(lines, figure_labels[i], tick->figures[i]);
        }
    }
    append_integer(lines, ",seq=", tick->seq);
    append_integer(lines, ",run_id=", tick->run_id);
    strbuf_append_char(lines, ' ');
    strbuf_append_int64(lines, tick->event_time_ns);
    strbuf_append_char(lines, '\n');
    return !lines->failed;
}
