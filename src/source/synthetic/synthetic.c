/* The source of synthetic ticks: each round moves every coin one step along its random walk. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "source/coins.h"
#include "source/sources.h"
#include "source/synthetic/synthetic_coins.h"
#include "source/synthetic/synthetic_market.h"
#include "source/synthetic/synthetic_walk.h"

#define PAST_STEP_NS (30 * NS_PER_SECOND) /* between two ticks of a coin in the past */

enum { TICKS_PER_BATCH = 1000 }; /* roughly; a batch may hold several rounds */

struct synthetic {
    struct synthetic_config config; /* without `coins` */
    struct walk *walks;
    struct market *markets;   /* one for each coin; NULL: the walks alone make the prices */
    struct market *a_day_ago; /* the same ones, asked for the prices of 24 hours before */
    size_t count;
    struct walk_stride stride;
    int64_t run_id;
    int64_t seq;
    int64_t round;
    int64_t time_ns; /* time of the next round */
    bool started;    /* time_ns is set, or is not needed */
    bool begun;
    bool tells_past; /* the next call of `next` returns the ticks of the past */
    bool used_up;    /* the next time would be out of range */
    int64_t day_ns;  /* time since the walks' day began */
};

static uint64_t hash_int64(uint64_t hash, uint64_t value)
{
    unsigned char bytes[8]; /* a fixed byte order, so that the hash is the same on every platform */
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(value >> (8 * i));
    }
    return hash_bytes(hash, bytes, sizeof bytes);
}

static int64_t run_id_of(const struct synthetic *synthetic)
{
    uint64_t hash = hash_int64(HASH_START, synthetic->config.seed);
    hash = hash_int64(hash, (uint64_t)synthetic->config.start_ns);
    hash = hash_int64(hash, (uint64_t)synthetic->config.step_ns);
    for (size_t i = 0; i < synthetic->count; i++) {
        const char *symbol = synthetic->walks[i].symbol;
        hash = hash_bytes(hash, symbol, strlen(symbol) + 1);
    }
    return (int64_t)(hash & INT64_MAX);
}

/* Without a configured start, begins after the newest tick of the log. */
static void synthetic_begin(void *state, int64_t newest_stamp_ns)
{
    struct synthetic *synthetic = state;
    synthetic->begun = true;
    bool live = synthetic->config.live && synthetic->config.start_ns == 0;
    synthetic->tells_past =
        live && synthetic->config.history_ns > 0 && newest_stamp_ns == INT64_MIN;
    if (synthetic->started) {
        return;
    }
    int64_t start_ns = clock_wall_ns();
    if (newest_stamp_ns >= RECORD_TIME_END_NS - 1) {
        synthetic->used_up = true;
    } else if (newest_stamp_ns >= start_ns) {
        start_ns = newest_stamp_ns + 1;
    }
    synthetic->config.start_ns = start_ns;
    synthetic->time_ns = start_ns;
    synthetic->run_id = run_id_of(synthetic);
    synthetic->started = true;
}

static bool is_over(const struct synthetic *synthetic)
{
    return synthetic->used_up ||
           (synthetic->config.limit > 0 && synthetic->round >= synthetic->config.limit);
}

/* `time_ns` is 0 for a tick of now, which the poller stamps. */
static void fill_tick(struct synthetic *synthetic, size_t coin, int64_t time_ns,
                      struct ticker *tick)
{
    struct walk *walk = &synthetic->walks[coin];
    int64_t now_ns = time_ns != 0 ? time_ns : clock_wall_ns();
    if (synthetic->round > 0) {
        walk_step(walk, synthetic->stride);
    }
    if (synthetic->markets != NULL) {
        walk_move(walk, market_price(&synthetic->markets[coin], now_ns));
    }
    if (synthetic->day_ns == 0) {
        walk_begin_day(walk);
    }
    if (synthetic->markets != NULL) {
        int64_t ago_ns = now_ns > NS_PER_DAY ? now_ns - NS_PER_DAY : 0;
        walk->open = market_price(&synthetic->a_day_ago[coin], ago_ns);
    }
    (void)str_copy(str_from(walk->symbol), tick->symbol, sizeof tick->symbol);
    (void)str_copy(str_from("synthetic"), tick->source, sizeof tick->source);
    walk_fill(walk, tick);
    if (synthetic->markets == NULL) { /* a market's highest and lowest of 24 hours are not known */
        walk_fill_range(walk, tick);
    }
    tick->event_time_ns = time_ns;
    tick->run_id = synthetic->run_id;
    tick->seq = ++synthetic->seq;
}

static bool add_ticks(struct synthetic *synthetic, int64_t time_ns, int64_t step_ns,
                      struct source_batch *batch)
{
    for (size_t i = 0; i < synthetic->count; i++) {
        struct ticker *tick = source_batch_add(batch);
        if (tick == NULL) {
            return false;
        }
        fill_tick(synthetic, i, time_ns, tick);
    }
    synthetic->round++;
    synthetic->day_ns = synthetic->day_ns >= NS_PER_DAY - step_ns ? 0 : synthetic->day_ns + step_ns;
    return true;
}

static bool add_round(struct synthetic *synthetic, struct source_batch *batch)
{
    int64_t step_ns = synthetic->config.step_ns;
    if (!add_ticks(synthetic, synthetic->time_ns, step_ns, batch)) {
        return false;
    }
    if (batch->has_time) {
        synthetic->used_up =
            __builtin_add_overflow(synthetic->time_ns, step_ns, &synthetic->time_ns) ||
            !record_time_valid(synthetic->time_ns);
    }
    return true;
}

