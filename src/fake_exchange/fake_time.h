/*
 * The fake exchange's clock: the wall clock's pace from a chosen time on, or a multiple of it; it
 * may be held until somebody has subscribed; or a test sets it. Any thread.
 */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_TIME_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_TIME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct fake_time {
    int64_t origin_ms;           /* since 1970: what it shows at first */
    double speed;                /* exchange seconds in a second */
    _Atomic int64_t released_ns; /* monotonic; 0: it is held */
    _Atomic int64_t set_ms;      /* what a test has set; INT64_MIN: nothing */
};

/* Starts the clock, or holds it at `origin_ms`. */
void fake_time_init(struct fake_time *time, int64_t origin_ms, double speed, bool held);
/* Lets a clock go that is held; otherwise does nothing. */
void fake_time_release(struct fake_time *time);
/* From now on the clock shows this, until it is set again. */
void fake_time_set(struct fake_time *time, int64_t now_ms);

int64_t fake_time_ms(struct fake_time *time);
bool fake_time_held(struct fake_time *time);

/* Returns for how many real ms the caller may sleep before the clock shows `until_ms`: 0 to
 * `most_ms`; a few if that time is not known, because the clock is held or was set. */
int fake_time_wait_ms(struct fake_time *time, int64_t until_ms, int most_ms);

#endif
