#include "record/ticker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "record/names.h"

#define FIGURE_NAME(number, name, since) [number] = (name),
const char *const ticker_figure_names[TICKER_FIGURES] = {TICKER_FIGURE_LIST(FIGURE_NAME)};
#define FIGURE_REASON(number, name, since) [number] = "bad_figure: " name " is not a finite number",
static const char *const figure_reasons[TICKER_FIGURES] = {TICKER_FIGURE_LIST(FIGURE_REASON)};

#define REQUIRED(member)                                                                           \
    .offset = offsetof(struct ticker, member), .size = sizeof(((struct ticker *)0)->member),       \
    .present_offset = COLUMN_REQUIRED, .since = 1
#define FIGURE_COLUMN(number, label, version)                                                      \
    {.name = (label),                                                                              \
     .type = COLUMN_DOUBLE,                                                                        \
     .role = COLUMN_FIELD,                                                                         \
     .offset = offsetof(struct ticker, figures[number]),                                           \
     .size = sizeof(double),                                                                       \
     .present_offset = offsetof(struct ticker, has[number]),                                       \
     .since = (version)},

enum { SYMBOL, EVENT_TIME, SEQ, RUN_ID, SOURCE, LAST_PRICE, FIRST_FIGURE };
const struct column ticker_columns[] = {
    [SYMBOL] = {"symbol", COLUMN_TEXT, COLUMN_KEY, REQUIRED(symbol), .stored = "coin"},
    [EVENT_TIME] = {"event_time_ns", COLUMN_INT64, COLUMN_TIME, REQUIRED(event_time_ns),
                    .stored = "time"},
    [SEQ] = {"seq", COLUMN_INT64, COLUMN_RUN, REQUIRED(seq)},
    [RUN_ID] = {"run_id", COLUMN_INT64, COLUMN_RUN, REQUIRED(run_id)},
    [SOURCE] = {"source", COLUMN_TEXT, COLUMN_UNSTORED, REQUIRED(source)},
    [LAST_PRICE] = {"last_price", COLUMN_DOUBLE, COLUMN_FIELD, REQUIRED(last_price)},
    TICKER_FIGURE_LIST(FIGURE_COLUMN){.name = NULL},
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

/* Returns the length of the base currency in `pair`; 0 if `pair` is not a trading pair. */
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

/* Returns the number of the first figure that is not finite; TICKER_FIGURES: there is none. */
static size_t bad_figure(const struct ticker *ticker)
{
    size_t i = 0;
    while (i < TICKER_FIGURES && (!ticker->has[i] || isfinite(ticker->figures[i]))) {
        i++;
    }
    return i;
}

enum ticker_fault ticker_check(const struct ticker *ticker)
{
    size_t length = strnlen(ticker->symbol, sizeof ticker->symbol);
    if (!record_symbol_valid((struct str){.data = ticker->symbol, .length = length})) {
        return TICKER_BAD_SYMBOL;
    }
    if (!isfinite(ticker->last_price) || ticker->last_price <= 0) {
        return TICKER_BAD_PRICE;
    }
    if (bad_figure(ticker) < TICKER_FIGURES) {
        return TICKER_BAD_FIGURE;
    }
    return record_time_valid(ticker->event_time_ns) ? TICKER_OK : TICKER_BAD_TIME;
}

static const char *check(const void *record, const struct text_arena *texts)
{
    (void)texts;
    enum ticker_fault fault = ticker_check(record);
    switch (fault) {
    case TICKER_OK:
        return NULL;
    case TICKER_BAD_PRICE:
        return "bad_price: last_price is not a finite number above 0";
    case TICKER_BAD_FIGURE:
        return figure_reasons[bad_figure(record)];
    case TICKER_BAD_TIME:
        return "bad_time: event_time_ns is not of the years 1678 to 2261";
    default:
        return ticker_fault_names[fault];
    }
}

const struct record_kind ticker_kind = {
    .name = "ticker",
    .record = "tick",
    .records = "ticks",
    .topic = "tickers",
    .schema = ticker_schema_text,
    .columns = ticker_columns,
    .key = &ticker_columns[SYMBOL],
    .time = &ticker_columns[EVENT_TIME],
    .moment = &ticker_columns[EVENT_TIME],
    .price = &ticker_columns[LAST_PRICE],
    .seq = &ticker_columns[SEQ],
    .run = &ticker_columns[RUN_ID],
    .source = &ticker_columns[SOURCE],
    .size = sizeof(struct ticker),
    .tags = {{.column = &ticker_columns[SYMBOL],
              .valid = record_symbol_valid,
              .class = RECORD_SYMBOL_CLASS,
              .least = 1,
              .most = SYMBOL_MAX}},
    .tag_count = 1,
    .check = check,
};
_Static_assert(sizeof(struct ticker) <= RECORD_BYTES_MAX, "a record must fit union record_room");
