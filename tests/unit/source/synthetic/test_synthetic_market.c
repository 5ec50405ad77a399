/* The market of a synthetic coin: the same whoever asks, and bars that agree with its trades. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text/number.h"
#include "cmocka_all.h"
#include "source/synthetic/synthetic_market.h"

#define MIDNIGHT_S INT64_C(1767225600) /* 2026-01-01T00:00:00Z */
#define MIDNIGHT_NS (MIDNIGHT_S * NS_PER_SECOND)

static struct market open_market(const char *symbol, uint64_t seed)
{
    struct market market;
    assert_true(market_init(&market, symbol, seed));
    return market;
}

/* The trades of a span, as text. */
static void write_trades(struct market *market, int64_t begin_s, int64_t end_s, char *text,
                         size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (int64_t second = begin_s; second < end_s; second++) {
        struct trade trades[MARKET_SECOND_TRADES];
        size_t count = market_trades(market, second, trades);
        for (size_t i = 0; i < count; i++) {
            char price[NUMBER_TEXT_SIZE], amount[NUMBER_TEXT_SIZE];
            assert_int_equal(trade_check(&trades[i]), TRADE_OK);
            (void)number_format(trades[i].price, price);
            (void)number_format(trades[i].amount, amount);
            length += (size_t)snprintf(text + length, size - length, "%lld %lld %s %s\n",
                                       (long long)(trades[i].trade_id - MIDNIGHT_S * 2),
                                       (long long)((trades[i].time_ns - MIDNIGHT_NS) / NS_PER_MS),
                                       price, amount);
            assert_true(length < size);
        }
    }
}

static void trades_depend_on_coin_seed_and_time_alone(void **state)
{
    (void)state;
    static char first[20000], again[20000], part[20000];
    struct market market = open_market("tBTCUSD", 7);
    write_trades(&market, MIDNIGHT_S - 300, MIDNIGHT_S + 300, first, sizeof first);
    assert_true(strlen(first) > 1000);
    struct market other = open_market("tBTCUSD", 7);
    /* The later half first, as a run does that began later. */
    write_trades(&other, MIDNIGHT_S, MIDNIGHT_S + 300, part, sizeof part);
    assert_string_equal(first + strlen(first) - strlen(part), part);
    write_trades(&other, MIDNIGHT_S - 300, MIDNIGHT_S + 300, again, sizeof again);
    assert_string_equal(first, again);
    market_free(&other);
    other = open_market("tBTCUSD", 8);
    write_trades(&other, MIDNIGHT_S - 300, MIDNIGHT_S + 300, again, sizeof again);
    assert_string_not_equal(first, again);
    market_free(&other);
    market_free(&market);
}

static void ids_and_times_rise_together(void **state)
{
    (void)state;
    struct market market = open_market("tXXXUSD", 1);
    int64_t id = -1, time_ns = INT64_MIN, count = 0, sells = 0;
    for (int64_t second = MIDNIGHT_S - 3600; second < MIDNIGHT_S + 3600; second++) {
        struct trade trades[MARKET_SECOND_TRADES];
        size_t found = market_trades(&market, second, trades);
        for (size_t i = 0; i < found; i++) {
            assert_true(trades[i].trade_id > id && trades[i].time_ns > time_ns);
            assert_int_equal(trades[i].exchange_time_ns / NS_PER_SECOND, second);
            id = trades[i].trade_id;
            time_ns = trades[i].time_ns;
            sells += trades[i].amount < 0;
        }
        count += (int64_t)found;
    }
    assert_in_range(count, 2000, 2500); /* 7200 * 5 / 16 = 2250 */
    assert_in_range(sells, count * 2 / 5, count * 3 / 5);
    market_free(&market);
}

static void bar_is_the_fold_of_its_minutes_trades(void **state)
{
    (void)state;
    struct market market = open_market("tETHUSD", 3);
    int bars = 0;
    for (int64_t minute = -30; minute < 30; minute++) {
        struct bar bar, want = {.open = 0};
        bool any = market_bar(&market, MIDNIGHT_NS + minute * 60 * NS_PER_SECOND, &bar);
        int64_t first_s = MIDNIGHT_S + minute * 60;
        for (int64_t second = first_s; second < first_s + 60; second++) {
            struct trade trades[MARKET_SECOND_TRADES];
            size_t count = market_trades(&market, second, trades);
            for (size_t i = 0; i < count; i++) {
                double price = trades[i].price;
                want.open = want.trades == 0 ? price : want.open;
                want.high = want.trades == 0 || price > want.high ? price : want.high;
                want.low = want.trades == 0 || price < want.low ? price : want.low;
                want.close = price;
                want.volume += fabs(trades[i].amount);
                want.trades++;
            }
        }
        assert_int_equal(any, want.trades > 0);
        if (any) {
            assert_int_equal(bar_check(&bar), BAR_OK);
            assert_string_equal(bar.source, "synthetic");
            assert_true(bar.open == want.open && bar.high == want.high && bar.low == want.low);
            assert_true(bar.close == want.close && bar.volume == want.volume);
            assert_int_equal(bar.trades, want.trades);
            bars++;
        }
    }
    assert_true(bars > 50);
    market_free(&market);
}

static void price_walks_on_over_midnight(void **state)
{
    (void)state;
    static const char *const symbols[] = {"tBTCUSD", "tXRPUSD", "tYYY:USD"};
    for (size_t i = 0; i < 3; i++) {
        struct market market = open_market(symbols[i], 5);
        int64_t before = market_price(&market, MIDNIGHT_NS - NS_PER_SECOND);
        int64_t after = market_price(&market, MIDNIGHT_NS);
        /* One step's deviation is about 0.01 %. */
        assert_true(llabs(after - before) <= before / 1000 + 1);
        assert_true(market_price(&market, 0) > 0);
        market_free(&market);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trades_depend_on_coin_seed_and_time_alone),
        cmocka_unit_test(ids_and_times_rise_together),
        cmocka_unit_test(bar_is_the_fold_of_its_minutes_trades),
        cmocka_unit_test(price_walks_on_over_midnight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
