/* The source of Bitfinex's bars over real sockets: what it asks, what it sends,
 * and when. */
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

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MINUTE_NS (60 * NS_PER_SECOND)
#define NOON_NS INT64_C(1764504000000000000)
/* Rows of the minutes from 11:57 on. */
#define M57 "[1764503820000,1,1,1,1,1]"
#define M58 "[1764503880000,2,2,2,2,2]"
#define M59 "[1764503940000,3,3,3,3,3]"
#define M59_CHANGED "[1764503940000,3,4,4,3,5]"
#define M00 "[1764504000000,4,4,4,4,4]"
#define UNKNOWN "[\"error\",10020,\"symbol: invalid\"]"

static int64_t now_ns;

static int64_t wall_ns(void)
{
    return now_ns;
}

struct asker {
    struct stop *stop;
    struct strbuf texts[8];
    struct raw_answer answers[8];
    struct raw_server *server;
    struct source *source;
    struct source_batch batch;
    struct row_counts counts;
    struct error error;
    char told[1000]; /* the events of the run itself */
};

/* Serves the bodies in turn, the last one again and again; the status is 200,
 * or 500 for an error. */
static void serve(struct asker *asker, const char *const *bodies, size_t count)
{
    memset(asker, 0, sizeof *asker);
    for (size_t i = 0; i < count; i++) {
        struct strbuf *text = &asker->texts[i];
        *text = strbuf_new(1 << 20);
        strbuf_append_format(text, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s",
                             strncmp(bodies[i], "[\"error", 7) == 0 ? "500 Error" : "200 OK",
                             strlen(bodies[i]), bodies[i]);
        asker->answers[i].bytes = strbuf_text(text);
    }
    asker->server = raw_server_create(asker->answers, count);
    asker->stop = stop_create(&asker->error);
    assert_non_null(asker->stop);
    now_ns = NOON_NS;
}

static struct bitfinex_bars_config config_of(const struct asker *asker, const char *coins)
{
    return (struct bitfinex_bars_config){
        .exchange = {.base_url = raw_server_url(asker->server),
                     .coins = coins,
                     .stop = asker->stop},
        .timeframe = "1m",
        .history_ns = NS_PER_DAY,
        .interval_ns = 5 * NS_PER_SECOND,
        .requests_per_minute = 100,
        .wall_ns = wall_ns,
    };
}

static void open_source(struct asker *asker, struct bitfinex_bars_config config)
{
    asker->source = bitfinex_bars_source_create(&config, &asker->error);
    if (asker->source == NULL) {
        fail_msg("%s", asker->error.text);
    }
    assert_true(asker->source->pushed && asker->source->live && asker->source->writes_events);
}

static enum source_next call_next(struct asker *asker)
{
    asker->error = (struct error){0};
    return asker->source->next(asker->source->state, &asker->batch, &asker->counts, &asker->error);
}

/* Calls `next` until it gives no events of the run itself; those of kind covered are noted. */
static enum source_next next(struct asker *asker)
{
    for (;;) {
        enum source_next result = call_next(asker);
        const struct event *event =
            asker->batch.count > 0 ? source_batch_at(&asker->batch, 0) : NULL;
        if (result != SOURCE_BATCH || event == NULL || asker->batch.kind != &event_kind ||
            strcmp(event->what, "bar_changed") == 0) {
            return result;
        }
        for (size_t i = 0; i < asker->batch.count; i++) {
            event = source_batch_at(&asker->batch, i);
            assert_int_equal(event_check(event, &asker->batch.texts), EVENT_OK);
            assert_string_equal(event->source, "bitfinex-bars");
            size_t length = strlen(asker->told);
            (void)snprintf(asker->told + length, sizeof asker->told - length, "%s %s %d %d;",
                           event->what, event->subject,
                           event->has_begin_ns ? (int)((event->begin_ns - NOON_NS) / MINUTE_NS) : 0,
                           event->has_end_ns ? (int)((event->end_ns - NOON_NS) / MINUTE_NS) : 0);
        }
    }
}

/* Writes the bars of the next batch as "coin minute close revision; …", minutes
 * after noon. */
