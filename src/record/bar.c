#include "record/bar.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "record/names.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define HOUR_NS (60 * MINUTE_NS)
#define WEEK_NS (7 * NS_PER_DAY)
#define MONDAY_NS (4 * NS_PER_DAY) /* 1970-01-05 */

#define REQUIRED(member)                                                                           \
    .offset = offsetof(struct bar, member), .size = sizeof(((struct bar *)0)->member),             \
    .present_offset = COLUMN_REQUIRED, .since = 1
#define NULLABLE(member)                                                                           \
    .offset = offsetof(struct bar, member), .size = sizeof(((struct bar *)0)->member),             \
    .present_offset = offsetof(struct bar, has_##member), .since = 1

enum {
    SYMBOL,
    SOURCE,
    TIMEFRAME,
    OPEN_TIME,
    REVISION,
    OPEN,
    HIGH,
    LOW,
    CLOSE,
    VOLUME,
    QUOTE_VOLUME,
    TRADES,
    TIME,
    COLUMNS
};
static const struct column columns[COLUMNS + 1] = {
    [SYMBOL] = {"symbol", COLUMN_TEXT, COLUMN_KEY, REQUIRED(symbol), .stored = "coin"},
    [SOURCE] = {"source", COLUMN_TEXT, COLUMN_IDENTITY, REQUIRED(source)},
    [TIMEFRAME] = {"timeframe", COLUMN_TEXT, COLUMN_IDENTITY, REQUIRED(timeframe)},
    [OPEN_TIME] = {"open_time_ns", COLUMN_INT64, COLUMN_FIELD, REQUIRED(open_time_ns)},
    [REVISION] = {"revision", COLUMN_INT64, COLUMN_FIELD, REQUIRED(revision)},
    [OPEN] = {"open", COLUMN_DOUBLE, COLUMN_FIELD, REQUIRED(open)},
    [HIGH] = {"high", COLUMN_DOUBLE, COLUMN_FIELD, REQUIRED(high)},
    [LOW] = {"low", COLUMN_DOUBLE, COLUMN_FIELD, REQUIRED(low)},
    [CLOSE] = {"close", COLUMN_DOUBLE, COLUMN_FIELD, REQUIRED(close)},
    [VOLUME] = {"volume", COLUMN_DOUBLE, COLUMN_FIELD, NULLABLE(volume)},
    [QUOTE_VOLUME] = {"quote_volume", COLUMN_DOUBLE, COLUMN_FIELD, NULLABLE(quote_volume)},
    [TRADES] = {"trades", COLUMN_INT64, COLUMN_FIELD, NULLABLE(trades)},
    [TIME] = {"time", COLUMN_INT64, COLUMN_TIME, REQUIRED(time_ns), .derived = true},
    [COLUMNS] = {.name = NULL},
};

const char *const bar_fault_names[BAR_FAULTS] = {
    [BAR_OK] = "ok",
    [BAR_BAD_SYMBOL] = "bad_symbol",
    [BAR_BAD_SOURCE] = "bad_source",
    [BAR_BAD_TIMEFRAME] = "bad_timeframe",
    [BAR_BAD_TIME] = "bad_time",
    [BAR_BAD_REVISION] = "bad_revision",
    [BAR_BAD_PRICE] = "bad_price",
    [BAR_BAD_FIGURE] = "bad_figure",
    [BAR_INCOMPLETE] = "incomplete",
};

bool bar_timeframe_find(struct str timeframe, int64_t *length_ns)
{
    static const struct {
        const char *name;
        int64_t length_ns;
    } timeframes[] = {
        {"1m", MINUTE_NS},       {"3m", 3 * MINUTE_NS},   {"5m", 5 * MINUTE_NS},
        {"15m", 15 * MINUTE_NS}, {"30m", 30 * MINUTE_NS}, {"1h", HOUR_NS},
        {"2h", 2 * HOUR_NS},     {"4h", 4 * HOUR_NS},     {"6h", 6 * HOUR_NS},
        {"8h", 8 * HOUR_NS},     {"12h", 12 * HOUR_NS},   {"1d", NS_PER_DAY},
        {"3d", 3 * NS_PER_DAY},  {"1w", WEEK_NS},         {"1M", 0},
    };
    for (size_t i = 0; i < sizeof timeframes / sizeof timeframes[0]; i++) {
        if (str_equal_text(timeframe, timeframes[i].name)) {
            *length_ns = timeframes[i].length_ns;
            return true;
        }
    }
    return false;
}

static bool timeframe_valid(struct str timeframe)
{
    int64_t length_ns;
    return bar_timeframe_find(timeframe, &length_ns);
}

/* Returns `time_ns` modulo `length_ns`; never negative. */
static int64_t rest_of(int64_t time_ns, int64_t length_ns)
{
    int64_t rest = time_ns % length_ns;
    return rest < 0 ? rest + length_ns : rest;
}

static bool begins_month(int64_t time_ns)
{
    int64_t start_ns = 0;
    int64_t end_ns = 0;
    clock_month_of(time_ns, &start_ns, &end_ns);
    return time_ns == start_ns;
}

bool bar_opens_at(struct str timeframe, int64_t time_ns)
{
    int64_t length_ns = 0;
    if (!bar_timeframe_find(timeframe, &length_ns)) {
        return false;
    }
    if (length_ns == 0) {
        return begins_month(time_ns);
    }
    if (length_ns == WEEK_NS) {
        return rest_of(time_ns, WEEK_NS) == MONDAY_NS;
    }
    /* A bar of several days may begin at any midnight, because services count such bars from
     * different days. */
    return rest_of(time_ns, length_ns < NS_PER_DAY ? length_ns : NS_PER_DAY) == 0;
}

static bool revision_valid(int64_t revision)
{
    return revision >= 0 && revision < BAR_REVISION_LIMIT;
}

int64_t bar_stored_time_ns(const struct bar *bar)
{
    int64_t length_ns = 0;
    if (!bar_timeframe_find(column_text(&columns[TIMEFRAME], bar), &length_ns) ||
        !record_time_valid(bar->open_time_ns) || !revision_valid(bar->revision)) {
        return 0;
    }
    int64_t into_day_ns = rest_of(bar->open_time_ns, NS_PER_DAY);
    int64_t number = length_ns > 0 ? into_day_ns / length_ns : 0;
    return bar->open_time_ns - into_day_ns + number * BAR_REVISION_LIMIT + bar->revision;
}

int64_t bar_stored_before_ns(struct str timeframe, int64_t time_ns)
{
    int64_t length_ns = 0;
    int64_t into_day_ns = rest_of(time_ns, NS_PER_DAY);
    if (!bar_timeframe_find(timeframe, &length_ns) || length_ns == 0 || length_ns > NS_PER_DAY) {
        length_ns = NS_PER_DAY; /* there is at most one in a day */
    }
    int64_t number = into_day_ns / length_ns + (into_day_ns % length_ns > 0 ? 1 : 0);
    return time_ns - into_day_ns + number * BAR_REVISION_LIMIT;
}

static bool is_price(double price)
{
    return isfinite(price) && price > 0;
}

static bool is_volume(double volume)
{
    return isfinite(volume) && volume >= 0;
}

/* Returns which price is wrong; NULL: none. */
static const char *bad_price(const struct bar *bar)
{
    return !is_price(bar->open)     ? "bad_price: open is not a finite number above 0"
           : !is_price(bar->high)   ? "bad_price: high is not a finite number above 0"
           : !is_price(bar->low)    ? "bad_price: low is not a finite number above 0"
           : !is_price(bar->close)  ? "bad_price: close is not a finite number above 0"
           : bar->low > bar->high   ? "bad_price: low is above high"
           : bar->open < bar->low   ? "bad_price: open is below low"
           : bar->open > bar->high  ? "bad_price: open is above high"
           : bar->close < bar->low  ? "bad_price: close is below low"
           : bar->close > bar->high ? "bad_price: close is above high"
                                    : NULL;
}

/* Returns which figure is wrong; NULL: none. */
static const char *bad_figure(const struct bar *bar)
{
    return bar->has_volume && !is_volume(bar->volume)
               ? "bad_figure: volume is below 0, or not a finite number"
           : bar->has_quote_volume && !is_volume(bar->quote_volume)
               ? "bad_figure: quote_volume is below 0, or not a finite number"
           : bar->has_trades && bar->trades < 0 ? "bad_figure: trades is below 0"
                                                : NULL;
}

enum bar_fault bar_check(const struct bar *bar)
{
    struct str timeframe = column_text(&columns[TIMEFRAME], bar);
    if (!record_symbol_valid(column_text(&columns[SYMBOL], bar))) {
        return BAR_BAD_SYMBOL;
    }
    if (!record_source_valid(column_text(&columns[SOURCE], bar))) {
        return BAR_BAD_SOURCE;
    }
    if (!timeframe_valid(timeframe)) {
        return BAR_BAD_TIMEFRAME;
    }
    if (!record_time_valid(bar->open_time_ns) || !bar_opens_at(timeframe, bar->open_time_ns)) {
        return BAR_BAD_TIME;
    }
    if (!revision_valid(bar->revision)) {
        return BAR_BAD_REVISION;
    }
    if (bad_price(bar) != NULL) {
        return BAR_BAD_PRICE;
    }
    if (bad_figure(bar) != NULL) {
        return BAR_BAD_FIGURE;
    }
    return bar->time_ns == bar_stored_time_ns(bar) ? BAR_OK : BAR_INCOMPLETE;
}

static const char *check(const void *record, const struct text_arena *texts)
{
    (void)texts;
    enum bar_fault fault = bar_check(record);
    switch (fault) {
    case BAR_OK:
        return NULL;
    case BAR_BAD_TIME:
        return "bad_time: no bar of its timeframe begins at its open_time_ns";
    case BAR_BAD_PRICE:
        return bad_price(record);
    case BAR_BAD_FIGURE:
        return bad_figure(record);
    default:
        return bar_fault_names[fault];
    }
}

static void complete(void *record)
{
    struct bar *bar = record;
    bar->time_ns = bar_stored_time_ns(bar);
}

const struct record_kind bar_kind = {
    .name = "bar",
    .record = "bar",
    .records = "bars",
    .topic = "bars",
    .schema = bar_schema_text,
    .columns = columns,
    .key = &columns[SYMBOL],
    .time = &columns[TIME],
    .moment = &columns[OPEN_TIME],
    .moment_span_ns = NS_PER_DAY,
    .price = &columns[CLOSE],
    .source = &columns[SOURCE],
    .size = sizeof(struct bar),
    .tags = {{.column = &columns[SYMBOL],
              .valid = record_symbol_valid,
              .class = RECORD_SYMBOL_CLASS,
              .least = 1,
              .most = BAR_SYMBOL_MAX},
             {.column = &columns[SOURCE],
              .valid = record_source_valid,
              .class = RECORD_SOURCE_CLASS,
              .least = 1,
              .most = SOURCE_MAX},
             {.column = &columns[TIMEFRAME],
              .valid = timeframe_valid,
              .class = "0-9mhdwM",
              .least = 2,
              .most = BAR_TIMEFRAME_MAX}},
    .tag_count = 3,
    .complete = complete,
    .check = check,
};
_Static_assert(sizeof(struct bar) <= RECORD_BYTES_MAX, "a record must fit union record_room");
_Static_assert(BAR_SYMBOL_MAX + 1 + SOURCE_MAX + 1 + BAR_TIMEFRAME_MAX <= RECORD_SERIES_MAX,
               "the name of a series must fit");
