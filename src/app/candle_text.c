#include "app/candle_text.h"

#include <string.h>

#include "base/clock.h"
#include "base/number.h"

enum { PRICES = 4 };

/* A candle's columns as text; the numbers read back as the same bits. */
struct candle_columns {
    char time[CLOCK_TEXT_SIZE];
    char prices[PRICES][NUMBER_TEXT_SIZE]; /* open, high, low, close */
};

static struct candle_columns columns_of(const struct candle *candle)
{
    const double prices[PRICES] = {candle->open, candle->high, candle->low, candle->close};
    struct candle_columns columns;
    clock_format_rfc3339(candle->time_ns, columns.time);
    for (int i = 0; i < PRICES; i++) {
        (void)number_format(prices[i], columns.prices[i]);
    }
    return columns;
}

void candles_csv_header(struct strbuf *text)
{
    strbuf_append_text(text, "time,coin,open,high,low,close,ticks\n");
}

void candles_to_csv(const struct candle_list *candles, const char *coin, struct strbuf *text)
{
    for (size_t i = 0; i < candles->count; i++) {
        struct candle_columns columns = columns_of(&candles->items[i]);
        strbuf_append_format(text, "%s,%s", columns.time, coin);
        for (int k = 0; k < PRICES; k++) {
            strbuf_append_format(text, ",%s", columns.prices[k]);
        }
        strbuf_append_format(text, ",%lld\n", (long long)candles->items[i].ticks);
    }
}

/* The widest price of the list decides the width of its columns. */
static int price_width(const struct candle_list *candles)
{
    size_t width = strlen("close");
    for (size_t i = 0; i < candles->count; i++) {
        struct candle_columns columns = columns_of(&candles->items[i]);
        for (int k = 0; k < PRICES; k++) {
            size_t length = strlen(columns.prices[k]);
            width = length > width ? length : width;
        }
    }
    return (int)width;
}

void candles_to_table(const struct candle_list *candles, const char *coin, int64_t interval_ns,
                      int64_t now_ns, struct strbuf *text)
{
    int width = price_width(candles);
    strbuf_append_format(text, "%-20s  %-10s  %*s  %*s  %*s  %*s  %7s\n", "time (UTC)", "coin",
                         width, "open", width, "high", width, "low", width, "close", "ticks");
    for (size_t i = 0; i < candles->count; i++) {
        const struct candle *candle = &candles->items[i];
        struct candle_columns columns = columns_of(candle);
        strbuf_append_format(text, "%-20s  %-10s", columns.time, coin);
        for (int k = 0; k < PRICES; k++) {
            strbuf_append_format(text, "  %*s", width, columns.prices[k]);
        }
        bool forming = now_ns >= candle->time_ns && now_ns - candle->time_ns < interval_ns;
        strbuf_append_format(text, "  %7lld%s\n", (long long)candle->ticks,
                             forming ? "  forming" : "");
    }
}
