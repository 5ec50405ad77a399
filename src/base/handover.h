/*
 * Passes records of one size, in order and in blocks, from the caller's thread to a second thread,
 * which it starts. So one thread can produce records while the other consumes them.
 */
#ifndef CANDLEWICK_BASE_HANDOVER_H
#define CANDLEWICK_BASE_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct handover;

/* Consumes one record, on the second thread. Once it has returned false, it is not called again:
 * all later records are dropped. */
typedef bool (*handover_take)(void *context, const void *record);

/* Starts the thread. Returns NULL with ERROR_FATAL. */
NODISCARD struct handover *handover_create(size_t record_bytes, handover_take take, void *context,
                                           struct error *error);
/* Drops the records that are not consumed yet, and joins the thread. NULL is allowed. */
void handover_destroy(struct handover *handover);

/* Returns the memory of the next record. The caller fills it in and calls handover_put() or
 * handover_pass(). These functions and handover_drain() are for one thread at a time. */
void *handover_room(struct handover *handover);

/* Passes on the record that was filled in. Blocks while all other blocks are full. Returns false
 * when the second thread is known to have failed (handover_take). */
NODISCARD bool handover_put(struct handover *handover);

/* Passes on the record that was filled in, and those before it, at once: for few records that take
 * long to consume. Blocks and returns as handover_put() does. */
NODISCARD bool handover_pass(struct handover *handover);

/* Waits until all records are consumed. Returns false if the second thread has failed. Afterwards
 * the caller sees all that the second thread has written to memory. */
NODISCARD bool handover_drain(struct handover *handover);

#endif