static const char *next_bars(struct asker *asker)
{
    static char text[1000];
    text[0] = '\0';
    assert_int_equal(next(asker), SOURCE_BATCH);
    assert_ptr_equal(asker->batch.kind, &bar_kind);
    assert_true(asker->batch.has_time);
    for (size_t i = 0; i < asker->batch.count; i++) {
        const struct bar *bar = source_batch_at(&asker->batch, i);
        assert_int_equal(bar_check(bar), BAR_OK);
        size_t length = strlen(text);
        (void)snprintf(text + length, sizeof text - length, "%s%s %d %g %d", i > 0 ? "; " : "",
                       bar->symbol, (int)((bar->open_time_ns - NOON_NS) / MINUTE_NS), bar->close,
                       (int)bar->revision);
    }
    return text;
}

static void check_request(struct asker *asker, size_t n, const char *want)
{
    char *request = raw_server_request(asker->server, n);
    assert_non_null(request);
    if (strncmp(request, want, strlen(want)) != 0) {
        fail_msg("request %zu: %s", n, request);
    }
    free(request);
}

static void release(struct asker *asker)
{
    source_destroy(asker->source);
    source_batch_free(&asker->batch);
    stop_destroy(asker->stop);
    raw_server_destroy(asker->server);
    for (size_t i = 0; i < COUNT(asker->texts); i++) {
        strbuf_free(&asker->texts[i]);
    }
}

static void check_rows(const struct asker *asker)
{
    int64_t rows = asker->counts.records;
    for (size_t i = 0; i < ROW_FAULTS; i++) {
        rows += asker->counts.rejected[i];
    }
    assert_int_equal(asker->counts.rows, rows);
}

static void day_back_at_first_and_each_bar_a_minute_after_its_end(void **state)
{
    (void)state;
    static const char *const bodies[] = {"[" M00 "," M59 "," M58 "," M57 "]", "[]",
                                         "[" M00 "," M59 "," M58 "]", "[]", "[]"};
    struct asker asker;
    serve(&asker, bodies, COUNT(bodies));
    open_source(&asker, config_of(&asker, "tBTCUSD,tETHUSD"));
    assert_string_equal(next_bars(&asker), "tBTCUSD -3 1 0; tBTCUSD -2 2 0");
    assert_string_equal(next_bars(&asker), "");
    assert_int_equal(asker.counts.rejected[ROW_UNFINISHED], 2);
    check_request(&asker, 0,
                  "GET "
                  "/v2/candles/trade:1m:tBTCUSD/"
                  "hist?limit=10000&sort=1&start=1764417600000 ");
    check_request(&asker, 1,
                  "GET "
                  "/v2/candles/trade:1m:tETHUSD/"
                  "hist?limit=10000&sort=1&start=1764417600000 ");
    now_ns = NOON_NS + MINUTE_NS - 1;
    assert_string_equal(next_bars(&asker), "");
    assert_int_equal(raw_server_requests(asker.server), 2);
    now_ns = NOON_NS + MINUTE_NS;
    assert_string_equal(next_bars(&asker), "tBTCUSD -1 3 0");
    check_request(&asker, 2,
                  "GET "
                  "/v2/candles/trade:1m:tBTCUSD/"
                  "hist?limit=10000&sort=1&start=1764503820000 ");
    assert_int_equal(asker.counts.rejected[ROW_REPEAT], 1);
    check_rows(&asker);
    assert_string_equal(next_bars(&asker), "");
    assert_string_equal(next_bars(&asker), "");
    assert_true(asker.source->last(asker.source->state, &asker.batch));
    const struct event *ended = source_batch_at(&asker.batch, 0);
    assert_string_equal(ended->what, "ended");
    assert_false(asker.source->last(asker.source->state, &asker.batch));
    /* All coins' bars are there from a day ago up to what was finished a minute before. */
    assert_string_equal(asker.told, "started bitfinex-bars 0 0;coins bitfinex-bars 0 0;"
                                    "covered bitfinex-bars/0 -1440 -1;"
                                    "covered bitfinex-bars/0 -1 0;");
    release(&asker);
}

