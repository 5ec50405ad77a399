/* The rows of all markets, on a real SQLite store. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "page/markets/market_rows.h"
#include "page/markets/markets_json.h"
#include "record/trade.h"
#include "sqlite_place.h"
#include "store_cases.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define HOUR_NS (60 * MINUTE_NS)
#define NOW_NS (INT64_C(1767268800) * NS_PER_SECOND) /* 2026-01-01T12:00:00Z: the newest price */

enum { MANY = 500 };

static void write_set(struct store *store, const struct record_kind *kind, const void *items,
                      size_t count)
{
    const struct record_set set = {.kind = kind, .items = items, .count = count};
    struct rejected_list rejected = {0};
    struct error error = {0};
    if (!store_write(store, &set, &rejected, &error) || rejected.count > 0) {
        fail_msg("%s", error.text);
    }
    rejected_list_free(&rejected);
}

static void write_price(struct store *store, const char *coin, int64_t time_ns, double price,
                        double volume, double cap)
{
    struct ticker tick = {.event_time_ns = time_ns, .last_price = price};
    (void)str_copy(str_from(coin), tick.symbol, sizeof tick.symbol);
    tick.figures[TICKER_VOLUME] = volume;
    tick.has[TICKER_VOLUME] = volume > 0;
    tick.figures[TICKER_MARKET_CAP] = cap;
    tick.has[TICKER_MARKET_CAP] = cap > 0;
    write_set(store, &ticker_kind, &tick, 1);
}

static void write_bar(struct store *store, const char *coin, const char *timeframe, int64_t open_ns,
                      double close, double volume)
{
    struct bar bar = {.source = "binance",
                      .open_time_ns = open_ns,
                      .open = close,
                      .high = close,
                      .low = close,
                      .close = close,
                      .volume = volume,
                      .has_volume = volume > 0};
    (void)str_copy(str_from(coin), bar.symbol, sizeof bar.symbol);
    (void)str_copy(str_from(timeframe), bar.timeframe, sizeof bar.timeframe);
    record_complete(&bar_kind, &bar);
    write_set(store, &bar_kind, &bar, 1);
}

/* Asks for the rows; the answer is parsed. */
static json_t *ask(struct store *store, const char *ticks_source)
{
    struct stream streams[3];
    struct error error = {0};
    assert_true(stream_set(&streams[0], &ticker_kind, str_from("tickers")));
    assert_true(stream_set(&streams[1], &trade_kind, str_from("trades")));
    assert_true(stream_set(&streams[2], &bar_kind, str_from("bars")));
    struct assets *assets = assets_create((struct str){.data = NULL}, "", &error);
    const struct market_facts facts = {
        .streams = streams, .stream_count = 3, .assets = assets, .ticks_source = ticks_source};
    struct market_rows rows = {.count = 0};
    if (!market_rows_read(store, &facts, &rows, &error)) {
        fail_msg("%s", error.text);
    }
    struct strbuf json = strbuf_new(8 << 20);
    markets_to_json(&rows, &json);
    json_t *answer = json_loads(strbuf_text(&json), 0, NULL);
    if (answer == NULL) {
        fail_msg("%s", strbuf_text(&json));
    }
    strbuf_free(&json);
    market_rows_free(&rows);
    assets_destroy(assets);
    return answer;
}

static const json_t *row_of(const json_t *answer, const char *coin)
{
    size_t i = 0;
    const json_t *row = NULL;
    json_array_foreach(json_object_get(answer, "markets"), i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "coin")), coin) == 0) {
            return row;
        }
    }
    fail_msg("no row of %s", coin);
    return NULL;
}

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text != NULL ? text : "";
}

/* NAN: it is null. */
static void expect_number(const json_t *row, const char *name, double want)
{
    const json_t *number = json_object_get(row, name);
    assert_non_null(number);
    if (isnan(want)) {
        assert_true(json_is_null(number));
    } else if (fabs(json_number_value(number) - want) > 1e-9) {
        fail_msg("%s is %.12g, want %.12g", name, json_number_value(number), want);
    }
}

static void markets_of_an_empty_store_are_none(void **state)
{
    struct store *store = place_open_prepared(*state);
    json_t *answer = ask(store, NULL);
    assert_true(json_is_null(json_object_get(answer, "as_of")));
    assert_int_equal(json_array_size(json_object_get(answer, "markets")), 0);
    assert_int_equal(json_array_size(json_object_get(answer, "providers")), 0);
    json_decref(answer);
    store_close(store);
}

