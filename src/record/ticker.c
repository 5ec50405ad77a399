#include "record/ticker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const ticker_figure_names[TICKER_FIGURES] = {
    [TICKER_BID] = "bid",
    [TICKER_BID_SIZE] = "bid_size",
    [TICKER_ASK] = "ask",
    [TICKER_ASK_SIZE] = "ask_size",
    [TICKER_DAILY_CHANGE] = "daily_change",
    [TICKER_DAILY_CHANGE_RELATIVE] = "daily_change_relative",
    [TICKER_VOLUME] = "volume",
    [TICKER_HIGH] = "high",
    [TICKER_LOW] = "low",
};

const char *const ticker_fault_names[TICKER_FAULTS] = {
    [TICKER_OK] = "ok",
    [TICKER_BAD_SYMBOL] = "bad_symbol",
    [TICKER_BAD_PRICE] = "bad_price",
    [TICKER_BAD_FIGURE] = "bad_figure",
    [TICKER_BAD_TIME] = "bad_time",
};

static bool is_upper_or_digit(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool symbol_valid(struct str symbol)
{
    if (symbol.length < SYMBOL_MIN || symbol.length > SYMBOL_MAX) {
        return false;
    }
    for (size_t i = 0; i < symbol.length; i++) {
        char c = symbol.data[i];
        if (!is_upper_or_digit(c) && !(c >= 'a' && c <= 'z') && c != ':' && c != '_' && c != '-') {
            return false;
        }
    }
    return true;
}

/* Where the quote currency starts, counted in `pair`; 0 when `pair` is not a trading pair. */
static size_t base_length(struct str pair)
{
    size_t colon = 0;
    for (size_t i = 0; i < pair.length; i++) {
        if (pair.data[i] == ':' && colon == 0 && i > 0 && i + 1 < pair.length) {
            colon = i;
        } else if (!is_upper_or_digit(pair.data[i])) {
            return 0;
        }
    }
    return colon > 0 ? colon : pair.length == 6 ? 3 : 0;
}

void symbol_display(const char *symbol, char text[SYMBOL_MAX + 2])
{
    struct str pair = str_from(symbol);
    size_t base = 0;
    if (pair.length > 1 && pair.length <= SYMBOL_MAX && pair.data[0] == 't') {
        pair = (struct str){.data = pair.data + 1, .length = pair.length - 1};
        base = base_length(pair);
    }
    if (base == 0) {
        (void)str_copy(str_from(symbol), text, SYMBOL_MAX + 2);
        return;
    }
    size_t quote = pair.data[base] == ':' ? base + 1 : base;
    (void)snprintf(text, SYMBOL_MAX + 2, "%.*s/%s", (int)base, pair.data, pair.data + quote);
}

bool ticker_time_valid(int64_t event_time_ns)
{
    return event_time_ns >= TICKER_TIME_BEGIN_NS && event_time_ns < TICKER_TIME_END_NS;
}

bool ticker_is_live(const struct ticker *ticker)
{
    return strcmp(ticker->source, "replay") != 0 && strcmp(ticker->source, "synthetic") != 0;
}

enum ticker_fault ticker_check(const struct ticker *ticker)
{
    size_t length = strnlen(ticker->symbol, sizeof ticker->symbol);
    if (!symbol_valid((struct str){.data = ticker->symbol, .length = length})) {
        return TICKER_BAD_SYMBOL;
    }
    if (!isfinite(ticker->last_price) || ticker->last_price <= 0) {
        return TICKER_BAD_PRICE;
    }
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        if (ticker->has[i] && !isfinite(ticker->figures[i])) {
            return TICKER_BAD_FIGURE;
        }
    }
    return ticker_time_valid(ticker->event_time_ns) ? TICKER_OK : TICKER_BAD_TIME;
}
