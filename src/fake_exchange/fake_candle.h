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

/* The start of the candle that holds `time_ms`. */
int64_t fake_candle_start(int64_t time_ms, int64_t interval_ns);

/* Which trades can be in the candles that begin in the query's span (its limit is left to the
 * caller): that of the cursor below. */
struct fake_query fake_candle_trades(const struct fake_query *candles, int64_t interval_ns,
                                     int64_t now_ms);

/* Folds the cursor's next candle: a bucket without a trade has none. Returns false when there are
 * no more. `skip_id` (-1: none) is a trade that is left out, and a candle of it alone with it. */
bool fake_candle_next(struct fake_cursor *cursor, int64_t interval_ns, int64_t skip_id,
                      struct fake_candle *candle);

#endif
