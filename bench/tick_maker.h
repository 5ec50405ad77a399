/*
 * Made ticks as rows of a replay file: all eleven figures, with the digits that Bitfinex sends.
 * Prices have five to seven digits, volumes eight decimals; sizes are sums of such amounts in
 * doubles, so that a quarter of them needs 16 or 17 digits ("12.824777569999998"), as in a recorded
 * answer of the exchange. The same seed gives the same rows.
 */
#ifndef CANDLEWICK_BENCH_TICK_MAKER_H
#define CANDLEWICK_BENCH_TICK_MAKER_H

#include <stdint.h>

#include "base/random.h"
#include "base/text/strbuf.h"

/* One row a coin and step, coin after coin. */
struct tick_maker {
    struct random random;
    int64_t time_ms, step_ms;
    size_t coin_count, next_coin;
    struct made_coin *coins;
};

/* The first row of a replay file, with its line feed. */
extern const char tick_maker_header[];

/* False without memory. Free with tick_maker_free(). */
NODISCARD bool tick_maker_init(struct tick_maker *maker, size_t coins, int64_t step_ms,
                               uint64_t seed);
void tick_maker_free(struct tick_maker *maker);

/* Appends the next row and a line feed. */
void tick_maker_row(struct tick_maker *maker, struct strbuf *rows);

#endif
