/* What is left of a time-out that several calls share. */
#ifndef CANDLEWICK_KAFKA_DEADLINE_H
#define CANDLEWICK_KAFKA_DEADLINE_H

#include <limits.h>

#include "base/clock.h"

/* At least 1, since librdkafka has other meanings for less. */
static inline int deadline_left_ms(int64_t deadline_ns)
{
    int64_t left_ms = (deadline_ns - clock_monotonic_ns()) / NS_PER_MS;
    if (left_ms < 1) {
        return 1;
    }
    return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

#endif
