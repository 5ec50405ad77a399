/* The answer of /api/coins, on a real SQLite store. */
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "page/coins_json.h"
#include "record/ticker.h"
#include "record/trade.h"
#include "sqlite_place.h"
#include "store_cases.h"

#define NOW_NS (INT64_C(1767268800) * NS_PER_SECOND)

static void write_one(struct store *store, const struct record_kind *kind, const void *record)
{
    const struct record_set set = {.kind = kind, .items = record, .count = 1};
    struct rejected_list rejected = {0};
    struct error error = {0};
    if (!store_write(store, &set, &rejected, &error) || rejected.count > 0) {
        fail_msg("%s", error.text);
    }
    rejected_list_free(&rejected);
}

static void write_trade(struct store *store, const char *coin)
{
    struct trade trade = {
        .source = "bitfinex", .trade_id = 7, .exchange_time_ns = NOW_NS, .price = 2, .amount = 1};
    (void)str_copy(str_from(coin), trade.symbol, sizeof trade.symbol);
    record_complete(&trade_kind, &trade);
    write_one(store, &trade_kind, &trade);
}

/* Returns the answer, which the caller releases. */
static json_t *ask(struct store *store)
{
    struct stream streams[2];
    struct error error = {0};
    struct strbuf json = strbuf_new(1 << 20);
    assert_true(stream_set(&streams[0], &ticker_kind, str_from("tickers")));
    assert_true(stream_set(&streams[1], &trade_kind, str_from("trades")));
    if (!coins_to_json(store, streams, 2, &json, &error)) {
        fail_msg("%s", error.text);
    }
    json_t *answer = json_loads(strbuf_text(&json), 0, NULL);
    assert_non_null(answer);
    strbuf_free(&json);
    return answer;
}

static void expect_market(const json_t *coin, const char *bid, const char *ask, const char *volume)
{
    static const char *const names[] = {"bid", "ask", "volume_24h"};
    const char *const wants[] = {bid, ask, volume};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *text = json_dumps(json_object_get(coin, names[i]), JSON_ENCODE_ANY);
        assert_non_null(text);
        assert_string_equal(text, wants[i]);
        free(text);
    }
}

static void coins_market_is_what_the_newest_tick_reports(void **state)
{
    struct store *store = place_open_prepared(*state);
    struct ticker tick = {
        .symbol = "tBTCUSD",
        .event_time_ns = NOW_NS,
        .last_price = 100,
        .figures = {[TICKER_BID] = 99.5, [TICKER_ASK] = 100.5, [TICKER_VOLUME] = 17.25},
        .has = {[TICKER_BID] = true, [TICKER_ASK] = true, [TICKER_VOLUME] = true}};
    write_one(store, &ticker_kind, &tick);
    tick.event_time_ns += NS_PER_SECOND;
    tick.figures[TICKER_BID] = 99.25;
    tick.has[TICKER_VOLUME] = false;
    write_one(store, &ticker_kind, &tick);
    write_trade(store, "tBTCUSD");
    json_t *answer = ask(store);
    assert_int_equal(json_array_size(answer), 1);
    expect_market(json_array_get(answer, 0), "99.25", "100.5", "null");
    json_decref(answer);
    store_close(store);
}

static void coins_market_without_ticks_is_unknown(void **state)
{
    struct store *store = place_open_prepared(*state);
    write_trade(store, "tXRPUSD");
    json_t *answer = ask(store);
    expect_market(json_array_get(answer, 0), "null", "null", "null");
    json_decref(answer);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(coins_market_is_what_the_newest_tick_reports),
        WITH_PLACE(coins_market_without_ticks_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
