#include "cli/candle_text.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text/fit.h"
#include "base/text/number.h"
#include "base/text/table.h"

enum {
    PRICES = 4,
    HEADING_LIMIT = 256,
    COIN_COLUMNS = 14,
    COUNT_SIZE = 21, /* for an int64_t */
};

/* A candle's columns as text; numbers parse as the same bits. */
struct candle_columns {
    char time[CLOCK_TEXT_SIZE];
    char prices[PRICES][NUMBER_TEXT_SIZE]; /* open, high, low, close */
    char ticks[COUNT_SIZE];                /* "" if unknown */
    char volume[NUMBER_TEXT_SIZE];         /* likewise */
};

static struct candle_columns columns_of(const struct candle *candle)
{
    const double prices[PRICES] = {candle->open, candle->high, candle->low, candle->close};
    struct candle_columns columns;
    clock_format_rfc3339(candle->time_ns, columns.time);
    for (int i = 0; i < PRICES; i++) {
        (void)number_format(prices[i], columns.prices[i]);
    }
    columns.ticks[0] = columns.volume[0] = '\0';
    if (candle->has_volume) {
        (void)number_format(candle->volume, columns.volume);
    }
    if (candle->ticks != CANDLE_TICKS_UNKNOWN) {
        (void)snprintf(columns.ticks, sizeof columns.ticks, "%lld", (long long)candle->ticks);
    }
    return columns;
}

void candles_csv_header(const struct candle_marks *marks, struct strbuf *text)
{
    strbuf_append_format(text, "time,coin,open,high,low,close,ticks,%sforming,cut,synthetic\n",
                         marks->volumes ? "volume," : "");
}

static const char *word_of(bool value)
{
    return value ? "true" : "false";
}

void candles_to_csv(const struct candle_list *candles, const char *coin,
                    const struct candle_marks *marks, struct strbuf *text)
{
    for (size_t i = 0; i < candles->count; i++) {
        const struct candle *candle = &candles->items[i];
        struct candle_columns columns = columns_of(candle);
        strbuf_append_format(text, "%s,%s", columns.time, coin);
        for (int k = 0; k < PRICES; k++) {
            strbuf_append_format(text, ",%s", columns.prices[k]);
        }
        strbuf_append_format(text, ",%s%s%s", columns.ticks, marks->volumes ? "," : "",
                             columns.volume);
        strbuf_append_format(text, ",%s,%s,%s\n", word_of(candle_is_forming(candle, marks)),
                             word_of(candle_is_cut(candle, marks)), word_of(marks->synthetic));
    }
}

void candles_to_table(const struct candle_list *candles, const char *coin,
                      const struct candle_marks *marks, int columns, struct strbuf *text)
{
    struct strbuf heading = strbuf_new(HEADING_LIMIT);
    /* Fit the coin's name to the width of the times below it. */
    fit_append_middle(&heading, str_from(coin), columns > 0 ? COIN_COLUMNS : SIZE_MAX);
    strbuf_append_text(&heading, " (UTC)");
    struct table table = table_new_with_head(
        (const char *const[]){strbuf_text(&heading), "open", "high", "low", "close", "ticks",
                              marks->volumes ? "volume" : "", marks->volumes ? "" : NULL, NULL});
    for (size_t i = 0; i < candles->count; i++) {
        const struct candle *candle = &candles->items[i];
        struct candle_columns texts = columns_of(candle);
        bool forming = candle_is_forming(candle, marks), cut = candle_is_cut(candle, marks);
        table_cell(&table, "%s", texts.time);
        for (int k = 0; k < PRICES; k++) {
            table_cell(&table, "%s", texts.prices[k]);
        }
        table_cell(&table, "%s", texts.ticks);
        if (marks->volumes) {
            table_cell(&table, "%s", texts.volume);
        }
        table_cell(&table, "%s%s", cut ? "cut" : "",
                   forming ? (cut ? ", forming" : "forming") : "");
    }
    table_append_within(&table, columns, text);
    table_free(&table);
    strbuf_free(&heading);
}