static void markets_changes_are_from_the_price_of_then_or_unknown(void **state)
{
    struct store *store = place_open_prepared(*state);
    write_price(store, "tBTCUSD", NOW_NS - 7 * NS_PER_DAY - 10 * MINUTE_NS, 50, 0, 0);
    write_price(store, "tBTCUSD", NOW_NS - NS_PER_DAY, 80, 0, 0);
    write_price(store, "tBTCUSD", NOW_NS - HOUR_NS - MINUTE_NS, 125, 0, 0);
    write_price(store, "tBTCUSD", NOW_NS - HOUR_NS + 1, 999, 0, 0); /* after the hour */
    write_price(store, "tBTCUSD", NOW_NS, 100, 7, 0);
    write_price(store, "tETHUSD", NOW_NS - NS_PER_DAY - 31 * MINUTE_NS, 3, 0, 0); /* too old */
    write_price(store, "tETHUSD", NOW_NS - 2 * HOUR_NS, 3, 0, 0); /* since then nothing */
    json_t *answer = ask(store, NULL);
    assert_string_equal(text_of(answer, "as_of"), "2026-01-01T12:00:00Z");
    const json_t *btc = row_of(answer, "tBTCUSD");
    expect_number(btc, "price", 100);
    expect_number(btc, "change_1h", -20);
    expect_number(btc, "change_24h", 25);
    expect_number(btc, "change_7d", 100);
    expect_number(btc, "volume_24h", 7);
    assert_string_equal(text_of(btc, "volume_unit"), "BTC");
    assert_string_equal(text_of(btc, "source"), "bitfinex");
    assert_string_equal(text_of(btc, "quote"), "USD");
    assert_string_equal(text_of(json_object_get(btc, "asset"), "ticker"), "BTC");
    expect_number(btc, "market_cap", NAN);
    const json_t *sparks = json_object_get(btc, "sparkline");
    assert_int_equal(json_array_size(sparks), 48);
    assert_true(json_number_value(json_array_get(sparks, 47)) == 100);
    assert_true(json_number_value(json_array_get(sparks, 46)) == 999);
    assert_true(json_number_value(json_array_get(sparks, 45)) == 125);
    assert_true(json_is_null(json_array_get(sparks, 0)));
    const json_t *eth = row_of(answer, "tETHUSD");
    expect_number(eth, "change_1h", NAN);
    expect_number(eth, "change_24h", NAN);
    expect_number(eth, "change_7d", NAN);
    json_decref(answer);
    store_close(store);
}

/* The market cap of another service is joined by the table of assets, and by nothing else. */
static void markets_caps_are_joined_by_asset(void **state)
{
    struct store *store = place_open_prepared(*state);
    write_price(store, "tBTCUSD", NOW_NS, 100, 0, 0);
    write_price(store, "cg:bitcoin", NOW_NS - MINUTE_NS, 101, 5e9, 2e12);
    write_price(store, "cmc:bitcoin", NOW_NS - 2 * MINUTE_NS, 102, 0, 3e12); /* older */
    write_price(store, "tXYZUSD", NOW_NS, 1, 0, 0);
    write_price(store, "cg:xyz", NOW_NS, 1, 0, 9e9); /* the same letters alone join nothing */
    write_bar(store, "BTCUSDT", "1m", NOW_NS - 2 * MINUTE_NS, 99, 1);
    json_t *answer = ask(store, NULL);
    static const char *const joined[] = {"tBTCUSD", "BTCUSDT", "cg:bitcoin"};
    for (size_t i = 0; i < 3; i++) {
        const json_t *row = row_of(answer, joined[i]);
        expect_number(row, "market_cap", 2e12);
        assert_string_equal(text_of(row, "market_cap_source"), "coingecko");
        assert_string_equal(text_of(row, "market_cap_coin"), "cg:bitcoin");
        assert_string_equal(text_of(row, "market_cap_unit"), "USD");
    }
    expect_number(row_of(answer, "cmc:bitcoin"), "market_cap", 3e12);
    expect_number(row_of(answer, "tXYZUSD"), "market_cap", NAN);
    assert_true(json_is_null(json_object_get(row_of(answer, "cg:xyz"), "asset")));
    assert_string_equal(text_of(row_of(answer, "BTCUSDT"), "quote"), "USDT");
    assert_string_equal(text_of(row_of(answer, "tBTCUSD"), "quote"), "USD");
    assert_string_equal(text_of(row_of(answer, "cg:bitcoin"), "volume_unit"), "USD");
    const json_t *named = json_object_get(answer, "providers");
    assert_int_equal(json_array_size(named), 4);
    assert_string_equal(text_of(json_array_get(named, 2), "words"), "Data provided by CoinGecko");
    json_decref(answer);
    store_close(store);
}

