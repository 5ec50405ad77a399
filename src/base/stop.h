/*
 * A request to stop that threads can wait on. One object for the process (signals feed it), and
 * one for each part that has to be stopped in its own turn.
 */
#ifndef CANDLEWICK_BASE_STOP_H
#define CANDLEWICK_BASE_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

struct stop;

/* NULL on failure, `error` filled. */
NODISCARD struct stop *stop_create(struct error *error);
void stop_destroy(struct stop *stop); /* NULL is allowed */

/* Any thread; never blocks; a second call does nothing. */
void stop_request(struct stop *stop);
bool stop_requested(const struct stop *stop);

/* Sleeps up to `ms` (negative: for ever), wakes at once on a request. True when requested. */
bool stop_wait_ms(struct stop *stop, int64_t ms);

/* Blocks SIGINT and SIGTERM in the calling thread, and ignores SIGPIPE and SIGXFSZ (a file over
 * `ulimit -f`): whoever writes is told. Call it in main before any thread starts, so that all of
 * them inherit it. */
void stop_block_signals(void);

/* The main thread's wait: returns when `stop` is requested, when SIGINT or SIGTERM arrives, or
 * after `limit_ns` (0: no limit); the last two request `stop`. After the first signal the default
 * action is back, so that a second one ends the process at once; but for copies of the first within
 * 50 ms, since timeout(1) and shells signal a process and its group in one go. A first signal that
 * comes after another reason to return is taken without harm. Needs stop_block_signals(). Signals
 * that come later are taken by the calling thread, since all others block them: it must live on. */
void stop_wait_signals(struct stop *stop, int64_t limit_ns);

#endif
