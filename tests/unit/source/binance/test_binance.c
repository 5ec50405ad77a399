/* The source of Binance's bars over real sockets: history and holes by REST, the rest pushed. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "raw_server.h"
#include "record/bar.h"
#include "record/event.h"
#include "source/sources.h"
#include "support.h"
#include "websocket/websocket_server.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MINUTE_NS (60 * NS_PER_SECOND)
#define NOON_NS INT64_C(1764504000000000000)
#define NOON_MS 1764504000000

enum { ANSWERS_MAX = 6, LOOK_MS = 1, PATIENCE_MS = 10000 };

static int64_t now_ns;

static int64_t wall_ns(void)
{
    return now_ns;
}

struct asker {
    struct stop *stop;
    struct strbuf texts[ANSWERS_MAX];
    struct raw_answer answers[ANSWERS_MAX];
    struct raw_server *server;
    struct websocket_server *stream;
    atomic_int step; /* what the stream may play */
    atomic_int connections;
    struct source *source;
    struct source_batch batch;
    struct row_counts counts;
    struct error error;
    char told[1000]; /* its events: what, subject, and the minutes after noon of its span */
};

/* A row of REST; its prices and figures come from the minute. */
static void append_row(struct strbuf *text, int minute)
{
    long long open_ms = NOON_MS + 60000LL * minute;
    strbuf_append_format(text,
                         "[%lld,\"%d.50000000\",\"%d.5\",\"%d.5\",\"%d.50\",\"0.10000000\",%lld,"
                         "\"7.70000000\",%d,\"0\",\"0\",\"0\"]",
                         open_ms, 100 + minute, 100 + minute, 100 + minute, 100 + minute,
                         open_ms + 59999, 50 + minute);
}

/* Adds an answer with the minutes of a list that ends with 99. */
static void answer_rows(struct asker *asker, size_t n, const int *minutes)
{
    struct strbuf body = strbuf_new(1 << 16);
    for (size_t i = 0; minutes[i] != 99; i++) {
        strbuf_append_text(&body, i > 0 ? "," : "[");
        append_row(&body, minutes[i]);
    }
    strbuf_append_text(&body, minutes[0] != 99 ? "]" : "[]");
    asker->texts[n] = strbuf_new(1 << 16);
    strbuf_append_format(&asker->texts[n],
                         "HTTP/1.1 200 OK\r\nX-MBX-USED-WEIGHT-1M: 2\r\nContent-Length: %zu\r\n"
                         "\r\n%s",
                         body.length, strbuf_text(&body));
    asker->answers[n].bytes = strbuf_text(&asker->texts[n]);
    strbuf_free(&body);
}

/* The kline frame of a minute, of the same figures as its row. */
static bool push(struct websocket_peer *peer, int minute, bool final)
{
    char text[600];
    long long open_ms = NOON_MS + 60000LL * minute;
    (void)snprintf(text, sizeof text,
                   "{\"stream\":\"btcusdt@kline_1m\",\"data\":{\"e\":\"kline\",\"s\":\"BTCUSDT\","
                   "\"k\":{\"t\":%lld,\"T\":%lld,\"s\":\"BTCUSDT\",\"i\":\"1m\",\"o\":\"%d.5\","
                   "\"c\":\"%d.5\",\"h\":\"%d.5\",\"l\":\"%d.5\",\"v\":\"0.1\",\"n\":%d,\"x\":%s,"
                   "\"q\":\"7.7\"}}}",
                   open_ms, open_ms + 59999, 100 + minute, 100 + minute, 100 + minute, 100 + minute,
                   50 + minute, final ? "true" : "false");
    return websocket_peer_text(peer, text);
}

struct awaited {
    struct asker *asker;
    int step;
};

static bool has_step(void *context)
{
    const struct awaited *awaited = context;
    return atomic_load(&awaited->asker->step) >= awaited->step;
}

static bool await(struct asker *asker, int step)
{
    struct awaited awaited = {asker, step};
    return support_wait(has_step, &awaited, PATIENCE_MS);
}

/* First connection: noon's minute, open and finished, twice, and a reset. Second: the minutes 4 and
 * 3. */
static void play(struct websocket_peer *peer, void *context)
{
    struct asker *asker = context;
    if (!websocket_peer_shake(peer, NULL)) {
        return;
    }
    bool first = atomic_fetch_add(&asker->connections, 1) == 0;
    if (await(asker, first ? 1 : 2)) {
        (void)(first ? push(peer, 0, false) && push(peer, 0, true) && push(peer, 0, true) &&
                           push(peer, 1, false)
                     : push(peer, 4, true) && push(peer, 3, true));
    }
    if (first && await(asker, 2)) {
        websocket_peer_reset(peer);
        return;
    }
    websocket_peer_wait_end(peer);
}

