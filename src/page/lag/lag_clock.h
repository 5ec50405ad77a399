/*
 * How long the oldest unread message of a partition has been in the log. Kafka does not say when a
 * message at an offset was written, so this is derived from when the log's end was seen to pass
 * that offset. The figure is too low by the time between two samples at most or, if that is more,
 * by a 32nd of the age that the group's oldest unread message had at most since the group had last
 * read all. A plain value.
 */
#ifndef CANDLEWICK_PAGE_LAG_LAG_CLOCK_H
#define CANDLEWICK_PAGE_LAG_LAG_CLOCK_H

#include <stdint.h>

enum { LAG_MARKS = 64, LAG_AGE_UNKNOWN = -1 };

/* Zero-initialise. */
struct lag_clock {
    struct lag_mark {
        int64_t end;     /* the log's end */
        int64_t time_ns; /* monotonic time at which this end was first seen */
    } marks[LAG_MARKS];  /* both members ascend */
    int count;
    int64_t spacing_ns; /* the least time between marks, but for the first two and the last */
};

/* Adds a sample: `next` is the first offset that the group has not read, `end` the log's end, both
 * at monotonic time `now_ns`. Returns the age of the message at `next` in ns; 0 if all messages are
 * read; LAG_AGE_UNKNOWN if that message was in the log before the first sample. An end that has
 * fallen is that of another log: its first sample is then this one. */
int64_t lag_clock_sample(struct lag_clock *clock, int64_t next, int64_t end, int64_t now_ns);

#endif
