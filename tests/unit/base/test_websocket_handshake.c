/* What the answer to the opening handshake means. */
#include <string.h>

#include "base/websocket/websocket_handshake.h"
#include "cmocka_all.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
/* Key and answer of RFC 6455, 1.3. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define SWITCH "HTTP/1.1 101 Switching Protocols\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define ACCEPTED "Sec-WebSocket-Accept: " ACCEPT "\r\n"

static void accept_is_that_of_the_specification(void **state)
{
    (void)state;
    struct error error = {0};
    char accept[WEBSOCKET_ACCEPT_SIZE];
    assert_true(websocket_make_accept(KEY, accept, &error));
    assert_string_equal(accept, ACCEPT);
}

static void keys_are_16_bytes_that_differ(void **state)
{
    (void)state;
    struct error error = {0};
    char first[WEBSOCKET_KEY_SIZE];
    char second[WEBSOCKET_KEY_SIZE];
    assert_true(websocket_make_key(first, &error));
    assert_true(websocket_make_key(second, &error));
    assert_int_equal(strlen(first), 24);
    assert_string_equal(first + 22, "==");
    assert_string_not_equal(first, second);
}

static void request_names_host_and_target(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        const char *want;
    } cases[] = {
        {"/ws/2", "GET /ws/2 HTTP/1.1\r\n"},
        {"", "GET / HTTP/1.1\r\n"},
        {"?streams=a/b", "GET /?streams=a/b HTTP/1.1\r\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct strbuf text = strbuf_new(4096);
        websocket_append_request(&text, str_from("[::1]:99"), str_from(cases[i].target), KEY);
        assert_memory_equal(text.data, cases[i].want, strlen(cases[i].want));
        assert_non_null(strstr(text.data, "\r\nHost: [::1]:99\r\n"));
        assert_non_null(strstr(text.data, "\r\nSec-WebSocket-Key: " KEY "\r\n"));
        assert_non_null(strstr(text.data, "\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        strbuf_free(&text);
    }
}

static void head_ends_at_its_blank_line(void **state)
{
    (void)state;
    assert_int_equal(websocket_head_length(str_from("")), 0);
    assert_int_equal(websocket_head_length(str_from("HTTP/1.1 101 X\r\n\r")), 0);
    assert_int_equal(websocket_head_length(str_from("a\r\nb\r\n\r\nrest\r\n\r\n")), 8);
    assert_true(websocket_is_interim(str_from("HTTP/1.1 103 Early Hints\r\n\r\n")));
    assert_false(websocket_is_interim(str_from(SWITCH "\r\n")));
    assert_false(websocket_is_interim(str_from("nonsense\r\n\r\n")));
}

struct answer_case {
    const char *head;
    const char *body;
    const char *want; /* a part of the error; NULL: it opens the WebSocket */
    int retry_after_ms;
};

