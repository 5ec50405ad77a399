/* How a WebSocket is opened: address, TLS, handshake, over real sockets. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "support.h"
#include "websocket/websocket_expect.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void play_request(struct websocket_peer *peer, void *context)
{
    if (websocket_peer_shake(peer, NULL)) {
        (void)websocket_peer_text(peer, websocket_peer_request(peer));
        websocket_peer_wait_end(peer);
    }
    (void)context;
}

static void request_is_that_of_the_specification(void **state)
{
    (void)state;
    struct websocket_server *server = websocket_server_create(play_request, NULL, false);
    struct websocket *websocket =
        connect_to(server, (struct websocket_config){.path = "/stream?streams=a/b&token=t0ken"});
    struct websocket_message message;
    struct error error = {0};
    assert_int_equal(websocket_next(websocket, PATIENCE_MS, &message, &error), WEBSOCKET_MESSAGE);
    char host[100];
    (void)snprintf(host, sizeof host, "\r\nHost: %s\r\n",
                   websocket_server_url(server) + strlen("ws://"));
    char *request = strndup(message.text.data, message.text.length);
    assert_non_null(strstr(request, "GET /stream?streams=a/b&token=t0ken HTTP/1.1\r\n"));
    assert_non_null(strstr(request, host));
    assert_non_null(strstr(request, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"));
    assert_null(strcasestr(request, "Extensions"));
    free(request);
    assert_null(strstr(websocket_url(websocket), "t0ken"));
    assert_non_null(strstr(websocket_url(websocket), "/stream"));
    websocket_destroy(websocket);
    websocket_server_destroy(server);
}

/* `context` points at what is answered to the handshake; "": nothing. */
static void play_answer(struct websocket_peer *peer, void *context)
{
    const char *const *answer = context;
    if (websocket_peer_shake(peer, *answer) && (*answer)[0] == '\0') {
        websocket_peer_wait_end(peer);
    }
}

#define UPGRADED                                                                                   \
    "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                              \
    "Sec-WebSocket-Accept: {accept}\r\n\r\n"

static void interim_answers_and_frames_behind_the_answer_are_taken(void **state)
{
    (void)state;
    static const char *answer =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" UPGRADED
        "\x81\x01x\x81\x01y\x88\x02\x03\xE8";
    struct websocket_server *server = websocket_server_create(play_answer, &answer, false);
    struct websocket *websocket = connect_to(server, (struct websocket_config){0});
    expect_message(websocket, "x");
    expect_message(websocket, "y");
    expect_over(websocket, 1000, "closed the connection with 1000");
    websocket_destroy(websocket);
    websocket_server_destroy(server);
}

/* A byte of the head now and then, for ever. */
static void play_drip(struct websocket_peer *peer, void *context)
{
    (void)context;
    bool open = websocket_peer_shake(peer, "HTTP/1.1 101 X\r\nX: ");
    while (open) {
        open = websocket_peer_send(peer, "x", 1);
        nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
    }
}

/* Interim answers, for ever. */
static void play_interim(struct websocket_peer *peer, void *context)
{
    (void)context;
    bool open = websocket_peer_shake(peer, "HTTP/1.1 100 Continue\r\n\r\n");
    while (open) {
        open = websocket_peer_send(peer, BYTES("HTTP/1.1 100 Continue\r\n\r\n"));
    }
}

/* Connects once; the error of it. */
static struct error refused(const struct websocket_server *server, struct websocket_config config)
{
    struct error error = {0};
    config.base_url = config.base_url != NULL ? config.base_url : websocket_server_url(server);
    config.path = "/ws/2?token=t0ken";
    config.option = "--exchange-ws-url";
    assert_null(websocket_connect(&config, &error));
    assert_null(strstr(error.text, "t0ken"));
    return error;
}

