/* Replies without end (server-sent events): bytes come at once, ends are noticed by both sides. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/http/http_server.h"
#include "cmocka_all.h"
#include "raw_client.h"
#include "support.h"

/* What a stream gives: numbers up to `last`, each as soon as `allowed` says. */
struct source {
    atomic_int allowed;
    int last;
    atomic_int next;
    atomic_int freed;
    size_t padding;  /* bytes more in each chunk */
    bool has_an_end; /* an answer like any other, but for its size */
};

static bool next_number(void *context, struct strbuf *chunk)
{
    struct source *source = context;
    int n = atomic_load(&source->next);
    if (n > source->last) {
        return false;
    }
    if (n > atomic_load(&source->allowed)) {
        /* Nothing yet: give nothing, as a source without a heartbeat would. */
        (void)nanosleep(&(struct timespec){.tv_nsec = 20 * NS_PER_MS}, NULL);
        return true;
    }
    strbuf_append_format(chunk, "data: %d\n\n", n);
    for (size_t i = 0; i < source->padding; ++i) {
        strbuf_append_char(chunk, '.');
    }
    atomic_fetch_add(&source->next, 1);
    return true;
}

static void count_free(void *context)
{
    struct source *source = context;
    atomic_fetch_add(&source->freed, 1);
}

static void give_stream(void *context, const struct http_exchange *exchange,
                        struct http_reply *reply)
{
    (void)exchange;
    const struct source *source = context;
    reply->stream_endless = !source->has_an_end;
    reply->content_type = "text/event-stream";
    reply->headers[0][0] = "Cache-Control";
    reply->headers[0][1] = "no-cache";
    reply->stream_next = next_number;
    reply->stream_free = count_free;
    reply->stream_context = context;
}

static struct http_server *start(struct source *source)
{
    struct error error = {0};
    struct http_server *server =
        http_server_create(&(struct http_server_config){.listen = "127.0.0.1:0",
                                                        .idle_timeout_s = 1,
                                                        .handler = give_stream,
                                                        .context = source},
                           &error);
    assert_non_null(server);
    return server;
}

static int open_stream(const struct http_server *server, const char *method)
{
    int fd = raw_connect(http_server_address(server));
    char request[100];
    (void)snprintf(request, sizeof request, "%s / HTTP/1.1\r\nHost: x\r\n\r\n", method);
    assert_true(raw_send(fd, request));
    return fd;
}

static bool read_until(int fd, const char *until, char *text, size_t size)
{
    return raw_read_until(fd, until, text, size, 5000);
}

static bool is_freed(void *context)
{
    struct source *source = context;
    return atomic_load(&source->freed) == 1;
}

static void stream_gives_each_chunk_at_once_and_outlives_the_idle_time_out(void **state)
{
    (void)state;
    struct source source = {.last = 3, .allowed = 1, .next = 1};
    struct http_server *server = start(&source);
    int fd = open_stream(server, "GET");
    char text[4000] = "";
    assert_true(read_until(fd, "data: 1\n\n", text, sizeof text));
    assert_non_null(strstr(text, "Content-Type: text/event-stream\r\n"));
    assert_non_null(strstr(text, "Cache-Control: no-cache\r\n"));
    assert_null(strstr(text, "data: 2"));
    /* Longer than the idle time-out of 1 s. */
    (void)nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 600 * NS_PER_MS}, NULL);
    atomic_store(&source.allowed, 2);
    assert_true(read_until(fd, "data: 2\n\n", text, sizeof text));
    atomic_store(&source.allowed, 3);
    assert_true(read_until(fd, "data: 3\n\n\r\n0\r\n", text, sizeof text)); /* and the end */
    assert_true(support_wait(is_freed, &source, 5000));
    (void)close(fd);
    http_server_destroy(server);
    assert_int_equal(atomic_load(&source.freed), 1);
}

static void chunk_larger_than_any_block_arrives_whole(void **state)
{
    (void)state;
    struct source source = {.last = 2, .allowed = 2, .next = 1, .padding = 300000};
    struct http_server *server = start(&source);
    char url[100];
    (void)snprintf(url, sizeof url, "http://%s", http_server_address(server));
    struct error error = {0};
    struct http_client *client =
        http_client_create(&(struct http_client_config){.base_url = url}, &error);
    assert_non_null(client);
    struct http_response response = {0};
    assert_true(http_client_send(client, &(struct http_request){.path = "/"}, &response, &error));
    assert_int_equal(response.body.length, 2 * (strlen("data: 1\n\n") + source.padding));
    http_response_free(&response);
    http_client_destroy(client);
    http_server_destroy(server);
}

static void stream_with_an_end_that_nobody_reads_is_cut(void **state)
{
    (void)state;
    struct source source = {
        .last = 100, .allowed = 100, .next = 1, .padding = 300000, .has_an_end = true};
    struct http_server *server = start(&source);
    int64_t start_ns = clock_monotonic_ns();
    int fd = open_stream(server, "GET");
    assert_true(support_wait(is_freed, &source, 10000));
    assert_true(clock_monotonic_ns() - start_ns >= 3900 * NS_PER_MS);
    assert_true(atomic_load(&source.next) < 100);
    (void)close(fd);
    http_server_destroy(server);
}

