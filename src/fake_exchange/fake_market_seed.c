/* A book of trades from a seed. Whole numbers only, so that every machine makes the same. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "fake_exchange/fake_market.h"
#include "source/synthetic/synthetic_walk.h"

enum {
    BURST_ONE_IN = 8, /* how often several trades happen in one millisecond */
    BURST_LEAST = 2,
    BURST_MOST = 10,
    MEAN_OF_EIGHT = 13, /* trades in eight moments: seven with one trade each, and a burst of 6 */
    QUIET_LEAST_US = 60 * 1000000,
    QUIET_MORE_US = 180 * 1000000,
    TRADES_LIMIT = 50000000, /* 2 GB */
    FIRST_ID = 1500000000,
};
#define MINUTE_US INT64_C(60000000)

/* State while the trades of one coin are made. */
struct maker {
    struct walk walk;
    struct walk_stride stride;
    struct random random; /* random numbers for times and amounts */
    int64_t e8_of_unit;   /* how many e8 a unit of the walk's price is */
    int64_t gap_us;       /* between two moments, on average */
    int64_t quiet_one_in; /* a quiet time follows one in so many moments */
    size_t coin;
};

/* Returns a number of [0, limit). */
static int64_t below(struct random *random, int64_t limit)
{
    return (int64_t)(random_next(random) % (uint64_t)limit);
}

static struct maker new_maker(const struct fake_seed *seed, const char *symbol, size_t coin)
{
    struct maker maker = {.walk = walk_new(symbol, seed->seed), .coin = coin, .e8_of_unit = 1};
    uint64_t own = hash_bytes(HASH_START, symbol, str_from(symbol).length);
    maker.random = random_seeded(own ^ (seed->seed * UINT64_C(0x9E3779B97F4A7C15)));
    for (int i = maker.walk.decimals; i < 8; i++) {
        maker.e8_of_unit *= 10;
    }
    maker.gap_us = MINUTE_US * MEAN_OF_EIGHT / 8 / seed->trades_per_minute;
    maker.gap_us += maker.gap_us == 0;
    maker.quiet_one_in = 60 * MINUTE_US / maker.gap_us + 1;
    maker.stride = walk_stride_of(maker.gap_us * NS_PER_US);
    return maker;
}

/* Returns an amount worth 10 to 10,000 in the price's currency; every fourth in whole
 * hundredths. */
static int64_t make_amount_e8(struct maker *maker, int64_t price_e8)
{
    const int64_t most_e8 = 9000000 * FAKE_E8;
    int64_t worth_e8 = (1000 + below(&maker->random, 999000)) * (FAKE_E8 / 100);
    int64_t amount_e8 = worth_e8 * 10000 / (price_e8 / 10000 + 1);
    uint64_t bits = random_next(&maker->random);
    if (bits % 4 == 0 && amount_e8 >= FAKE_E8 / 100) {
        amount_e8 -= amount_e8 % (FAKE_E8 / 100);
    }
    amount_e8 = amount_e8 < 1 ? 1 : amount_e8 > most_e8 ? most_e8 : amount_e8;
    return bits & 4 ? -amount_e8 : amount_e8;
}

static bool add_moment(struct fake_market *market, struct maker *maker, int64_t time_ms)
{
    int64_t trades = 1;
    if (below(&maker->random, BURST_ONE_IN) == 0) {
        trades = BURST_LEAST + below(&maker->random, BURST_MOST - BURST_LEAST + 1);
    }
    bool done = true;
    for (; trades > 0 && done; trades--) {
        walk_step(&maker->walk, maker->stride);
        struct fake_trade trade = {.time_ms = time_ms,
                                   .price_e8 = maker->walk.fine / WALK_FINE * maker->e8_of_unit,
                                   .coin = maker->coin};
        trade.amount_e8 = make_amount_e8(maker, trade.price_e8);
        done = fake_market_add(market, &trade);
    }
    return done;
}

static bool add_coin(struct fake_market *market, const struct fake_seed *seed, size_t coin)
{
    struct maker maker = new_maker(seed, fake_market_symbol(market, coin), coin);
    int64_t length_us = (seed->end_ms - seed->begin_ms) * 1000;
    int64_t time_us = 1 + below(&maker.random, 2 * maker.gap_us);
    bool done = true;
    while (time_us < length_us && done) {
        done = add_moment(market, &maker, seed->begin_ms + time_us / 1000);
        time_us += 1 + below(&maker.random, 2 * maker.gap_us);
        if (below(&maker.random, maker.quiet_one_in) == 0) {
            time_us += QUIET_LEAST_US + below(&maker.random, QUIET_MORE_US);
        }
    }
    return done;
}

/* Exchanges the ids of some trades that happened to one coin in one millisecond. */
static void shuffle_ids(struct fake_trade *trades, size_t count, struct random *random)
{
    for (size_t i = count - 1; i > 0; i--) {
        size_t other = (size_t)below(random, (int64_t)i + 1);
        int64_t id = trades[i].id;
        trades[i].id = trades[other].id;
        trades[other].id = id;
    }
}

static bool of_one_moment(const struct fake_trade *left, const struct fake_trade *right)
{
    return left->time_ms == right->time_ms && left->coin == right->coin;
}

static void give_ids(struct fake_market *market, uint64_t seed)
{
    struct random random = random_seeded(seed);
    int64_t id = FIRST_ID + below(&random, FIRST_ID);
    for (size_t i = 0; i < market->count;) {
        size_t first = i;
        do {
            id += 1 + below(&random, 4);
            market->trades[i++].id = id;
        } while (i < market->count && of_one_moment(&market->trades[first], &market->trades[i]));
        if (random_next(&random) % 2 == 0) {
            shuffle_ids(market->trades + first, i - first, &random);
        }
    }
}

static bool name_coins(struct fake_market *market, const char *coins, struct error *error)
{
    bool all = true;
    if (coins != NULL && !coins_parse(coins, &ticker_kind, &market->coins, &all, error)) {
        return false;
    }
    const char *common = NULL;
    for (size_t i = 0; all && (common = walk_common_symbol(i)) != NULL; i++) {
        if (coin_table_add(&market->coins, str_from(common)) == NULL) {
            return error_set(error, ERROR_FATAL, "no memory for coins");
        }
    }
    return true;
}

bool fake_market_seed(struct fake_market *market, const struct fake_seed *seed, struct error *error)
{
    *market = (struct fake_market){0};
    if (!name_coins(market, seed->coins, error)) {
        return false;
    }
    int64_t minutes = (seed->end_ms - seed->begin_ms) / 60000 + 1;
    int64_t trades = 0;
    if (seed->end_ms < seed->begin_ms || seed->trades_per_minute <= 0 ||
        __builtin_mul_overflow(minutes, seed->trades_per_minute, &trades) ||
        __builtin_mul_overflow(trades, (int64_t)market->coins.count, &trades) ||
        trades > TRADES_LIMIT) {
        return error_set(error, ERROR_USAGE,
                         "a book of that many coins, minutes and trades a minute is too large: "
                         "at most %d trades",
                         TRADES_LIMIT);
    }
    for (size_t coin = 0; coin < market->coins.count; coin++) {
        if (!add_coin(market, seed, coin)) {
            return error_set(error, ERROR_FATAL, "no memory for %zu trades", market->count);
        }
    }
    if (!fake_market_finish(market, error)) {
        return false;
    }
    give_ids(market, seed->seed);
    return true;
}
