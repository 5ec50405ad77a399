/*
 * Hands records of one size from one thread to another, in order and by the block, so that two
 * threads work on them at once: the caller's makes them, the handover's own takes them.
 */
#ifndef CANDLEWICK_BASE_HANDOVER_H
#define CANDLEWICK_BASE_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct handover;

/* Takes one record, on the handover's thread. Returning false ends it: the later ones are
 * dropped. */
typedef bool (*handover_take)(void *context, const void *record);

/* Starts the thread. Returns NULL with ERROR_FATAL. */
NODISCARD struct handover *handover_create(size_t record_bytes, handover_take take, void *context,
                                           struct error *error);
/* Drops what was not taken, and ends the thread. NULL is allowed. */
void handover_destroy(struct handover *handover);

/* Returns room for the next record, for the caller to fill in; it is handed over only by
 * handover_put(). Like it and handover_drain(), for one thread. */
void *handover_room(struct handover *handover);

/* Hands over the record in the room. Blocks while several blocks wait to be taken. Returns false if
 * a record was not taken. */
NODISCARD bool handover_put(struct handover *handover);

/* Waits until all records that were put are taken. Returns false if one was not. What the thread
 * did is visible to the caller from then on. */
NODISCARD bool handover_drain(struct handover *handover);

#endif
