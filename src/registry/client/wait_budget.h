/*
 * How much time may be spent waiting in any window of time, so that waiting cannot be made to cost
 * without bound. Waits that overlap count once. A value, without a clock or locks of its own.
 */
#ifndef CANDLEWICK_REGISTRY_CLIENT_WAIT_BUDGET_H
#define CANDLEWICK_REGISTRY_CLIENT_WAIT_BUDGET_H

#include <stddef.h>
#include <stdint.h>

/* The window is counted in pieces; one more than it has, so that it is never counted too short. */
enum { WAIT_BUDGET_PIECES = 61 };

struct wait_budget {
    int64_t limit_ns, piece_ns;
    int64_t charged_until_ns;
    struct {
        int64_t number; /* of the piece, counted from time 0 */
        int64_t spent_ns;
    } pieces[WAIT_BUDGET_PIECES];
};

struct wait_budget wait_budget_new(int limit_ms, int window_ms);

/* Someone waited from `from_ns` to `to_ns`: what of it is not charged yet is charged. Calls come in
 * the order of `to_ns`. */
void wait_budget_charge(struct wait_budget *budget, int64_t from_ns, int64_t to_ns);

/* What may still be spent now; 0: nothing. */
int64_t wait_budget_left_ns(const struct wait_budget *budget, int64_t now_ns);

#endif
