/* Computes the wait before a connection is made again. The first wait is random, from a fifth of
 * `first_ms` to all of it; after each further failure it is 1.618 times as long, up to 12 times
 * `first_ms`. With 5,000 ms these are 1 to 5 s, and up to 60 s, as in Bitfinex's own client for
 * Python (bfxapi/websocket/_client/bfx_websocket_client.py). Pure. */
#ifndef CANDLEWICK_SOURCE_RECONNECT_H
#define CANDLEWICK_SOURCE_RECONNECT_H

#include "base/random.h"

struct reconnect {
    int first_ms;
    double wait_ms; /* the last wait; 0: none since the last success */
};

/* Counts a failure and returns the wait. It is at least `retry_after_ms`, the server's wish, of
 * which up to 12 times `first_ms` count. */
int reconnect_after_failure_ms(struct reconnect *reconnect, struct random *random,
                               int retry_after_ms);

/* Returns the wait after the exchange has announced its restart: random, up to 0.4 times
 * `first_ms`. */
int reconnect_after_restart_ms(const struct reconnect *reconnect, struct random *random);

/* Called when a connection works: the waits begin at the first one again. */
void reconnect_succeed(struct reconnect *reconnect);

#endif
