#include "market/day.h"

#include <math.h>

bool day_reported(const struct ticker *tick, struct day *day)
{
    static const enum ticker_figure needed[] = {TICKER_DAILY_CHANGE, TICKER_DAILY_CHANGE_RELATIVE,
                                                TICKER_HIGH, TICKER_LOW};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (!tick->has[needed[i]]) {
            return false;
        }
    }
    *day = (struct day){
        .has_change = true,
        .has_range = true,
        .change = tick->figures[TICKER_DAILY_CHANGE],
        .change_relative = tick->figures[TICKER_DAILY_CHANGE_RELATIVE],
        .high = tick->figures[TICKER_HIGH],
        .low = tick->figures[TICKER_LOW],
    };
    return true;
}

double day_reported_volume(const void *tick)
{
    const struct ticker *of = tick;
    return of->has[TICKER_VOLUME] ? of->figures[TICKER_VOLUME] : NAN;
}

double day_reported_cap(const void *tick)
{
    const struct ticker *of = tick;
    return of->has[TICKER_MARKET_CAP] && of->figures[TICKER_MARKET_CAP] > 0
               ? of->figures[TICKER_MARKET_CAP]
               : NAN;
}

void day_set_change(struct day *day, double before, double now)
{
    day->has_change = true;
    day->change = now - before;
    day->change_relative = day->change / before;
}

void day_add_candle(struct day *day, const struct candle *candle)
{
    day->high = day->has_range && day->high > candle->high ? day->high : candle->high;
    day->low = day->has_range && day->low < candle->low ? day->low : candle->low;
    day->has_range = true;
}
