/* The HTTP server over real sockets: what a handler sees, what a client gets, what is cut off. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/http/http_server.h"
#include "cmocka_all.h"
#include "raw_client.h"
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
        /* What stands behind a NUL must not be lost: another thing would be asked for. */
        {"GET", "/a%00b", "", 400, "{\"error\":\"the address has a NUL (%00): leave it out\"}"},
        {"GET", "/a?q=b%00", "", 400, "{\"error\":\"the address has a NUL (%00): leave it out\"}"},
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
    int fd = raw_connect(http_server_address(server));
    char text[4000] = "";
    assert_true(raw_send(fd, "HEAD /missing HTTP/1.1\r\nHost: x\r\nx-Thing: 7\r\n\r\n"
                             "GET /b HTTP/1.1\r\nHost: x\r\nx-thing: 8\r\n\r\n"));
    assert_true(raw_read_until(fd, "GET /b q=none h=8 ", text, sizeof text, 5000));
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

    int fd = raw_connect(http_server_address(server));
    char text[4000] = "";
    assert_true(raw_send(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n"
                             "Expect: 100-continue\r\n\r\n"));
    assert_true(raw_read_until(fd, "larger than 100000 bytes", text, sizeof text, 5000));
    assert_memory_equal(text, "HTTP/1.1 413 ", 13);
    (void)close(fd);

    fd = raw_connect(http_server_address(server));
    text[0] = '\0';
    assert_true(raw_send(fd, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
    body[50000] = '\0';
    for (int i = 0; i < 3; ++i) {
        assert_true(raw_send(fd, "C350\r\n") && raw_send(fd, body) && raw_send(fd, "\r\n"));
    }
    assert_true(raw_send(fd, "0\r\n\r\n"));
    assert_true(raw_read_until(fd, "larger than 100000 bytes", text, sizeof text, 5000));
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
        int fd = raw_connect(http_server_address(server));
        char text[4000] = "";
        int64_t start_ns = clock_monotonic_ns();
        assert_true(raw_send(fd, starts[i]));
        /* One byte each 100 ms is never idle, yet never a request. */
        while (!raw_read_until(fd, NULL, text, sizeof text, 100)) {
            (void)raw_send(fd, "X");
            assert_true(clock_monotonic_ns() - start_ns < 6 * NS_PER_SECOND);
        }
        assert_true(clock_monotonic_ns() - start_ns >= 900 * NS_PER_MS);
        (void)close(fd);
    }
    http_server_destroy(server);
}

static void request_on_an_idle_connection_has_time_of_its_own(void **state)
{
    (void)state;
    struct http_server *server =
        start((struct http_server_config){.idle_timeout_s = 1}, echo, NULL);
    int fd = raw_connect(http_server_address(server));
    char text[4000] = "";
    assert_true(raw_send(fd, "GET /first HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert_true(raw_read_until(fd, "GET /first", text, sizeof text, 5000));
    /* Together longer than the time-out. */
    (void)usleep(700000);
    assert_true(raw_send(fd, "POST /second HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"));
    (void)usleep(700000);
    assert_true(raw_send(fd, "body"));
    assert_true(raw_read_until(fd, "POST /second q=none h=none body", text, sizeof text, 5000));
    (void)close(fd);
    http_server_destroy(server);
}

static void take_long(void *context, const struct http_exchange *exchange, struct http_reply *reply)
{
    (void)context;
    (void)exchange;
    (void)reply;
    (void)usleep(1300000);
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

static void handler_may_take_longer_than_the_time_out(void **state)
{
    (void)state;
    struct http_server *server =
        start((struct http_server_config){.idle_timeout_s = 1}, take_long, NULL);
    assert_ptr_equal(ask_once(server), server);
    http_server_destroy(server);
}

/* Where all handlers wait for each other. */
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

/* Until the server has closed it. */
static bool is_closed(int fd)
{
    char text[2000] = "";
    return raw_read_until(fd, NULL, text, sizeof text, 5000);
}

static bool asks(int fd, const char *request)
{
    char text[2000] = "";
    return raw_send(fd, request) && raw_read_until(fd, "GET / ", text, sizeof text, 5000);
}

static void newcomer_on_a_full_server_pushes_out_who_waits_longest(void **state)
{
    (void)state;
    static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    struct http_server *server =
        start((struct http_server_config){.connection_limit = 3}, echo, NULL);
    int half = raw_connect(http_server_address(server));
    assert_true(raw_send(half, "GET / HTTP/1.1\r\nHost:"));
    int silent = raw_connect(http_server_address(server));
    int kept = raw_connect(http_server_address(server));
    assert_true(asks(kept, request));
    int first = raw_connect(http_server_address(server));
    assert_true(asks(first, request));
    assert_true(is_closed(half));
    int second = raw_connect(http_server_address(server));
    assert_true(asks(second, request));
    assert_true(is_closed(silent));
    assert_true(asks(kept, request));
    const int all[] = {half, silent, kept, first, second};
    for (size_t i = 0; i < COUNT(all); ++i) {
        (void)close(all[i]);
    }
    http_server_destroy(server);
}

static void requests_that_are_served_are_not_pushed_out(void **state)
{
    (void)state;
    enum { CLIENTS = 4 };
    struct meeting meeting;
    assert_int_equal(pthread_barrier_init(&meeting.all_here, NULL, CLIENTS), 0);
    struct http_server *server =
        start((struct http_server_config){.connection_limit = 2}, meet, &meeting);
    pthread_t threads[CLIENTS];
    for (int i = 0; i < CLIENTS; ++i) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask_once, server), 0);
        (void)usleep(20000); /* one behind the other */
    }
    for (int i = 0; i < CLIENTS; ++i) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
    http_server_destroy(server);
    (void)pthread_barrier_destroy(&meeting.all_here);
}

