/*
 * Limits how many requests are sent in any 60 seconds; below that limit they need not wait.
 * For sources that pace themselves (source.h, `pushed`). Pure: the caller passes in the monotonic
 * time. Not thread-safe.
 */
#ifndef CANDLEWICK_SOURCE_REQUEST_BUDGET_H
#define CANDLEWICK_SOURCE_REQUEST_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"

struct request_budget {
    int64_t *sent_ns; /* a ring of the newest requests' times; owned */
    size_t per_minute;
    size_t count; /* number of all requests so far */
};

/* `per_minute` is at least 1. Returns false when memory runs out. */
NODISCARD bool request_budget_init(struct request_budget *budget, size_t per_minute);
void request_budget_free(struct request_budget *budget);

/* Returns how long the next request has to wait; 0: it may be sent now. */
int64_t request_budget_wait_ns(const struct request_budget *budget, int64_t now_ns);

/* Returns how many requests may be sent now. */
size_t request_budget_left(const struct request_budget *budget, int64_t now_ns);

/* Records a request that is sent now. */
void request_budget_spend(struct request_budget *budget, int64_t now_ns);

#endif
