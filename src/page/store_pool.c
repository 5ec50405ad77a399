#include "page/store_pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/waiting.h"

enum {
    CONNECTIONS_MOST = 3,
    PATIENCE_MS = 5000, /* shorter than the 20 s after which the page gives up and asks again */
    /* The most that a quick query may ask for. The page asks for a thousand candles of at most an
     * hour each. */
    QUICK_CANDLES = 5000,
    QUICK_DAYS = 42,
};
#define QUICK_SPAN_NS (QUICK_DAYS * INT64_C(86400) * NS_PER_SECOND)

static const size_t connections[STORE_LANES] = {[STORE_QUICK] = CONNECTIONS_MOST, [STORE_LONG] = 1};

struct lane {
    struct store *free[CONNECTIONS_MOST];
    size_t count;
};

struct store_pool {
    pthread_mutex_t lock; /* protects the lanes */
    pthread_cond_t given;
    struct lane lanes[STORE_LANES];
    const char *name; /* the store's name, borrowed from one connection; all have the same */
};

static bool fill(struct lane *lane, size_t count, const struct store_config *config,
                 struct error *error)
{
    while (lane->count < count) {
        struct store *store = store_open(config, error);
        if (store == NULL) {
            return false;
        }
        store_rest(store);
        lane->free[lane->count++] = store;
    }
    return true;
}

struct store_pool *store_pool_create(const struct store_config *config, struct error *error)
{
    struct store_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&pool->lock, NULL);
    waiting_init(&pool->given);
    for (int i = 0; i < STORE_LANES; i++) {
        if (!fill(&pool->lanes[i], connections[i], config, error)) {
            store_pool_destroy(pool);
            return NULL;
        }
    }
    pool->name = store_name(pool->lanes[STORE_QUICK].free[0]);
    return pool;
}

void store_pool_destroy(struct store_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    for (int i = 0; i < STORE_LANES; i++) {
        while (pool->lanes[i].count > 0) {
            store_close(pool->lanes[i].free[--pool->lanes[i].count]);
        }
    }
    pthread_cond_destroy(&pool->given);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

const char *store_pool_name(const struct store_pool *pool)
{
    return pool->name;
}

enum store_lane store_pool_lane(const struct candle_query *query)
{
    bool quick = query->limit > 0 && query->limit <= QUICK_CANDLES &&
                 query->interval_ns <= QUICK_SPAN_NS / (int64_t)query->limit;
    return quick ? STORE_QUICK : STORE_LONG;
}

struct store *store_pool_take(struct store_pool *pool, enum store_lane lane, struct error *error)
{
    struct lane *from = &pool->lanes[lane];
    int64_t until_ns = clock_monotonic_ns() + PATIENCE_MS * NS_PER_MS;
    pthread_mutex_lock(&pool->lock);
    while (from->count == 0 && clock_monotonic_ns() < until_ns) {
        waiting_until(&pool->given, &pool->lock, until_ns);
    }
    struct store *store = from->count > 0 ? from->free[--from->count] : NULL;
    pthread_mutex_unlock(&pool->lock);
    if (store == NULL) {
        error_set(
            error, ERROR_RETRY,
            "the store is busy with other questions: ask for less (limit, from, to), or again "
            "in a few seconds");
    }
    return store;
}

void store_pool_give(struct store_pool *pool, enum store_lane lane, struct store *store)
{
    store_rest(store);
    pthread_mutex_lock(&pool->lock);
    pool->lanes[lane].free[pool->lanes[lane].count++] = store;
    pthread_cond_broadcast(&pool->given);
    pthread_mutex_unlock(&pool->lock);
}
