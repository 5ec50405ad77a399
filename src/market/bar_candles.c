#include "market/bar_candles.h"

#define LONGEST_MONTH_NS (31 * NS_PER_DAY)

static int64_t end_of(const struct bar *bar)
{
    int64_t length_ns = 0;
    int64_t end_ns = 0;
    if (bar_timeframe_find(str_from(bar->timeframe), &length_ns) && length_ns > 0) {
        return bar->open_time_ns + length_ns;
    }
    clock_month_of(bar->open_time_ns, &(int64_t){0}, &end_ns);
    return end_ns;
}

bool bar_candles_add(struct bar_candles *candles, const struct bar *bar)
{
    if (end_of(bar) <= candles->from_ns || bar->open_time_ns >= candles->to_ns) {
        return true;
    }
    const struct candle candle = {
        .time_ns = bar->open_time_ns,
        .open = bar->open,
        .high = bar->high,
        .low = bar->low,
        .close = bar->close,
        .ticks = bar->has_trades ? bar->trades : CANDLE_TICKS_UNKNOWN,
        .volume = bar->volume,
        .has_volume = bar->has_volume,
        .revised = bar->revision > 0,
    };
    struct candle_list *list = &candles->list;
    if (list->count > 0 && list->items[list->count - 1].time_ns == candle.time_ns) {
        list->items[list->count - 1] = candle;
        return true;
    }
    return candle_list_add(list, &candle);
}

/* Returns the sum; if it overflows, the least or greatest time. */
static int64_t shifted(int64_t time_ns, int64_t by_ns)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(time_ns, by_ns, &sum)) {
        return by_ns < 0 ? INT64_MIN : INT64_MAX;
    }
    return sum;
}

void bar_candles_stored_range(const struct bar_candles *candles, struct str timeframe,
                              int64_t *from_ns, int64_t *to_ns)
{
    int64_t length_ns = 0;
    if (!bar_timeframe_find(timeframe, &length_ns) || length_ns == 0) {
        length_ns = LONGEST_MONTH_NS;
    }
    /* The first bar may begin a whole length before from_ns, and each is stored at its day. */
    *from_ns = candles->from_ns == INT64_MIN
                   ? INT64_MIN
                   : candle_bucket_start(shifted(candles->from_ns, -length_ns), NS_PER_DAY);
    *to_ns =
        candles->to_ns == INT64_MAX ? INT64_MAX : candle_bucket_end(candles->to_ns, NS_PER_DAY);
}

bool bars_make_up(struct str timeframe, int64_t interval_ns)
{
    char whole[CLOCK_TEXT_SIZE];
    int64_t length_ns = 0;
    if (!bar_timeframe_find(timeframe, &length_ns)) {
        return false;
    }
    candle_interval_format(interval_ns, whole);
    if (str_equal_text(timeframe, whole)) {
        return true;
    }
    /* Weeks and months begin at midnight, and other intervals at a multiple of their length since
     * 1970. */
    return length_ns > 0 && NS_PER_DAY % length_ns == 0 &&
           (interval_ns == CANDLE_MONTH_NS || interval_ns % length_ns == 0);
}
