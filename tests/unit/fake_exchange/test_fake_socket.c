/* The fake exchange's market over real sockets: our WebSocket and HTTP clients, several at a time.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "fake_exchange/fake_rest.h"
#include "fake_fixture.h"
#include "support.h"
#include "websocket/websocket_expect.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define BEGIN_MS INT64_C(1795251600000)
enum { HOUR_MS = 3600000 };

/* Ten minutes of history and an hour to come of two coins, with a clock that stands. */
static void start_market(struct fixture *fixture, struct fake_exchange_config config)
{
    config.coins = config.coins != NULL ? config.coins : "tBTCUSD,tETHUSD";
    config.trades_per_minute = config.trades_per_minute > 0 ? config.trades_per_minute : 60;
    config.seed = 1;
    config.start_ms = BEGIN_MS;
    config.history_ms = 10 * 60000;
    config.length_ms = config.length_ms > 0 ? config.length_ms : HOUR_MS;
    start(fixture, NULL, 0, config);
    if (config.start_channels == 0 && config.speed == 0) {
        fake_exchange_set_time(fixture->exchange, BEGIN_MS);
    }
}

static struct websocket *connect_client(const struct fixture *fixture)
{
    struct error error = {0};
    const struct websocket_config config = {.base_url = fake_exchange_ws_url(fixture->exchange),
                                            .path = "/ws/2",
                                            .connect_timeout_ms = PATIENCE_MS};
    struct websocket *websocket = websocket_connect(&config, &error);
    if (websocket == NULL) {
        fail_msg("%s", error.text);
    }
    return websocket;
}

static void say(struct websocket *websocket, const char *text)
{
    struct error error = {0};
    assert_true(websocket_send(websocket, str_from(text), &error));
}

/* The next message as JSON; free it with json_decref(). */
static json_t *hear(struct websocket *websocket)
{
    struct websocket_message message;
    struct error error = {0};
    if (websocket_next(websocket, PATIENCE_MS, &message, &error) != WEBSOCKET_MESSAGE) {
        fail_msg("no message: %s", error.text);
    }
    json_t *json = json_loadb(message.text.data, message.text.length, 0, NULL);
    assert_non_null(json);
    return json;
}

/* The next event; lists that come before it are left out. */
static void hear_event(struct websocket *websocket, const char *event)
{
    json_t *json = hear(websocket);
    while (json_is_array(json)) {
        json_decref(json);
        json = hear(websocket);
    }
    assert_string_equal(json_string_value(json_object_get(json, "event")), event);
    json_decref(json);
}

/* The next snapshot; heartbeats that come before it are left out. */
static void hear_snapshot(struct websocket *websocket)
{
    json_t *json = hear(websocket);
    while (json_is_string(json_array_get(json, 1))) {
        json_decref(json);
        json = hear(websocket);
    }
    assert_int_equal(json_array_size(json_array_get(json, 1)), 30);
    json_decref(json);
}

/* Connects and subscribes; the snapshot is read. */
static struct websocket *subscribe(const struct fixture *fixture, const char *const *symbols,
                                   size_t count)
{
    struct websocket *websocket = connect_client(fixture);
    hear_event(websocket, "info");
    say(websocket, "{\"event\":\"conf\",\"flags\":65536}");
    hear_event(websocket, "conf");
    for (size_t i = 0; i < count; i++) {
        char text[200];
        (void)snprintf(text, sizeof text,
                       "{\"event\":\"subscribe\",\"channel\":\"trades\",\"symbol\":\"%s\"}",
                       symbols[i]);
        say(websocket, text);
        hear_event(websocket, "subscribed");
        hear_snapshot(websocket);
    }
    return websocket;
}

/* Reads frames until `count` tes have come, and checks that they are the book's, from its trade
 * `first` on, and that the numbers have no gap. */
static void expect_tes(const struct fixture *fixture, struct websocket *websocket, size_t first,
                       size_t count, int64_t *seq)
{
    const struct fake_market *market = fake_exchange_market(fixture->exchange);
    for (size_t i = first; i < first + count;) {
        json_t *frame = hear(websocket);
        const char *kind = json_string_value(json_array_get(frame, 1));
        assert_int_equal(json_integer_value(json_array_get(frame, json_array_size(frame) - 1)),
                         ++*seq);
        if (kind != NULL && strcmp(kind, "te") == 0) {
            const json_t *row = json_array_get(frame, 2);
            assert_int_equal(json_integer_value(json_array_get(row, 0)), market->trades[i].id);
            assert_int_equal(json_integer_value(json_array_get(row, 1)), market->trades[i].time_ms);
            assert_true(json_number_value(json_array_get(row, 2)) ==
                        fake_decimal_value(market->trades[i].amount_e8));
            assert_true(json_number_value(json_array_get(row, 3)) ==
                        fake_decimal_value(market->trades[i].price_e8));
            i++;
        }
        json_decref(frame);
    }
}

