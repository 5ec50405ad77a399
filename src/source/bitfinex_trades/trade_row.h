/* One public trade as Bitfinex writes it, in frames and in its history: [ID, MTS, AMOUNT, PRICE],
 * and columns that later versions append (docs.bitfinex.com, ws-public-trades and
 * rest-public-trades). Pure. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_TRADE_ROW_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_TRADE_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/compiler/attributes.h"
#include "source/source.h"

struct trade_row {
    int64_t id; /* >= 0 */
    int64_t time_ms;
    double amount; /* finite, not 0; negative: a sell */
    double price;  /* finite, > 0 */
};

/* Reads a whole number of at most 2^53, which a double holds exactly: bitfinex_json_load() reads
 * all numbers as doubles. Returns false for anything else. */
NODISCARD bool trade_row_whole(const json_t *json, int64_t *value);

/* Returns ROW_FAULTS when all figures are good. */
NODISCARD enum row_fault trade_row_check(const struct trade_row *row);

/* Reads a row of a trading pair. A row of a funding currency looks the same but for its length, so
 * the caller must know by the symbol that it is none. Returns ROW_FAULTS when it is good. */
NODISCARD enum row_fault trade_row_read(const json_t *json, struct trade_row *row);

/* Returns whether all figures have the same bits. */
bool trade_row_same(const struct trade_row *left, const struct trade_row *right);

/* For qsort(): by time, then by id, the oldest first. */
int trade_row_compare(const void *left, const void *right);

#endif
