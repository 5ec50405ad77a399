/*
 * A request to stop, for which threads can wait. The process has one object, which signals set;
 * each part that can be stopped separately has its own.
 */
#ifndef CANDLEWICK_BASE_STOP_H
#define CANDLEWICK_BASE_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct stop;

/* Returns NULL on failure, with `error` filled. */
NODISCARD struct stop *stop_create(struct error *error);
void stop_destroy(struct stop *stop); /* NULL is allowed */

/* Any thread; never blocks; a second call does nothing. */
void stop_request(struct stop *stop);
bool stop_requested(const struct stop *stop);

/* Sleeps up to `ms` (negative: for ever) and wakes at once on a request. Returns whether the stop
 * is requested. */
bool stop_wait_ms(struct stop *stop, int64_t ms);

/* Waits until `fd` is ready for one of `events` (as poll(2) names them) or clock_monotonic_ns()
 * reaches `deadline_ns`, and wakes at once on a request. `stop` may be NULL. Returns what `fd` is
 * ready for, POLLERR and POLLHUP included; 0: nothing. */
short stop_wait_fd(struct stop *stop, int fd, short events, int64_t deadline_ns);

/* Blocks SIGINT, SIGTERM and SIGHUP (SIGHUP not if it is ignored, as under nohup(1)) in the calling
 * thread, for stop_wait_signals(). Ignores the others that would end or stop the process without a
 * drain (SIGUSR1, SIGALRM, real-time signals, ...), except SIGQUIT and SIGTSTP, which a user sends
 * on purpose; writing to a closed pipe or beyond `ulimit -f` then fails with errno. Call it in main
 * before any thread starts, so that all inherit it. A child inherits blocked and ignored signals
 * too, even across exec; the program only ever executes itself, and sets both again. */
void stop_block_signals(void);

/* Waits in the main thread until `stop` is requested, SIGINT, SIGTERM or SIGHUP arrives, or
 * `limit_ns` is over (0: no limit); a signal and the limit also request `stop`. After the first
 * signal, SIGINT and SIGTERM have their default action again, so that a second one ends the process
 * at once. Copies of the first within 50 ms are ignored, since timeout(1) and shells signal a
 * process and its group at the same time. SIGHUP is ignored from then on: a terminal that closes
 * sends several. If the wait ended for another reason, the first signal after it does no harm. Call
 * stop_block_signals() before. The calling thread must not end, since it receives all later
 * signals: every other thread blocks them. */
void stop_wait_signals(struct stop *stop, int64_t limit_ns);

#endif
