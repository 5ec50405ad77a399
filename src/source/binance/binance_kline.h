/*
 * Binance's klines (candles), as its REST interface and its WebSocket write them
 * (developers.binance.com, "Kline/Candlestick data" and "Kline/Candlestick Streams"): times in ms,
 * prices and volumes as decimal texts, so that both give the same bits. A kline without trades has
 * its last close as all four prices. Pure.
 */
#ifndef CANDLEWICK_SOURCE_BINANCE_BINANCE_KLINE_H
#define CANDLEWICK_SOURCE_BINANCE_BINANCE_KLINE_H

#include <jansson.h>

#include "record/bar.h"
#include "source/source.h"

enum { BINANCE_SYMBOL_MAX = 20 };

/* Returns whether a symbol has 1 to 20 of A-Z0-9._- (the interface's own rule,
 * "^[A-Z0-9-_.]{1,20}$").
 */
bool binance_symbol_valid(struct str symbol);

/* Returns the length of an interval's bars; 0: Binance has none of that name, or its bars do not
 * divide a day (3d, 1w, 1M). Binance and we use the same names: 1m is a minute. */
int64_t binance_interval_ns(const char *interval);
extern const char binance_intervals[]; /* all of them, for error texts */

/* What bars are asked for. */
struct binance_bars {
    const char *interval; /* "1m" */
    int64_t length_ns;
};

/* Reads a row of GET /api/v3/klines, [open time, open, high, low, close, volume, close time, quote
 * volume, trades, …], of `symbol`. Returns ROW_FAULTS when it is good; the bar is then whole. */
NODISCARD enum row_fault binance_kline_row(const json_t *row, const struct binance_bars *bars,
                                           const char *symbol, struct bar *bar);

/* Reads the object "k" of a kline frame, whose symbol is its own. */
NODISCARD enum row_fault binance_kline_object(const json_t *kline, const struct binance_bars *bars,
                                              struct bar *bar);

#endif
