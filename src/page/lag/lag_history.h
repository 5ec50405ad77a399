/* The lag of a topic over the last half-hour, in steps. A plain value of a fixed size. */
#ifndef CANDLEWICK_PAGE_LAG_LAG_HISTORY_H
#define CANDLEWICK_PAGE_LAG_LAG_HISTORY_H

#include "base/text/strbuf.h"

enum { LAG_STEP_S = 5, LAG_STEPS = 360 };

/* The highest lag and the highest age seen in a step; -1: unknown throughout the step. */
struct lag_step {
    int64_t messages;
    int64_t age_ms;
};

/* Zero-initialise. */
struct lag_history {
    int64_t newest;                   /* number of the newest step: its time since 1970 in steps */
    int count;                        /* number of steps, up to LAG_STEPS */
    struct lag_step steps[LAG_STEPS]; /* a ring; step n is at n % LAG_STEPS */
};

/* Adds what is known at wall-clock time `now_ns`; each figure may be -1, unknown. Steps without any
 * sample are unknown. If the clock goes back, the newest step takes the sample; if it jumps by more
 * than the whole length, the history starts again. */
void lag_history_add(struct lag_history *history, int64_t now_ns, int64_t messages, int64_t age_ms);

/* Appends "from":ms,"lag":[n|null,…],"lag_s":[n|null,…]: the begin of the oldest step in ms since
 * 1970, and a figure for each step, oldest first. from is null if there are no steps. */
void lag_history_to_json(const struct lag_history *history, struct strbuf *json);

#endif