static const char *const both[] = {"tBTCUSD", "tETHUSD"};

static void what_happens_is_streamed_in_the_order_of_the_book(void **state)
{
    (void)state;
    struct fixture fixture;
    start_market(&fixture, (struct fake_exchange_config){0});
    const struct fake_market *market = fake_exchange_market(fixture.exchange);
    struct websocket *websocket = subscribe(&fixture, both, 2);
    int64_t seq = 2;
    size_t first = fake_market_until(market, BEGIN_MS);
    for (int minute = 1; minute <= 60; minute++) {
        int64_t now_ms = BEGIN_MS + minute * 60000;
        size_t count = fake_market_until(market, now_ms) - first;
        fake_exchange_set_time(fixture.exchange, now_ms);
        expect_tes(&fixture, websocket, first, count, &seq);
        first += count;
    }
    assert_int_equal(first, market->count);
    struct fake_exchange_progress progress;
    fake_exchange_progress(fixture.exchange, &progress);
    assert_int_equal(progress.open, 1);
    assert_int_equal(progress.channels, 2);
    assert_int_equal(progress.connections, 1);
    assert_int_equal(progress.happened, progress.trades);
    assert_int_equal(progress.time_ms, BEGIN_MS + HOUR_MS);
    websocket_close(websocket, WEBSOCKET_NORMAL, PATIENCE_MS);
    websocket_destroy(websocket);
    finish(&fixture);
}

/* The clock is held until both connections have subscribed, and then runs through the hour in a
 * moment: each connection has all of its coins. */
static void clock_waits_for_channels_and_then_goes_as_fast_as_asked(void **state)
{
    (void)state;
    struct fixture fixture;
    start_market(&fixture, (struct fake_exchange_config){.speed = 100000, .start_channels = 2});
    const struct fake_market *market = fake_exchange_market(fixture.exchange);
    struct websocket *first = subscribe(&fixture, both, 1);
    assert_int_equal(fake_exchange_time(fixture.exchange), BEGIN_MS);
    struct websocket *second = subscribe(&fixture, both + 1, 1);
    struct websocket *clients[] = {first, second};
    for (size_t coin = 0; coin < 2; coin++) {
        const struct fake_coin_trades *trades = &market->by_coin[coin];
        const struct fake_query history = {INT64_MIN, BEGIN_MS, SIZE_MAX, true};
        size_t i = fake_market_select(market, coin, &history).left;
        for (; i < trades->count;) {
            json_t *frame = hear(clients[coin]);
            const char *kind = json_string_value(json_array_get(frame, 1));
            if (kind != NULL && strcmp(kind, "te") == 0) {
                assert_int_equal(json_integer_value(json_array_get(json_array_get(frame, 2), 0)),
                                 market->trades[trades->at[i++]].id);
            }
            json_decref(frame);
        }
        websocket_destroy(clients[coin]);
    }
    finish(&fixture);
}

static void heartbeats_and_pings_go_on_where_nothing_happens(void **state)
{
    (void)state;
    struct fixture fixture;
    start_market(&fixture, (struct fake_exchange_config){.heartbeat_ms = 50});
    struct websocket *websocket = subscribe(&fixture, both, 2);
    for (int i = 0; i < 6; i++) {
        json_t *frame = hear(websocket);
        assert_string_equal(json_string_value(json_array_get(frame, 1)), "hb");
        json_decref(frame);
    }
    say(websocket, "{\"event\":\"ping\",\"cid\":5}");
    json_t *frame = hear(websocket);
    while (json_is_array(frame)) {
        json_decref(frame);
        frame = hear(websocket);
    }
    assert_int_equal(json_integer_value(json_object_get(frame, "cid")), 5);
    json_decref(frame);
    websocket_destroy(websocket);
    finish(&fixture);
}

static void broken_off_connection_is_accepted_again(void **state)
{
    (void)state;
    struct fixture fixture;
    start_market(&fixture, (struct fake_exchange_config){.faults = "drop@3"});
    const struct fake_market *market = fake_exchange_market(fixture.exchange);
    struct websocket *websocket = subscribe(&fixture, both, 2);
    size_t first = fake_market_until(market, BEGIN_MS);
    fake_exchange_set_time(fixture.exchange, market->trades[first + 5].time_ms);
    int64_t seq = 2;
    expect_tes(&fixture, websocket, first, 2, &seq);
    struct websocket_message message;
    struct error error = {0};
    enum websocket_next next;
    while ((next = websocket_next(websocket, PATIENCE_MS, &message, &error)) == WEBSOCKET_MESSAGE) {
    }
    assert_int_equal(next, WEBSOCKET_OVER);
    assert_int_equal(websocket_end(websocket).code, WEBSOCKET_BROKEN);
    websocket_destroy(websocket);
    websocket = subscribe(&fixture, both, 2);
    websocket_destroy(websocket);
    assert_non_null(strstr(get(&fixture, "/candlewick/progress", 200), "\"faults\":{\"drop\":1}"));
    finish(&fixture);
}

