/*
 * Gives each event of one writer its own time: the wall clock's whole milliseconds, plus an order
 * of 0 to 999,999 ns within the millisecond, as event.h requires. The times of one writer strictly
 * increase, even when the wall clock steps back. A plain value; pure.
 */
#ifndef CANDLEWICK_RECORD_EVENT_CLOCK_H
#define CANDLEWICK_RECORD_EVENT_CLOCK_H

#include <stdint.h>

/* All zero: the clock of a writer that calls event_clock_seen() for every event of its own in the
 * log. */
struct event_clock {
    int64_t newest_ns;   /* time of the newest event; the next one gets a later time. 0: none */
    int64_t first_order; /* order of the first event of each millisecond */
};

/* The clock of a writer that does not know the log. `chance` is a random number, which determines
 * the first order: so two writers of events with the same subject and `what`, or one that was
 * restarted, hardly ever use the same time. */
struct event_clock event_clock_random(uint64_t chance);

/* Notes the time of an event that is in the log. */
void event_clock_seen(struct event_clock *clock, int64_t time_ns);

/* Returns the time of an event that happens at `wall_ns`. */
int64_t event_clock_next(struct event_clock *clock, int64_t wall_ns);

#endif
