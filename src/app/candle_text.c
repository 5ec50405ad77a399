#include "app/candle_text.h"

#include <string.h>

#include "base/clock.h"
#include "base/number.h"

enum { PRICES = 4 };

static void prices_of(const struct candle *candle, double prices[PRICES])
{
    prices[0] = candle->open;
    prices[1] = candle->high;
    prices[2] = candle->low;
    prices[3] = candle->close;
}

void candles_csv_header(struct strbuf *text)
{
    strbuf_append_text(text, "time,coin,open,high,low,close,ticks\n");
}

void candles_to_csv(const struct candle_list *candles, const char *coin, struct strbuf *text)
{
    for (size_t i = 0; i < candles->count; i++) {
        const struct candle *candle = &candles->items[i];
        char time[CLOCK_TEXT_SIZE];
        double prices[PRICES];
        clock_format_rfc3339(candle->time_ns, time);
        prices_of(candle, prices);
        strbuf_append_format(text, "%s,%s,", time, coin);
        for (int k = 0; k < PRICES; k++) {
            char number[NUMBER_TEXT_SIZE];
            strbuf_append(text, number, number_format(prices[k], number));
            strbuf_append_char(text, ',');
        }
        strbuf_append_int64(text, candle->ticks);
        strbuf_append_char(text, '\n');
    }
}

/* The widest price of the list decides the width of its columns. */
static int price_width(const struct candle_list *candles)
{
    size_t width = strlen("close");
    for (size_t i = 0; i < candles->count; i++) {
        double prices[PRICES];
        prices_of(&candles->items[i], prices);
        for (int k = 0; k < PRICES; k++) {
            char number[NUMBER_TEXT_SIZE];
            size_t length = number_format(prices[k], number);
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
        char time[CLOCK_TEXT_SIZE];
        double prices[PRICES];
        clock_format_rfc3339(candle->time_ns, time);
        prices_of(candle, prices);
        strbuf_append_format(text, "%-20s  %-10s", time, coin);
        for (int k = 0; k < PRICES; k++) {
            char number[NUMBER_TEXT_SIZE];
            (void)number_format(prices[k], number);
            strbuf_append_format(text, "  %*s", width, number);
        }
        bool forming = now_ns >= candle->time_ns && now_ns - candle->time_ns < interval_ns;
        strbuf_append_format(text, "  %7lld%s\n", (long long)candle->ticks,
                             forming ? "  forming" : "");
    }
}
