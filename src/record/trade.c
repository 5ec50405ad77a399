#include "record/trade.h"

#include <math.h>

#include "base/clock.h"
#include "record/names.h"

#define REQUIRED(member)                                                                           \
    .offset = offsetof(struct trade, member), .size = sizeof(((struct trade *)0)->member),         \
    .present_offset = COLUMN_REQUIRED, .since = 1

enum { SYMBOL, SOURCE, TRADE_ID, EXCHANGE_TIME, PRICE, AMOUNT, TIME, COLUMNS };
static const struct column columns[COLUMNS + 1] = {
    [SYMBOL] = {"symbol", COLUMN_TEXT, COLUMN_KEY, REQUIRED(symbol), .stored = "coin"},
    [SOURCE] = {"source", COLUMN_TEXT, COLUMN_IDENTITY, REQUIRED(source)},
    [TRADE_ID] = {"trade_id", COLUMN_INT64, COLUMN_FIELD, REQUIRED(trade_id)},
    [EXCHANGE_TIME] = {"exchange_time_ns", COLUMN_INT64, COLUMN_FIELD, REQUIRED(exchange_time_ns)},
    [PRICE] = {"price", COLUMN_DOUBLE, COLUMN_FIELD, REQUIRED(price)},
    [AMOUNT] = {"amount", COLUMN_DOUBLE, COLUMN_FIELD, REQUIRED(amount)},
    [TIME] = {"time", COLUMN_INT64, COLUMN_TIME, REQUIRED(time_ns), .derived = true},
    [COLUMNS] = {.name = NULL},
};

const char *const trade_fault_names[TRADE_FAULTS] = {
    [TRADE_OK] = "ok",
    [TRADE_BAD_SYMBOL] = "bad_symbol",
    [TRADE_BAD_SOURCE] = "bad_source",
    [TRADE_BAD_ID] = "bad_trade_id",
    [TRADE_BAD_TIME] = "bad_time",
    [TRADE_BAD_PRICE] = "bad_price",
    [TRADE_BAD_AMOUNT] = "bad_amount",
    [TRADE_INCOMPLETE] = "incomplete",
};

static bool exchange_time_valid(int64_t time_ns)
{
    return record_time_valid(time_ns) && time_ns % NS_PER_MS == 0;
}

int64_t trade_stored_time_ns(const struct trade *trade)
{
    if (trade->trade_id < 0 || !exchange_time_valid(trade->exchange_time_ns)) {
        return 0;
    }
    return trade->exchange_time_ns + trade->trade_id % NS_PER_MS;
}

enum trade_fault trade_check(const struct trade *trade)
{
    if (!record_symbol_valid(column_text(&columns[SYMBOL], trade))) {
        return TRADE_BAD_SYMBOL;
    }
    if (!record_source_valid(column_text(&columns[SOURCE], trade))) {
        return TRADE_BAD_SOURCE;
    }
    if (trade->trade_id < 0) {
        return TRADE_BAD_ID;
    }
    if (!exchange_time_valid(trade->exchange_time_ns)) {
        return TRADE_BAD_TIME;
    }
    if (!isfinite(trade->price) || trade->price <= 0) {
        return TRADE_BAD_PRICE;
    }
    if (!isfinite(trade->amount) || trade->amount == 0) {
        return TRADE_BAD_AMOUNT;
    }
    return trade->time_ns == trade_stored_time_ns(trade) ? TRADE_OK : TRADE_INCOMPLETE;
}

static const char *check(const void *record, const struct text_arena *texts)
{
    (void)texts;
    enum trade_fault fault = trade_check(record);
    switch (fault) {
    case TRADE_OK:
        return NULL;
    case TRADE_BAD_TIME:
        return "bad_time: its exchange_time_ns is no whole millisecond of the years 1678 to 2261";
    case TRADE_BAD_PRICE:
        return "bad_price: price is not a finite number above 0";
    case TRADE_BAD_AMOUNT:
        return "bad_amount: amount is 0, or not a finite number";
    default:
        return trade_fault_names[fault];
    }
}

static void complete(void *record)
{
    struct trade *trade = record;
    trade->time_ns = trade_stored_time_ns(trade);
}

const struct record_kind trade_kind = {
    .name = "trade",
    .record = "trade",
    .records = "trades",
    .topic = "trades",
    .schema = trade_schema_text,
    .columns = columns,
    .key = &columns[SYMBOL],
    .time = &columns[TIME],
    .moment = &columns[EXCHANGE_TIME],
    .moment_span_ns = NS_PER_MS,
    .any_order = true,
    .price = &columns[PRICE],
    .amount = &columns[AMOUNT],
    .source = &columns[SOURCE],
    .size = sizeof(struct trade),
    .tags = {{.column = &columns[SYMBOL],
              .valid = record_symbol_valid,
              .class = RECORD_SYMBOL_CLASS,
              .least = 1,
              .most = RECORD_KEY_MAX},
             {.column = &columns[SOURCE],
              .valid = record_source_valid,
              .class = RECORD_SOURCE_CLASS,
              .least = 1,
              .most = SOURCE_MAX}},
    .tag_count = 2,
    .complete = complete,
    .check = check,
};
_Static_assert(sizeof(struct trade) <= RECORD_BYTES_MAX, "a record must fit union record_room");
_Static_assert(RECORD_KEY_MAX + 1 + SOURCE_MAX <= RECORD_SERIES_MAX,
               "the name of a series must fit");
