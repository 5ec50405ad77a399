/* What must hold for all that a trade_feed of tBTCUSD and tETHUSD sends, whatever it is given. */
#ifndef CANDLEWICK_TESTS_FUZZ_FEED_H
#define CANDLEWICK_TESTS_FUZZ_FEED_H

#include "fuzz/fuzz.h"
#include "source/bitfinex_trades/trade_feed.h"

/* Zeroed before its first use. It keeps memory from one input to the next: what takes most of a
 * target's time under the sanitizers is to get and to give back memory. */
struct fuzz_feed {
    struct trade_feed feed;
    struct source_batch batch;
    struct known_ids sent[2]; /* by coin */
    bool hole[2];             /* the coin has a hole's event that no barrier follows yet */
    size_t loose[2];          /* trades of the coin that no barrier follows yet */
    int64_t newest_event_ns;
    size_t trades;
    struct feed_time now;
};

/* A feed that has begun; the log has `last_id` (-1: no trade) of tBTCUSD at 1,000 s. */
void fuzz_feed_begin(struct fuzz_feed *fuzz, int64_t last_id);

/* Takes all that waits, and checks it: each trade once, none behind a hole's event without a
 * barrier between, no closing of a hole behind trades without one; events at times that increase.
 */
void fuzz_feed_take(struct fuzz_feed *fuzz);

void fuzz_feed_end(struct fuzz_feed *fuzz);

#endif
