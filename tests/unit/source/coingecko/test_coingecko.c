/* CoinGecko: what its answers mean, what is sent once, and what is asked for. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "raw_server.h"
#include "record/ticker.h"
#include "source/coingecko/coingecko_markets.h"
#include "source/sources.h"
#include "support.h"

#define RECORDED FIXTURES "/../../../shared/data/"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROW(id, price, cap, more)                                                                  \
    "{\"id\":\"" id "\",\"symbol\":\"btc\",\"current_price\":" price ",\"market_cap\":" cap more   \
    ",\"total_volume\":34510847569,\"high_24h\":47081,\"low_24h\":42467.5,\"price_change_24h\":"   \
    "-3491.003258121382,\"price_change_percentage_24h\":-7.51203,\"roi\":null,\"last_updated\":"   \
    "\"2022-01-06T06:54:36.248Z\"}"
#define TIME_NS (INT64_C(1641452076248) * NS_PER_MS)

static bool read_body(long status, const char *body, struct source_batch *batch,
                      struct row_counts *counts, struct error *error)
{
    const struct service_answer answer = {.status = status, .body = str_from(body)};
    struct service_refusal refusal;
    *batch = (struct source_batch){.count = 0};
    *counts = (struct row_counts){.rows = 0};
    *error = (struct error){0};
    return coingecko_markets_read(&answer, NULL, batch, counts, &refusal, error);
}

static void row_is_a_tick_of_its_own_time(void **state)
{
    (void)state;
    struct source_batch batch;
    struct row_counts counts;
    struct error error;
    assert_true(read_body(200, "[" ROW("bitcoin", "42981", "815292625876", "") "]", &batch, &counts,
                          &error));
    assert_int_equal(batch.count, 1);
    assert_true(batch.has_time);
    const struct ticker *tick = source_batch_at(&batch, 0);
    assert_string_equal(tick->symbol, "cg:bitcoin");
    assert_string_equal(tick->source, "coingecko");
    assert_int_equal(tick->event_time_ns, TIME_NS);
    assert_int_equal(tick->seq, 0);
    assert_int_equal(tick->run_id, 0);
    assert_true(tick->last_price == 42981 && tick->figures[TICKER_MARKET_CAP] == 815292625876.0);
    assert_true(tick->figures[TICKER_DAILY_CHANGE] == -3491.003258121382);
    assert_true(tick->figures[TICKER_DAILY_CHANGE_RELATIVE] == -7.51203 / 100);
    assert_true(tick->figures[TICKER_HIGH] == 47081 && tick->figures[TICKER_LOW] == 42467.5);
    assert_true(tick->has[TICKER_VOLUME] && !tick->has[TICKER_BID]);
    source_batch_free(&batch);
}

static void rows_are_ticks_or_counted_with_their_fault(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        enum row_fault want;
        bool has_cap;
    } cases[] = {
        {ROW("bitcoin", "2.993e-05", "1", ""), ROW_FAULTS, true},
        {ROW("bitcoin", "1", "0", ""), ROW_FAULTS, false},
        {ROW("bitcoin", "1", "null", ""), ROW_FAULTS, false},
        {ROW("bitcoin", "1", "\"5\"", ""), ROW_BAD_FIGURE, false},
        {ROW("bitcoin", "null", "1", ""), ROW_BAD_PRICE, false},
        {ROW("bitcoin", "0", "1", ""), ROW_BAD_PRICE, false},
        {ROW("bitcoin", "-1", "1", ""), ROW_BAD_PRICE, false},
        {ROW("", "1", "1", ""), ROW_BAD_SYMBOL, false},
        {ROW("b c", "1", "1", ""), ROW_BAD_SYMBOL, false},
        {ROW("\xC3\xA4", "1", "1", ""), ROW_BAD_SYMBOL, false},
        {"{\"id\":\"a\",\"current_price\":1,\"last_updated\":null}", ROW_BAD_TIME, false},
        {"{\"id\":\"a\",\"current_price\":1,\"last_updated\":\"soon\"}", ROW_BAD_TIME, false},
        {"{\"id\":\"a\",\"current_price\":1,\"last_updated\":\"2022-01-06T06:54:36Z\"}", ROW_FAULTS,
         false},
        {"{\"id\":7}", ROW_BAD_SYMBOL, false},
        {ROW("bit\\u0000coin", "1", "1", ""), ROW_BAD_SYMBOL, false},
        /* What is not read does not matter. */
        {ROW("bitcoin", "1", "1", ",\"max_supply\":12345678901234567890"), ROW_FAULTS, true},
        {ROW("bitcoin", "1", "1", ",\"name\":\"a\\u0000b\""), ROW_FAULTS, true},
        {"[]", ROW_BAD_SHAPE, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct source_batch batch;
        struct row_counts counts;
        struct error error;
        struct strbuf body = strbuf_new(4096);
        strbuf_append_format(&body, "[%s]", cases[i].row);
        assert_true(read_body(200, strbuf_text(&body), &batch, &counts, &error));
        assert_int_equal(counts.rows, 1);
        assert_int_equal(batch.count, cases[i].want == ROW_FAULTS);
        assert_true(cases[i].want == ROW_FAULTS || counts.rejected[cases[i].want] == 1);
        const struct ticker *tick = batch.count > 0 ? source_batch_at(&batch, 0) : NULL;
        assert_true(tick == NULL || tick->has[TICKER_MARKET_CAP] == cases[i].has_cap);
        assert_true(tick == NULL || ticker_check(tick) == TICKER_OK);
        source_batch_free(&batch);
        strbuf_free(&body);
    }
}

