/* The HTTP server over real sockets: what a handler sees, what a client gets, what is cut off. */
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http_client.h"
#include "base/http_server.h"
#include "cmocka_all.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct http_server *start(struct http_server_config config, http_handler handler,
                                 void *context)
{
    struct error error = {0};
    config.listen = config.listen != NULL ? config.listen : "127.0.0.1:0";
    config.handler = handler;
    config.context = context;
    struct http_server *server = http_server_create(&config, &error);
    if (server == NULL) {
        fail_msg("%s", error.text);
    }
    return server;
}

static struct http_client *client_of(const struct http_server *server)
{
    char url[150];
    (void)snprintf(url, sizeof url, "http://%s", http_server_address(server));
    struct error error = {0};
    struct http_client *client = http_client_create(
        &(struct http_client_config){
            .base_url = url, .timeout_ms = 20000, .body_limit_bytes = 20 << 20},
        &error);
    assert_non_null(client);
    return client;
}

/* A plain socket to the server. */
static int connect_raw(const struct http_server *server)
{
    struct error error = {0};
    char host[64];
    char service[8];
    unsigned short port;
    assert_true(http_parse_address(http_server_address(server), host, sizeof host, &port, &error));
    (void)snprintf(service, sizeof service, "%u", (unsigned)port);
    struct addrinfo *found;
    assert_int_equal(
        getaddrinfo(host, service, &(struct addrinfo){.ai_socktype = SOCK_STREAM}, &found), 0);
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, found->ai_addr, found->ai_addrlen), 0);
    freeaddrinfo(found);
    return fd;
}

static bool send_text(int fd, const char *text)
{
    return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

/* Reads until `text` holds `until` (NULL: the peer closes), for at most `timeout_ms`. */
static bool read_until(int fd, const char *until, char *text, size_t size, int timeout_ms)
{
    size_t length = strlen(text);
    int64_t deadline_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    while (until == NULL || strstr(text, until) == NULL) {
        int64_t left_ms = (deadline_ns - clock_monotonic_ns()) / NS_PER_MS;
        if (left_ms <= 0 ||
            poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, (int)left_ms) < 1) {
            return false;
        }
        ssize_t got = recv(fd, text + length, size - 1 - length, 0);
        if (got <= 0) {
            return until == NULL;
        }
        length += (size_t)got;
        text[length] = '\0';
    }
    return true;
}

/* Says what came in: "METHOD PATH q=QUERY h=HEADER BODY". */
static void echo(void *context, const struct http_exchange *exchange, struct http_reply *reply)
{
    (void)context;
    const char *query = http_exchange_query(exchange, "q");
    const char *header = http_exchange_header(exchange, "X-THING");
    if (strcmp(exchange->path, "/missing") == 0) {
        reply->status = 404;
        reply->headers[0][0] = "X-Why";
        reply->headers[0][1] = "no such thing";
    } else if (strcmp(exchange->path, "/huge") == 0) {
        static char block[1 << 20];
        for (int i = 0; i < 17; ++i) {
            strbuf_append(&reply->body, block, sizeof block);
        }
        return;
    } else if (strcmp(exchange->path, "/empty") == 0) {
        reply->status = 204;
        reply->content_type = NULL;
        return;
    } else if (strcmp(exchange->path, "/evil") == 0) {
        reply->headers[0][0] = "X-Evil";
        reply->headers[0][1] = "a\r\nX-More: b";
    }
    reply->content_type = "text/plain";
    strbuf_append_format(&reply->body, "%s %s q=%s h=%s ", exchange->method, exchange->path,
                         query != NULL ? query : "none", header != NULL ? header : "none");
    strbuf_append_str(&reply->body, exchange->body);
}

