/*
 * The market of one synthetic coin: its price at each second, its trades, and the bars that they
 * make. All of it depends on the coin's name, the seed and the time alone, so a run that begins
 * later, or anew, gives the same trades with the same ids, and bars that agree with them. Pure.
 *
 * Each UTC day is a random walk of its own (synthetic_walk.h) with a step of a second, bent so that
 * it ends where the next day begins.
 */
#ifndef CANDLEWICK_SOURCE_SYNTHETIC_SYNTHETIC_MARKET_H
#define CANDLEWICK_SOURCE_SYNTHETIC_SYNTHETIC_MARKET_H

#include "base/compiler/attributes.h"
#include "record/bar.h"
#include "record/trade.h"
#include "source/synthetic/synthetic_walk.h"

enum {
    MARKET_DAY_SECONDS = 86400,
    MARKET_SECOND_TRADES = 2, /* at most so many in one second; one every three on average */
};

struct market {
    char symbol[SYMBOL_MAX + 1];
    uint64_t seed;
    int decimals;
    int64_t day;     /* the day whose prices are below, counted from 1970 */
    int32_t *prices; /* of each second, in units of the last decimal; owned */
    bool has_day;
};

/* Returns false when memory runs out. Free with market_free(). */
NODISCARD bool market_init(struct market *market, const char *symbol, uint64_t seed);
void market_free(struct market *market);

/* Returns the price of the second that holds `time_ns` (0 or later), in units of the last decimal.
 * Cheap while the times stay in one UTC day. */
int64_t market_price(struct market *market, int64_t time_ns);

/* Fills in the trades of one second since 1970, in the order of time, and returns how many there
 * are. */
size_t market_trades(struct market *market, int64_t second,
                     struct trade trades[static MARKET_SECOND_TRADES]);

/* Fills in the bar of the minute that begins at `open_ns`, folded from its trades. Returns false if
 * there is no trade in it: then there is no bar. */
bool market_bar(struct market *market, int64_t open_ns, struct bar *bar);

#endif