/* A bar's price is from its end, so a change compares the ends of two bars. */
static void markets_of_bars_have_their_own_changes_and_volumes(void **state)
{
    struct store *store = place_open_prepared(*state);
    for (int64_t minutes = 26 * 60; minutes > 0; minutes--) {
        double close = minutes > 24 * 60 ? 50 : minutes > 60 ? 80 : 100;
        write_bar(store, "ETHUSDT", "1m", NOW_NS - minutes * MINUTE_NS, close, 2);
    }
    write_bar(store, "DAILY", "1d", NOW_NS - NS_PER_DAY / 2 - 2 * NS_PER_DAY, 8, 5);
    write_bar(store, "DAILY", "1d", NOW_NS - NS_PER_DAY / 2 - NS_PER_DAY, 10, 5);
    json_t *answer = ask(store, NULL);
    const json_t *eth = row_of(answer, "ETHUSDT");
    assert_string_equal(text_of(eth, "of"), "bar");
    assert_string_equal(text_of(eth, "timeframe"), "1m");
    assert_string_equal(text_of(eth, "time"), "2026-01-01T12:00:00Z");
    expect_number(eth, "change_1h", 25);
    expect_number(eth, "change_24h", 100);
    expect_number(eth, "change_7d", NAN);
    expect_number(eth, "volume_24h", 2 * 24 * 60);
    expect_number(row_of(answer, "DAILY"), "change_1h", NAN);
    json_decref(answer);
    store_close(store);
}

/* Ticks come first, unless they have stopped. */
static void markets_price_is_of_the_best_series_that_is_not_old(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct trade trade = {.symbol = "tBTCUSD",
                          .source = "bitfinex",
                          .trade_id = 5,
                          .exchange_time_ns = NOW_NS,
                          .price = 120,
                          .amount = 1};
    record_complete(&trade_kind, &trade);
    write_set(store, &trade_kind, &trade, 1);
    write_price(store, "tBTCUSD", NOW_NS - 30 * MINUTE_NS, 100, 0, 0);
    json_t *answer = ask(store, NULL);
    assert_string_equal(text_of(row_of(answer, "tBTCUSD"), "of"), "ticker");
    json_decref(answer);
    trade.exchange_time_ns += 2 * HOUR_NS;
    record_complete(&trade_kind, &trade);
    write_set(store, &trade_kind, &trade, 1);
    answer = ask(store, NULL);
    assert_string_equal(text_of(row_of(answer, "tBTCUSD"), "of"), "trade");
    expect_number(row_of(answer, "tBTCUSD"), "price", 120);
    json_decref(answer);
    store_close(store);
}

static void markets_say_what_is_synthetic_and_what_is_made_up(void **state)
{
    struct store *store = place_open_prepared(*state);
    write_price(store, "tBTCUSD", NOW_NS, 100, 0, 0);
    write_price(store, "tDRILL3", NOW_NS, 1, 0, 0);
    json_t *answer = ask(store, "synthetic");
    const json_t *btc = row_of(answer, "tBTCUSD");
    assert_string_equal(text_of(btc, "source"), "synthetic");
    assert_true(json_is_true(json_object_get(btc, "synthetic")));
    assert_true(json_is_false(json_object_get(btc, "made_up")));
    assert_true(json_is_true(json_object_get(row_of(answer, "tDRILL3"), "made_up")));
    assert_int_equal(json_array_size(json_object_get(answer, "providers")), 0);
    json_decref(answer);

    /* The times of a file that is repeated are made up; a file's own are not. */
    static const char *const files[] = {"replay-loop", "replay", "my-file"};
    for (int i = 0; i < 3; i++) {
        answer = ask(store, files[i]);
        btc = row_of(answer, "tBTCUSD");
        assert_string_equal(text_of(btc, "source"), files[i]);
        assert_int_equal(json_is_true(json_object_get(btc, "synthetic")), i == 0);
        json_decref(answer);
    }
    store_close(store);
}

static void markets_of_many_coins_are_all_there(void **state)
{
    struct store *store = place_open_prepared(*state);
    static struct ticker ticks[MANY];
    for (int i = 0; i < MANY; i++) {
        ticks[i] = (struct ticker){.event_time_ns = NOW_NS, .last_price = i + 1};
        (void)snprintf(ticks[i].symbol, sizeof ticks[i].symbol, "cg:coin-%d", i);
    }
    write_set(store, &ticker_kind, ticks, MANY);
    json_t *answer = ask(store, NULL);
    assert_int_equal(json_array_size(json_object_get(answer, "markets")), MANY);
    expect_number(row_of(answer, "cg:coin-499"), "price", 500);
    json_decref(answer);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(markets_of_an_empty_store_are_none),
        WITH_PLACE(markets_changes_are_from_the_price_of_then_or_unknown),
        WITH_PLACE(markets_caps_are_joined_by_asset),
        WITH_PLACE(markets_of_bars_have_their_own_changes_and_volumes),
        WITH_PLACE(markets_price_is_of_the_best_series_that_is_not_old),
        WITH_PLACE(markets_say_what_is_synthetic_and_what_is_made_up),
        WITH_PLACE(markets_of_many_coins_are_all_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
