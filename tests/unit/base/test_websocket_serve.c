/* The server's side of a WebSocket on our HTTP server, with our client and with requests that ask
 * for none. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/websocket/websocket_serve.h"
#include "cmocka_all.h"
#include "raw_client.h"
#include "support.h"
#include "websocket/websocket_expect.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* An HTTP server whose every address is a WebSocket. */
struct rig {
    struct http_server *server;
    struct websocket_serve_config config;
    char url[100];
    atomic_int open; /* conversations */
    atomic_int over; /* how the last one ended: its code */
};

static void handle(void *context, const struct http_exchange *exchange, struct http_reply *reply)
{
    struct rig *rig = context;
    (void)websocket_serve(&rig->config, exchange, reply);
}

static void start(struct rig *rig, websocket_service service, struct websocket_serve_config config)
{
    struct error error = {0};
    rig->config = config;
    rig->config.service = service;
    rig->config.context = rig;
    const struct http_server_config server = {
        .listen = "127.0.0.1:0", .upgrades = true, .handler = handle, .context = rig};
    rig->server = http_server_create(&server, &error);
    assert_non_null(rig->server);
    (void)snprintf(rig->url, sizeof rig->url, "ws://%s", http_server_address(rig->server));
}

static struct websocket *open_client(const struct rig *rig, const char *path)
{
    struct error error = {0};
    const struct websocket_config config = {
        .base_url = rig->url, .path = path, .connect_timeout_ms = PATIENCE_MS};
    struct websocket *websocket = websocket_connect(&config, &error);
    if (websocket == NULL) {
        fail_msg("%s", error.text);
    }
    return websocket;
}

/* Greets with the path, then sends each message back, until the end. */
static void echo(void *context, struct websocket *websocket, const char *path)
{
    struct rig *rig = context;
    struct websocket_message message;
    struct error error = {0};
    (void)atomic_fetch_add(&rig->open, 1);
    bool open = websocket_send(websocket, str_from(path), &error);
    while (open && websocket_next(websocket, PATIENCE_MS, &message, &error) == WEBSOCKET_MESSAGE) {
        open = websocket_send(websocket, message.text, &error);
    }
    atomic_store(&rig->over, websocket_end(websocket).code);
    (void)atomic_fetch_sub(&rig->open, 1);
}

static bool none_is_open(void *context)
{
    struct rig *rig = context;
    return atomic_load(&rig->open) == 0;
}

static void conversation_goes_both_ways_until_the_client_closes(void **state)
{
    (void)state;
    struct rig rig = {0};
    struct error error = {0};
    start(&rig, echo, (struct websocket_serve_config){0});
    struct websocket *websocket = open_client(&rig, "/ws/2");
    expect_message(websocket, "/ws/2");
    for (int i = 0; i < 100; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "message %d", i);
        assert_true(websocket_send(websocket, str_from(text), &error));
        expect_message(websocket, text);
    }
    websocket_close(websocket, WEBSOCKET_NORMAL, PATIENCE_MS);
    expect_over(websocket, 1000, "the server closed the connection with 1000");
    websocket_destroy(websocket);
    assert_true(support_wait(none_is_open, &rig, SOON_MS));
    assert_int_equal(rig.over, 1000);
    http_server_destroy(rig.server);
}

/* Says farewell with a code of its own. */
static void farewell(void *context, struct websocket *websocket, const char *path)
{
    struct error error = {0};
    (void)context;
    (void)path;
    if (websocket_send(websocket, str_from("stopping"), &error)) {
        websocket_close(websocket, WEBSOCKET_GOING_AWAY, PATIENCE_MS);
    }
}

static void server_that_closes_tells_its_code(void **state)
{
    (void)state;
    struct rig rig = {0};
    start(&rig, farewell, (struct websocket_serve_config){0});
    struct websocket *websocket = open_client(&rig, "/");
    expect_message(websocket, "stopping");
    expect_over(websocket, 1001, "the server closed the connection with 1001");
    websocket_destroy(websocket);
    http_server_destroy(rig.server);
}

/* Returns in the middle of a conversation. */
static void leave(void *context, struct websocket *websocket, const char *path)
{
    struct error error = {0};
    struct rig *rig = context;
    (void)path;
    atomic_store(&rig->over, !websocket_send(websocket, str_from("then nothing"), &error));
}

static void service_that_returns_breaks_the_connection_off(void **state)
{
    (void)state;
    struct rig rig = {0};
    start(&rig, leave, (struct websocket_serve_config){0});
    struct websocket *websocket = open_client(&rig, "/");
    expect_message(websocket, "then nothing");
    expect_over(websocket, 1006, "the connection broke");
    websocket_destroy(websocket);
    http_server_destroy(rig.server);
}