static const struct answer_case cases[] = {
    {SWITCH UPGRADE ACCEPTED, "\x81", NULL, 0},
    {"HTTP/1.1 101\r\nupgrade:WebSocket \r\nCONNECTION: keep-alive, UPGRADE\r\n"
     "sec-websocket-accept:" ACCEPT " \r\nSec-WebSocket-Extensions:\r\nServer: x\r\n",
     "", NULL, 0},
    {SWITCH UPGRADE, "", "Sec-WebSocket-Accept of our key", 0},
    {SWITCH UPGRADE "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", "", "of our key", 0},
    {SWITCH UPGRADE ACCEPTED ACCEPTED, "", "of our key", 0},
    {SWITCH UPGRADE "Sec-WebSocket-Accept: \r\n", "", "of our key", 0},
    {SWITCH "Connection: Upgrade\r\n" ACCEPTED, "", "has not \"Upgrade: websocket\"", 0},
    {SWITCH "Upgrade: h2c\r\nConnection: Upgrade\r\n" ACCEPTED, "", "has not \"Upgrade", 0},
    {SWITCH "Upgrade: websocket\r\nConnection: close\r\n" ACCEPTED, "", "Connection: Upgrade", 0},
    {SWITCH UPGRADE ACCEPTED "Sec-WebSocket-Extensions: permessage-deflate\r\n", "",
     "that was not asked for", 0},
    {SWITCH UPGRADE ACCEPTED "Sec-WebSocket-Protocol: chat\r\n", "", "that was not asked for", 0},
    {SWITCH UPGRADE ACCEPTED " folded\r\n", "", "no proper HTTP/1.1", 0},
    {SWITCH UPGRADE ACCEPTED "Name : value\r\n", "", "no proper HTTP/1.1", 0},
    {"HTTP/1.0 101 Switching Protocols\r\n" UPGRADE ACCEPTED, "", "no proper HTTP/1.1", 0},
    {"SSH-2.0-OpenSSH_9.2\r\n", "", "no HTTP server: check --x", 0},
    {"HTTP/2 101\r\n", "", "no HTTP server", 0},
    {"HTTP/1.1 099 Low\r\n", "", "no HTTP server", 0},
    {"HTTP/1.1 1011 Long\r\n", "", "no HTTP server", 0},
    {"\r\n", "", "no HTTP server", 0},
    {"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n", "<h1>hi",
     "answered 200 with a page of HTML", 0},
    {"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n", " not\r\nhere ",
     "answered 403 in place of 101: not  here", 0},
    {"HTTP/1.1 408 Request Timeout\r\n", "", "answered 408 in place of 101", 0},
    {"HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\n", "", "answered 429 in place of 101", 7000},
    {"HTTP/1.1 503 Busy\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
     "Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\nContent-Type: text/html\r\n",
     "<", "answered 503 with a page of HTML", 30000},
    {"HTTP/1.1 503 Busy\r\nRetry-After: soon\r\n", "", "answered 503", 0},
    {"HTTP/1.1 301 Moved\r\nLocation: wss://me:s3cret@other.example/ws/3?token=s3cret\r\n", "",
     "a redirect to wss://other.example/ws/3, which is not followed: name its target with --x", 0},
    {"HTTP/1.1 308 Moved\r\nLocation: /elsewhere;s=s3cret\r\n", "",
     "a redirect to https://host.example:99/elsewhere, which", 0},
    {"HTTP/1.1 302 Found\r\n", "", "a redirect to nowhere", 0},
};

static void answers_are_taken_or_refused_with_their_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct strbuf head = strbuf_new(4096);
        struct error error = {0};
        strbuf_append_format(&head, "%s\r\n", cases[i].head);
        bool taken =
            websocket_check_answer(strbuf_str(&head), str_from(cases[i].body), ACCEPT,
                                   "https://host.example:99/ws/2?token=s3cret", "--x", &error);
        bool as_wanted = taken == (cases[i].want == NULL);
        if (!taken && cases[i].want != NULL) {
            as_wanted = error.kind == ERROR_RETRY && strstr(error.text, cases[i].want) != NULL &&
                        error.retry_after_ms == cases[i].retry_after_ms &&
                        strstr(error.text, "s3cret") == NULL;
        }
        if (!as_wanted) {
            fail_msg("case %zu: \"%s\", %d ms", i, error.text, error.retry_after_ms);
        }
        strbuf_free(&head);
    }
}

/* Long values are cut, never overrun. */
static void long_headers_are_cut(void **state)
{
    (void)state;
    struct strbuf head = strbuf_new(16 << 10);
    struct error error = {0};
    strbuf_append_text(&head, "HTTP/1.1 302 Found\r\nLocation: https://long.example/");
    for (int i = 0; i < 1000; i++) {
        strbuf_append_char(&head, 'x');
    }
    strbuf_append_text(&head, "\r\n\r\n");
    assert_false(websocket_check_answer(strbuf_str(&head), str_from(""), ACCEPT,
                                        "http://host.example", "--x", &error));
    assert_non_null(strstr(error.text, "https://long.example/xxx"));
    assert_non_null(strstr(error.text, "name its target with --x"));
    strbuf_free(&head);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accept_is_that_of_the_specification),
        cmocka_unit_test(keys_are_16_bytes_that_differ),
        cmocka_unit_test(request_names_host_and_target),
        cmocka_unit_test(head_ends_at_its_blank_line),
        cmocka_unit_test(answers_are_taken_or_refused_with_their_reason),
        cmocka_unit_test(long_headers_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
