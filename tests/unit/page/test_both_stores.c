/* Markets, news and history say the same of the same records, whether SQLite or InfluxDB's engine
 * holds them. Needs tests/support/influx_server.py and a Python that has what it needs. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "influx_running.h"
#include "page/history/history_json.h"
#include "page/markets/markets_json.h"
#include "page/markets/news_json.h"
#include "record/event.h"
#include "record/news.h"
#include "record/trade.h"
#include "sqlite_place.h"

#define MINUTE_NS (60 * NS_PER_SECOND)
#define NOW_NS (INT64_C(1767268800) * NS_PER_SECOND)

enum { TICKS = 8 * 24 * 6, BARS = 25 * 60, TRADES = 200, NEWS = 40, EVENTS = 60, STORES = 2 };

struct records {
    struct ticker ticks[2 * TICKS];
    struct bar bars[BARS];
    struct trade trades[TRADES];
    struct news news[NEWS];
    struct event events[EVENTS];
    struct text_arena texts;
};

static void write_set(struct store *store, const struct record_kind *kind, const void *items,
                      size_t count, const struct text_arena *texts)
{
    const struct record_set set = {.kind = kind, .items = items, .count = count, .texts = texts};
    struct rejected_list rejected = {0};
    struct error error = {0};
    if (!store_write(store, &set, &rejected, &error) || rejected.count > 0) {
        fail_msg("%s", error.text);
    }
    rejected_list_free(&rejected);
}

static void make_ticks(struct records *records)
{
    static const char *const coins[] = {"tBTCUSD", "cg:bitcoin"};
    for (size_t i = 0; i < 2 * (size_t)TICKS; i++) {
        int64_t number = (int64_t)(i / 2);
        struct ticker *tick = &records->ticks[i];
        *tick = (struct ticker){.event_time_ns = NOW_NS - (TICKS - 1 - number) * 10 * MINUTE_NS,
                                .last_price = 90000 + (double)(number * 37 % 997) / 3};
        (void)str_copy(str_from(coins[i % 2]), tick->symbol, sizeof tick->symbol);
        tick->figures[TICKER_VOLUME] = 1000.25;
        tick->has[TICKER_VOLUME] = true;
        tick->figures[TICKER_MARKET_CAP] = 1.9e12;
        tick->has[TICKER_MARKET_CAP] = i % 2 == 1;
    }
}

static void make_bars(struct records *records)
{
    for (int64_t i = 0; i < BARS; i++) {
        double close = 3000 + (double)(i * 31 % 211) / 7;
        struct bar *bar = &records->bars[i];
        *bar = (struct bar){.symbol = "ETHUSDT",
                            .source = "binance",
                            .timeframe = "1m",
                            .open_time_ns = NOW_NS - (BARS - i) * MINUTE_NS,
                            .open = close,
                            .high = close,
                            .low = close,
                            .close = close,
                            .volume = (double)(i % 13) / 3,
                            .has_volume = true};
        record_complete(&bar_kind, bar);
    }
}

static void make_trades(struct records *records)
{
    for (int64_t i = 0; i < TRADES; i++) {
        struct trade *trade = &records->trades[i];
        *trade = (struct trade){.symbol = "tXRPUSD",
                                .source = "bitfinex",
                                .trade_id = 1000 + i,
                                .exchange_time_ns = NOW_NS - (TRADES - i) * 7 * MINUTE_NS,
                                .price = 2 + (double)(i % 17) / 100,
                                .amount = 1};
        record_complete(&trade_kind, trade);
    }
}

static void make_news(struct records *records)
{
    for (int i = 0; i < NEWS; i++) {
        struct news *news = &records->news[i];
        *news = (struct news){.published_ns = NOW_NS - (int64_t)i * i * 3600 * NS_PER_SECOND,
                              .dated = i % 5 != 0,
                              .has_url = true,
                              .has_coins = i % 2 == 0};
        (void)snprintf(news->news_id, sizeof news->news_id, "id-%d", i);
        (void)str_copy(str_from(i % 3 == 0 ? "a.example" : "b.example"), news->source,
                       sizeof news->source);
        (void)str_copy(str_from(i % 2 == 0 ? "BTC,ETH" : ""), news->coins, sizeof news->coins);
        assert_true(text_arena_add(&records->texts, str_from("Title \"of\" one"), &news->title));
        assert_true(text_arena_add(&records->texts, str_from("https://a.example/1"), &news->url));
        record_complete(&news_kind, news);
    }
}

/* Members that come and go, and what a source covered, over weeks. */
static void make_events(struct records *records)
{
    static const char *const whats[] = {"assigned", "revoked", "covered"};
    for (int i = 0; i < EVENTS; i++) {
        struct event *event = &records->events[i];
        *event = (struct event){.time_ns = NOW_NS - (int64_t)i * i * 600 * NS_PER_SECOND,
                                .source = "test",
                                .number = i,
                                .has_number = i % 2 == 0,
                                .has_begin_ns = i % 3 == 2,
                                .has_end_ns = i % 3 == 2};
        event->begin_ns = event->time_ns - MINUTE_NS;
        event->end_ns = event->time_ns;
        (void)str_copy(str_from(i % 3 == 2 ? "bitfinex/0" : "consumer-1"), event->subject,
                       sizeof event->subject);
        (void)str_copy(str_from(whats[i % 3]), event->what, sizeof event->what);
        assert_true(event_set_detail(event, &records->texts, str_from("tickers \"0\",1")));
    }
}

