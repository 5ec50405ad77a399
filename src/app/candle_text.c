#include "app/candle_text.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/table.h"

enum {
    PRICES = 4,
    HEADING_LIMIT = 256,
};

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

void candles_to_table(const struct candle_list *candles, const char *coin, int64_t interval_ns,
                      int64_t now_ns, struct strbuf *text)
{
    struct strbuf heading = strbuf_new(HEADING_LIMIT);
    strbuf_append_format(&heading, "%s (UTC)", coin);
    struct table table = table_new_with_head((const char *const[]){
        strbuf_text(&heading), "open", "high", "low", "close", "ticks", "", NULL});
    for (size_t i = 0; i < candles->count; i++) {
        const struct candle *candle = &candles->items[i];
        struct candle_columns columns = columns_of(candle);
        bool forming = now_ns >= candle->time_ns && now_ns - candle->time_ns < interval_ns;
        table_cell(&table, "%s", columns.time);
        for (int k = 0; k < PRICES; k++) {
            table_cell(&table, "%s", columns.prices[k]);
        }
        table_cell(&table, "%lld", (long long)candle->ticks);
        table_cell(&table, "%s", forming ? "forming" : "");
    }
    table_append(&table, FORMAT_TABLE, text);
    table_free(&table);
    strbuf_free(&heading);
}
