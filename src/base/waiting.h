/* Condition variables with deadlines on the monotonic clock. */
#ifndef CANDLEWICK_BASE_WAITING_H
#define CANDLEWICK_BASE_WAITING_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

void waiting_init(pthread_cond_t *condition);

/* Waits for a signal, at most until clock_monotonic_ns() reaches `deadline_ns` (INT64_MAX: without
 * limit). The caller holds the lock before and after. May wake early, so call it in a loop that
 * checks the condition. Returns false when the deadline has passed. */
bool waiting_until(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ns);

#endif
