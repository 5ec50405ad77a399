/* Routes, methods, headers, and the page's files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "fake_backend.h"
#include "wire.h"

static struct web_server *start(struct web_server_config config)
{
    struct error error = {0};
    config.listen = "127.0.0.1:0";
    struct web_server *server = web_server_create(&config, &error);
    assert_non_null(server);
    return server;
}

static int set_up(void **state)
{
    static struct fake fake;
    fake = (struct fake){0};
    *state = start((struct web_server_config){.backend = fake_backend(&fake)});
    return 0;
}

static int tear_down(void **state)
{
    web_server_destroy(*state);
    return 0;
}

static struct wire_answer ask(void **state, const char *method, const char *target,
                              const char *headers)
{
    return wire_ask(web_server_address(*state), method, target, headers);
}

static void expect_header(const struct wire_answer *answer, const char *name, const char *want)
{
    char value[512];
    assert_true(wire_header(answer, name, value, sizeof value));
    assert_string_equal(value, want);
}

static void every_answer_has_the_security_headers(void **state)
{
    static const char *const targets[] = {
        "/", "/assets/page.js", "/api/info", "/api/candles", "/metrics", "/healthz", "/nothing"};
    static const char *const methods[] = {"GET", "HEAD", "POST"};
    for (size_t t = 0; t < sizeof targets / sizeof targets[0]; ++t) {
        for (size_t m = 0; m < sizeof methods / sizeof methods[0]; ++m) {
            char policy[512];
            struct wire_answer answer = ask(state, methods[m], targets[t], "");
            expect_header(&answer, "X-Content-Type-Options", "nosniff");
            expect_header(&answer, "X-Frame-Options", "DENY");
            expect_header(&answer, "Referrer-Policy", "no-referrer");
            assert_true(wire_header(&answer, "Content-Security-Policy", policy, sizeof policy));
            assert_int_equal(strncmp(policy, "default-src 'self';", 19), 0);
            assert_null(strstr(policy, "unsafe"));
            assert_true(wire_header(&answer, "Cache-Control", policy, sizeof policy));
            wire_answer_free(&answer);
        }
    }
}

static void what_is_not_there_gives_404_json(void **state)
{
    static const char *const targets[] = {"/nothing",    "/api",     "/api/",
                                          "/api/info/",  "/assets/", "/assets/../server.c",
                                          "/index.html", "//"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; ++i) {
        struct wire_answer answer = ask(state, "GET", targets[i], "");
        assert_int_equal(answer.status, 404);
        expect_header(&answer, "Content-Type", "application/json");
        assert_int_equal(strncmp(answer.body, "{\"error\":\"there is no /", 22), 0);
        wire_answer_free(&answer);
    }
}

static void other_methods_give_405_and_say_what_is_allowed(void **state)
{
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS"};
    static const char *const targets[] = {"/", "/api/info", "/metrics", "/api/candles?coin=ab"};
    for (size_t m = 0; m < sizeof methods / sizeof methods[0]; ++m) {
        for (size_t t = 0; t < sizeof targets / sizeof targets[0]; ++t) {
            struct wire_answer answer = ask(state, methods[m], targets[t], "");
            assert_int_equal(answer.status, 405);
            expect_header(&answer, "Allow", "GET, HEAD");
            assert_non_null(strstr(answer.body, "takes GET and HEAD only"));
            wire_answer_free(&answer);
        }
    }
}

static void head_gives_the_headers_of_get_without_a_body(void **state)
{
    static const char *const targets[] = {"/", "/api/info", "/metrics", "/nothing",
                                          "/api/candles?coin=tBTCUSD"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; ++i) {
        char want[64];
        struct wire_answer whole = ask(state, "GET", targets[i], "");
        struct wire_answer head = ask(state, "HEAD", targets[i], "");
        assert_int_equal(head.status, whole.status);
        assert_int_equal(head.body_length, 0);
        assert_true(wire_header(&whole, "Content-Length", want, sizeof want));
        expect_header(&head, "Content-Length", want);
        assert_true(wire_header(&whole, "Content-Type", want, sizeof want));
        expect_header(&head, "Content-Type", want);
        wire_answer_free(&whole);
        wire_answer_free(&head);
    }
}

static void files_have_their_type_and_are_asked_about_again(void **state)
{
    static const struct {
        const char *path, *type, *holds;
    } cases[] = {
        {"/", "text/html; charset=utf-8", "<title>Candlewick</title>"},
        {"/assets/page.css", "text/css; charset=utf-8", "data-theme=dark"},
        {"/assets/boot.js", "text/javascript; charset=utf-8", "prefers-color-scheme"},
        {"/assets/page.js", "text/javascript; charset=utf-8", "Lightweight Charts"},
        {"/assets/lightweight-charts.LICENSE.txt", "text/plain; charset=utf-8", "Apache License"},
        {"/assets/NOTICE.txt", "text/plain; charset=utf-8", "TradingView"},
        {"/assets/icon.svg", "image/svg+xml", "<svg"},
        {"/favicon.ico", "image/svg+xml", "<svg"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct wire_answer answer = ask(state, "GET", cases[i].path, "");
        assert_int_equal(answer.status, 200);
        expect_header(&answer, "Content-Type", cases[i].type);
        expect_header(&answer, "Cache-Control", "no-cache");
        assert_non_null(strstr(answer.body, cases[i].holds));
        wire_answer_free(&answer);
    }
    struct wire_answer api = ask(state, "GET", "/api/info", "");
    expect_header(&api, "Cache-Control", "no-store");
    wire_answer_free(&api);
}

static void a_file_that_is_known_is_not_sent_again(void **state)
{
    char tag[64];
    char other[64];
    struct wire_answer first = ask(state, "GET", "/assets/page.js", "");
    assert_true(wire_header(&first, "ETag", tag, sizeof tag));
    wire_answer_free(&first);
    struct wire_answer page = ask(state, "GET", "/", "");
    assert_true(wire_header(&page, "ETag", other, sizeof other));
    assert_string_not_equal(tag, other);
    wire_answer_free(&page);
    const struct {
        const char *format;
        int want;
    } cases[] = {{"If-None-Match: %s\r\n", 304},
                 {"If-None-Match: \"x\", W/%s\r\n", 304},
                 {"If-None-Match: *%.0s\r\n", 304},
                 {"If-None-Match: \"%s\"\r\n", 200},
                 {"If-None-Match: \"0000000000000000\"%.0s\r\n", 200}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char header[128];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(header, sizeof header, cases[i].format, tag);
#pragma GCC diagnostic pop
        struct wire_answer answer = ask(state, "GET", "/assets/page.js", header);
        assert_int_equal(answer.status, cases[i].want);
        assert_int_equal(answer.body_length == 0, cases[i].want == 304);
        expect_header(&answer, "ETag", tag);
        wire_answer_free(&answer);
    }
}

/* Follows the links of the page and its style sheet: all must be served, none from elsewhere. */
static void check_links(void **state, const char *path, int depth)
{
    static const char *const starts[] = {"href=\"/", "src=\"/", "url(/"};
    struct wire_answer answer = ask(state, "GET", path, "");
    assert_int_equal(answer.status, 200);
    assert_null(strstr(answer.body, "<script>"));
    assert_null(strstr(answer.body, " style=\""));
    for (size_t i = 0; depth > 0 && i < sizeof starts / sizeof starts[0]; ++i) {
        const char *at = answer.body;
        while ((at = strstr(at, starts[i])) != NULL) {
            at += strlen(starts[i]);
            char link[128];
            (void)snprintf(link, sizeof link, "/%.*s", (int)strcspn(at, "\")"), at);
            check_links(state, link, depth - 1);
        }
    }
    wire_answer_free(&answer);
}

