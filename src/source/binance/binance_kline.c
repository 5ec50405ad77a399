#include "source/binance/binance_kline.h"

#include <string.h>

#include "base/clock.h"
#include "record/names.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define HOUR_NS (60 * MINUTE_NS)

/* A kline's members, in the order of a REST row, and their names in a frame. */
enum {
    OPEN_TIME,
    OPEN,
    HIGH,
    LOW,
    CLOSE,
    VOLUME,
    CLOSE_TIME,
    QUOTE_VOLUME,
    TRADES,
    MEMBERS,
};
static const char *const member_names[MEMBERS] = {
    [OPEN_TIME] = "t", [OPEN] = "o",       [HIGH] = "h",         [LOW] = "l",    [CLOSE] = "c",
    [VOLUME] = "v",    [CLOSE_TIME] = "T", [QUOTE_VOLUME] = "q", [TRADES] = "n",
};

const char binance_intervals[] = "1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h or 1d";

int64_t binance_interval_ns(const char *interval)
{
    int64_t length_ns = 0;
    bool known = bar_timeframe_find(str_from(interval), &length_ns);
    return known && length_ns <= NS_PER_DAY ? length_ns : 0;
}

bool binance_symbol_valid(struct str symbol)
{
    bool valid = record_name_valid(symbol, "._-", BINANCE_SYMBOL_MAX);
    for (size_t i = 0; valid && i < symbol.length; i++) {
        valid = symbol.data[i] < 'a' || symbol.data[i] > 'z';
    }
    return valid;
}

static struct str text_of(const json_t *json)
{
    return (struct str){.data = json_string_value(json), .length = json_string_length(json)};
}

/* Reads a time in ms that a record may have. */
static bool read_time(const json_t *json, int64_t *time_ns)
{
    int64_t ms = json_integer_value(json);
    if (!json_is_integer(json) || ms < 0 || ms >= RECORD_TIME_END_NS / NS_PER_MS) {
        return false;
    }
    *time_ns = ms * NS_PER_MS;
    return true;
}

static bool read_decimal(const json_t *json, double *value)
{
    return json_is_string(json) && str_to_double(text_of(json), value);
}

/* Reads the figures; the bar has its names already. */
static enum row_fault read_members(json_t *const members[static MEMBERS],
                                   const struct binance_bars *bars, struct bar *bar)
{
    int64_t close_ns = 0;
    if (!read_time(members[OPEN_TIME], &bar->open_time_ns) ||
        !read_time(members[CLOSE_TIME], &close_ns) ||
        close_ns != bar->open_time_ns + bars->length_ns - NS_PER_MS) {
        return ROW_BAD_TIME;
    }
    if (!read_decimal(members[OPEN], &bar->open) || !read_decimal(members[HIGH], &bar->high) ||
        !read_decimal(members[LOW], &bar->low) || !read_decimal(members[CLOSE], &bar->close)) {
        return ROW_BAD_PRICE;
    }
    if (!read_decimal(members[VOLUME], &bar->volume) ||
        !read_decimal(members[QUOTE_VOLUME], &bar->quote_volume) ||
        !json_is_integer(members[TRADES])) {
        return ROW_BAD_FIGURE;
    }
    bar->trades = json_integer_value(members[TRADES]);
    bar->has_volume = bar->has_quote_volume = bar->has_trades = true;
    record_complete(&bar_kind, bar);
    const char *reason = bar_kind.check(bar, NULL);
    return reason == NULL ? ROW_FAULTS : row_fault_of(reason);
}

static bool begin(const struct binance_bars *bars, struct str symbol, struct bar *bar)
{
    *bar = (struct bar){.source = "binance"};
    (void)str_copy(str_from(bars->interval), bar->timeframe, sizeof bar->timeframe);
    return str_copy(symbol, bar->symbol, sizeof bar->symbol);
}

enum row_fault binance_kline_row(const json_t *row, const struct binance_bars *bars,
                                 const char *symbol, struct bar *bar)
{
    json_t *members[MEMBERS];
    if (json_array_size(row) < MEMBERS) {
        return ROW_BAD_SHAPE;
    }
    if (!begin(bars, str_from(symbol), bar)) {
        return ROW_BAD_SYMBOL;
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        members[i] = json_array_get(row, i);
    }
    return read_members(members, bars, bar);
}

enum row_fault binance_kline_object(const json_t *kline, const struct binance_bars *bars,
                                    struct bar *bar)
{
    json_t *members[MEMBERS];
    const json_t *symbol = json_object_get(kline, "s");
    const json_t *interval = json_object_get(kline, "i");
    if (!json_is_string(symbol) || !json_is_string(interval)) {
        return ROW_BAD_SHAPE;
    }
    if (!binance_symbol_valid(text_of(symbol)) || !begin(bars, text_of(symbol), bar)) {
        return ROW_BAD_SYMBOL;
    }
    if (!str_equal_text(text_of(interval), bars->interval)) {
        return ROW_BAD_TIMEFRAME;
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        members[i] = json_object_get(kline, member_names[i]);
    }
    return read_members(members, bars, bar);
}
