/* A time-out that several calls share. */
#ifndef CANDLEWICK_BASE_DEADLINE_H
#define CANDLEWICK_BASE_DEADLINE_H

#include <limits.h>
#include <stdbool.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"

/* At least 1, since librdkafka has other meanings for less. */
static inline int deadline_left_ms(int64_t deadline_ns)
{
    int64_t left_ms = (deadline_ns - clock_monotonic_ns()) / NS_PER_MS;
    if (left_ms < 1) {
        return 1;
    }
    return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

/* Leaders and coordinators that move say "not me" or "not yet": worth another try while there is
 * time. True after a short wait; false when `why` is for good, or there is not. */
static inline bool deadline_ask_again(const struct error *why, int64_t deadline_ns)
{
    const int64_t pause_ns = 100 * NS_PER_MS;
    if (why->kind != ERROR_RETRY || deadline_ns - clock_monotonic_ns() < 2 * pause_ns) {
        return false;
    }
    nanosleep(&(struct timespec){.tv_nsec = pause_ns}, NULL);
    return true;
}

#endif
