/*
 * The random walk of one synthetic coin. Whole numbers are walked, and no function of libm but sqrt
 * (which IEEE 754 rounds exactly) is asked, so that every platform gets the same bits. Pure.
 */
#ifndef CANDLEWICK_SOURCE_SYNTHETIC_SYNTHETIC_WALK_H
#define CANDLEWICK_SOURCE_SYNTHETIC_SYNTHETIC_WALK_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "record/ticker.h"

/* Prices are in units of the coin's last decimal. */
struct walk {
    char symbol[SYMBOL_MAX + 1];
    int decimals;
    int64_t base; /* what it is pulled back to; both in finer parts of the last decimal */
    int64_t fine;
    int64_t open, high, low; /* since its day began */
    int64_t volume;
    struct random random;
};

/* How far one step goes. */
struct walk_stride {
    int64_t ppb;       /* its deviation, in billionths of the price */
    int64_t reversion; /* 1/reversion of the way to the base price is walked back in a step */
};

/* The coins of "ALL": NULL past the last. */
const char *walk_common_symbol(size_t index);

struct walk_stride walk_stride_of(int64_t step_ns);

/* At its first price. */
struct walk walk_new(const char *symbol, uint64_t seed);

void walk_step(struct walk *walk, struct walk_stride stride);

/* Open, high and low begin anew at the current price. */
void walk_begin_day(struct walk *walk);

/* Sets last_price and all figures; bid < last_price < ask. Moves size, spread and volume on. */
void walk_fill(struct walk *walk, struct ticker *tick);

#endif