static void give_eight_mebibytes(void *context, const struct http_exchange *exchange,
                                 struct http_reply *reply)
{
    (void)context;
    (void)exchange;
    static char block[1 << 20];
    for (int i = 0; i < 8; ++i) {
        strbuf_append(&reply->body, block, sizeof block);
    }
}

static long status_of(const struct http_server *server, struct http_response *response)
{
    struct http_client *client = client_of(server);
    struct error error = {0};
    assert_true(http_client_send(client, &(struct http_request){.path = "/"}, response, &error));
    http_client_destroy(client);
    return response->status;
}

static void bodies_that_are_not_read_are_counted_and_a_further_one_is_refused(void **state)
{
    (void)state;
    struct http_server *server = start((struct http_server_config){.bodies_limit_bytes = 12 << 20},
                                       give_eight_mebibytes, NULL);
    struct http_response response = {0};
    /* One that reads it gives its place back, as often as it asks. */
    for (int i = 0; i < 3; ++i) {
        assert_int_equal(status_of(server, &response), 200);
    }
    int slow = raw_connect(http_server_address(server));
    char head[20] = "";
    assert_true(raw_send(slow, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert_true(raw_read_until(slow, "200", head, sizeof head, 5000));
    assert_int_equal(status_of(server, &response), 503);
    assert_int_equal(response.retry_after_ms, 2000);
    assert_non_null(strstr(strbuf_text(&response.body), "ask again"));
    (void)close(slow);
    int64_t deadline_ns = clock_monotonic_ns() + SUPPORT_PATIENCE_MS * NS_PER_MS;
    while (status_of(server, &response) != 200) {
        assert_true(clock_monotonic_ns() < deadline_ns);
    }
    http_response_free(&response);
    http_server_destroy(server);
}

static void head_that_is_too_large_is_refused_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *start, *want;
    } cases[] = {
        {"GET /", "HTTP/1.1 414 "},
        {"GET /?q=", "HTTP/1.1 414 "},
        {"GET / HTTP/1.1\r\nHost: x\r\nX-Thing: ", "HTTP/1.1 431 "},
    };
    enum { LENGTH = 200000 };
    static char request[LENGTH + 1];
    struct http_server *server = start((struct http_server_config){0}, echo, NULL);
    for (size_t i = 0; i < COUNT(cases); ++i) {
        memset(request, 'a', LENGTH);
        memcpy(request, cases[i].start, strlen(cases[i].start));
        int fd = raw_connect(http_server_address(server));
        char text[4000] = "";
        (void)raw_send(fd, request); /* it may be cut before it is all sent */
        assert_true(raw_read_until(fd, cases[i].want, text, sizeof text, 5000));
        (void)close(fd);
    }
    http_server_destroy(server);
}

/* A proxy in front could take them for one request where the server sees two. */
static void request_whose_end_or_host_is_ambiguous_is_refused(void **state)
{
    (void)state;
#define HEAD "POST /a HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    static const struct {
        const char *request, *want;
    } cases[] = {
        {HEAD "Content-Length: 2\r\n\r\nok", "HTTP/1.1 200 "},
        {HEAD "Transfer-Encoding: CHUNKED\r\n\r\n2\r\nok\r\n0\r\n\r\n", "HTTP/1.1 200 "},
        {HEAD "Host: evil.example\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 400 "},
        {HEAD "host: 127.0.0.1\r\n\r\n", "HTTP/1.1 400 "},
        {HEAD "Content-Length: 2\r\nContent-Length: 30\r\n\r\nok", "HTTP/1.1 400 "},
        {HEAD "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400 "},
        {HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "HTTP/1.1 400 "},
        {HEAD "Transfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 400 "},
        {HEAD "Transfer-Encoding: chunked, gzip\r\n\r\n", "HTTP/1.1 400 "},
        {HEAD "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400 "},
        {HEAD "Content-Length\t: 2\r\n\r\nok", "HTTP/1.1 400 "},
    };
#undef HEAD
    struct http_server *server = start((struct http_server_config){0}, echo, NULL);
    for (size_t i = 0; i < COUNT(cases); ++i) {
        int fd = raw_connect(http_server_address(server));
        char text[4000] = "";
        (void)raw_send(fd, cases[i].request);
        if (!raw_read_until(fd, cases[i].want, text, sizeof text, 5000)) {
            fail_msg("%s: \"%s\"", cases[i].request, text);
        }
        (void)close(fd);
    }
    http_server_destroy(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_of_each_kind_reaches_the_handler_as_it_was_sent),
        cmocka_unit_test(head_and_headers_are_as_http_says),
        cmocka_unit_test(body_over_the_limit_gets_413_however_it_is_sent),
        cmocka_unit_test(client_that_drips_or_idles_is_cut_off),
        cmocka_unit_test(request_on_an_idle_connection_has_time_of_its_own),
        cmocka_unit_test(handler_may_take_longer_than_the_time_out),
        cmocka_unit_test(several_requests_are_handled_at_once),
        cmocka_unit_test(newcomer_on_a_full_server_pushes_out_who_waits_longest),
        cmocka_unit_test(requests_that_are_served_are_not_pushed_out),
        cmocka_unit_test(bodies_that_are_not_read_are_counted_and_a_further_one_is_refused),
        cmocka_unit_test(head_that_is_too_large_is_refused_by_its_name),
        cmocka_unit_test(request_whose_end_or_host_is_ambiguous_is_refused),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