static void answers_without_rows_say_what_to_do(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *body;
        int wait_ms;
        const char *text;
    } cases[] = {
        {429, "{\"status\":{\"error_code\":429,\"error_message\":\"You've exceeded\"}}", 60000,
         "rate limit (HTTP 429): waiting 60 s; without a key"},
        {429, "<!DOCTYPE html>", 60000, "rate limit"},
        {401, "{\"error\":{\"status\":{\"error_code\":10012,\"error_message\":\"range\"}}}", 0,
         "no data older than 365 days"},
        {401, "{\"status\":{\"error_code\":10002,\"error_message\":\"no\"}}", 0,
         "a key is needed there"},
        {400, "{\"error_code\":10011,\"status\":\"no\"}", 0, "a Pro key goes with --coingecko-url"},
        {404, "{\"error\":\"coin not found\"}", 0, "coin not found"},
        {200, "{}", 0, "error 0 (HTTP 200)"},
        {200, "<html>", 0, "an HTML page"},
        {200, "", 0, "empty"},
        {403, "", 0, "see --coingecko-key-file"},
        {502, "<html>", 0, "HTTP 502: CoinGecko is away"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct source_batch batch;
        struct row_counts counts;
        struct error error;
        assert_false(read_body(cases[i].status, cases[i].body, &batch, &counts, &error));
        assert_int_equal(error.kind, ERROR_RETRY);
        assert_int_equal(error.retry_after_ms, cases[i].wait_ms);
        if (strstr(error.text, cases[i].text) == NULL) {
            fail_msg("%s", error.text);
        }
        source_batch_free(&batch);
    }
}

static void longest_wait_is_told(void **state)
{
    (void)state;
    const struct service_answer answer = {.status = 429, .retry_after_ms = INT_MAX};
    struct service_refusal refusal;
    struct source_batch batch = {.count = 0};
    struct row_counts counts = {0};
    struct error error = {0};
    assert_false(coingecko_markets_read(&answer, NULL, &batch, &counts, &refusal, &error));
    assert_int_equal(error.retry_after_ms, INT_MAX);
    assert_non_null(strstr(error.text, "waiting 2147484 s"));
    source_batch_free(&batch);
}