static bool is_cut(void *context)
{
    struct fake_exchange_progress progress;
    fake_exchange_progress(context, &progress);
    return progress.stalled == 1 && progress.open == 0;
}

static void client_that_does_not_read_is_cut(void **state)
{
    (void)state;
    struct fixture fixture;
    start_market(&fixture, (struct fake_exchange_config){
                               .stall_ms = 200, .trades_per_minute = 20000, .length_ms = 600000});
    struct websocket *websocket = subscribe(&fixture, both, 2);
    fake_exchange_set_time(fixture.exchange, BEGIN_MS + HOUR_MS);
    assert_true(support_wait(is_cut, fixture.exchange, SOON_MS));
    websocket_destroy(websocket);
    finish(&fixture);
}

static void too_many_connections_and_faults_of_connecting_are_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    start_market(&fixture,
                 (struct fake_exchange_config){
                     .limits = "connects=6",
                     .faults = "connect/429@1;connect/408@2;connect/maintenance@3;connect/html@4"});
    static const char *const want[] = {"429", "408", "503", "502", NULL, NULL, "429"};
    for (size_t i = 0; i < COUNT(want); i++) {
        struct error error = {0};
        const struct websocket_config config = {.base_url = fake_exchange_ws_url(fixture.exchange),
                                                .path = "/ws/2"};
        struct websocket *websocket = websocket_connect(&config, &error);
        if ((websocket != NULL) != (want[i] == NULL) ||
            (want[i] != NULL && strstr(error.text, want[i]) == NULL)) {
            fail_msg("%zu: %s", i, error.text);
        }
        websocket_destroy(websocket);
    }
    finish(&fixture);
}

static void maintenance_is_of_the_whole_exchange(void **state)
{
    (void)state;
    struct fixture fixture;
    start_market(&fixture, (struct fake_exchange_config){.faults = "20060=300ms@1"});
    struct websocket *clients[] = {subscribe(&fixture, both, 2), subscribe(&fixture, both, 1)};
    fake_exchange_set_time(fixture.exchange, BEGIN_MS + 60000);
    for (size_t i = 0; i < COUNT(clients); i++) {
        const int codes[] = {20060, 20061};
        for (size_t j = 0; j < COUNT(codes);) {
            json_t *frame = hear(clients[i]);
            if (json_is_object(frame)) {
                assert_int_equal(json_integer_value(json_object_get(frame, "code")), codes[j++]);
            }
            json_decref(frame);
        }
        websocket_destroy(clients[i]);
    }
    assert_string_equal(get(&fixture, "/v2/platform/status", 200), "[1]");
    finish(&fixture);
    start_market(&fixture, (struct fake_exchange_config){.faults = "20060=1h@1"});
    struct websocket *websocket = subscribe(&fixture, both, 2);
    fake_exchange_set_time(fixture.exchange, BEGIN_MS + 60000);
    hear_event(websocket, "info");
    assert_string_equal(get(&fixture, "/v2/platform/status", 200), "[0]");
    static const char *const paths[] = {"/v2/trades/tBTCUSD/hist", "/v2/tickers?symbols=ALL",
                                        "/v2/candles/trade:1m:tBTCUSD/hist"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        assert_string_equal(get(&fixture, paths[i], 503), "[\"error\",20060,\"maintenance\"]");
    }
    websocket_destroy(websocket);
    finish(&fixture);
}

