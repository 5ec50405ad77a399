/*
 * The random walk of one synthetic coin. It walks integers and uses no function of libm except sqrt
 * (which IEEE 754 rounds exactly), so that every platform gets the same bits. Pure.
 */
#ifndef CANDLEWICK_SOURCE_SYNTHETIC_SYNTHETIC_WALK_H
#define CANDLEWICK_SOURCE_SYNTHETIC_SYNTHETIC_WALK_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "record/ticker.h"

enum { WALK_FINE = 1024 }; /* the walk counts in 1/WALK_FINE of the price's last decimal */

/* Prices are in units of the coin's last decimal, but for `base` and `fine`. */
struct walk {
    char symbol[SYMBOL_MAX + 1];
    int decimals;
    int64_t base; /* the price that the walk reverts to, in 1/WALK_FINE of a unit, as is `fine`,
                     its own price */
    int64_t fine;
    int64_t open, high, low; /* since the walk's day began */
    int64_t volume;
    struct random random;
};

/* Size of one step. */
struct walk_stride {
    int64_t ppb;       /* standard deviation, in billionths of the price */
    int64_t reversion; /* each step goes 1/reversion of the way back to the base price */
};

/* Returns the coins that "ALL" stands for, and NULL after the last. */
const char *walk_common_symbol(size_t index);

struct walk_stride walk_stride_of(int64_t step_ns);

/* Returns a walk at its first price. */
struct walk walk_new(const char *symbol, uint64_t seed);

void walk_step(struct walk *walk, struct walk_stride stride);

/* Returns `value` * 10^-`decimals`: both operands are exact doubles, so the result is the double
 * nearest to the decimal. */
double walk_decimal(int64_t value, int decimals);

/* Moves the walk to a price, in units of the last decimal, which leaves high and low as they are.
 */
void walk_move(struct walk *walk, int64_t price);

/* Starts a new day: open, high and low become the current price. */
void walk_begin_day(struct walk *walk);

/* Sets last_price and all figures but high and low; bid < last_price < ask. Advances size, spread
 * and volume. */
void walk_fill(struct walk *walk, struct ticker *tick);

/* Sets high and low. */
void walk_fill_range(const struct walk *walk, struct ticker *tick);

#endif