static void answers_that_open_no_websocket_are_errors(void **state)
{
    (void)state;
    static char large[24 << 10];
    memset(large, 'x', sizeof large - 1);
    memcpy(large, BYTES("HTTP/1.1 200 OK\r\nX: "));
    const struct {
        const char *answer;
        const char *want;
        int retry_after_ms;
    } cases[] = {
        {"HTTP/1.1 429 Slow\r\nRetry-After: 9\r\n\r\nratelimit: error", "429 in place of 101: rate",
         9000},
        {"HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\n\r\n<html>", "503 with a page of HTML",
         0},
        {"HTTP/1.1 408 Time\r\n\r\n", "answered 408", 0},
        {"HTTP/1.1 301 M\r\nLocation: wss://u:t0ken@x.test/ws?token=t0ken\r\n\r\n",
         "a redirect to wss://x.test/ws, which is not followed: name its target with "
         "--exchange-ws-url",
         0},
        {"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
         "Sec-WebSocket-Accept of our key", 0},
        {"HTTP/1.1 101 X\r\nUpgrade: web", "broke before a whole answer came", 0},
        {"nonsense\r\n\r\n", "no HTTP server", 0},
        {large, "larger than 16384 bytes", 0},
        {"", "no whole answer to the WebSocket handshake in time", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *answer = cases[i].answer;
        struct websocket_server *server = websocket_server_create(play_answer, &answer, false);
        bool silent = cases[i].answer[0] == '\0';
        struct error error = refused(
            server, (struct websocket_config){.connect_timeout_ms = silent ? 1000 : PATIENCE_MS});
        if (error.kind != ERROR_RETRY || strstr(error.text, cases[i].want) == NULL ||
            error.retry_after_ms != cases[i].retry_after_ms) {
            fail_msg("case %zu: \"%s\", %d ms", i, error.text, error.retry_after_ms);
        }
        websocket_server_destroy(server);
    }
}

static void answer_that_never_ends_is_given_up_in_time(void **state)
{
    (void)state;
    static const websocket_play plays[] = {play_drip, play_interim};
    for (size_t i = 0; i < COUNT(plays); i++) {
        int64_t start_ns = clock_monotonic_ns();
        struct websocket_server *server = websocket_server_create(plays[i], NULL, false);
        struct error error = refused(server, (struct websocket_config){.connect_timeout_ms = 1000});
        assert_non_null(strstr(error.text, "no whole answer to the WebSocket handshake in time"));
        assert_true(clock_monotonic_ns() - start_ns < SOON_MS * NS_PER_MS);
        websocket_server_destroy(server);
    }
}

static void address_that_is_none_is_refused_before_anything_is_asked(void **state)
{
    (void)state;
    static const struct {
        const char *base_url;
        const char *path;
        const char *ca_file;
        const char *want;
    } cases[] = {
        {"http://host.test", NULL, NULL, "give ws(s)://host:port"},
        {"host.test:80", NULL, NULL, "give ws(s)://host:port"},
        {"ws://", NULL, NULL, "give ws(s)://host:port"},
        {"wsss://host.test", NULL, NULL, "give ws(s)://host:port"},
        {NULL, NULL, NULL, "give ws(s)://host:port"},
        {"ws://host.test/?x", NULL, NULL, "query"},
        {"ws://anna7:s3cret@host.test", NULL, NULL, "user and password are not sent"},
        {"ws://host.test", "/a b", NULL, "not escaped"},
        {"ws://host.test", "/a\r\nX: y", NULL, "not escaped"},
        {"wss://host.test", NULL, "/nowhere/ca.pem", "/nowhere/ca.pem"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error error = {0};
        const struct websocket_config config = {
            .base_url = cases[i].base_url, .path = cases[i].path, .ca_file = cases[i].ca_file};
        assert_null(websocket_connect(&config, &error));
        if (error.kind != ERROR_USAGE || strstr(error.text, cases[i].want) == NULL ||
            strstr(error.text, "s3cret") != NULL) {
            fail_msg("case %zu: \"%s\"", i, error.text);
        }
    }
}

/* As an HTTP server answers what is no request. */
static void play_plain(struct websocket_peer *peer, void *context)
{
    (void)context;
    (void)websocket_peer_send(peer, BYTES("HTTP/1.1 400 Bad Request\r\n\r\n"));
    websocket_peer_wait_end(peer);
}

static void server_is_verified_and_tls_on_one_side_is_explained(void **state)
{
    (void)state;
    char url[100];
    const char *busy = "HTTP/1.1 503 Busy\r\n\r\n";
    struct websocket_server *secure = websocket_server_create(play_answer, &busy, true);
    struct websocket_server *plain = websocket_server_create(play_plain, NULL, false);
    const char *ca_file = websocket_server_ca_file(secure);
    struct error error = refused(secure, (struct websocket_config){.ca_file = ca_file});
    assert_non_null(strstr(error.text, "answered 503"));
    error = refused(secure, (struct websocket_config){0});
    assert_non_null(strstr(error.text, "TLS failed: check CA file and certificate"));
    /* The certificate is for the address alone. */
    (void)snprintf(url, sizeof url, "wss://localhost%s",
                   strrchr(websocket_server_url(secure), ':'));
    error = refused(secure, (struct websocket_config){.base_url = url, .ca_file = ca_file});
    assert_non_null(strstr(error.text, "TLS failed: check CA file and certificate"));
    (void)snprintf(url, sizeof url, "ws%s", websocket_server_url(secure) + strlen("wss"));
    error = refused(secure, (struct websocket_config){.base_url = url});
    assert_non_null(strstr(error.text, "wss:// in place of ws://?"));
    (void)snprintf(url, sizeof url, "wss%s", websocket_server_url(plain) + strlen("ws"));
    error = refused(plain, (struct websocket_config){.base_url = url});
    assert_non_null(strstr(error.text, "ws:// in place of wss://?"));
    (void)snprintf(url, sizeof url, "%s", websocket_server_url(plain));
    websocket_server_destroy(plain);
    websocket_server_destroy(secure);
    /* Nothing listens there any more. */
    error = refused(NULL, (struct websocket_config){.base_url = url});
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "is the service running there?"));
}

