/*
 * Decides which of several programs writes the events that all of them see: the one that holds the
 * lease. A program claims the lease by an event in the log; a claim counts for 30 s, and only if no
 * other program holds the lease at its time. All who read the claims in the order of the log get
 * the same result. A plain value; pure.
 */
#ifndef CANDLEWICK_PIPELINE_EVENT_LEASE_H
#define CANDLEWICK_PIPELINE_EVENT_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text/str.h"

#define EVENT_LEASE_NS (30 * NS_PER_SECOND)

enum { EVENT_LEASE_NAME_MAX = 100 };

/* All zero: no program has claimed the lease. */
struct event_lease {
    char holder[EVENT_LEASE_NAME_MAX + 1];
    int64_t until_ns; /* end of the lease, by the wall clock */
};

/* Notes a claim of `claimant` at `time_ns`. Call it for the claims in the order of the log. The
 * claim has no effect if another program holds the lease at that time. */
void event_lease_claim(struct event_lease *lease, struct str claimant, int64_t time_ns);

/* Returns whether `name` holds the lease at `now_ns`, and so may write. For the holder itself the
 * lease ends 5 s early, because the others' clocks may be ahead by that much. */
bool event_lease_is_mine(const struct event_lease *lease, const char *name, int64_t now_ns);

/* Returns whether `name` must claim the lease now: no program holds it, or `name` does and less
 * than a third of the time is left. */
bool event_lease_is_due(const struct event_lease *lease, const char *name, int64_t now_ns);

#endif
