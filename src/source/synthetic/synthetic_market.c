#include "source/synthetic/synthetic_market.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"

enum {
    HALF_SECOND_MS = 500,
    NUDGE = 5, /* a trade's price is off the second's by at most 2 units of the last decimal */
    SIZE_DECIMALS = 5, /* as the sizes of synthetic ticks: larger for cheaper coins */
};

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(number >> (8 * i));
    }
    return hash_bytes(hash, bytes, sizeof bytes);
}

/* Returns well mixed bits that belong to the coin's second. */
static uint64_t bits_of(const struct market *market, int64_t second)
{
    uint64_t hash = hash_bytes(HASH_START, market->symbol, strlen(market->symbol));
    struct random random =
        random_seeded(hash_number(hash_number(hash, market->seed), (uint64_t)second));
    return random_next(&random);
}

static struct walk walk_of_day(const struct market *market, int64_t day)
{
    return walk_new(market->symbol, hash_number(market->seed, (uint64_t)day));
}

/* Walks the whole day twice; the second walk corrects what the end of the first one was off. */
static void fill_day(struct market *market, int64_t day)
{
    struct walk_stride stride = walk_stride_of(NS_PER_SECOND);
    struct walk walk = walk_of_day(market, day);
    for (int i = 0; i < MARKET_DAY_SECONDS; i++) {
        walk_step(&walk, stride);
    }
    int64_t off = walk_of_day(market, day + 1).fine - walk.fine;
    walk = walk_of_day(market, day);
    for (int i = 0; i < MARKET_DAY_SECONDS; i++) {
        int64_t fine = walk.fine + off * i / MARKET_DAY_SECONDS;
        int64_t price = fine / WALK_FINE;
        market->prices[i] = (int32_t)(price > NUDGE ? price : NUDGE);
        walk_step(&walk, stride);
    }
    market->day = day;
    market->has_day = true;
}

bool market_init(struct market *market, const char *symbol, uint64_t seed)
{
    *market = (struct market){.seed = seed, .decimals = walk_new(symbol, seed).decimals};
    (void)str_copy(str_from(symbol), market->symbol, sizeof market->symbol);
    market->prices = calloc(MARKET_DAY_SECONDS, sizeof *market->prices);
    return market->prices != NULL;
}

void market_free(struct market *market)
{
    free(market->prices);
    *market = (struct market){0};
}

int64_t market_price(struct market *market, int64_t time_ns)
{
    int64_t day = time_ns / NS_PER_DAY;
    if (!market->has_day || market->day != day) {
        fill_day(market, day);
    }
    return market->prices[time_ns % NS_PER_DAY / NS_PER_SECOND];
}

static void fill_trade(struct market *market, int64_t second, int64_t number, uint64_t bits,
                       struct trade *trade)
{
    int64_t price =
        market_price(market, second * NS_PER_SECOND) + (int64_t)(bits % NUDGE) - NUDGE / 2;
    int64_t size = 1 + (int64_t)((bits >> 16) & 0xFFFF);
    int64_t ms = number * HALF_SECOND_MS + (int64_t)((bits >> 32) % HALF_SECOND_MS);
    *trade = (struct trade){.trade_id = second * MARKET_SECOND_TRADES + number,
                            .exchange_time_ns = second * NS_PER_SECOND + ms * NS_PER_MS,
                            .price = walk_decimal(price, market->decimals),
                            .amount = walk_decimal((bits >> 48) % 2 == 0 ? size : -size,
                                                   SIZE_DECIMALS - market->decimals)};
    (void)str_copy(str_from(market->symbol), trade->symbol, sizeof trade->symbol);
    (void)str_copy(str_from("synthetic"), trade->source, sizeof trade->source);
    record_complete(&trade_kind, trade);
}

/* A quarter of the seconds has a trade, and a sixteenth has a second one. */
size_t market_trades(struct market *market, int64_t second,
                     struct trade trades[static MARKET_SECOND_TRADES])
{
    uint64_t bits = bits_of(market, second);
    uint64_t chance = bits >> 60;
    size_t count = chance < 3 ? 1 : chance == 3 ? 2 : 0;
    for (size_t i = 0; i < count; i++) {
        fill_trade(market, second, (int64_t)i, bits * (2 * i + 1), &trades[i]);
    }
    return count;
}

static void add_trade(struct bar *bar, const struct trade *trade)
{
    if (bar->trades == 0) {
        bar->open = bar->high = bar->low = trade->price;
    }
    bar->high = trade->price > bar->high ? trade->price : bar->high;
    bar->low = trade->price < bar->low ? trade->price : bar->low;
    bar->close = trade->price;
    bar->volume += fabs(trade->amount);
    bar->trades++;
}

bool market_bar(struct market *market, int64_t open_ns, struct bar *bar)
{
    *bar = (struct bar){.open_time_ns = open_ns,
                        .source = "synthetic",
                        .timeframe = "1m",
                        .has_volume = true,
                        .has_trades = true};
    (void)str_copy(str_from(market->symbol), bar->symbol, sizeof bar->symbol);
    int64_t second = open_ns / NS_PER_SECOND;
    for (int64_t i = second; i < second + 60; i++) {
        struct trade trades[MARKET_SECOND_TRADES];
        size_t count = market_trades(market, i, trades);
        for (size_t k = 0; k < count; k++) {
            add_trade(bar, &trades[k]);
        }
    }
    record_complete(&bar_kind, bar);
    return bar->trades > 0;
}
