/*
 * Candles: open, high, low and close of last_price per half-open bucket [t, t + interval), aligned
 * to 1970-01-01T00:00:00Z like DATE_BIN with that origin. Empty buckets stay empty.
 */
#ifndef CANDLEWICK_MARKET_CANDLE_H
#define CANDLEWICK_MARKET_CANDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

struct candle {
    int64_t time_ns; /* start of the bucket */
    double open, high, low, close;
    int64_t ticks;
};

/* Start of the bucket that holds `time_ns`; rounds towards minus infinity. interval_ns > 0. */
int64_t candle_bucket_start(int64_t time_ns, int64_t interval_ns);

/* Folds one tick into an open candle. Ticks must come in time order; `candle->ticks` 0 means new.
 * Returns true when the tick belongs to a later bucket: nothing was folded, the candle is complete,
 * and the caller starts the next one with ticks = 0. */
NODISCARD bool candle_fold(struct candle *candle, int64_t interval_ns, int64_t time_ns,
                           double price);

/* A growing list, in time order. `items` is owned by the list. */
struct candle_list {
    struct candle *items;
    size_t count;
    size_t capacity;
};
NODISCARD bool candle_list_add(struct candle_list *list, const struct candle *candle);
void candle_list_free(struct candle_list *list);

#endif
