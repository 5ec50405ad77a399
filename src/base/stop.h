/*
 * A request to stop that threads can wait on. One object for the process (signals feed it), and
 * one for each part that has to be stopped in its own turn.
 */
#ifndef CANDLEWICK_BASE_STOP_H
#define CANDLEWICK_BASE_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
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

/* Blocks SIGINT, SIGTERM and SIGHUP (unless it is ignored, as nohup(1) does) in the calling thread,
 * for stop_wait_signals(). Ignores all others that would end or stop the process without a drain
 * (SIGUSR1, SIGALRM, real-time signals, ...); of a closed pipe and a file over `ulimit -f` whoever
 * writes is told by errno. Call it in main before any thread starts, so that all of them inherit
 * it. A child inherits what is blocked and ignored, too, across exec: only this program is ever
 * executed, and it sets both again. */
void stop_block_signals(void);

/* The main thread's wait: returns when `stop` is requested, when SIGINT, SIGTERM or SIGHUP arrives,
 * or after `limit_ns` (0: no limit); the last two request `stop`. After the first signal the
 * default action of SIGINT and SIGTERM is back, so that a second one ends the process at once; but
 * for copies of the first within 50 ms, since timeout(1) and shells signal a process and its group
 * in one go. SIGHUP is ignored from then on: a terminal that goes away sends several. A first
 * signal that comes after another reason to return is taken without harm. Needs
 * stop_block_signals(). Signals that come later are taken by the calling thread, since all others
 * block them: it must live on. */
void stop_wait_signals(struct stop *stop, int64_t limit_ns);

#endif