static void request_of_each_kind_reaches_the_handler_as_it_was_sent(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        const char *path;
        const char *body;
        long want_status;
        const char *want;
    } cases[] = {
        {"GET", "/a", "", 200, "GET /a q=none h=none "},
        {"GET", "/a%20b%2Fc?q=1%202&q=3", "", 200, "GET /a b/c q=1 2 h=none "},
        {"GET", "/a?q", "", 200, "GET /a q= h=none "},
        {"GET", "/a?q=&r=2", "", 200, "GET /a q= h=none "},
        {"GET", "/a?qq=1", "", 200, "GET /a q=none h=none "},
        {"GET", "/a?q=%C3%A9%26", "", 200, "GET /a q=\xc3\xa9& h=none "},
        {"POST", "/p", "body bytes", 200, "POST /p q=none h=none body bytes"},
        {"PUT", "/p", "", 200, "PUT /p q=none h=none "},
        {"DELETE", "/d", "", 200, "DELETE /d q=none h=none "},
        {"PATCH", "/d", "x", 200, "PATCH /d q=none h=none x"},
        {"BREW", "/pot", "", 200, "BREW /pot q=none h=none "},
        {"HEAD", "/a", "", 200, ""},
        {"GET", "/missing", "", 404, "GET /missing q=none h=none "},
        {"GET", "/empty", "", 204, ""},
        {"GET", "/huge", "", 500, ""},
    };
    struct http_server *server = start((struct http_server_config){0}, echo, NULL);
    struct http_client *client = client_of(server);
    struct http_response response = {0};
    struct error error = {0};
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct http_request request = {
            .method = cases[i].method, .path = cases[i].path, .body = str_from(cases[i].body)};
        if (!http_client_send(client, &request, &response, &error) ||
            response.status != cases[i].want_status ||
            strcmp(strbuf_text(&response.body), cases[i].want) != 0) {
            fail_msg("%s %s: %ld \"%s\" %s", cases[i].method, cases[i].path, response.status,
                     strbuf_text(&response.body), error.text);
        }
    }
    /* A header with a line break in it would be two: nothing is sent. */
    assert_false(
        http_client_send(client, &(struct http_request){.path = "/evil"}, &response, &error));
    http_response_free(&response);
    http_client_destroy(client);
    http_server_destroy(server);
}

static void head_and_headers_are_as_http_says(void **state)
{
    (void)state;
    struct http_server *server = start((struct http_server_config){0}, echo, NULL);
    int fd = connect_raw(server);
    char text[4000] = "";
    assert_true(send_text(fd, "HEAD /missing HTTP/1.1\r\nHost: x\r\nx-Thing: 7\r\n\r\n"
                              "GET /b HTTP/1.1\r\nHost: x\r\nx-thing: 8\r\n\r\n"));
    assert_true(read_until(fd, "GET /b q=none h=8 ", text, sizeof text, 5000));
    assert_memory_equal(text, "HTTP/1.1 404 ", 13);
    assert_non_null(strstr(text, "X-Why: no such thing\r\n"));
    assert_non_null(strstr(text, "Content-Type: text/plain\r\n"));
    assert_non_null(strstr(text, "Date: "));
    assert_non_null(strstr(text, "Content-Length: 24\r\n")); /* of "GET /missing q=none h=7 " */
    assert_null(strstr(text, "h=7"));
    (void)close(fd);
    http_server_destroy(server);
}