static void history_over_http_is_the_book_page_by_page(void **state)
{
    (void)state;
    struct fixture fixture;
    start_market(&fixture, (struct fake_exchange_config){.limits = "trades=1000"});
    fake_exchange_set_time(fixture.exchange, BEGIN_MS + 600000);
    const struct fake_market *market = fake_exchange_market(fixture.exchange);
    struct strbuf want = strbuf_new(16 << 20);
    struct strbuf got = strbuf_new(16 << 20);
    const struct fake_query all = {INT64_MIN, BEGIN_MS + 600000, SIZE_MAX, true};
    struct fake_cursor cursor = fake_market_select(market, 1, &all);
    const struct fake_trade *trade;
    while ((trade = fake_cursor_next(&cursor)) != NULL) {
        strbuf_append_format(&want, "%lld,", (long long)trade->id);
    }
    char path[200] = "/v2/trades/tETHUSD/hist?sort=1&limit=100";
    int64_t last_id = -1;
    for (bool more = true; more;) {
        json_t *rows = json_loads(get(&fixture, path, 200), 0, NULL);
        size_t count = json_array_size(rows);
        size_t known = 0; /* rows up to the last one of the former page */
        for (size_t i = 0; i < count && last_id >= 0; i++) {
            const json_t *id = json_array_get(json_array_get(rows, i), 0);
            known = json_integer_value(id) == last_id ? i + 1 : known;
        }
        for (size_t i = known; i < count; i++) {
            const json_t *row = json_array_get(rows, i);
            last_id = json_integer_value(json_array_get(row, 0));
            strbuf_append_format(&got, "%lld,", (long long)last_id);
            (void)snprintf(path, sizeof path, "/v2/trades/tETHUSD/hist?sort=1&limit=100&start=%lld",
                           (long long)json_integer_value(json_array_get(row, 1)));
        }
        more = known < count;
        json_decref(rows);
    }
    assert_string_equal(strbuf_text(&got), strbuf_text(&want));
    strbuf_clear(&want);
    size_t next = 0;
    while (fake_rest_book(market, 1, &next, fake_market_until(market, BEGIN_MS + 600000), 1000,
                          &want)) {
    }
    assert_string_equal(get(&fixture, "/candlewick/trades?symbol=tETHUSD", 200),
                        strbuf_text(&want));
    (void)get(&fixture, "/candlewick/trades?symbol=tNOPE", 404);
    strbuf_free(&want);
    strbuf_free(&got);
    finish(&fixture);
}

static void requests_over_the_limit_and_with_faults_are_answered_as_such(void **state)
{
    (void)state;
    struct fixture fixture;
    start_market(&fixture, (struct fake_exchange_config){
                               .limits = "trades=4,candles=2,tickers=1,block=0",
                               .faults = "trades/429@1;trades/truncated@2;candles/html@1"});
    static const char trades[] = "/v2/trades/tBTCUSD/hist";
    static const char candles[] = "/v2/candles/trade:1m:tBTCUSD/hist";
    struct error error = {0};
    (void)get(&fixture, trades, 429);
    assert_false(http_client_send(fixture.client, &(struct http_request){.path = trades},
                                  &fixture.response, &error));
    (void)get(&fixture, trades, 200);
    (void)get(&fixture, "/v2/trades/tBTCUSD/hist?limit=10001", 500);
    assert_string_equal(get(&fixture, trades, 429), "{\"error\":\"ERR_RATE_LIMIT\"}");
    (void)get(&fixture, candles, 502);
    (void)get(&fixture, candles, 200);
    (void)get(&fixture, candles, 429);
    (void)get(&fixture, "/v2/tickers?symbols=ALL", 200);
    (void)get(&fixture, "/v2/tickers?symbols=ALL", 429);
    struct fake_exchange_progress progress;
    fake_exchange_progress(fixture.exchange, &progress);
    assert_int_equal(progress.refused, 3);
    assert_int_equal(progress.faults, 3);
    assert_int_equal(progress.trade_requests, 4);
    finish(&fixture);
}

static bool fault_happened(void *context)
{
    struct fake_exchange_progress progress;
    fake_exchange_progress(context, &progress);
    return progress.faults > 0;
}

static void destroy_ends_connections_also_silent_ones_at_once(void **state)
{
    (void)state;
    struct fixture fixture;
    start_market(&fixture, (struct fake_exchange_config){.faults = "silent=1h@1"});
    struct websocket *clients[] = {subscribe(&fixture, both, 2), subscribe(&fixture, both, 2)};
    fake_exchange_set_time(fixture.exchange, BEGIN_MS + 60000);
    assert_true(support_wait(fault_happened, fixture.exchange, SOON_MS));
    int64_t start_ns = clock_monotonic_ns();
    fake_exchange_destroy(fixture.exchange);
    assert_true(clock_monotonic_ns() - start_ns < SOON_MS * NS_PER_MS);
    fixture.exchange = NULL;
    for (size_t i = 0; i < COUNT(clients); i++) {
        websocket_destroy(clients[i]);
    }
    finish(&fixture);
}

int main(void)
{
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_happens_is_streamed_in_the_order_of_the_book),
        cmocka_unit_test(clock_waits_for_channels_and_then_goes_as_fast_as_asked),
        cmocka_unit_test(heartbeats_and_pings_go_on_where_nothing_happens),
        cmocka_unit_test(broken_off_connection_is_accepted_again),
        cmocka_unit_test(client_that_does_not_read_is_cut),
        cmocka_unit_test(too_many_connections_and_faults_of_connecting_are_refused),
        cmocka_unit_test(maintenance_is_of_the_whole_exchange),
        cmocka_unit_test(history_over_http_is_the_book_page_by_page),
        cmocka_unit_test(requests_over_the_limit_and_with_faults_are_answered_as_such),
        cmocka_unit_test(destroy_ends_connections_also_silent_ones_at_once),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