static void client_that_is_silent_or_breaks_a_rule_ends_its_conversation(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        int silence_timeout_ms;
        int code;
    } cases[] = {{"", 300, 1006}, {"\x81\x02no mask", PATIENCE_MS, 1002}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rig rig = {0};
        char text[1000] = "";
        start(&rig, echo,
              (struct websocket_serve_config){.silence_timeout_ms = cases[i].silence_timeout_ms});
        int fd = raw_connect(rig.url + strlen("ws://"));
        assert_true(raw_send(fd, "GET /x HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
                                 "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        assert_true(raw_read_until(fd, "\r\n\r\n", text, sizeof text, PATIENCE_MS));
        assert_non_null(strstr(text, "HTTP/1.1 101 "));
        assert_non_null(strstr(text, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assert_true(raw_send(fd, cases[i].bytes));
        assert_true(raw_read_until(fd, NULL, text, sizeof text, PATIENCE_MS));
        assert_true(support_wait(none_is_open, &rig, SOON_MS));
        assert_int_equal(rig.over, cases[i].code);
        (void)close(fd);
        http_server_destroy(rig.server);
    }
}

static void destroy_ends_conversations_at_once(void **state)
{
    (void)state;
    struct rig rig = {0};
    struct websocket *clients[20];
    start(&rig, echo, (struct websocket_serve_config){0});
    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = open_client(&rig, "/x");
        expect_message(clients[i], "/x");
    }
    assert_int_equal(rig.open, COUNT(clients));
    int64_t start_ns = clock_monotonic_ns();
    http_server_destroy(rig.server);
    assert_true(clock_monotonic_ns() - start_ns < SOON_MS * NS_PER_MS);
    assert_int_equal(rig.open, 0);
    for (size_t i = 0; i < COUNT(clients); i++) {
        expect_over(clients[i], 1006, "the connection broke");
        websocket_destroy(clients[i]);
    }
}

/* Longer than the server waits for a request. */
static void conversation_has_no_deadline_of_http(void **state)
{
    (void)state;
    struct rig rig = {0};
    struct error error = {0};
    struct websocket_message message;
    rig.config = (struct websocket_serve_config){.service = echo, .context = &rig};
    const struct http_server_config server = {.listen = "127.0.0.1:0",
                                              .idle_timeout_s = 2,
                                              .upgrades = true,
                                              .handler = handle,
                                              .context = &rig};
    rig.server = http_server_create(&server, &error);
    assert_non_null(rig.server);
    (void)snprintf(rig.url, sizeof rig.url, "ws://%s", http_server_address(rig.server));
    struct websocket *websocket = open_client(&rig, "/x");
    expect_message(websocket, "/x");
    assert_int_equal(websocket_next(websocket, 2500, &message, &error), WEBSOCKET_NOTHING);
    assert_true(websocket_send(websocket, str_from("still there"), &error));
    expect_message(websocket, "still there");
    websocket_destroy(websocket);
    http_server_destroy(rig.server);
}

static void requests_for_no_websocket_are_refused(void **state)
{
    (void)state;
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    static const struct {
        const char *request;
        const char *want;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 426 "},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nSec-WebSocket-Version: 13\r\n" UPGRADE
             KEY "\r\n",
         "HTTP/1.1 426 "},
        {"GET / HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Version: 8\r\n" UPGRADE KEY "\r\n",
         "HTTP/1.1 426 "},
        {"GET / HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Version: 13\r\n" UPGRADE "\r\n",
         "HTTP/1.1 400 "},
        {"GET / HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Version: 13\r\n" UPGRADE
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n\r\n",
         "HTTP/1.1 400 "},
    };
    struct rig rig = {0};
    start(&rig, echo, (struct websocket_serve_config){0});
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[1000] = "";
        int fd = raw_connect(rig.url + strlen("ws://"));
        assert_true(raw_send(fd, cases[i].request));
        assert_true(raw_read_until(fd, "\r\n\r\n", text, sizeof text, PATIENCE_MS));
        if (strncmp(text, cases[i].want, strlen(cases[i].want)) != 0 ||
            strstr(text, "Sec-WebSocket-Version: 13\r\n") == NULL) {
            fail_msg("case %zu: %s", i, text);
        }
        (void)close(fd);
    }
    assert_int_equal(rig.open, 0);
    http_server_destroy(rig.server);
}

int main(void)
{
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversation_goes_both_ways_until_the_client_closes),
        cmocka_unit_test(server_that_closes_tells_its_code),
        cmocka_unit_test(service_that_returns_breaks_the_connection_off),
        cmocka_unit_test(client_that_is_silent_or_breaks_a_rule_ends_its_conversation),
        cmocka_unit_test(destroy_ends_conversations_at_once),
        cmocka_unit_test(conversation_has_no_deadline_of_http),
        cmocka_unit_test(requests_for_no_websocket_are_refused),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
