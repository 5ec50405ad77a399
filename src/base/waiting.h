/* Condition variables whose deadlines are on the monotonic clock. */
#ifndef CANDLEWICK_BASE_WAITING_H
#define CANDLEWICK_BASE_WAITING_H

#include <pthread.h>
#include <stdint.h>

void waiting_init(pthread_cond_t *condition);

/* Waits for a signal, at most until clock_monotonic_ns() is `deadline_ns`. May wake early. */
void waiting_until(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ns);

#endif
