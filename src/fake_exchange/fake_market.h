/*
 * The fake exchange's own book of trades, from which all its answers follow: history, candles,
 * tickers and what it streams. It is made whole at the start, from a seed (the same on every
 * machine) or from a file, and never changes then: any thread may read it. What has happened at a
 * time is a prefix of it.
 *
 * As on Bitfinex an id belongs to one trade of the exchange, ids grow with time, and within one
 * millisecond they need not grow in the order in which the trades happened. Prices and amounts are
 * decimals of at most 8 places, kept as whole hundred-millionths ("e8"), so that all sums are
 * exact.
 */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_MARKET_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_MARKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/strbuf.h"
#include "record/ticker.h"
#include "source/coins.h"

#define FAKE_E8 INT64_C(100000000)
#define FAKE_UNKNOWN_COIN SIZE_MAX

struct fake_trade {
    int64_t id;
    int64_t time_ms;
    int64_t price_e8;  /* > 0 */
    int64_t amount_e8; /* not 0; below 0: a sell */
    size_t coin;       /* index into the market's coins */
};

/* The trades of one coin, as indexes into the book, in its order. */
struct fake_coin_trades {
    size_t *at;
    size_t count;
};

struct fake_market {
    struct coin_table coins;
    struct fake_trade *trades; /* in the order in which they happened, so by time */
    size_t count;
    size_t capacity;
    struct fake_coin_trades *by_coin; /* one for each coin */
};

struct fake_seed {
    const char *coins; /* "tBTCUSD,tETHUSD"; NULL or "ALL": ten common ones */
    uint64_t seed;
    int64_t begin_ms, end_ms;  /* trades happen in [begin, end) */
    int64_t trades_per_minute; /* of each coin, about; > 0 */
};

/* Makes a book from a seed: now and then several trades within a millisecond, and about once an
 * hour a coin that is quiet for some minutes. Fails with ERROR_USAGE for names that cannot be coins
 * and for too large a book, with ERROR_FATAL when memory runs out. Free it in either case. */
NODISCARD bool fake_market_seed(struct fake_market *market, const struct fake_seed *seed,
                                struct error *error);

/* Reads a book from a CSV (may be gzip) with the columns id, time (as clock_parse_time() reads it;
 * or time_ms, a number of ms), symbol, amount and price in any order, as GET /candlewick/trades
 * gives it; trades of one time happen in the file's order. Fails with ERROR_USAGE for a file that
 * cannot be used, a line that cannot be, and an id that two trades have (the text names the lines);
 * with ERROR_FATAL when memory runs out. Free it in either case. */
NODISCARD bool fake_market_load(struct fake_market *market, const char *path, struct error *error);

/* Returns whether the file is a CSV with such columns. */
bool fake_market_is_file(const char *path);

void fake_market_free(struct fake_market *market);

/* Returns the coin's index, or FAKE_UNKNOWN_COIN. */
size_t fake_market_coin(const struct fake_market *market, struct str symbol);
const char *fake_market_symbol(const struct fake_market *market, size_t coin);

/* Returns how many trades of the book have happened at `time_ms`, that millisecond included. */
size_t fake_market_until(const struct fake_market *market, int64_t time_ms);

/* A query for trades of one coin. Both times are inclusive. */
struct fake_query {
    int64_t from_ms, to_ms;
    size_t limit;
    bool oldest_first; /* the order; the limit then keeps the oldest trades, otherwise the newest */
};

/* The trades that a query selects, one after the other. */
struct fake_cursor {
    const struct fake_market *market;
    const struct fake_coin_trades *trades;
    size_t at, left; /* the next trade, and how many there are from it on */
    bool oldest_first;
};
struct fake_cursor fake_market_select(const struct fake_market *market, size_t coin,
                                      const struct fake_query *query);
/* Returns the newest `limit` trades of the coin among the first `count` of the book, newest
 * first. */
struct fake_cursor fake_market_newest(const struct fake_market *market, size_t coin, size_t count,
                                      size_t limit);
/* Both return the next trade, borrowed; NULL: there is none. fake_cursor_next() then steps past it.
 */
const struct fake_trade *fake_cursor_peek(const struct fake_cursor *cursor);
const struct fake_trade *fake_cursor_next(struct fake_cursor *cursor);

/* Fills a tick's price and figures with what the coin's last 24 hours are at `now_ms`; its times
 * and source stay empty. Returns false when the coin has not been traded by then. */
bool fake_market_ticker(const struct fake_market *market, size_t coin, int64_t now_ms,
                        struct ticker *tick);

/* For those that make a book. `add` returns false when memory runs out; `finish` puts the trades in
 * the order of their times (those of one time stay as they are) and fills `by_coin`. */
NODISCARD bool fake_market_add(struct fake_market *market, const struct fake_trade *trade);
NODISCARD bool fake_market_finish(struct fake_market *market, struct error *error);

/* Appends a decimal of 8 places as people write it: "0.00000004", "-30000.1", "1". */
void fake_decimal_append(struct strbuf *text, int64_t e8);
/* Parses such a decimal. Returns false for one of more than 8 places, of 90 million or more, and
 * for what is none. */
bool fake_decimal_parse(struct str text, int64_t *e8);
/* Returns the double nearest to it. */
double fake_decimal_value(int64_t e8);

#endif