static void body_over_the_limit_gets_413_however_it_is_sent(void **state)
{
    (void)state;
    struct http_server *server =
        start((struct http_server_config){.body_limit_bytes = 100000}, echo, NULL);
    struct http_client *client = client_of(server);
    struct http_response response = {0};
    struct error error = {0};
    static char body[4 << 20];
    static const struct {
        size_t bytes;
        long want;
    } cases[] = {{100000, 200}, {100001, 413}, {sizeof body, 413}, {5, 200}};
    memset(body, 'x', sizeof body);
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct http_request request = {
            .method = "POST", .path = "/", .body = {body, cases[i].bytes}};
        assert_true(http_client_send(client, &request, &response, &error));
        assert_int_equal(response.status, cases[i].want);
    }
    http_response_free(&response);
    http_client_destroy(client);

    int fd = connect_raw(server);
    char text[4000] = "";
    assert_true(send_text(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n"
                              "Expect: 100-continue\r\n\r\n"));
    assert_true(read_until(fd, "larger than 100000 bytes", text, sizeof text, 5000));
    assert_memory_equal(text, "HTTP/1.1 413 ", 13);
    (void)close(fd);

    fd = connect_raw(server);
    text[0] = '\0';
    assert_true(send_text(fd, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
    body[50000] = '\0';
    for (int i = 0; i < 3; ++i) {
        assert_true(send_text(fd, "C350\r\n") && send_text(fd, body) && send_text(fd, "\r\n"));
    }
    assert_true(send_text(fd, "0\r\n\r\n"));
    assert_true(read_until(fd, "larger than 100000 bytes", text, sizeof text, 5000));
    (void)close(fd);
    http_server_destroy(server);
}

static void client_that_drips_or_idles_is_cut_off(void **state)
{
    (void)state;
    static const char *const starts[] = {
        "",
        "GET / HTTP/1.1\r\nHost: x\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    };
    struct http_server *server =
        start((struct http_server_config){.idle_timeout_s = 1}, echo, NULL);
    for (size_t i = 0; i < COUNT(starts); ++i) {
        int fd = connect_raw(server);
        char text[4000] = "";
        int64_t start_ns = clock_monotonic_ns();
        assert_true(send_text(fd, starts[i]));
        /* One byte each 100 ms is never idle, yet never a request. */
        while (!read_until(fd, NULL, text, sizeof text, 100)) {
            (void)send_text(fd, "X");
            assert_true(clock_monotonic_ns() - start_ns < 6 * NS_PER_SECOND);
        }
        assert_true(clock_monotonic_ns() - start_ns >= 900 * NS_PER_MS);
        (void)close(fd);
    }
    http_server_destroy(server);
}

/* Waits until `want` handlers run at the same time. */
struct meeting {
    pthread_barrier_t all_here;
};

static void meet(void *context, const struct http_exchange *exchange, struct http_reply *reply)
{
    (void)exchange;
    (void)reply;
    struct meeting *meeting = context;
    (void)pthread_barrier_wait(&meeting->all_here);
}

static void *ask_once(void *context)
{
    struct http_client *client = client_of(context);
    struct http_response response = {0};
    struct error error = {0};
    bool sent = http_client_send(client, &(struct http_request){.path = "/"}, &response, &error);
    long status = response.status;
    http_response_free(&response);
    http_client_destroy(client);
    return sent && status == 200 ? context : NULL;
}

static void several_requests_are_handled_at_once(void **state)
{
    (void)state;
    enum { CLIENTS = 8 };
    struct meeting meeting;
    assert_int_equal(pthread_barrier_init(&meeting.all_here, NULL, CLIENTS), 0);
    struct http_server *server = start((struct http_server_config){0}, meet, &meeting);
    pthread_t threads[CLIENTS];
    for (int i = 0; i < CLIENTS; ++i) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask_once, server), 0);
    }
    for (int i = 0; i < CLIENTS; ++i) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
    http_server_destroy(server);
    (void)pthread_barrier_destroy(&meeting.all_here);
}

