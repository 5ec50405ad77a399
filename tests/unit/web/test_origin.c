/* Who may start a proof: only the page itself, over a real socket too. */
#include "web/origin.h"

#include <string.h>

#include "cmocka_all.h"
#include "fake_backend.h"
#include "wire.h"

static void only_the_asked_host_is_our_own_origin(void **state)
{
    (void)state;
    static const struct {
        const char *origin, *host, *site;
        bool want;
    } cases[] = {
        {"http://127.0.0.1:8080", "127.0.0.1:8080", "same-origin", true},
        {"http://127.0.0.1:8080", "127.0.0.1:8080", NULL, true}, /* an older browser */
        {"http://localhost:8080", "localhost:8080", "same-origin", true},
        {"http://LOCALHOST:8080", "localhost:8080", "same-origin", true},
        {"http://[::1]:8080", "[::1]:8080", "same-origin", true},
        {"https://candles.example", "candles.example", "same-origin", true},
        {NULL, "127.0.0.1:8080", "same-origin", false},
        {NULL, "127.0.0.1:8080", NULL, false},
        {"", "127.0.0.1:8080", NULL, false},
        {"null", "127.0.0.1:8080", NULL, false}, /* a sandboxed frame, a file */
        {"null", "null", NULL, false},
        {"http://evil.example", "127.0.0.1:8080", "cross-site", false},
        {"http://evil.example", "127.0.0.1:8080", NULL, false},
        {"http://127.0.0.1:8081", "127.0.0.1:8080", "same-site", false},
        {"http://127.0.0.1", "127.0.0.1:8080", NULL, false},
        {"http://127.0.0.1:80800", "127.0.0.1:8080", NULL, false},
        {"http://127.0.0.1:8080.evil.example", "127.0.0.1:8080", NULL, false},
        {"http://evil.example/127.0.0.1:8080", "127.0.0.1:8080", NULL, false},
        {"http://a@127.0.0.1:8080", "127.0.0.1:8080", NULL, false},
        {"http://127.0.0.1:8080/", "127.0.0.1:8080", NULL, false},
        {"http://127.0.0.1:8080 http://evil.example", "127.0.0.1:8080", NULL, false},
        {"http://localhost:8080", "127.0.0.1:8080", NULL, false},
        {"file://127.0.0.1:8080", "127.0.0.1:8080", NULL, false},
        {"127.0.0.1:8080", "127.0.0.1:8080", NULL, false},
        {"http://", "", NULL, false},
        {"http://", NULL, NULL, false},
        {"http://127.0.0.1:8080", NULL, NULL, false},
        {"http://127.0.0.1:8080", "127.0.0.1:8080", "same-site", false},
        {"http://127.0.0.1:8080", "127.0.0.1:8080", "cross-site", false},
        {"http://127.0.0.1:8080", "127.0.0.1:8080", "none", false},
        {"http://127.0.0.1:8080", "127.0.0.1:8080", "", false},
        {"http://127.0.0.1:8080", "127.0.0.1:8080", "same-origin, cross-site", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        if (origin_is_own(cases[i].origin, cases[i].host, cases[i].site) != cases[i].want) {
            fail_msg("case %zu: %s at %s", i, cases[i].origin, cases[i].host);
        }
    }
}

struct fixture {
    struct fake fake;
    struct web_server *server;
    const char *address;
};

static void start(struct fixture *fixture, bool offers)
{
    struct error error = {0};
    struct web_server_config config = {.listen = "127.0.0.1:0",
                                       .backend = fake_backend(&fixture->fake)};
    if (!offers) {
        config.backend.verify = NULL;
        config.backend.verify_start = NULL;
    }
    fixture->server = web_server_create(&config, &error);
    assert_non_null(fixture->server);
    fixture->address = web_server_address(fixture->server);
}

/* wire_ask() asks the host "localhost". */
#define OWN_ORIGIN "Origin: http://localhost\r\n"

static struct wire_answer post(const struct fixture *fixture, const char *headers)
{
    return wire_ask(fixture->address, "POST", "/api/verify", headers);
}

static void the_page_itself_starts_a_proof(void **state)
{
    (void)state;
    struct fixture fixture = {.server = NULL};
    start(&fixture, true);
    struct wire_answer answer = post(&fixture, OWN_ORIGIN);
    assert_int_equal(answer.status, 202);
    assert_string_equal(answer.body, "{\"answer\":\"started\"}");
    assert_int_equal(fixture.fake.verify_starts, 1);
    wire_answer_free(&answer);
    web_server_destroy(fixture.server);
}

static void others_are_refused_and_start_nothing(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "", "Origin: http://evil.example\r\n", "Origin: null\r\n",
        "Referer: http://localhost/\r\nSec-Fetch-Site: same-origin\r\n",
        OWN_ORIGIN "Sec-Fetch-Site: cross-site\r\n"};
    struct fixture fixture = {.server = NULL};
    start(&fixture, true);
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; ++i) {
        struct wire_answer answer = post(&fixture, headers[i]);
        assert_int_equal(answer.status, 403);
        assert_non_null(strstr(answer.body, "only this page itself may start a proof"));
        wire_answer_free(&answer);
    }
    assert_int_equal(fixture.fake.verify_starts, 0);
    web_server_destroy(fixture.server);
}

