#include "store/influx/line_protocol.h"

#include <string.h>

#include "base/text/digits.h"
#include "base/text/number.h"

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

/* What stands before a figure, with room to copy it as a whole: lines are written by the million.
 */
struct label {
    char text[24];
    size_t length;
};

#define LABEL(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
static const struct label price_label = LABEL(" last_price=");
static const struct label figure_labels[TICKER_FIGURES] = {
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
static const struct label seq_label = LABEL(",seq=");
static const struct label run_id_label = LABEL(",run_id=");

/* More than all that stands behind the tag: the price, the figures, two integers, the time. */
enum {
    FIELD_ROOM = sizeof(struct label) + NUMBER_TEXT_SIZE,
    REST_ROOM = (TICKER_FIGURES + 4) * FIELD_ROOM
};

static char *put_label(char *at, const struct label *label)
{
    memcpy(at, label->text, sizeof label->text);
    return at + label->length;
}

static char *put_double(char *at, const struct label *label, double value)
{
    at = put_label(at, label);
    return at + number_format(value, at);
}

/* Without the `i` InfluxDB would take it for a double and lose digits. */
static char *put_integer(char *at, const struct label *label, int64_t value)
{
    at = put_label(at, label);
    at += digits_write_signed(value, at);
    *at++ = 'i';
    return at;
}

/* All behind the tag, without a NUL. */
static char *put_fields(char *at, const struct ticker *tick)
{
    at = put_double(at, &price_label, tick->last_price);
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        if (tick->has[i]) {
            at = put_double(at, &figure_labels[i], tick->figures[i]);
        }
    }
    at = put_integer(at, &seq_label, tick->seq);
    at = put_integer(at, &run_id_label, tick->run_id);
    *at++ = ' ';
    at += digits_write_signed(tick->event_time_ns, at);
    *at++ = '\n';
    return at;
}

bool line_protocol_append(struct strbuf *lines, const struct ticker *tick)
{
    strbuf_append(lines, LINE_START, strlen(LINE_START));
    if (!line_protocol_append_tag_value(lines, str_from(tick->symbol)) ||
        !strbuf_reserve(lines, REST_ROOM)) {
        return false;
    }
    char *end = put_fields(lines->data + lines->length, tick);
    lines->length = (size_t)(end - lines->data);
    *end = '\0';
    return true;
}