static void recorded_answers_balance(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        long status;
        size_t ticks; /* 0: it is an error */
    } cases[] = {
        {"coingecko/coins_markets_2023-01.json", 200, 5},
        {"coingecko/coins_markets_usd_2022-01.json", 200, 53},
        {"errors/coingecko_401_beyond_365_days.json", 401, 0},
        {"errors/coingecko_429_status_object.json", 429, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct source_batch batch;
        struct row_counts counts;
        struct error error;
        char path[512];
        (void)snprintf(path, sizeof path, RECORDED "%s", cases[i].name);
        char *text = support_read_file(path, &(size_t){0});
        if (text == NULL) {
            skip();
        }
        assert_int_equal(read_body(cases[i].status, text, &batch, &counts, &error),
                         cases[i].ticks > 0);
        assert_int_equal(batch.count, cases[i].ticks);
        assert_int_equal(counts.rows, cases[i].ticks);
        source_batch_free(&batch);
        free(text);
    }
}

static struct source *open_source(const struct raw_server *server, const char *key_file,
                                  struct stop *stop)
{
    struct error error = {0};
    const struct coingecko_config config = {.base_url = raw_server_url(server),
                                            .coins = "cg:bitcoin,cg:ethereum",
                                            .key_file = key_file,
                                            .interval_ns = 20 * NS_PER_MS,
                                            .requests_per_minute = 60000,
                                            .stop = stop};
    struct source *source = coingecko_source_create(&config, &error);
    if (source == NULL) {
        fail_msg("%s", error.text);
    }
    return source;
}

/* Calls `next` until it has asked and answered. */
static void ask(struct source *source, struct source_batch *batch, struct row_counts *counts,
                struct raw_server *server)
{
    struct error error = {0};
    size_t before = raw_server_requests(server);
    do {
        assert_int_equal(source->next(source->state, batch, counts, &error), SOURCE_BATCH);
    } while (raw_server_requests(server) == before);
}

/* A server whose two answers have these bodies. */
struct served {
    struct strbuf texts[2];
    struct raw_answer answers[2];
    struct raw_server *server;
};

static void serve(struct served *served, const char *first, const char *second)
{
    const char *const bodies[] = {first, second};
    for (size_t i = 0; i < 2; i++) {
        served->texts[i] = strbuf_new(4096);
        strbuf_append_format(&served->texts[i], "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
                             strlen(bodies[i]), bodies[i]);
        served->answers[i] = (struct raw_answer){.bytes = strbuf_text(&served->texts[i])};
    }
    served->server = raw_server_create(served->answers, 2);
}

static void serve_no_more(struct served *served)
{
    raw_server_destroy(served->server);
    strbuf_free(&served->texts[0]);
    strbuf_free(&served->texts[1]);
}

static void time_that_was_sent_is_not_sent_again(void **state)
{
    (void)state;
    static const char body[] =
        "[" ROW("bitcoin", "1", "1", "") "," ROW("ethereum", "2", "1", "") "]";
    static const char changed[] =
        "[" ROW("bitcoin", "1.5", "1", "") "," ROW("dogecoin", "2", "1", "") "]";
    struct served served;
    serve(&served, body, changed);
    struct raw_server *server = served.server;
    struct error error = {0};
    struct stop *stop = stop_create(&error);
    struct source *source = open_source(server, NULL, stop);
    struct source_batch batch = {.count = 0};
    struct row_counts counts = {0};
    struct ticker known = {
        .symbol = "cg:ethereum", .source = "coingecko", .event_time_ns = TIME_NS};
    assert_true(source->own_times);
    assert_true(source->tell(source->state, &ticker_kind, &known, NULL));
    ask(source, &batch, &counts, server);
    assert_int_equal(batch.count, 1); /* ethereum's time is in the log */
    assert_int_equal(counts.rejected[ROW_REPEAT_CHANGED], 1);
    ask(source, &batch, &counts, server);
    assert_int_equal(batch.count, 0);
    assert_int_equal(counts.rejected[ROW_REPEAT_CHANGED], 2);
    assert_int_equal(counts.rejected[ROW_UNKNOWN_COIN], 1);
    assert_int_equal(counts.rows, 4);
    assert_int_equal(counts.records, 1);
    char *request = raw_server_request(server, 0);
    assert_non_null(strstr(request, "GET /coins/markets?vs_currency=usd&order=market_cap_desc&"
                                    "per_page=250&page=1&precision=full&ids=bitcoin,ethereum "));
    assert_null(strstr(request, "api-key"));
    free(request);
    source_destroy(source);
    stop_destroy(stop);
    source_batch_free(&batch);
    serve_no_more(&served);
}

