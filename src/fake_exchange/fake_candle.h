/* Candles of the fake exchange, folded from its book each time. Pure. */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_CANDLE_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_CANDLE_H

#include "fake_exchange/fake_market.h"

/* Open and close are the first and the last trade by time and id; the volume is the sum of all
 * amounts without their signs. */
struct fake_candle {
    int64_t time_ms; /* where it begins */
    int64_t open_e8, close_e8, high_e8, low_e8, volume_e8;
    size_t trades;
};

/* Finds Bitfinex's timeframes (1m 5m 15m 30m 1h 3h 6h 12h 1D 1W 14D 1M) and those that bars have
 * beside them; weeks begin on Mondays, months are those of the calendar in UTC. Returns false for
 * any other text. */
bool fake_timeframe_find(struct str timeframe, int64_t *interval_ns);

/* Returns the start of the candle that holds `time_ms`. */
int64_t fake_candle_start(int64_t time_ms, int64_t interval_ns);

/* Returns a query for the trades of all candles that begin in the span of `candles`: for the cursor
 * of fake_candle_next(). The caller applies the limit of `candles`. */
struct fake_query fake_candle_trades(const struct fake_query *candles, int64_t interval_ns,
                                     int64_t now_ms);

/* Folds the cursor's next candle; an interval without a trade has none. Returns false when there
 * are no more. The trade `skip_id` (-1: none) is left out, and so is a candle that has no other. */
bool fake_candle_next(struct fake_cursor *cursor, int64_t interval_ns, int64_t skip_id,
                      struct fake_candle *candle);

#endif