/* Adds the ticks of all the past at once, the last ones of now: the first poll is an interval
 * later, so no time is without ticks between. They have a run id of their own. */
static bool add_past(struct synthetic *synthetic, struct source_batch *batch)
{
    int64_t now_ns = clock_wall_ns();
    struct walk_stride stride = synthetic->stride;
    synthetic->tells_past = false;
    synthetic->stride = walk_stride_of(PAST_STEP_NS);
    int64_t time_ns = now_ns - synthetic->config.history_ns;
    synthetic->run_id = time_ns / NS_PER_MS; /* the run of the live ticks begins now */
    bool added = true;
    for (; added && time_ns <= now_ns; time_ns += PAST_STEP_NS) {
        added = add_ticks(synthetic, time_ns, PAST_STEP_NS, batch);
    }
    batch->step_ns = PAST_STEP_NS;
    synthetic->stride = stride;
    synthetic->round = 0; /* the limit counts rounds of live ticks only */
    return added;
}

static enum source_next no_memory(struct synthetic *synthetic, struct source_batch *batch,
                                  struct error *error)
{
    batch->count = 0;
    (void)error_set(error, ERROR_FATAL, "no memory for a round of %zu synthetic ticks",
                    synthetic->count);
    return SOURCE_ERROR;
}

static enum source_next synthetic_next(void *state, struct source_batch *batch,
                                       struct row_counts *counts, struct error *error)
{
    struct synthetic *synthetic = state;
    if (!synthetic->begun) {
        synthetic_begin(synthetic, INT64_MIN);
    }
    source_batch_begin(batch, &ticker_kind,
                       !synthetic->config.live || synthetic->config.start_ns != 0 ||
                           synthetic->tells_past);
    if (synthetic->tells_past && !add_past(synthetic, batch)) {
        return no_memory(synthetic, batch, error);
    }
    while (batch->count == 0 ||
           (!synthetic->config.live && batch->count + synthetic->count <= TICKS_PER_BATCH)) {
        if (is_over(synthetic)) {
            break;
        }
        if (!add_round(synthetic, batch)) {
            return no_memory(synthetic, batch, error);
        }
    }
    counts->rows += (int64_t)batch->count;
    counts->records += (int64_t)batch->count;
    return batch->count > 0 ? SOURCE_BATCH : SOURCE_END;
}

static void close_markets(struct market *markets, size_t count)
{
    for (size_t i = 0; markets != NULL && i < count; i++) {
        market_free(&markets[i]);
    }
    free(markets);
}

static void synthetic_destroy(void *state)
{
    struct synthetic *synthetic = state;
    close_markets(synthetic->markets, synthetic->count);
    close_markets(synthetic->a_day_ago, synthetic->count);
    free(synthetic->walks);
    free(synthetic);
}

/* Returns a market for each coin, or NULL when memory runs out. */
static struct market *open_markets(const struct coin_table *coins, uint64_t seed)
{
    struct market *markets = calloc(coins->count, sizeof *markets);
    for (size_t i = 0; markets != NULL && i < coins->count; i++) {
        if (!market_init(&markets[i], coins->coins[i].symbol, seed)) {
            close_markets(markets, coins->count);
            return NULL;
        }
    }
    return markets;
}

static bool set_up(struct synthetic *synthetic, const struct synthetic_config *config,
                   const struct coin_table *coins, struct error *error)
{
    if (config->step_ns <= 0 || config->limit < 0) {
        return error_set(error, ERROR_USAGE,
                         "synthetic data needs a step above 0 and a limit of 0 (none) or more");
    }
    synthetic->walks = calloc(coins->count, sizeof *synthetic->walks);
    if (synthetic->walks == NULL) {
        return error_set(error, ERROR_FATAL, "no memory for %zu synthetic coins", coins->count);
    }
    synthetic->count = coins->count;
    for (size_t i = 0; i < coins->count; i++) {
        synthetic->walks[i] = walk_new(coins->coins[i].symbol, config->seed);
    }
    synthetic->markets = config->market ? open_markets(coins, config->seed) : NULL;
    synthetic->a_day_ago = config->market ? open_markets(coins, config->seed) : NULL;
    if (config->market && (synthetic->markets == NULL || synthetic->a_day_ago == NULL)) {
        return error_set(error, ERROR_FATAL, "no memory for the markets of %zu synthetic coins",
                         coins->count);
    }
    synthetic->config = *config;
    synthetic->config.coins = NULL;
    synthetic->stride = walk_stride_of(config->step_ns);
    synthetic->time_ns = config->start_ns;
    synthetic->started = config->live || config->start_ns != 0;
    synthetic->run_id = run_id_of(synthetic);
    return true;
}

struct source *synthetic_source_create(const struct synthetic_config *config, struct error *error)
{
    struct coin_table coins;
    struct source *source = calloc(1, sizeof *source);
    struct synthetic *synthetic = calloc(1, sizeof *synthetic);
    bool ok = synthetic_coins(config->coins, &coins, error);
    if (ok && (source == NULL || synthetic == NULL)) {
        ok = error_set(error, ERROR_FATAL, "no memory for synthetic data");
    }
    ok = ok && set_up(synthetic, config, &coins, error);
    coin_table_free(&coins);
    if (!ok) {
        if (synthetic != NULL) {
            synthetic_destroy(synthetic);
        }
        free(source);
        return NULL;
    }
    *source = (struct source){.name = "synthetic",
                              .kind = &ticker_kind,
                              .live = config->live,
                              .state = synthetic,
                              .begin = synthetic_begin,
                              .next = synthetic_next,
                              .destroy = synthetic_destroy};
    return source;
}
