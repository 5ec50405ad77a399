/*
 * Gives each event of one writer its own time: the wall clock's whole milliseconds, plus an order
 * of 0 to 999,999 ns within the millisecond, as event.h requires. The times of one writer strictly
 * increase, even when the wall clock steps back. The first order in a millisecond is random: so two
 * writers of events with the same subject and `what`, or one that was restarted, hardly ever use
 * the same time. A plain value; pure.
 */
#ifndef CANDLEWICK_RECORD_EVENT_CLOCK_H
#define CANDLEWICK_RECORD_EVENT_CLOCK_H

#include <stdint.h>

struct event_clock {
    int64_t last_ms;     /* millisecond of the last event; INT64_MIN: there was no event */
    int64_t first_order; /* order of the first event of each millisecond */
    int64_t order;       /* order of the next event, if it is in the millisecond last_ms */
};

/* `chance` is a random number, which determines the first order. */
struct event_clock event_clock_new(uint64_t chance);

/* Returns the time of an event that happens at `wall_ns`. */
int64_t event_clock_next(struct event_clock *clock, int64_t wall_ns);

#endif