static void changed_bar_is_an_event_and_then_the_next_revision(void **state)
{
    (void)state;
    static const char *const bodies[] = {"[" M58 "]", "[" M59_CHANGED "," M58 "]",
                                         "[" M00 "," M59 "," M58 "]", "[]"};
    struct asker asker;
    serve(&asker, bodies, COUNT(bodies));
    open_source(&asker, config_of(&asker, "tBTCUSD"));
    assert_string_equal(next_bars(&asker), "tBTCUSD -2 2 0");
    now_ns += MINUTE_NS;
    assert_string_equal(next_bars(&asker), "tBTCUSD -1 4 0");
    now_ns += MINUTE_NS + 5;
    assert_int_equal(next(&asker), SOURCE_BATCH);
    assert_ptr_equal(asker.batch.kind, &event_kind);
    assert_true(asker.batch.settle);
    assert_int_equal(asker.batch.count, 1);
    const struct event *event = source_batch_at(&asker.batch, 0);
    assert_int_equal(event_check(event, &asker.batch.texts), EVENT_OK);
    assert_string_equal(event->subject, "tBTCUSD");
    assert_string_equal(event->what, "bar_changed");
    assert_string_equal(event->source, "bitfinex-bars");
    assert_int_equal(event->time_ns / NS_PER_MS, (NOON_NS + 2 * MINUTE_NS) / NS_PER_MS);
    assert_int_equal(event->begin_ns, NOON_NS - MINUTE_NS);
    assert_int_equal(event->end_ns, NOON_NS);
    assert_int_equal(event->number, 1);
    assert_true(str_equal_text(event_detail(event, &asker.batch.texts),
                               "1m: high 4 -> 3, close 4 -> 3, volume 5 -> 3"));
    assert_string_equal(next_bars(&asker), "tBTCUSD -1 3 1; tBTCUSD 0 4 0");
    assert_int_equal(raw_server_requests(asker.server), 3);
    check_rows(&asker);
    release(&asker);
}

static void tell(struct asker *asker, const char *coin, const char *source, int minute,
                 int64_t revision, double close)
{
    struct bar bar = {.timeframe = "1m",
                      .open_time_ns = NOON_NS + minute * MINUTE_NS,
                      .revision = revision,
                      .has_volume = true};
    (void)str_copy(str_from(coin), bar.symbol, sizeof bar.symbol);
    (void)str_copy(str_from(source), bar.source, sizeof bar.source);
    bar.open = bar.high = bar.low = bar.close = bar.volume = close;
    record_complete(&bar_kind, &bar);
    assert_true(asker->source->tell(asker->source->state, &bar_kind, &bar, NULL));
}

static void bars_of_the_log_are_not_sent_again(void **state)
{
    (void)state;
    static const char *const bodies[] = {"[" M00 "," M59 "," M58 "," M57 "]",
                                         "[" M00 "," M59 "," M58 "," M57 "]"};
    struct asker asker;
    serve(&asker, bodies, COUNT(bodies));
    open_source(&asker, config_of(&asker, "tBTCUSD,tETHUSD"));
    tell(&asker, "tBTCUSD", "bitfinex", -2, 0, 2);
    tell(&asker, "tBTCUSD", "bitfinex", -1, 0, 7);
    tell(&asker, "tBTCUSD", "bitfinex", -1, 1, 3); /* the bar has changed before */
    tell(&asker, "tETHUSD", "replay", -2, 0, 2);   /* somebody else's */
    tell(&asker, "tXRPUSD", "bitfinex", -2, 0, 2); /* not asked for any more */
    now_ns = NOON_NS + MINUTE_NS;
    assert_string_equal(next_bars(&asker), "");
    check_request(&asker, 0,
                  "GET "
                  "/v2/candles/trade:1m:tBTCUSD/"
                  "hist?limit=10000&sort=1&start=1764503880000 ");
    assert_string_equal(next_bars(&asker), "tETHUSD -3 1 0; tETHUSD -2 2 0; tETHUSD -1 3 0");
    assert_int_equal(asker.counts.rejected[ROW_OUT_OF_ORDER], 1); /* tBTCUSD at 11:57 */
    check_rows(&asker);
    release(&asker);
}

static void unknown_coin_is_left_out_and_the_others_go_on(void **state)
{
    (void)state;
    static const char *const bodies[] = {UNKNOWN, "[" M58 "]", "[" M59 "]"};
    struct asker asker;
    serve(&asker, bodies, COUNT(bodies));
    open_source(&asker, config_of(&asker, "tNOTUSD,tETHUSD"));
    assert_string_equal(next_bars(&asker), "");
    assert_string_equal(next_bars(&asker), "tETHUSD -2 2 0");
    struct source_report report = {0};
    asker.source->report(asker.source->state, &report);
    assert_non_null(strstr(report.notice, "1 of the 2 coins"));
    now_ns += MINUTE_NS;
    assert_string_equal(next_bars(&asker), "tETHUSD -1 3 0");
    release(&asker);

    static const char *const none[] = {UNKNOWN};
    serve(&asker, none, 1);
    open_source(&asker, config_of(&asker, "tNOTUSD,tNOWUSD"));
    assert_string_equal(next_bars(&asker), "");
    assert_int_equal(next(&asker), SOURCE_ERROR);
    assert_int_equal(asker.error.kind, ERROR_RETRY);
    assert_non_null(strstr(asker.error.text, "none of the coins (tNOTUSD,…): check --coins"));
    release(&asker);
}

