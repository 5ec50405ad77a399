/* A view of bars: the candles of one series of them, each bar by its highest revision. Pure. */
#ifndef CANDLEWICK_MARKET_BAR_CANDLES_H
#define CANDLEWICK_MARKET_BAR_CANDLES_H

#include "market/candle.h"
#include "record/bar.h"

/* The candles of the wanted bars, which are those that overlap [from_ns, to_ns); INT64_MIN and
 * INT64_MAX: no bound. A zero-initialised list is empty; the owner frees it with
 * candle_list_free(). */
struct bar_candles {
    int64_t from_ns, to_ns;
    struct candle_list list; /* in time order; `ticks` is the number of trades, or
                                CANDLE_TICKS_UNKNOWN */
};

/* Adds the next bar of the series, in the order of their stored times (a later revision follows the
 * one that it replaces); an unwanted bar is left out. Returns false when memory runs out. */
NODISCARD bool bar_candles_add(struct bar_candles *candles, const struct bar *bar);

/* Computes where the wanted bars of a timeframe are stored: their stored times lie in [*from_ns,
 * *to_ns). */
void bar_candles_stored_range(const struct bar_candles *candles, struct str timeframe,
                              int64_t *from_ns, int64_t *to_ns);

/* Returns whether every bar of the timeframe lies within one candle of the interval, so that the
 * candles can be folded from such bars. */
bool bars_make_up(struct str timeframe, int64_t interval_ns);

#endif
