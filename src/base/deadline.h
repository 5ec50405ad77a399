/* A deadline that several calls share. */
#ifndef CANDLEWICK_BASE_DEADLINE_H
#define CANDLEWICK_BASE_DEADLINE_H

#include <limits.h>
#include <stdbool.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"

/* Returns the milliseconds left, at least 1: to librdkafka 0 and -1 have other meanings. */
static inline int deadline_left_ms(int64_t deadline_ns)
{
    int64_t left_ms = (deadline_ns - clock_monotonic_ns()) / NS_PER_MS;
    if (left_ms < 1) {
        return 1;
    }
    return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

/* While a leader or coordinator moves, brokers refuse requests with retriable errors. If `why` is
 * retriable and 200 ms or more are left, sleeps for 100 ms and returns true: the caller sends its
 * request again. Returns false otherwise. */
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
