/*
 * Remembers the newest tick of each coin, for a source whose ticks have the service's own times. A
 * second tick of a coin with the same time is not sent, whatever its figures are. Pure; not
 * thread-safe.
 */
#ifndef CANDLEWICK_SOURCE_SERVICE_SENT_TICKS_H
#define CANDLEWICK_SOURCE_SERVICE_SENT_TICKS_H

#include "record/ticker.h"
#include "source/coins.h"
#include "source/source.h"

/* A zero-initialised one knows nothing. */
struct sent_ticks {
    struct coin_table coins;
    struct ticker *newest; /* one a coin; owned */
    size_t capacity;
};
void sent_ticks_free(struct sent_ticks *sent);

/* Takes a tick that the log has, or that is sent now. Returns false when memory runs out. */
NODISCARD bool sent_ticks_keep(struct sent_ticks *sent, const struct ticker *tick);

/* Returns ROW_FAULTS for a tick that is newer than the coin's newest one; ROW_REPEAT for one of its
 * time, ROW_REPEAT_CHANGED if its figures are other ones; ROW_OUT_OF_ORDER for an older one. */
enum row_fault sent_ticks_look(const struct sent_ticks *sent, const struct ticker *tick);

#endif
