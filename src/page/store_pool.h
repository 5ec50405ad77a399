/*
 * The connections through which the page queries the store: a few for quick queries and one for
 * long ones, so that a quick query never waits for a long one. Any thread.
 */
#ifndef CANDLEWICK_PAGE_STORE_POOL_H
#define CANDLEWICK_PAGE_STORE_POOL_H

#include "store/store.h"

struct store_pool;

enum store_lane { STORE_QUICK, STORE_LONG, STORE_LANES };

/* Opens each connection as store_open() does. */
NODISCARD struct store_pool *store_pool_create(const struct store_config *config,
                                               struct error *error);
/* All connections must have been returned. NULL is allowed. */
void store_pool_destroy(struct store_pool *pool);

/* Returns which kind of connection the query needs: STORE_QUICK if its limit and interval allow
 * only few candles, over a few weeks at most; otherwise STORE_LONG. */
enum store_lane store_pool_lane(const struct candle_query *query);

/* Returns a connection of that kind, which nobody else uses until it is returned; NULL with
 * ERROR_RETRY when none becomes free within a few seconds. */
NODISCARD struct store *store_pool_take(struct store_pool *pool, enum store_lane lane,
                                        struct error *error);
void store_pool_give(struct store_pool *pool, enum store_lane lane, struct store *store);

/* Returns the store's name, as store_name() does. */
const char *store_pool_name(const struct store_pool *pool);

#endif
