/* Several addresses of one registry: which one is asked after what the others answered. */
#include "registry/client/endpoints.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "raw_server.h"

#define HTTP(status, body) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body
#define AWAY "http://127.0.0.1:1"

enum { BODY_LIMIT = 1000 };

static const struct raw_answer good = {.bytes = HTTP("200 OK", "good"), .end = RAW_CLOSE};

static struct endpoints *create(const char *first, const char *second, struct stop *stop)
{
    char list[200];
    (void)snprintf(list, sizeof list, "%s, %s", first, second);
    struct http_client_config config = {
        .base_url = list, .timeout_ms = 5000, .body_limit_bytes = BODY_LIMIT, .stop = stop};
    struct error error = {0};
    struct endpoints *endpoints = endpoints_create(&config, &error);
    if (endpoints == NULL) {
        fail_msg("%s", error.text);
    }
    return endpoints;
}

static bool get(struct endpoints *endpoints, struct http_response *response, struct error *error)
{
    *error = (struct error){0};
    return endpoints_send(endpoints, &(struct http_request){.path = "/x"}, response, error);
}

static void next_address_is_asked_only_when_one_fails(void **state)
{
    (void)state;
    char large[BODY_LIMIT + 200] = HTTP("200 OK", "");
    (void)memset(large + strlen(large), 'x', BODY_LIMIT + 10);
    const struct {
        struct raw_answer first;
        bool fails;
    } cases[] = {
        {{.bytes = HTTP("500 Oops", ""), .end = RAW_CLOSE}, true},
        {{.bytes = HTTP("503 Away", "busy"), .end = RAW_CLOSE}, true},
        {{.end = RAW_RESET}, true},
        {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha", .end = RAW_CLOSE}, true},
        {{.bytes = "SSH-2.0\r\n", .end = RAW_CLOSE}, true},
        {{.bytes = HTTP("200 OK", "own"), .end = RAW_CLOSE}, false},
        {{.bytes = HTTP("302 Found", ""), .end = RAW_CLOSE}, false},
        {{.bytes = HTTP("401 Who", ""), .end = RAW_CLOSE}, false},
        {{.bytes = HTTP("404 Not Found", ""), .end = RAW_CLOSE}, false},
        {{.bytes = HTTP("409 Conflict", ""), .end = RAW_CLOSE}, false},
        {{.bytes = HTTP("422 Bad", ""), .end = RAW_CLOSE}, false},
        {{.bytes = HTTP("429 Slow", ""), .end = RAW_CLOSE}, false},
        {{.bytes = large, .end = RAW_CLOSE}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct raw_server *first = raw_server_create(&cases[i].first, 1);
        struct raw_server *second = raw_server_create(&good, 1);
        struct endpoints *endpoints = create(raw_server_url(first), raw_server_url(second), NULL);
        struct http_response response = {0};
        struct error error;
        for (int times = 0; times < 2; times++) {
            bool answered = get(endpoints, &response, &error);
            bool by_second = answered && strcmp(strbuf_text(&response.body), "good") == 0;
            if (by_second != cases[i].fails) {
                fail_msg("case %zu: %ld, \"%s\"", i, response.status, error.text);
            }
        }
        /* who answered is asked again first */
        assert_int_equal(raw_server_requests(first), cases[i].fails ? 1 : 2);
        assert_int_equal(raw_server_requests(second), cases[i].fails ? 2 : 0);
        http_response_free(&response);
        endpoints_destroy(endpoints);
        raw_server_destroy(first);
        raw_server_destroy(second);
    }
}

static void one_that_fails_later_gives_way_to_the_first(void **state)
{
    (void)state;
    const struct raw_answer first_answers[] = {{.bytes = HTTP("503 Away", ""), .end = RAW_CLOSE},
                                               good};
    const struct raw_answer second_answers[] = {good, {.end = RAW_RESET}};
    struct raw_server *first = raw_server_create(first_answers, 2);
    struct raw_server *second = raw_server_create(second_answers, 2);
    struct endpoints *endpoints = create(raw_server_url(first), raw_server_url(second), NULL);
    struct http_response response = {0};
    struct error error;
    assert_true(get(endpoints, &response, &error));
    assert_string_equal(endpoints_url(endpoints), raw_server_url(second));
    assert_true(get(endpoints, &response, &error));
    assert_int_equal(response.status, 200);
    assert_string_equal(endpoints_url(endpoints), raw_server_url(first));
    http_response_free(&response);
    endpoints_destroy(endpoints);
    raw_server_destroy(first);
    raw_server_destroy(second);
}

static void when_all_fail_the_last_one_tells(void **state)
{
    (void)state;
    const struct raw_answer busy = {.bytes = HTTP("503 Away", "busy"), .end = RAW_CLOSE};
    struct raw_server *server = raw_server_create(&busy, 1);
    struct http_response response = {0};
    struct error error;
    struct endpoints *endpoints = create(AWAY, raw_server_url(server), NULL);
    assert_true(get(endpoints, &response, &error));
    assert_int_equal(response.status, 503);
    assert_string_equal(strbuf_text(&response.body), "busy");
    endpoints_destroy(endpoints);
    endpoints = create(raw_server_url(server), AWAY, NULL);
    assert_false(get(endpoints, &response, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "GET " AWAY "/x: cannot connect"));
    http_response_free(&response);
    endpoints_destroy(endpoints);
    raw_server_destroy(server);
}

/* Silent ones share the time of one question: the first has most of it, each a fifth at least. */
static void silent_addresses_share_one_time_out(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        int64_t most_ms;
    } cases[] = {{1, 1800}, {2, 1800}, {4, 2500}, {8, 4000}};
    const struct raw_answer silence = {.end = RAW_HANG};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct raw_server *servers[8];
        struct strbuf list = strbuf_new(1000);
        for (size_t k = 0; k < cases[i].count; k++) {
            servers[k] = raw_server_create(&silence, 1);
            strbuf_append_format(&list, "%s%s", k > 0 ? "," : "", raw_server_url(servers[k]));
        }
        struct http_client_config config = {.base_url = strbuf_text(&list), .timeout_ms = 1000};
        struct http_response response = {0};
        struct error error = {0};
        struct endpoints *endpoints = endpoints_create(&config, &error);
        assert_non_null(endpoints);
        int64_t begin_ns = clock_monotonic_ns();
        assert_false(get(endpoints, &response, &error));
        int64_t took_ms = (clock_monotonic_ns() - begin_ns) / NS_PER_MS;
        if (took_ms < 900 || took_ms > cases[i].most_ms) {
            fail_msg("%zu silent addresses: %lld ms", cases[i].count, (long long)took_ms);
        }
        for (size_t k = 0; k < cases[i].count; k++) {
            assert_int_equal(raw_server_requests(servers[k]), 1);
            raw_server_destroy(servers[k]);
        }
        http_response_free(&response);
        endpoints_destroy(endpoints);
        strbuf_free(&list);
    }
}

