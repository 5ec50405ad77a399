/* Asks a page, on a thread of its own, for what `top` shows: markets, status, and the candles of
 * one coin. Keeps the newest answers. */
#ifndef CANDLEWICK_COMMANDS_TOP_TOP_FEED_H
#define CANDLEWICK_COMMANDS_TOP_TOP_FEED_H

#include "base/error.h"
#include "base/stop.h"
#include "commands/top/top_data.h"

/* Of which candles are asked. */
struct top_wish {
    char coin[RECORD_KEY_MAX + 1]; /* "": of none */
    char of[16], source[SOURCE_MAX + 1];
    int64_t interval_ns;
    int most; /* how many at most */
};

/* The newest answers. */
struct top_answers {
    struct top_markets markets;
    struct top_status status;
    struct top_wish candles_of; /* what `candles` are */
    struct candle_list candles;
    char candles_refused[ERROR_REASON_SIZE]; /* why there are no candles; "": there may be some */
    int64_t away_since_ns; /* wall time of the first request in a row without an answer; 0: the
                              page answers */
    char away_why[ERROR_REASON_SIZE];
};

struct top_feed_config {
    const char *page;  /* base URL; borrowed */
    struct stop *stop; /* ends the thread; borrowed */
    /* Called on the feed's thread after each answer. */
    void (*changed)(void *context);
    void *context;
};

struct top_feed;

/* Starts the thread. Returns NULL with ERROR_USAGE for a URL that cannot be one, or ERROR_FATAL. */
NODISCARD struct top_feed *top_feed_create(const struct top_feed_config *config,
                                           struct error *error);
/* The stop must be requested. Waits for the thread; NULL is allowed. */
void top_feed_destroy(struct top_feed *feed);

/* Changes which candles are asked; they are asked for at once if it is another wish. Any thread. */
void top_feed_wish(struct top_feed *feed, const struct top_wish *wish);

/* Lends the answers until top_feed_unlock(), for which the feed waits meanwhile. */
const struct top_answers *top_feed_lock(struct top_feed *feed);
void top_feed_unlock(struct top_feed *feed);

#endif
