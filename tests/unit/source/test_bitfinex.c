/* The Bitfinex source over real sockets: what it asks, what it makes of answers, how it goes on. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http/http_gzip.h"
#include "base/stop.h"
#include "bitfinex_asker.h"
#include "raw_server.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define ROW(symbol) "[\"" symbol "\",1,1,1,1,1,1,5,1,1,1]"

static void recorded_body_gives_all_trading_coins_each_time(void **state)
{
    (void)state;
    struct fake_exchange *exchange = start_fake((struct fake_exchange_config){0});
    struct asker asker = ask_at(fake_exchange_url(exchange), "ALL");
    for (int i = 1; i <= 2; ++i) {
        assert_int_equal(next(&asker), SOURCE_BATCH);
        assert_int_equal(asker.batch.count, 11);
        assert_int_equal(asker.counts.rows, 14 * i);
        assert_int_equal(asker.counts.rejected[ROW_FUNDING], 3 * i);
    }
    assert_string_equal(batch_ticks(&asker.batch)[4].symbol, "tDOGE:USD");
    assert_string_equal(batch_ticks(&asker.batch)[4].source, "bitfinex");
    release(&asker);
    asker = ask_at(fake_exchange_url(exchange), "tDOGE:USD,tBTCUSD");
    assert_int_equal(next(&asker), SOURCE_BATCH);
    assert_int_equal(asker.batch.count, 2);
    assert_int_equal(asker.counts.rows, 2);
    release(&asker);
    fake_exchange_destroy(exchange);
}

static void request_names_path_and_coins_on_one_kept_connection(void **state)
{
    (void)state;
    static const struct {
        const char *suffix;
        const char *coins;
        const char *want;
    } cases[] = {
        {"", "tBTCUSD, tDOGE:USD,tBTCUSD", "GET /v2/tickers?symbols=tBTCUSD,tDOGE:USD HTTP/1.1"},
        {"/", "all", "GET /v2/tickers?symbols=ALL HTTP/1.1"},
        {"/v2", "tBTCUSD", "GET /v2/tickers?symbols=tBTCUSD HTTP/1.1"},
        {"/v2/", "tBTCUSD", "GET /v2/tickers?symbols=tBTCUSD HTTP/1.1"},
        {"/proxy", "tBTCUSD", "GET /proxy/v2/tickers?symbols=tBTCUSD HTTP/1.1"},
    };
    const struct raw_answer answer = {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"};
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct raw_server *server = raw_server_create(&answer, 1);
        char url[100];
        (void)snprintf(url, sizeof url, "%s%s", raw_server_url(server), cases[i].suffix);
        struct asker asker = ask_at(url, cases[i].coins);
        for (int k = 0; k < 3; ++k) {
            assert_int_equal(next(&asker), SOURCE_BATCH);
            assert_int_equal(asker.batch.count, 0);
        }
        assert_int_equal(raw_server_requests(server), 3);
        assert_int_equal(raw_server_connections(server), 1);
        char *seen = raw_server_request(server, 0);
        if (strncmp(seen, cases[i].want, strlen(cases[i].want)) != 0) {
            fail_msg("%s", seen);
        }
        free(seen);
        release(&asker);
        raw_server_destroy(server);
    }
}

static void fault_of_each_kind_is_a_retry_and_the_next_answer_works(void **state)
{
    (void)state;
    struct fake_exchange *exchange = start_fake((struct fake_exchange_config){
        .faults = "429@1-3;500@4;maintenance@5;html@6;truncated@7;slow=200ms@8"});
    static const struct {
        int wait_ms;
        const char *text;
    } want[] = {
        {60000, "rate limit"}, {60000, "rate limit"}, {60000, "rate limit"}, {0, "unknown error"},
        {0, "maintenance"},    {0, "HTTP 502"},       {0, "broke"},
    };
    struct asker asker = ask_at(fake_exchange_url(exchange), "ALL");
    for (size_t i = 0; i < COUNT(want); ++i) {
        assert_int_equal(next(&asker), SOURCE_ERROR);
        if (asker.error.kind != ERROR_RETRY || asker.error.retry_after_ms != want[i].wait_ms ||
            strstr(asker.error.text, want[i].text) == NULL ||
            strstr(asker.error.text, fake_exchange_url(exchange)) == NULL) {
            fail_msg("%zu: \"%s\" %d", i, asker.error.text, asker.error.retry_after_ms);
        }
        assert_int_equal(asker.counts.rows, 0);
    }
    for (int i = 0; i < 2; ++i) {
        assert_int_equal(next(&asker), SOURCE_BATCH);
        assert_int_equal(asker.batch.count, 11);
    }
    release(&asker);
    fake_exchange_destroy(exchange);
}

static void wait_that_the_server_names_is_passed_on(void **state)
{
    (void)state;
    const struct raw_answer answers[] = {
        {.bytes = "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"},
        {.bytes = "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"},
        {.bytes = "HTTP/1.1 429 Slow\r\nRetry-After: 90\r\nContent-Length: 0\r\n\r\n"},
        {.bytes =
             "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"},
        {.bytes = "HTTP/1.1 429 Slow\r\nContent-Length: 9\r\n\r\nhalf", .end = RAW_CLOSE},
        {.bytes = "HTTP/1.1 429 Slow\r\nRetry-After: 90\r\nContent-Length: 9\r\n\r\nhalf",
         .end = RAW_CLOSE},
        {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .end = RAW_CLOSE},
    };
    static const int want_ms[] = {7000, 60000, 90000, 0, 60000, 90000, 0};
    struct raw_server *server = raw_server_create(answers, COUNT(answers));
    struct asker asker = ask_at(raw_server_url(server), "tBTCUSD");
    for (size_t i = 0; i < COUNT(want_ms); ++i) {
        assert_int_equal(next(&asker), SOURCE_ERROR);
        assert_int_equal(asker.error.kind, ERROR_RETRY);
        assert_int_equal(asker.error.retry_after_ms, want_ms[i]);
    }
    release(&asker);
    raw_server_destroy(server);
}

static void redirect_is_told_with_its_target_and_the_remedy(void **state)
{
    (void)state;
    const struct raw_answer moved = {
        .bytes = "HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: "
                 "https://me:hunter2@new.example/v2/tickers?symbols=tBTCUSD\r\n\r\n"};
    struct raw_server *server = raw_server_create(&moved, 1);
    struct asker asker = ask_at(raw_server_url(server), "tBTCUSD");
    assert_int_equal(next(&asker), SOURCE_ERROR);
    assert_non_null(strstr(asker.error.text, "answered 301, a redirect to https://new.example: "
                                             "name its target with --exchange-url"));
    release(&asker);
    struct error error = {0};
    const struct bitfinex_config config = {.base_url = raw_server_url(server)};
    assert_false(bitfinex_reachable(&config, &error));
    assert_non_null(strstr(error.text, "name its target with --exchange-url"));
    assert_null(strstr(error.text, "hunter2"));
    raw_server_destroy(server);
}

static void body_over_four_mib_is_refused_packed_or_not(void **state)
{
    (void)state;
    enum { SIZE = (4 << 20) + 1 };
    char *body = malloc(SIZE);
    assert_non_null(body);
    memset(body, ' ', SIZE);
    memcpy(body, "[" ROW("tBTCUSD") "]", strlen("[" ROW("tBTCUSD") "]"));
    for (int packed = 0; packed < 2; ++packed) {
        for (int over = 0; over < 2; ++over) {
            struct strbuf bytes = strbuf_new(16 << 20);
            struct strbuf zipped = strbuf_new(16 << 20);
            struct str plain = {body, SIZE - 1 + (size_t)over};
            assert_true(http_gzip(plain, &zipped));
            struct str sent = packed ? strbuf_str(&zipped) : plain;
            strbuf_append_format(&bytes, "HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n",
                                 packed ? "Content-Encoding: gzip\r\n" : "", sent.length);
            strbuf_append_str(&bytes, sent);
            const struct raw_answer answer = {.bytes = bytes.data, .length = bytes.length};
            struct raw_server *server = raw_server_create(&answer, 1);
            struct asker asker = ask_at(raw_server_url(server), "tBTCUSD");
            assert_int_equal(next(&asker), over ? SOURCE_ERROR : SOURCE_BATCH);
            assert_int_equal(asker.batch.count, !over);
            assert_true(!over || asker.error.kind == ERROR_RETRY);
            release(&asker);
            raw_server_destroy(server);
            strbuf_free(&bytes);
            strbuf_free(&zipped);
        }
    }
    free(body);
}

static void reachable_is_what_the_platform_says(void **state)
{
    (void)state;
    static const struct {
        const char *suffix;
        const char *answer;
        bool want;
    } cases[] = {
        {"", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]", true},
        {"/v2", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[1]\n", true},
        {"", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[0]", false},
        {"", "HTTP/1.1 503 Busy\r\nContent-Length: 3\r\n\r\n[1]", false},
        {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1]", false},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        const struct raw_answer answer = {.bytes = cases[i].answer, .end = RAW_CLOSE};
        struct raw_server *server = raw_server_create(&answer, 1);
        char url[100];
        (void)snprintf(url, sizeof url, "http://ann:s3cret@%s%s",
                       raw_server_url(server) + strlen("http://"), cases[i].suffix);
        struct error error = {0};
        bool reachable = bitfinex_reachable(&(struct bitfinex_config){.base_url = url}, &error);
        assert_int_equal(reachable, cases[i].want);
        assert_null(strstr(error.text, "s3cret"));
        char *seen = raw_server_request(server, 0);
        assert_memory_equal(seen, "GET /v2/platform/status HTTP/1.1", 32);
        free(seen);
        raw_server_destroy(server);
    }
}

static void *request_stop_soon(void *context)
{
    (void)usleep(100000);
    stop_request(context);
    return NULL;
}

static void stop_ends_a_request_that_hangs(void **state)
{
    (void)state;
    const struct raw_answer silence = {.end = RAW_HANG};
    struct raw_server *server = raw_server_create(&silence, 1);
    struct asker asker = {0};
    struct stop *stop = stop_create(&asker.error);
    assert_non_null(stop);
    asker.source = bitfinex_source_create(
        &(struct bitfinex_config){
            .base_url = raw_server_url(server), .coins = "tBTCUSD", .stop = stop},
        &asker.error);
    assert_non_null(asker.source);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, request_stop_soon, stop), 0);
    int64_t start_ns = clock_monotonic_ns();
    assert_int_equal(next(&asker), SOURCE_ERROR);
    assert_true(clock_monotonic_ns() - start_ns < 5 * NS_PER_SECOND);
    assert_int_equal(asker.error.kind, ERROR_RETRY);
    assert_int_equal(pthread_join(thread, NULL), 0);
    release(&asker);
    stop_destroy(stop);
    raw_server_destroy(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_body_gives_all_trading_coins_each_time),
        cmocka_unit_test(request_names_path_and_coins_on_one_kept_connection),
        cmocka_unit_test(fault_of_each_kind_is_a_retry_and_the_next_answer_works),
        cmocka_unit_test(wait_that_the_server_names_is_passed_on),
        cmocka_unit_test(redirect_is_told_with_its_target_and_the_remedy),
        cmocka_unit_test(body_over_four_mib_is_refused_packed_or_not),
        cmocka_unit_test(reachable_is_what_the_platform_says),
        cmocka_unit_test(stop_ends_a_request_that_hangs),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