/* A tick of the future would be no tick for the members, and the right ones after it too early. */
static void time_that_cannot_be_yet_is_not_sent(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "[{\"id\":\"bitcoin\",\"current_price\":1,\"last_updated\":\"2160-01-01T00:00:00Z\"}]",
        "[{\"id\":\"bitcoin\",\"current_price\":1,\"last_updated\":\"2026-01-01T00:00:00Z\"}]"};
    struct served served;
    serve(&served, bodies[0], bodies[1]);
    struct raw_server *server = served.server;
    struct error error = {0};
    struct stop *stop = stop_create(&error);
    struct source *source = open_source(server, NULL, stop);
    struct source_batch batch = {.count = 0};
    struct row_counts counts = {0};
    ask(source, &batch, &counts, server);
    assert_int_equal(batch.count, 0);
    assert_int_equal(counts.rejected[ROW_BAD_TIME], 1);
    ask(source, &batch, &counts, server);
    assert_int_equal(batch.count, 1);
    source_destroy(source);
    stop_destroy(stop);
    source_batch_free(&batch);
    serve_no_more(&served);
}

static void key_is_sent_in_its_header(void **state)
{
    (void)state;
    char folder[128], path[160];
    support_make_folder(folder, sizeof folder);
    (void)snprintf(path, sizeof path, "%s/key", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs("CG-secret\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
    struct raw_answer answer = {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"};
    struct raw_server *server = raw_server_create(&answer, 1);
    struct error error = {0};
    struct stop *stop = stop_create(&error);
    struct source *source = open_source(server, path, stop);
    struct source_batch batch = {.count = 0};
    struct row_counts counts = {0};
    ask(source, &batch, &counts, server);
    char *request = raw_server_request(server, 0);
    assert_non_null(strstr(request, "x-cg-demo-api-key: CG-secret\r\n"));
    free(request);
    source_destroy(source);
    stop_destroy(stop);
    source_batch_free(&batch);
    raw_server_destroy(server);
    support_remove_folder(folder);
}

static void what_cannot_be_followed_is_refused_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *coins, *key_file;
        int64_t interval_s;
        const char *want;
    } cases[] = {
        {"tBTCUSD", NULL, 120, "tBTCUSD is no coin of CoinGecko"},
        {"cg:", NULL, 120, "cg: is no coin of CoinGecko"},
        {"ALL", NULL, 119, "--poll-interval coingecko=119s: 2m at least: without a key"},
        {"ALL", "/nowhere", 59,
         "--poll-interval coingecko=59s: 1m at least: CoinGecko's answers are the same"},
        {"ALL", "/nowhere", 60, "/nowhere"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error error = {0};
        const struct coingecko_config config = {.base_url = "https://service.example",
                                                .coins = cases[i].coins,
                                                .key_file = cases[i].key_file,
                                                .requests_per_minute = 30,
                                                .interval_ns = cases[i].interval_s * NS_PER_SECOND};
        assert_null(coingecko_source_create(&config, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        if (strstr(error.text, cases[i].want) == NULL) {
            fail_msg("%s", error.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_is_a_tick_of_its_own_time),
        cmocka_unit_test(rows_are_ticks_or_counted_with_their_fault),
        cmocka_unit_test(answers_without_rows_say_what_to_do),
        cmocka_unit_test(longest_wait_is_told),
        cmocka_unit_test(recorded_answers_balance),
        cmocka_unit_test(time_that_was_sent_is_not_sent_again),
        cmocka_unit_test(time_that_cannot_be_yet_is_not_sent),
        cmocka_unit_test(key_is_sent_in_its_header),
        cmocka_unit_test(what_cannot_be_followed_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