static void answer_of_any_other_kind_is_asked_for_again_after_its_wait(void **state)
{
    (void)state;
    static const char *const bodies[] = {"[\"error\",11010,\"ratelimit: error\"]",
                                         "[\"error\",20060,\"maintenance\"]", "<html>",
                                         "{\"error\":\"ERR_RATE_LIMIT\"}", "[" M58 "]"};
    static const struct {
        const char *text;
        int wait_ms;
    } want[] = {{"rate limit", 60000}, {"maintenance", 0}, {"HTML", 0}, {"rate limit", 60000}};
    struct asker asker;
    serve(&asker, bodies, COUNT(bodies));
    open_source(&asker, config_of(&asker, "tBTCUSD"));
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_int_equal(next(&asker), SOURCE_ERROR);
        if (asker.error.kind != ERROR_RETRY || asker.error.retry_after_ms != want[i].wait_ms ||
            strstr(asker.error.text, want[i].text) == NULL ||
            strstr(asker.error.text, raw_server_url(asker.server)) == NULL) {
            fail_msg("%zu: \"%s\" %d", i, asker.error.text, asker.error.retry_after_ms);
        }
        assert_int_equal(asker.batch.count, 0);
    }
    assert_string_equal(next_bars(&asker), "tBTCUSD -2 2 0");
    release(&asker);
}

static void budget_holds_requests_back(void **state)
{
    (void)state;
    static const char *const bodies[] = {"[]"};
    struct asker asker;
    serve(&asker, bodies, 1);
    struct bitfinex_bars_config config = config_of(&asker, "tBTCUSD,tETHUSD,tXRPUSD");
    config.requests_per_minute = 2;
    open_source(&asker, config);
    for (int i = 0; i < 4; i++) {
        int64_t begin_ns = clock_monotonic_ns();
        assert_string_equal(next_bars(&asker), "");
        assert_true(i < 2 || clock_monotonic_ns() - begin_ns >= 100 * NS_PER_MS);
    }
    assert_int_equal(raw_server_requests(asker.server), 2);
    stop_request(asker.stop);
    assert_string_equal(next_bars(&asker), "");
    release(&asker);
}

static void what_cannot_be_asked_for_is_said_at_once(void **state)
{
    (void)state;
    static const char *const bodies[] = {"[]"};
    static const struct {
        const char *coins, *timeframe, *want;
    } cases[] = {
        {"ALL", "1m", "name them with --coins"}, {"fUSD", "1m", "funding"},
        {"BTCUSD", "1m", "begin with t"},        {"tBTCUSD", "2m", "1m, 5m, 15m"},
        {"tBTCUSD", "1w", "1m, 5m, 15m"},
    };
    struct asker asker;
    serve(&asker, bodies, 1);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bitfinex_bars_config config = config_of(&asker, cases[i].coins);
        config.timeframe = cases[i].timeframe;
        assert_null(bitfinex_bars_source_create(&config, &asker.error));
        assert_int_equal(asker.error.kind, ERROR_USAGE);
        if (strstr(asker.error.text, cases[i].want) == NULL) {
            fail_msg("%s", asker.error.text);
        }
    }
    release(&asker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(day_back_at_first_and_each_bar_a_minute_after_its_end),
        cmocka_unit_test(changed_bar_is_an_event_and_then_the_next_revision),
        cmocka_unit_test(bars_of_the_log_are_not_sent_again),
        cmocka_unit_test(unknown_coin_is_left_out_and_the_others_go_on),
        cmocka_unit_test(answer_of_any_other_kind_is_asked_for_again_after_its_wait),
        cmocka_unit_test(budget_holds_requests_back),
        cmocka_unit_test(what_cannot_be_asked_for_is_said_at_once),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
