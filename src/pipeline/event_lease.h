/*
 * Who of several programs may write what all of them see: the one that claimed it first in the log,
 * for 30 s from each of its claims. Whoever reads the claims in the order of the log gets the same
 * answer. A plain value; pure.
 */
#ifndef CANDLEWICK_PIPELINE_EVENT_LEASE_H
#define CANDLEWICK_PIPELINE_EVENT_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text/str.h"

#define EVENT_LEASE_NS (30 * NS_PER_SECOND)

enum { EVENT_LEASE_NAME_MAX = 100 };

/* All zero: nobody has claimed it. */
struct event_lease {
    char holder[EVENT_LEASE_NAME_MAX + 1];
    int64_t until_ns; /* wall clock */
};

/* Notes a claim; those of a log in its order. It counts if nobody else holds the lease then. */
void event_lease_claim(struct event_lease *lease, struct str claimant, int64_t time_ns);

/* Whether `name` may write at `now_ns`. Its lease ends 5 s earlier for itself than for the others,
 * whose clocks may differ by so much. */
bool event_lease_is_mine(const struct event_lease *lease, const char *name, int64_t now_ns);

/* Whether `name` has to claim it now: nobody holds it, or it does and two thirds have passed. */
bool event_lease_is_due(const struct event_lease *lease, const char *name, int64_t now_ns);

#endif