static void open_source(struct asker *asker, const char *ws_url)
{
    const struct binance_config config = {.base_url = raw_server_url(asker->server),
                                          .ws_url = ws_url,
                                          .coins = "BTCUSDT",
                                          .timeframe = "1m",
                                          .history_ns = 3 * MINUTE_NS,
                                          .interval_ns = 5 * NS_PER_SECOND,
                                          .requests_per_minute = 100,
                                          .silence_timeout_ms = 60000,
                                          .reconnect_wait_ms = 10,
                                          .stop = asker->stop,
                                          .wall_ns = wall_ns};
    asker->source = binance_source_create(&config, &asker->error);
    if (asker->source == NULL) {
        fail_msg("%s", asker->error.text);
    }
}

static void note_event(struct asker *asker, const struct event *event)
{
    size_t length = strlen(asker->told);
    (void)snprintf(asker->told + length, sizeof asker->told - length, "%s %s %d %d;", event->what,
                   event->subject,
                   event->has_begin_ns ? (int)((event->begin_ns - NOON_NS) / MINUTE_NS) : 0,
                   event->has_end_ns ? (int)((event->end_ns - NOON_NS) / MINUTE_NS) : 0);
}

/* Calls `next` once, and notes events. Returns the number of bars in the batch. */
static size_t call_next(struct asker *asker)
{
    enum source_next result =
        asker->source->next(asker->source->state, &asker->batch, &asker->counts, &asker->error);
    if (result != SOURCE_BATCH) {
        fail_msg("%s", asker->error.text);
    }
    if (asker->batch.kind != &event_kind) {
        return asker->batch.count;
    }
    for (size_t i = 0; i < asker->batch.count; i++) {
        note_event(asker, source_batch_at(&asker->batch, i));
    }
    return 0;
}

/* Calls `next` until it gives bars, and writes their minutes and whether their arrivals are
 * known. */
static const char *next_bars(struct asker *asker)
{
    static char text[400];
    int64_t until_ns = clock_monotonic_ns() + PATIENCE_MS * NS_PER_MS;
    text[0] = '\0';
    while (call_next(asker) == 0) {
        if (clock_monotonic_ns() > until_ns) {
            fail_msg("no bars came; told: %s", asker->told);
        }
    }
    for (size_t i = 0; i < asker->batch.count; i++) {
        const struct bar *bar = source_batch_at(&asker->batch, i);
        int minute = (int)((bar->open_time_ns - NOON_NS) / MINUTE_NS);
        size_t length = strlen(text);
        assert_int_equal(bar_check(bar), BAR_OK);
        assert_true(bar->close == 100.5 + minute && bar->volume == 0.1 && bar->quote_volume == 7.7);
        assert_int_equal(bar->trades, 50 + minute);
        (void)snprintf(text + length, sizeof text - length, "%d%s ", minute,
                       asker->batch.arrived_ns[i] != 0 ? "!" : "");
    }
    return text;
}

static void release(struct asker *asker)
{
    int64_t rows = asker->counts.records;
    for (size_t i = 0; i < ROW_FAULTS; i++) {
        rows += asker->counts.rejected[i];
    }
    assert_int_equal(asker->counts.rows, rows);
    atomic_store(&asker->step, 100);
    source_destroy(asker->source);
    source_batch_free(&asker->batch);
    websocket_server_destroy(asker->stream);
    raw_server_destroy(asker->server);
    stop_destroy(asker->stop);
    for (size_t i = 0; i < ANSWERS_MAX; i++) {
        strbuf_free(&asker->texts[i]);
    }
}

static void begin(struct asker *asker)
{
    memset(asker, 0, sizeof *asker);
    asker->stop = stop_create(&asker->error);
    assert_non_null(asker->stop);
    now_ns = NOON_NS + 10 * NS_PER_SECOND;
}