static void connections_over_the_limit_wait_or_are_closed_and_later_ones_work(void **state)
{
    (void)state;
    struct http_server *server =
        start((struct http_server_config){.connection_limit = 2}, echo, NULL);
    int fds[3];
    char text[3][1000] = {"", "", ""};
    for (int i = 0; i < 3; ++i) {
        fds[i] = connect_raw(server);
        if (i < 2) {
            assert_true(send_text(fds[i], "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
            assert_true(read_until(fds[i], "GET / ", text[i], sizeof text[i], 5000));
        }
    }
    (void)send_text(fds[2], "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_false(read_until(fds[2], "GET / ", text[2], sizeof text[2], 300));
    for (int i = 0; i < 3; ++i) {
        (void)close(fds[i]);
    }
    int64_t deadline_ns = clock_monotonic_ns() + 5 * NS_PER_SECOND;
    bool answered = false;
    while (!answered && clock_monotonic_ns() < deadline_ns) {
        int fd = connect_raw(server);
        char late[1000] = "";
        (void)send_text(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        answered = read_until(fd, "GET / ", late, sizeof late, 500);
        (void)close(fd);
    }
    assert_true(answered);
    http_server_destroy(server);
}

static void ipv6_address_is_served_and_told(void **state)
{
    (void)state;
    struct error error = {0};
    struct http_server *server = http_server_create(
        &(struct http_server_config){.listen = "[::1]:0", .handler = echo}, &error);
    if (server == NULL) {
        skip(); /* a host without IPv6 */
    }
    assert_memory_equal(http_server_address(server), "[::1]:", 6);
    assert_ptr_equal(ask_once(server), server);
    http_server_destroy(server);
}

static void address_in_use_is_an_error_that_names_it_and_the_option(void **state)
{
    (void)state;
    struct http_server *server = start((struct http_server_config){0}, echo, NULL);
    struct error error = {0};
    struct http_server *second = http_server_create(
        &(struct http_server_config){.listen = http_server_address(server), .handler = echo},
        &error);
    assert_null(second);
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_non_null(strstr(error.text, http_server_address(server)));
    assert_non_null(strstr(error.text, "in use"));
    assert_non_null(strstr(error.text, "--listen"));
    http_server_destroy(server);

    error = (struct error){0};
    /* A documentation address (RFC 5737), which no host has. */
    assert_null(http_server_create(
        &(struct http_server_config){.listen = "192.0.2.1:0", .handler = echo}, &error));
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_non_null(strstr(error.text, "192.0.2.1:0"));
}

static void address_of_any_text_is_split_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        const char *host; /* NULL: refused */
        int port;
    } cases[] = {
        {"127.0.0.1:8080", "127.0.0.1", 8080},
        {"[::1]:0", "::1", 0},
        {"localhost:65535", "localhost", 65535},
        {"0.0.0.0:80", "0.0.0.0", 80},
        {"127.0.0.1", NULL, 0},
        {"127.0.0.1:", NULL, 0},
        {"127.0.0.1:65536", NULL, 0},
        {"127.0.0.1:-1", NULL, 0},
        {"127.0.0.1:-0", NULL, 0},
        {"127.0.0.1:80x", NULL, 0},
        {"127.0.0.1:99999999999999999999", NULL, 0},
        {":8080", NULL, 0},
        {"::1:8080", NULL, 0},
        {"[]:80", NULL, 0},
        {"a-host-name-that-is-longer-than-the-buffer:80", NULL, 0},
        {"8080", NULL, 0},
        {"", NULL, 0},
        {NULL, NULL, 0},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        char host[24] = "";
        unsigned short port = 7;
        struct error error = {0};
        bool split = http_parse_address(cases[i].address, host, sizeof host, &port, &error);
        if (split != (cases[i].host != NULL) || (!split && error.kind != ERROR_USAGE) ||
            (split && (strcmp(host, cases[i].host) != 0 || port != cases[i].port))) {
            fail_msg("%s: \"%s\" %u %s", cases[i].address != NULL ? cases[i].address : "NULL", host,
                     (unsigned)port, error.text);
        }
    }
    struct error error = {0};
    assert_null(http_server_create(
        &(struct http_server_config){.listen = "no-such-host.invalid:0", .handler = echo}, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
}

int main(void)
{
    struct error error = {0};
    if (!http_client_global_init(&error)) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_of_each_kind_reaches_the_handler_as_it_was_sent),
        cmocka_unit_test(head_and_headers_are_as_http_says),
        cmocka_unit_test(body_over_the_limit_gets_413_however_it_is_sent),
        cmocka_unit_test(client_that_drips_or_idles_is_cut_off),
        cmocka_unit_test(several_requests_are_handled_at_once),
        cmocka_unit_test(connections_over_the_limit_wait_or_are_closed_and_later_ones_work),
        cmocka_unit_test(ipv6_address_is_served_and_told),
        cmocka_unit_test(address_in_use_is_an_error_that_names_it_and_the_option),
        cmocka_unit_test(address_of_any_text_is_split_or_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    http_client_global_cleanup();
    return failed;
}
