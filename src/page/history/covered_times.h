/* Joins the events `covered` (record/event.h) of sources to spans of time. Pure. */
#ifndef CANDLEWICK_PAGE_HISTORY_COVERED_TIMES_H
#define CANDLEWICK_PAGE_HISTORY_COVERED_TIMES_H

#include "record/event.h"

/* A connection of a source listened in [from_ns, to_ns). */
struct covered_time {
    char source[RECORD_KEY_MAX + 1]; /* the connection: "bitfinex/0" */
    int64_t from_ns, to_ns;
    int64_t interval_ms; /* from one poll to the next; 0: it was pushed to */
};

enum { COVERED_TIMES_MOST = 2000 };

/* The caller sets the times to which the spans are cut, and zeroes the rest. */
struct covered_times {
    int64_t from_ns, to_ns;
    struct covered_time *items; /* owned; the newest COVERED_TIMES_MOST */
    size_t count, capacity;
    bool joins; /* the last item is of the source whose events are being added */
    bool no_memory;
};
void covered_times_free(struct covered_times *times);

/* Call it before the events of each source. */
void covered_times_next_source(struct covered_times *times);

/* Adds an event of the source, in the order of their times. A span that follows the last one within
 * a poll, or two seconds, is joined to it. Returns false when memory runs out (no_memory). */
NODISCARD bool covered_times_add(struct covered_times *times, const struct event *event);

#endif