static void each_minute_comes_once_by_history_stream_and_after_a_drop(void **state)
{
    (void)state;
    struct asker asker;
    begin(&asker);
    /* The minute -2 has no bar: a hole. That of noon is open, and later the same as pushed. */
    answer_rows(&asker, 0, (const int[]){-3, -1, 0, 99});
    answer_rows(&asker, 1, (const int[]){-3, -1, 0, 1, 2, 3, 99});
    asker.server = raw_server_create(asker.answers, 2);
    asker.stream = websocket_server_create(play, &asker, false);
    open_source(&asker, websocket_server_url(asker.stream));
    assert_string_equal(next_bars(&asker), "-3 -1 ");
    assert_int_equal(asker.counts.rejected[ROW_UNFINISHED], 1);
    atomic_store(&asker.step, 1);
    assert_string_equal(next_bars(&asker), "0! ");
    while (asker.counts.rejected[ROW_REPEAT] == 0) {
        assert_int_equal(call_next(&asker), 0);
    }
    /* The connection dies before the minutes 1 and 2 are finished, and is made again. */
    now_ns = NOON_NS + 3 * MINUTE_NS + 10 * NS_PER_SECOND;
    atomic_store(&asker.step, 2);
    const char *bars = next_bars(&asker);
    assert_string_equal(bars, "1 2 ");
    assert_string_equal(next_bars(&asker), "3! ");
    assert_int_equal(atomic_load(&asker.connections), 2);
    assert_int_equal(raw_server_requests(asker.server), 2);
    assert_int_equal(asker.counts.records, 6);
    assert_non_null(strstr(asker.told, "started binance 0 0;coins binance 0 0;"
                                       "hole BTCUSDT -2 -1;hole_closed BTCUSDT -2 -1;"));
    release(&asker);
}

static void first_request_and_stream_name_what_is_wanted(void **state)
{
    (void)state;
    struct asker asker;
    begin(&asker);
    answer_rows(&asker, 0, (const int[]){-1, 99});
    asker.server = raw_server_create(asker.answers, 1);
    asker.stream = websocket_server_create(play, &asker, false);
    open_source(&asker, websocket_server_url(asker.stream));
    (void)next_bars(&asker);
    char *request = raw_server_request(asker.server, 0);
    assert_non_null(request);
    static const char want[] = "GET /api/v3/klines?symbol=BTCUSDT&interval=1m&startTime="
                               "1764503820000&limit=1000 ";
    assert_memory_equal(request, want, sizeof want - 1);
    free(request);
    release(&asker);
}

static void answers_that_are_none_are_told_and_waited_for(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *trouble, *notice;
    } cases[] = {
        {"HTTP/1.1 418 I'm a teapot\r\nRetry-After: 7200\r\nContent-Length: 2\r\n\r\n{}",
         "banned this address for a while (HTTP 418): waiting 7200 s", "WebSocket is down"},
        {"HTTP/1.1 451 No\r\nContent-Length: 21\r\n\r\n{\"code\":0,\"msg\":\"no\"}",
         "set --binance-url and --binance-ws-url to hosts that do", "WebSocket is down"},
        {"HTTP/1.1 400 Bad\r\nContent-Length: 25\r\n\r\n{\"code\":-1121,\"msg\":\"no\"}",
         "knows none of the coins (BTCUSDT): check --coins", "WebSocket is down"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct asker asker;
        struct source_report report = {.figure_count = 0};
        begin(&asker);
        asker.answers[0].bytes = cases[i].answer;
        asker.server = raw_server_create(asker.answers, 1);
        open_source(&asker, "ws://127.0.0.1:1");
        for (int k = 0; k < 8; k++) {
            assert_int_equal(call_next(&asker), 0);
        }
        assert_int_equal(raw_server_requests(asker.server), 1);
        asker.source->report(asker.source->state, &report);
        assert_non_null(strstr(report.trouble, cases[i].trouble));
        assert_non_null(strstr(report.notice, cases[i].notice));
        release(&asker);
    }
}

static void what_cannot_be_followed_is_refused_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *coins, *timeframe, *want;
    } cases[] = {
        {"ALL", "1m", "cannot follow ALL"},
        {"tBTCUSD", "1m", "tBTCUSD is no symbol of Binance"},
        {"BTCUSDT", "1M", "1M is no length of bars"},
        {"BTCUSDT", "", "is no length of bars"},
        {"", "1m", "no coins are named"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error error = {0};
        const struct binance_config config = {.base_url = "http://127.0.0.1:1",
                                              .ws_url = "ws://127.0.0.1:1",
                                              .coins = cases[i].coins,
                                              .timeframe = cases[i].timeframe,
                                              .requests_per_minute = 1};
        assert_null(binance_source_create(&config, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_non_null(strstr(error.text, cases[i].want));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_minute_comes_once_by_history_stream_and_after_a_drop),
        cmocka_unit_test(first_request_and_stream_name_what_is_wanted),
        cmocka_unit_test(answers_that_are_none_are_told_and_waited_for),
        cmocka_unit_test(what_cannot_be_followed_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
