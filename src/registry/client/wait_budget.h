/*
 * Limits the time spent waiting within any window of time, so that messages with foreign schema ids
 * cannot cause endless waiting. Overlapping waits count once. A plain value, without a clock or
 * locks.
 */
#ifndef CANDLEWICK_REGISTRY_CLIENT_WAIT_BUDGET_H
#define CANDLEWICK_REGISTRY_CLIENT_WAIT_BUDGET_H

#include <stddef.h>
#include <stdint.h>

/* A window is counted in 60 pieces, plus one so that it is never too short. */
enum { WAIT_BUDGET_PIECES = 61 };

struct wait_budget {
    int64_t limit_ns, piece_ns;
    int64_t charged_until_ns;
    struct {
        int64_t number; /* start of the piece, counted in pieces since time 0 */
        int64_t spent_ns;
    } pieces[WAIT_BUDGET_PIECES];
};

struct wait_budget wait_budget_new(int limit_ms, int window_ms);

/* Charges the budget for a wait from `from_ns` to `to_ns`, except for time that is already charged.
 * Calls must be in the order of `to_ns`. */
void wait_budget_charge(struct wait_budget *budget, int64_t from_ns, int64_t to_ns);

/* Returns the time that may still be spent waiting; 0: none. */
int64_t wait_budget_left_ns(const struct wait_budget *budget, int64_t now_ns);

#endif