static void client_that_leaves_a_silent_stream_is_noticed(void **state)
{
    (void)state;
    struct source source = {.last = 9, .allowed = 1, .next = 1};
    struct http_server *server = start(&source);
    int fd = open_stream(server, "GET");
    char text[4000] = "";
    assert_true(read_until(fd, "data: 1\n\n", text, sizeof text));
    (void)close(fd);
    assert_true(support_wait(is_freed, &source, 5000));
    http_server_destroy(server);
}

/* As `nc -N` and some proxies do. */
static void client_that_has_closed_its_sending_half_reads_to_the_end(void **state)
{
    (void)state;
    struct source source = {.last = 3, .allowed = 0, .next = 1, .has_an_end = true};
    struct http_server *server = start(&source);
    int fd = open_stream(server, "GET");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    char text[4000] = "";
    assert_true(read_until(fd, "\r\n\r\n", text, sizeof text));
    atomic_store(&source.allowed, 3); /* the server knew of the half before there was a body */
    assert_true(read_until(fd, "\r\n0\r\n\r\n", text, sizeof text));
    for (int n = 1; n <= source.last; n++) {
        char wanted[20];
        (void)snprintf(wanted, sizeof wanted, "data: %d\n\n", n);
        assert_non_null(strstr(text, wanted));
    }
    (void)close(fd);
    http_server_destroy(server);
}

static void destroy_breaks_off_an_answer_without_its_end(void **state)
{
    (void)state;
    struct source source = {.last = 9, .allowed = 1, .next = 1, .has_an_end = true};
    struct http_server *server = start(&source);
    int fd = open_stream(server, "GET");
    char text[4000] = "";
    assert_true(read_until(fd, "data: 1\n\n", text, sizeof text));
    http_server_destroy(server);
    assert_int_equal(atomic_load(&source.freed), 1);
    assert_false(read_until(fd, "\r\n0\r\n\r\n", text, sizeof text));
    (void)close(fd);
}

static void destroy_with_open_streams_returns_soon(void **state)
{
    (void)state;
    struct source source = {.last = 9, .allowed = 1, .next = 1};
    struct http_server *server = start(&source);
    int fd = open_stream(server, "GET");
    char text[4000] = "";
    assert_true(read_until(fd, "data: 1\n\n", text, sizeof text));
    int idle = open_stream(server, "");
    int64_t start_ns = clock_monotonic_ns();
    http_server_destroy(server);
    assert_true(clock_monotonic_ns() - start_ns < 2 * NS_PER_SECOND);
    assert_int_equal(atomic_load(&source.freed), 1);
    (void)close(fd);
    (void)close(idle);
}

static void destroy_ends_a_stream_that_never_stops_giving_to_a_peer_that_never_reads(void **state)
{
    (void)state;
    struct source source = {.last = 1 << 30, .allowed = 1 << 30, .padding = 100000};
    struct http_server *server = start(&source);
    int fd = open_stream(server, "GET");
    char text[200] = "";
    (void)read_until(fd, "HTTP/1.1 200", text, sizeof text);
    /* The socket's buffers fill up, and the server waits for room. */
    (void)nanosleep(&(struct timespec){.tv_nsec = 300 * NS_PER_MS}, NULL);
    int64_t start_ns = clock_monotonic_ns();
    http_server_destroy(server);
    assert_true(clock_monotonic_ns() - start_ns < 2 * NS_PER_SECOND);
    assert_int_equal(atomic_load(&source.freed), 1);
    (void)close(fd);
}

static void head_of_a_stream_gives_headers_and_starts_nothing(void **state)
{
    (void)state;
    struct source source = {.last = 9, .allowed = 9, .next = 1};
    struct http_server *server = start(&source);
    int fd = open_stream(server, "HEAD");
    char text[4000] = "";
    assert_true(read_until(fd, "\r\n\r\n", text, sizeof text));
    assert_non_null(strstr(text, "Content-Type: text/event-stream\r\n"));
    assert_int_equal(atomic_load(&source.next), 1);
    assert_int_equal(atomic_load(&source.freed), 1);
    (void)close(fd);
    http_server_destroy(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_gives_each_chunk_at_once_and_outlives_the_idle_time_out),
        cmocka_unit_test(chunk_larger_than_any_block_arrives_whole),
        cmocka_unit_test(stream_with_an_end_that_nobody_reads_is_cut),
        cmocka_unit_test(client_that_leaves_a_silent_stream_is_noticed),
        cmocka_unit_test(client_that_has_closed_its_sending_half_reads_to_the_end),
        cmocka_unit_test(destroy_breaks_off_an_answer_without_its_end),
        cmocka_unit_test(destroy_with_open_streams_returns_soon),
        cmocka_unit_test(destroy_ends_a_stream_that_never_stops_giving_to_a_peer_that_never_reads),
        cmocka_unit_test(head_of_a_stream_gives_headers_and_starts_nothing),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
