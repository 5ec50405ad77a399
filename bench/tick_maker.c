#include "tick_maker.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text/number.h"
#include "record/ticker.h"

enum {
    AMOUNTS_IN_SIZE = 3,
    SPREAD_MAX = 4,
    START_TIME_S = 1767225600, /* 2026-01-01T00:00:00Z */
};
#define SATOSHI 1e8 /* units in one: amounts have eight decimals */

const char tick_maker_header[] =
    "time,symbol,last_price,bid,bid_size,ask,ask_size,daily_change,daily_change_relative,volume,"
    "high,low\n";

/* What a coin costs about: `units` of its last decimal. */
struct start_price {
    const char *symbol;
    int64_t units;
    int decimals;
};
static const struct start_price starts[] = {
    {"tBTCUSD", 6425050, 2}, {"tETHUSD", 312040, 2}, {"tXRPUSD", 51234, 5},
    {"tSOLUSD", 152310, 3},  {"tADAUSD", 45871, 5},  {"tDOGE:USD", 12340, 5},
    {"tLTCUSD", 83120, 3},   {"tDOT:USD", 65230, 4}, {"tLINK:USD", 142050, 4},
    {"tXLMUSD", 11203, 5},
};
enum { STARTS = sizeof starts / sizeof *starts };

/* All prices in units of the last decimal. */
struct made_coin {
    char symbol[SYMBOL_MAX + 1];
    int decimals;
    int64_t open, last, high, low;
};

bool tick_maker_init(struct tick_maker *maker, size_t coins, int64_t step_ms, uint64_t seed)
{
    *maker = (struct tick_maker){.random = random_seeded(seed),
                                 .time_ms = INT64_C(1000) * START_TIME_S,
                                 .step_ms = step_ms,
                                 .coin_count = coins,
                                 .coins = calloc(coins, sizeof *maker->coins)};
    if (maker->coins == NULL) {
        return false;
    }
    for (size_t i = 0; i < coins; i++) {
        const struct start_price *start = &starts[i % STARTS];
        struct made_coin *coin = &maker->coins[i];
        *coin = (struct made_coin){.decimals = start->decimals,
                                   .open = start->units,
                                   .last = start->units,
                                   .high = start->units,
                                   .low = start->units};
        if (i < STARTS) {
            (void)str_copy(str_from(start->symbol), coin->symbol, sizeof coin->symbol);
        } else {
            (void)snprintf(coin->symbol, sizeof coin->symbol, "tC%zu:USD", i);
        }
    }
    return true;
}

void tick_maker_free(struct tick_maker *maker)
{
    free(maker->coins);
}

/* Uniform in 0 … `most`. */
static int64_t up_to(struct tick_maker *maker, int64_t most)
{
    return (int64_t)(random_next(&maker->random) % (uint64_t)(most + 1));
}

static void append_double(struct strbuf *rows, double value)
{
    char text[NUMBER_TEXT_SIZE];
    size_t length = number_format(value, text);
    strbuf_append_char(rows, ',');
    strbuf_append(rows, text, length);
}

/* Trailing zeros are not sent: 312040 and 2 give 3120.4. */
static void append_units(struct strbuf *rows, int64_t units, int decimals)
{
    static const double scales[] = {1, 10, 100, 1e3, 1e4, 1e5};
    append_double(rows, (double)units / scales[decimals]);
}

static void append_size(struct tick_maker *maker, struct strbuf *rows)
{
    double size = 0;
    for (int i = 0; i < AMOUNTS_IN_SIZE; i++) {
        size += (double)(1 + up_to(maker, INT64_C(10000000000))) / SATOSHI;
    }
    append_double(rows, size);
}

static void append_figures(struct tick_maker *maker, const struct made_coin *coin,
                           struct strbuf *rows)
{
    int64_t bid = coin->last - up_to(maker, SPREAD_MAX);
    int64_t change = coin->last - coin->open;
    append_units(rows, coin->last, coin->decimals);
    append_units(rows, bid, coin->decimals);
    append_size(maker, rows);
    append_units(rows, bid + 1 + up_to(maker, SPREAD_MAX), coin->decimals);
    append_size(maker, rows);
    append_units(rows, change, coin->decimals);
    append_double(rows, (double)(change * 100000000 / coin->open) / SATOSHI);
    append_double(rows,
                  (double)(INT64_C(100000000000) + up_to(maker, INT64_C(500000000000))) / SATOSHI);
    append_units(rows, coin->high, coin->decimals);
    append_units(rows, coin->low, coin->decimals);
}

/* At most a thousandth up or down, and never far from the start. */
static void walk(struct tick_maker *maker, struct made_coin *coin)
{
    int64_t step = coin->open / 1000;
    coin->last += up_to(maker, 2 * step) - step - (coin->last - coin->open) / 64;
    coin->high = coin->last > coin->high ? coin->last : coin->high;
    coin->low = coin->last < coin->low ? coin->last : coin->low;
}

void tick_maker_row(struct tick_maker *maker, struct strbuf *rows)
{
    struct made_coin *coin = &maker->coins[maker->next_coin];
    walk(maker, coin);
    strbuf_append_int64(rows, maker->time_ms);
    strbuf_append_char(rows, ',');
    strbuf_append_text(rows, coin->symbol);
    append_figures(maker, coin, rows);
    strbuf_append_char(rows, '\n');
    if (++maker->next_coin == maker->coin_count) {
        maker->next_coin = 0;
        maker->time_ms += maker->step_ms;
    }
}
