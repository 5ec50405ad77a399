/* What the files of trade_feed.h share. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_TRADE_FEED_PARTS_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_TRADE_FEED_PARTS_H

#include "source/bitfinex_trades/trade_feed.h"

/* Takes a trade: sends it, unless it is known. `final`: it is a tu, which follows each te, so that
 * one of a known trade is not counted as a repeat. `arrived_ns` as in the outbox. Returns whether
 * it was new. */
bool feed_take_trade(struct trade_feed *feed, struct feed_coin *coin, const struct trade_row *row,
                     bool final, int64_t arrived_ns, struct feed_time now);

/* Takes the rows of a coin's snapshot, which decides first what becomes of its holes: those that it
 * reaches back over are closed. Returns the time from which on all trades have come, in ms. */
int64_t feed_take_snapshot(struct trade_feed *feed, size_t coin, const json_t *json,
                           struct feed_time now);

/* Opens a hole behind the coin's last trade and writes its event; the caller adds the barrier. Does
 * nothing if the coin has a hole that lasts, or never had a trade. */
void feed_open_hole(struct trade_feed *feed, size_t coin, const char *why, struct feed_time now);

/* Opens a hole at `begin_ms` for a coin whose last trade is not known, and writes its event; the
 * caller adds the barrier. Does nothing if the trade is known. */
void feed_open_hole_since(struct trade_feed *feed, size_t coin, int64_t begin_ms, const char *why,
                          struct feed_time now);

/* Called when the coin's trades come again, from `time_ms` on: a hole that lasts ends there, which
 * an event reports, with a barrier. */
void feed_end_hole(struct trade_feed *feed, size_t coin, int64_t time_ms, struct feed_time now);

/* Writes what is covered of the connection's coins, up to when it was heard last. From then on they
 * are covered anew, unless the connection is `over`. */
void feed_write_covered(struct trade_feed *feed, size_t connection, bool over,
                        struct feed_time now);

#endif
