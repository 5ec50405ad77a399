/*
 * Back-pressure between a producer and the members of the same process: a window limits the
 * messages that are sent but not yet committed, which it counts from delivery reports and commits.
 * It keeps the producer from getting too far ahead of the members (the embedded cluster deletes
 * messages beyond 5 MiB a partition), and shows when everything that was sent is committed. For one
 * topic. Any thread.
 */
#ifndef CANDLEWICK_PIPELINE_SEND_WINDOW_H
#define CANDLEWICK_PIPELINE_SEND_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct send_window;
struct stop;

/* `window` is the number of messages that may be sent and not yet committed. */
NODISCARD struct send_window *send_window_create(int partitions, int64_t window,
                                                 struct error *error);
void send_window_destroy(struct send_window *send_window); /* NULL is allowed */

/* Acquires one place in the window; blocks while the window is full. Returns false only if the
 * window is full and the stop was requested. If there is room it succeeds even after a stop, so
 * that a tick that already has its number and time is still sent. */
NODISCARD bool send_window_acquire(struct send_window *send_window, const struct stop *stop);
/* Releases the place of a message that was not sent, or that will never be delivered. */
void send_window_release(struct send_window *send_window);
/* Notes a delivery report: the message is in the log at `offset`. */
void send_window_delivered(struct send_window *send_window, int32_t partition, int64_t offset);
/* Notes a commit: all offsets below `next` are committed. */
void send_window_committed(struct send_window *send_window, int32_t partition, int64_t next);

/* Returns how many places are taken: messages that are neither committed nor given up. 0 when all
 * is done. */
int64_t send_window_open(struct send_window *send_window);

#endif