static void proxy_named_in_the_environment_is_not_asked(void **state)
{
    (void)state;
    const char *answer = UPGRADED "\x81\x05hello";
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
    assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
    struct websocket_server *server = websocket_server_create(play_answer, &answer, false);
    struct websocket *websocket = connect_to(server, (struct websocket_config){0});
    expect_message(websocket, "hello");
    assert_int_equal(unsetenv("http_proxy"), 0);
    assert_int_equal(unsetenv("ALL_PROXY"), 0);
    websocket_destroy(websocket);
    websocket_server_destroy(server);
}

static void stop_ends_the_wait_for_an_answer(void **state)
{
    (void)state;
    struct error error = {0};
    const char *nothing = "";
    struct stop *stop = stop_create(&error);
    struct websocket_server *server = websocket_server_create(play_answer, &nothing, false);
    pthread_t thread = request_stop_soon(stop);
    for (int i = 0; i < 2; i++) { /* it comes while the answer is awaited, and then before */
        int64_t start_ns = clock_monotonic_ns();
        error = refused(server,
                        (struct websocket_config){.stop = stop, .connect_timeout_ms = PATIENCE_MS});
        assert_true(clock_monotonic_ns() - start_ns < SOON_MS * NS_PER_MS);
        assert_int_equal(error.kind, ERROR_RETRY);
        assert_non_null(strstr(error.text, "a stop was requested"));
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    websocket_server_destroy(server);
    stop_destroy(stop);
}

int main(void)
{
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_is_that_of_the_specification),
        cmocka_unit_test(interim_answers_and_frames_behind_the_answer_are_taken),
        cmocka_unit_test(answers_that_open_no_websocket_are_errors),
        cmocka_unit_test(answer_that_never_ends_is_given_up_in_time),
        cmocka_unit_test(address_that_is_none_is_refused_before_anything_is_asked),
        cmocka_unit_test(server_is_verified_and_tls_on_one_side_is_explained),
        cmocka_unit_test(proxy_named_in_the_environment_is_not_asked),
        cmocka_unit_test(stop_ends_the_wait_for_an_answer),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
