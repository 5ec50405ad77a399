#include "source/bitfinex/bitfinex_row.h"

#include "base/text/number.h"

static void append_number(struct strbuf *text, bool has, double value)
{
    if (!has) {
        strbuf_append_text(text, ",null");
        return;
    }
    char digits[NUMBER_TEXT_SIZE];
    size_t length = number_format(value, digits);
    strbuf_append_char(text, ',');
    strbuf_append(text, digits, length);
}

/* Bitfinex's columns are the figures in the schema's order, but with the price before the volume.
 */
void bitfinex_row_append(const struct ticker *tick, struct strbuf *text)
{
    strbuf_append_char(text, '[');
    strbuf_append_json_string(text, str_from(tick->symbol));
    for (size_t i = 0; i <= TICKER_LOW; ++i) {
        if (i == TICKER_VOLUME) {
            append_number(text, true, tick->last_price);
        }
        append_number(text, tick->has[i], tick->figures[i]);
    }
    strbuf_append_char(text, ']');
}
