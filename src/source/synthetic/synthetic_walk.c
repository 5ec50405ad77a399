#include "source/synthetic/synthetic_walk.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"

enum {
    NOISE_DEVIATION = 37837, /* standard deviation of the sum of four uniform 16-bit numbers:
                                65536 * sqrt(4 / 12) */
    START_PPB = 20000000,    /* most that a seed moves a coin's first price: 2 % */
    STEP_PPB_MAX = 50000000, /* cap of one step's standard deviation, however long the step is: 5
                                % */
};

/* A coin's typical price: `mantissa` / 10^`decimals`. */
struct base_price {
    const char *symbol;
    int64_t mantissa; /* 10,000 to 1,000,000 */
    int decimals;     /* 1 to 7 */
};

static const struct base_price common[] = {
    {"tBTCUSD", 650000, 1}, {"tETHUSD", 320000, 2}, {"tXRPUSD", 520000, 6},
    {"tSOLUSD", 150000, 3}, {"tADAUSD", 450000, 6}, {"tDOGE:USD", 120000, 6},
    {"tLTCUSD", 80000, 3},  {"tDOTUSD", 65000, 4},  {"tLINK:USD", 140000, 4},
    {"tXLMUSD", 110000, 6},
};
enum { COMMON = sizeof common / sizeof(common[0]) };

const char *walk_common_symbol(size_t index)
{
    return index < COMMON ? common[index].symbol : NULL;
}

static struct base_price base_price_of(const char *symbol)
{
    for (size_t i = 0; i < COMMON; i++) {
        if (strcmp(common[i].symbol, symbol) == 0) {
            return common[i];
        }
    }
    uint64_t hash = hash_bytes(HASH_START, symbol, strlen(symbol));
    return (struct base_price){.symbol = symbol,
                               .mantissa = 100000 + (int64_t)(hash % 900000),
                               .decimals = 1 + (int)((hash >> 32) % 7)};
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

struct walk_stride walk_stride_of(int64_t step_ns)
{
    /* 60 % a year is 106,800 billionths per second and 3.377 per nanosecond: volatility grows with
     * the square root of time. */
    int64_t ppb = (int64_t)sqrt((double)step_ns) * 3377 / 1000;
    return (struct walk_stride){.ppb = clamp(ppb, 1, STEP_PPB_MAX),
                                .reversion = clamp(3 * NS_PER_DAY / step_ns, 1, INT64_MAX)};
}

/* Returns a roughly normal deviate with standard deviation `ppb` billionths of `fine`. */
static int64_t noise(int64_t fine, int64_t ppb, uint64_t bits)
{
    int64_t sum = 0;
    for (int i = 0; i < 4; i++) {
        sum += (int64_t)((bits >> (16 * i)) & 0xFFFF);
    }
    return fine * ppb / 1000000000 * (sum - 2 * 0xFFFF) / NOISE_DEVIATION;
}

struct walk walk_new(const char *symbol, uint64_t seed)
{
    struct base_price price = base_price_of(symbol);
    struct random random = random_seeded(seed);
    uint64_t own_seed = hash_bytes(random_next(&random), symbol, strlen(symbol));
    struct walk walk = {.decimals = price.decimals,
                        .base = price.mantissa * WALK_FINE,
                        .random = random_seeded(own_seed)};
    (void)str_copy(str_from(symbol), walk.symbol, sizeof walk.symbol);
    walk.fine = walk.base + noise(walk.base, START_PPB, random_next(&walk.random));
    walk.volume = 10000000 + (int64_t)(random_next(&walk.random) % 20000000);
    walk_begin_day(&walk);
    return walk;
}

void walk_step(struct walk *walk, struct walk_stride stride)
{
    walk->fine += (walk->base - walk->fine) / stride.reversion;
    walk->fine += noise(walk->fine, stride.ppb, random_next(&walk->random));
    walk->fine = clamp(walk->fine, walk->base / 8, walk->base * 8);
    int64_t price = walk->fine / WALK_FINE;
    walk->high = price > walk->high ? price : walk->high;
    walk->low = price < walk->low ? price : walk->low;
}

void walk_move(struct walk *walk, int64_t price)
{
    walk->fine = price * WALK_FINE;
}

void walk_begin_day(struct walk *walk)
{
    walk->open = walk->high = walk->low = walk->fine / WALK_FINE;
}

double walk_decimal(int64_t value, int decimals)
{
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
    return decimals >= 0 ? (double)value / powers[decimals] : (double)value * powers[-decimals];
}

static void set_figure(struct ticker *tick, enum ticker_figure figure, int64_t value, int decimals)
{
    tick->figures[figure] = walk_decimal(value, decimals);
    tick->has[figure] = true;
}

/* Order sizes are larger for cheaper coins. */
static void fill_book(struct walk *walk, int64_t price, struct ticker *tick)
{
    uint64_t bits = random_next(&walk->random);
    int64_t spread = price / 5000 + 1;
    int64_t bid = price - 1 - (int64_t)(bits & 0xFF) * spread / 256;
    int64_t ask = price + 1 + (int64_t)((bits >> 8) & 0xFF) * spread / 256;
    int size_decimals = 5 - walk->decimals;
    set_figure(tick, TICKER_BID, bid, walk->decimals);
    set_figure(tick, TICKER_BID_SIZE, 1 + (int64_t)((bits >> 16) & 0xFFFF), size_decimals);
    set_figure(tick, TICKER_ASK, ask, walk->decimals);
    set_figure(tick, TICKER_ASK_SIZE, 1 + (int64_t)((bits >> 32) & 0xFFFF), size_decimals);
    walk->volume += walk->volume / 1024 * ((int64_t)((bits >> 48) & 0xFFFF) - 0x8000) / 0x8000;
    walk->volume = clamp(walk->volume, 5000000, 80000000);
    set_figure(tick, TICKER_VOLUME, walk->volume, size_decimals);
}

void walk_fill(struct walk *walk, struct ticker *tick)
{
    int64_t price = walk->fine / WALK_FINE;
    int64_t change = price - walk->open;
    tick->last_price = walk_decimal(price, walk->decimals);
    fill_book(walk, price, tick);
    set_figure(tick, TICKER_DAILY_CHANGE, change, walk->decimals);
    set_figure(tick, TICKER_DAILY_CHANGE_RELATIVE, change * 100000000 / walk->open, 8);
}

void walk_fill_range(const struct walk *walk, struct ticker *tick)
{
    set_figure(tick, TICKER_HIGH, walk->high, walk->decimals);
    set_figure(tick, TICKER_LOW, walk->low, walk->decimals);
}
