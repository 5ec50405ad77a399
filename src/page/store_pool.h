/*
 * The connections through which the page asks the store: a few for quick questions, one for long
 * ones, so that a quick one never stands behind many long ones. Any thread.
 */
#ifndef CANDLEWICK_PAGE_STORE_POOL_H
#define CANDLEWICK_PAGE_STORE_POOL_H

#include "store/store.h"

struct store_pool;

enum store_lane { STORE_QUICK, STORE_LONG, STORE_LANES };

/* As store_open(), for each of its connections. */
NODISCARD struct store_pool *store_pool_create(const struct store_config *config,
                                               struct error *error);
/* All connections must have been given back. NULL is allowed. */
void store_pool_destroy(struct store_pool *pool);

/* The lane for a question: the quick one where the candles are not many and their ticks are of a
 * few weeks at most, as its limit and interval say. */
enum store_lane store_pool_lane(const struct candle_query *query);

/* A connection of the lane for the caller alone; waits for one a few seconds. NULL: ERROR_RETRY. */
NODISCARD struct store *store_pool_take(struct store_pool *pool, enum store_lane lane,
                                        struct error *error);
void store_pool_give(struct store_pool *pool, enum store_lane lane, struct store *store);

/* As store_name(). */
const char *store_pool_name(const struct store_pool *pool);

#endif
