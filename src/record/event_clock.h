/*
 * Gives each event of one writer its own time: the wall clock's whole milliseconds, and below them
 * an order of 0 to 999,999 ns, as event.h asks for. Times of one writer strictly increase, even
 * when the clock steps back. The order begins at a random number, so that two writers of the same
 * subject and what, or one that was started again, do not meet in one millisecond. A plain value;
 * pure.
 */
#ifndef CANDLEWICK_RECORD_EVENT_CLOCK_H
#define CANDLEWICK_RECORD_EVENT_CLOCK_H

#include <stdint.h>

struct event_clock {
    int64_t last_ms;     /* of the last event; INT64_MIN: none yet */
    int64_t first_order; /* of the first event of a millisecond */
    int64_t order;       /* of the next one, while the millisecond is last_ms */
};

/* `chance` is any number; with the same one the orders are the same. */
struct event_clock event_clock_new(uint64_t chance);

/* Returns the time of an event that happens at `wall_ns`. */
int64_t event_clock_next(struct event_clock *clock, int64_t wall_ns);

#endif
