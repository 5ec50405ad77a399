/* How long to wait before a connection is made again: after each failure 1.618 times as long as
 * before, from a random begin between a fifth of `first_ms` and all of it, up to 12 times
 * `first_ms` (1 to 5 s, up to 60 s: what Bitfinex's own client for Python does,
 * bfxapi/websocket/_client/bfx_websocket_client.py). Pure. */
#ifndef CANDLEWICK_SOURCE_RECONNECT_H
#define CANDLEWICK_SOURCE_RECONNECT_H

#include "base/random.h"

struct reconnect {
    int first_ms;
    double wait_ms; /* the last wait; 0: none since the last success */
};

/* Counts a failure and returns the wait, which is at least `retry_after_ms`, the server's wish,
 * itself at most 12 times `first_ms`. */
int reconnect_after_failure_ms(struct reconnect *reconnect, struct random *random,
                               int retry_after_ms);

/* The exchange restarts, and said so: up to 0.4 times `first_ms` (2 s). */
int reconnect_after_restart_ms(const struct reconnect *reconnect, struct random *random);

/* Called when a connection works: the waits begin at the first one again. */
void reconnect_succeed(struct reconnect *reconnect);

#endif