static void everything_that_the_page_links_to_is_served(void **state)
{
    check_links(state, "/", 3);
}

static void metrics_only_offers_nothing_else(void **state)
{
    (void)state;
    struct fake fake = {0};
    struct web_server *server =
        start((struct web_server_config){.backend = fake_backend(&fake), .metrics_only = true});
    static const struct {
        const char *target;
        int want;
    } cases[] = {{"/metrics", 200},  {"/healthz", 200},    {"/", 404},
                 {"/api/info", 404}, {"/api/events", 404}, {"/assets/page.js", 404}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct wire_answer answer =
            wire_ask(web_server_address(server), "GET", cases[i].target, "");
        assert_int_equal(answer.status, cases[i].want);
        wire_answer_free(&answer);
    }
    web_server_destroy(server);
}

static void functions_that_the_backend_lacks_give_404(void **state)
{
    (void)state;
    struct web_server *server = start((struct web_server_config){0});
    static const char *const targets[] = {"/api/info",
                                          "/api/coins",
                                          "/api/status",
                                          "/api/candles?coin=tBTCUSD",
                                          "/api/messages?partition=0",
                                          "/api/events",
                                          "/metrics",
                                          "/healthz"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; ++i) {
        struct wire_answer answer = wire_ask(web_server_address(server), "GET", targets[i], "");
        assert_int_equal(answer.status, 404);
        assert_non_null(strstr(answer.body, "is not offered by this process"));
        wire_answer_free(&answer);
    }
    web_server_destroy(server);
}

static void an_address_that_cannot_be_bound_is_an_error(void **state)
{
    struct error error = {0};
    struct web_server_config config = {.listen = web_server_address(*state)};
    assert_null(web_server_create(&config, &error));
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_non_null(strstr(error.text, config.listen));
    config.listen = "nowhere";
    assert_null(web_server_create(&config, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    web_server_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_answer_has_the_security_headers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_gives_404_json, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_methods_give_405_and_say_what_is_allowed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(head_gives_the_headers_of_get_without_a_body, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(files_have_their_type_and_are_asked_about_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_known_is_not_sent_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(everything_that_the_page_links_to_is_served, set_up,
                                        tear_down),
        cmocka_unit_test(metrics_only_offers_nothing_else),
        cmocka_unit_test(functions_that_the_backend_lacks_give_404),
        cmocka_unit_test_setup_teardown(an_address_that_cannot_be_bound_is_an_error, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
