/* A view of one coin's last 24 hours. Pure; what is unknown is left out. */
#ifndef CANDLEWICK_MARKET_DAY_H
#define CANDLEWICK_MARKET_DAY_H

#include "market/candle.h"
#include "record/ticker.h"

/* A zero-initialised day knows nothing. */
struct day {
    bool has_change, has_range;
    double change, change_relative; /* change of the price; change_relative times 100 is per cent */
    double high, low;
};

/* Fills in the figures that the tick itself reports. Returns false, with `day` unchanged, if it
 * lacks one of them. */
bool day_reported(const struct ticker *tick, struct day *day);

/* Return what a tick (a record of ticker_kind) reports of its coin: the volume of 24 hours, and the
 * market cap; NAN: nothing. A cap of 0 is one that the service does not know. */
double day_reported_volume(const void *tick);
double day_reported_cap(const void *tick);

/* Sets the change since `before`, the price of 24 hours ago, which is above 0. */
void day_set_change(struct day *day, double before, double now);

/* Widens the range by a candle of these 24 hours. */
void day_add_candle(struct day *day, const struct candle *candle);

#endif