static void fill(struct store *store, const struct records *records)
{
    write_set(store, &ticker_kind, records->ticks, 2 * (size_t)TICKS, NULL);
    write_set(store, &bar_kind, records->bars, BARS, NULL);
    write_set(store, &trade_kind, records->trades, TRADES, NULL);
    write_set(store, &news_kind, records->news, NEWS, &records->texts);
    write_set(store, &event_kind, records->events, EVENTS, &records->texts);
}

/* Appends two pages of the history. */
static void ask_history(struct store *store, struct strbuf *json)
{
    struct error error = {0};
    const struct web_history_wanted pages[] = {
        {.from_ns = INT64_MIN, .to_ns = NOW_NS, .limit = 10},
        {.from_ns = NOW_NS - 4 * NS_PER_DAY, .to_ns = NOW_NS + 1, .limit = 1000}};
    for (size_t i = 0; i < 2; i++) {
        if (!history_to_json(store, &pages[i], json, &error)) {
            fail_msg("%s", error.text);
        }
    }
}

/* Appends all that the page asks: the markets, two pages of news, and the history. */
static void ask(struct store *store, struct strbuf *json)
{
    struct stream streams[3];
    struct error error = {0};
    assert_true(stream_set(&streams[0], &ticker_kind, str_from("tickers")));
    assert_true(stream_set(&streams[1], &trade_kind, str_from("trades")));
    assert_true(stream_set(&streams[2], &bar_kind, str_from("bars")));
    struct assets *assets = assets_create((struct str){.data = NULL}, "", &error);
    const struct market_facts facts = {.streams = streams, .stream_count = 3, .assets = assets};
    struct market_rows rows = {.count = 0};
    if (!market_rows_read(store, &facts, &rows, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(rows.count, 4);
    markets_to_json(&rows, json);
    market_rows_free(&rows);
    const struct web_news_wanted pages[] = {
        {.limit = 10, .before_ns = INT64_MAX},
        {.limit = 30, .before_ns = NOW_NS - NS_PER_DAY, .coins = "tETHUSD"}};
    for (size_t i = 0; i < 2; i++) {
        if (!news_to_json(store, assets, &pages[i], json, &error)) {
            fail_msg("%s", error.text);
        }
    }
    assets_destroy(assets);
    ask_history(store, json);
}

static void markets_news_and_history_are_the_same_in_both_stores(void **state)
{
    static struct records records;
    const struct running *server = running_need(state);
    void *place = NULL;
    assert_int_equal(place_make(&place), 0);
    struct store *stores[STORES] = {place_open_prepared(place),
                                    running_open(server, "market", false)};
    struct strbuf answers[STORES];
    struct error error = {0};
    assert_true(store_prepare(stores[1], &error));
    make_ticks(&records);
    make_bars(&records);
    make_trades(&records);
    make_news(&records);
    make_events(&records);
    for (size_t i = 0; i < STORES; i++) {
        answers[i] = strbuf_new(8 << 20);
        fill(stores[i], &records);
        ask(stores[i], &answers[i]);
        store_close(stores[i]);
    }
    assert_non_null(strstr(strbuf_text(&answers[0]), "\"market_cap\":1900000000000"));
    assert_non_null(strstr(strbuf_text(&answers[0]), "Title"));
    assert_non_null(strstr(strbuf_text(&answers[0]), "\"what\":\"revoked\""));
    assert_non_null(strstr(strbuf_text(&answers[0]), "\"every_ms\""));
    assert_string_equal(strbuf_text(&answers[0]), strbuf_text(&answers[1]));
    for (size_t i = 0; i < STORES; i++) {
        strbuf_free(&answers[i]);
    }
    text_arena_free(&records.texts);
    (void)place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markets_news_and_history_are_the_same_in_both_stores),
    };
    return cmocka_run_group_tests(tests, running_start, running_stop);
}