static void stop_ends_the_round(void **state)
{
    (void)state;
    struct error error = {0};
    struct stop *stop = stop_create(&error);
    assert_non_null(stop);
    struct raw_server *second = raw_server_create(&good, 1);
    struct endpoints *endpoints = create(AWAY, raw_server_url(second), stop);
    struct http_response response = {0};
    stop_request(stop);
    assert_false(get(endpoints, &response, &error));
    assert_int_equal(raw_server_connections(second), 0);
    http_response_free(&response);
    endpoints_destroy(endpoints);
    raw_server_destroy(second);
    stop_destroy(stop);
}

static void redirect_is_named_without_its_secrets(void **state)
{
    (void)state;
    static const struct {
        const char *location;
        const char *want;
    } cases[] = {
        {"Location: https://me:hunter2@other.example:8443/sr/;t=hunter2?token=hunter2#hunter2\r\n",
         "a redirect to https://other.example:8443/sr/: name its target with --registry"},
        {"Location: /log-in?back=hunter2\r\n", "/log-in: name its target"},
        {"Location: //other.example/x\r\n", "a redirect to http://other.example: name"},
        {"", "a redirect to nowhere"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char bytes[300];
        (void)snprintf(bytes, sizeof bytes, "HTTP/1.1 307 Elsewhere\r\n%sContent-Length: 0\r\n\r\n",
                       cases[i].location);
        const struct raw_answer answer = {.bytes = bytes, .end = RAW_CLOSE};
        struct raw_server *first = raw_server_create(&answer, 1);
        struct raw_server *second = raw_server_create(&good, 1);
        struct endpoints *endpoints = create(raw_server_url(first), raw_server_url(second), NULL);
        struct http_response response = {0};
        struct error error;
        assert_false(get(endpoints, &response, &error));
        assert_int_equal(error.kind, ERROR_RETRY);
        if (strstr(error.text, " answered 307, ") == NULL ||
            strstr(error.text, cases[i].want) == NULL || strstr(error.text, "hunter2") != NULL) {
            fail_msg("case %zu: \"%s\"", i, error.text);
        }
        http_response_free(&response);
        endpoints_destroy(endpoints);
        raw_server_destroy(first);
        raw_server_destroy(second);
    }
}

static void list_with_something_else_in_it_is_refused(void **state)
{
    (void)state;
    static const char *const lists[] = {"",
                                        ",",
                                        "http://a,",
                                        ",http://a",
                                        "http://a,,http://b",
                                        "http://a,ftp://b",
                                        "http://a,b:8081"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct error error = {0};
        assert_null(endpoints_create(&(struct http_client_config){.base_url = lists[i]}, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_null(endpoints_create(&(struct http_client_config){.base_url = lists[i]}, NULL));
    }
    endpoints_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_address_is_asked_only_when_one_fails),
        cmocka_unit_test(one_that_fails_later_gives_way_to_the_first),
        cmocka_unit_test(when_all_fail_the_last_one_tells),
        cmocka_unit_test(silent_addresses_share_one_time_out),
        cmocka_unit_test(stop_ends_the_round),
        cmocka_unit_test(redirect_is_named_without_its_secrets),
        cmocka_unit_test(list_with_something_else_in_it_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