static void a_proof_too_soon_gets_429_and_how_long_to_wait(void **state)
{
    (void)state;
    static const struct {
        int wait_s;
        const char *want;
    } cases[] = {{1, "10"}, {10, "10"}, {11, "20"}, {60, "60"}, {100, "60"}};
    struct fixture fixture = {.server = NULL};
    start(&fixture, true);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char wait[16];
        fixture.fake.verify_wait_s = cases[i].wait_s;
        struct wire_answer answer = post(&fixture, OWN_ORIGIN);
        assert_int_equal(answer.status, 429);
        assert_true(wire_header(&answer, "Retry-After", wait, sizeof wait));
        assert_string_equal(wait, cases[i].want);
        wire_answer_free(&answer);
    }
    assert_int_equal(fixture.fake.verify_starts, 0);
    web_server_destroy(fixture.server);
}

static void what_is_not_offered_is_404_and_other_methods_405(void **state)
{
    (void)state;
    struct fixture fixture = {.server = NULL};
    start(&fixture, false);
    struct wire_answer answer = post(&fixture, OWN_ORIGIN);
    assert_int_equal(answer.status, 404);
    wire_answer_free(&answer);
    answer = wire_ask(fixture.address, "GET", "/api/verify", "");
    assert_int_equal(answer.status, 404);
    wire_answer_free(&answer);
    char allow[64];
    answer = wire_ask(fixture.address, "PUT", "/api/verify", "");
    assert_int_equal(answer.status, 405);
    assert_true(wire_header(&answer, "Allow", allow, sizeof allow));
    assert_string_equal(allow, "GET, HEAD, POST");
    wire_answer_free(&answer);
    web_server_destroy(fixture.server);
}

static void failures_have_the_status_of_their_kind(void **state)
{
    (void)state;
    struct fixture fixture = {.fake = {.fail = ERROR_RETRY}};
    start(&fixture, true);
    struct wire_answer answer = post(&fixture, OWN_ORIGIN);
    assert_int_equal(answer.status, 503);
    wire_answer_free(&answer);
    web_server_destroy(fixture.server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_asked_host_is_our_own_origin),
        cmocka_unit_test(the_page_itself_starts_a_proof),
        cmocka_unit_test(others_are_refused_and_start_nothing),
        cmocka_unit_test(a_proof_too_soon_gets_429_and_how_long_to_wait),
        cmocka_unit_test(what_is_not_offered_is_404_and_other_methods_405),
        cmocka_unit_test(failures_have_the_status_of_their_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
