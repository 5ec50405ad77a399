#include "fake_exchange/fake_candle.h"

#include <stdlib.h>

#include "base/clock.h"
#include "market/candle.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define HOUR_NS (60 * MINUTE_NS)

static const struct {
    const char *name;
    int64_t interval_ns;
} timeframes[] = {
    {"1m", MINUTE_NS},       {"3m", 3 * MINUTE_NS},   {"5m", 5 * MINUTE_NS},
    {"15m", 15 * MINUTE_NS}, {"30m", 30 * MINUTE_NS}, {"1h", HOUR_NS},
    {"2h", 2 * HOUR_NS},     {"3h", 3 * HOUR_NS},     {"4h", 4 * HOUR_NS},
    {"6h", 6 * HOUR_NS},     {"8h", 8 * HOUR_NS},     {"12h", 12 * HOUR_NS},
    {"1D", NS_PER_DAY},      {"1d", NS_PER_DAY},      {"3d", 3 * NS_PER_DAY},
    {"1W", CANDLE_WEEK_NS},  {"1w", CANDLE_WEEK_NS},  {"14D", 2 * CANDLE_WEEK_NS},
    {"1M", CANDLE_MONTH_NS},
};

bool fake_timeframe_find(struct str timeframe, int64_t *interval_ns)
{
    for (size_t i = 0; i < sizeof timeframes / sizeof timeframes[0]; i++) {
        if (str_equal_text(timeframe, timeframes[i].name)) {
            *interval_ns = timeframes[i].interval_ns;
            return true;
        }
    }
    return false;
}

int64_t fake_candle_start(int64_t time_ms, int64_t interval_ns)
{
    return candle_bucket_start(time_ms * NS_PER_MS, interval_ns) / NS_PER_MS;
}

static int64_t end_ms(int64_t time_ms, int64_t interval_ns)
{
    return candle_bucket_end(time_ms * NS_PER_MS, interval_ns) / NS_PER_MS;
}

/* Limits a query's time, which may be any number, to what is an int64_t in nanoseconds. */
static int64_t clamp_ms(int64_t time_ms)
{
    const int64_t most_ms = INT64_MAX / NS_PER_MS;
    return time_ms < 0 ? 0 : time_ms > most_ms ? most_ms : time_ms;
}

struct fake_query fake_candle_trades(const struct fake_query *candles, int64_t interval_ns,
                                     int64_t now_ms)
{
    int64_t from_ms = clamp_ms(candles->from_ms);
    int64_t to_ms = clamp_ms(candles->to_ms < now_ms ? candles->to_ms : now_ms);
    bool on_grid = fake_candle_start(from_ms, interval_ns) == from_ms;
    int64_t last_ms = end_ms(to_ms, interval_ns) - 1;
    return (struct fake_query){
        .from_ms = on_grid ? from_ms : end_ms(from_ms, interval_ns),
        .to_ms = last_ms < now_ms ? last_ms : now_ms,
        .limit = SIZE_MAX,
        .oldest_first = candles->oldest_first,
    };
}

/* The trades that open and close a candle so far. */
struct ends {
    const struct fake_trade *first, *last;
};

static bool before(const struct fake_trade *left, const struct fake_trade *right)
{
    return left->time_ms != right->time_ms ? left->time_ms < right->time_ms : left->id < right->id;
}

static void fold(struct fake_candle *candle, struct ends *ends, const struct fake_trade *trade)
{
    bool first = candle->trades++ == 0;
    candle->high_e8 =
        first || trade->price_e8 > candle->high_e8 ? trade->price_e8 : candle->high_e8;
    candle->low_e8 = first || trade->price_e8 < candle->low_e8 ? trade->price_e8 : candle->low_e8;
    candle->volume_e8 += llabs(trade->amount_e8);
    ends->first = first || before(trade, ends->first) ? trade : ends->first;
    ends->last = first || before(ends->last, trade) ? trade : ends->last;
    candle->open_e8 = ends->first->price_e8;
    candle->close_e8 = ends->last->price_e8;
}

bool fake_candle_next(struct fake_cursor *cursor, int64_t interval_ns, int64_t skip_id,
                      struct fake_candle *candle)
{
    const struct fake_trade *trade;
    *candle = (struct fake_candle){0};
    struct ends ends = {0};
    int64_t end = 0;
    while ((trade = fake_cursor_peek(cursor)) != NULL) {
        if (candle->trades > 0 && (trade->time_ms < candle->time_ms || trade->time_ms >= end)) {
            break;
        }
        (void)fake_cursor_next(cursor);
        if (trade->id == skip_id) {
            continue;
        }
        if (candle->trades == 0) {
            candle->time_ms = fake_candle_start(trade->time_ms, interval_ns);
            end = end_ms(trade->time_ms, interval_ns);
        }
        fold(candle, &ends, trade);
    }
    return candle->trades > 0;
}
