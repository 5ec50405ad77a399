/* The HTTP client against servers that behave badly, over real sockets. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/http/http_gzip.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "raw_server.h"
#include "support.h"

#define OK_HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct http_client *make_client(struct http_client_config config, const char *base_url)
{
    struct error error = {0};
    config.base_url = base_url;
    struct http_client *client = http_client_create(&config, &error);
    if (client == NULL) {
        fail_msg("%s", error.text);
    }
    return client;
}

/* Sends a GET to a server that plays `answer` and expects it to fail as ERROR_RETRY. */
static void expect_retry(const struct raw_answer *answer, struct http_client_config config,
                         const char *want_text)
{
    struct raw_server *server = raw_server_create(answer, 1);
    struct http_client *client = make_client(config, raw_server_url(server));
    struct http_response response = {0};
    struct error error = {0};
    bool sent =
        http_client_send(client, &(struct http_request){.path = "/p?q=1"}, &response, &error);
    assert_false(sent);
    assert_int_equal(error.kind, ERROR_RETRY);
    char start[100];
    (void)snprintf(start, sizeof start, "GET %s/p: ", raw_server_url(server));
    assert_memory_equal(error.text, start, strlen(start));
    if (strstr(error.text, want_text) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.text, want_text);
    }
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
}

static void several_requests_on_one_client_share_one_connection(void **state)
{
    (void)state;
    const struct raw_answer answers[] = {{.bytes = OK_HELLO}};
    struct raw_server *server = raw_server_create(answers, 1);
    struct http_client *client =
        make_client((struct http_client_config){0}, raw_server_url(server));
    struct http_response response = {0};
    struct error error = {0};
    for (int i = 0; i < 3; ++i) {
        assert_true(
            http_client_send(client, &(struct http_request){.path = "/"}, &response, &error));
        assert_int_equal(response.status, 200);
        assert_string_equal(response.content_type, "text/plain");
        assert_string_equal(strbuf_text(&response.body), "hello");
    }
    assert_int_equal(raw_server_requests(server), 3);
    assert_int_equal(raw_server_connections(server), 1);
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
}

static void request_on_a_connection_that_went_stale_is_sent_on_a_new_one(void **state)
{
    (void)state;
    const struct raw_answer answers[] = {{.bytes = OK_HELLO, .end = RAW_CLOSE},
                                         {.bytes = OK_HELLO}};
    struct raw_server *server = raw_server_create(answers, COUNT(answers));
    struct http_client *client =
        make_client((struct http_client_config){0}, raw_server_url(server));
    struct http_response response = {0};
    struct error error = {0};
    struct http_request request = {.method = "POST", .path = "/", .body = {"x", 1}};
    assert_true(http_client_send(client, &request, &response, &error));
    assert_true(http_client_send(client, &request, &response, &error));
    assert_string_equal(strbuf_text(&response.body), "hello");
    assert_int_equal(raw_server_connections(server), 2);
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
}

static void answer_that_breaks_off_or_is_no_http_is_a_retry(void **state)
{
    (void)state;
    static const struct {
        struct raw_answer answer;
        const char *want;
    } cases[] = {
        {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", .end = RAW_CLOSE}, "broke"},
        {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", .end = RAW_RESET}, "broke"},
        {{.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
          .end = RAW_CLOSE},
         "broke"},
        {{.bytes = "HTTP/1.1 20", .end = RAW_CLOSE}, "broke"},
        {{.end = RAW_CLOSE}, "broke"},
        {{.end = RAW_RESET}, "broke"},
        {{.bytes = "SSH-2.0-OpenSSH_9.2\r\n", .end = RAW_CLOSE}, "broke"},
        {{.bytes =
              "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!",
          .end = RAW_CLOSE},
         "broke"},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        expect_retry(&cases[i].answer, (struct http_client_config){0}, cases[i].want);
    }
}

static void request_after_a_broken_one_works(void **state)
{
    (void)state;
    const struct raw_answer answers[] = {{.bytes = "HTTP/1.1 200 OK\r\nConte", .end = RAW_RESET},
                                         {.bytes = OK_HELLO}};
    struct raw_server *server = raw_server_create(answers, COUNT(answers));
    struct http_client *client =
        make_client((struct http_client_config){0}, raw_server_url(server));
    struct http_response response = {0};
    struct error error = {0};
    struct http_request request = {.path = "/"};
    assert_false(http_client_send(client, &request, &response, &error));
    assert_true(http_client_send(client, &request, &response, &error));
    assert_string_equal(strbuf_text(&response.body), "hello");
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
}

static void answer_that_is_silent_or_drips_ends_at_the_time_out(void **state)
{
    (void)state;
    static const struct raw_answer answers[] = {
        {.end = RAW_HANG},
        {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .end = RAW_HANG},
        {.bytes = OK_HELLO, .drip_ms = 50},
    };
    for (size_t i = 0; i < COUNT(answers); ++i) {
        int64_t start_ns = clock_monotonic_ns();
        expect_retry(&answers[i], (struct http_client_config){.timeout_ms = 300}, "in time");
        int64_t took_ms = (clock_monotonic_ns() - start_ns) / NS_PER_MS;
        assert_in_range(took_ms, 250, 5000);
    }
}

/* As a database does that works on a long query. */
static void answer_that_begins_just_before_the_time_out_is_taken(void **state)
{
    (void)state;
    static const struct raw_answer answer = {.bytes = OK_HELLO, .delay_ms = 2500};
    struct raw_server *server = raw_server_create(&answer, 1);
    struct http_client *client =
        make_client((struct http_client_config){.timeout_ms = 3000}, raw_server_url(server));
    struct http_response response = {0};
    struct error error = {0};
    assert_true(http_client_send(client, &(struct http_request){.path = "/"}, &response, &error));
    assert_string_equal(strbuf_text(&response.body), "hello");
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
}

static void connection_refused_is_a_retry_that_asks_for_the_service(void **state)
{
    (void)state;
    /* A port that was free a moment ago. */
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof where;
    assert_int_equal(bind(fd, (struct sockaddr *)&where, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&where, &size), 0);
    char url[100];
    (void)snprintf(url, sizeof url, "http://anna7:s3cret@127.0.0.1:%u", ntohs(where.sin_port));
    struct http_client *client = make_client((struct http_client_config){0}, url);
    struct http_response response = {0};
    struct error error = {0};
    assert_false(http_client_send(
        client, &(struct http_request){.path = "/x?token=t0ken", .bearer_token = "b3arer"},
        &response, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "is the service running"));
    assert_null(strstr(error.text, "s3cret"));
    assert_null(strstr(error.text, "t0ken"));
    assert_null(strstr(error.text, "b3arer"));
    assert_null(strstr(error.text, "anna7"));
    (void)close(fd);
    http_client_destroy(client);
    http_response_free(&response);
}

static void body_over_the_cap_is_a_retry_even_when_it_was_small_on_the_wire(void **state)
{
    (void)state;
    static char zeros[3 << 20];
    struct strbuf bomb = strbuf_new(4 << 20);
    assert_true(http_gzip((struct str){zeros, sizeof zeros}, &bomb));
    assert_in_range(bomb.length, 1, 10000);
    struct strbuf bytes = strbuf_new(1 << 20);
    strbuf_append_format(&bytes,
                         "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
                         bomb.length);
    strbuf_append_str(&bytes, strbuf_str(&bomb));
    const struct raw_answer packed = {.bytes = bytes.data, .length = bytes.length};
    expect_retry(&packed, (struct http_client_config){0}, "larger than the 1048576 bytes");
    const struct raw_answer plain = {.bytes = OK_HELLO};
    expect_retry(&plain, (struct http_client_config){.body_limit_bytes = 4}, "larger than the 4");
    strbuf_free(&bomb);
    strbuf_free(&bytes);
}

static void gzipped_answer_up_to_the_cap_is_taken_whole(void **state)
{
    (void)state;
    static char zeros[1 << 20];
    struct strbuf packed = strbuf_new(4 << 20);
    assert_true(http_gzip((struct str){zeros, sizeof zeros}, &packed));
    struct strbuf bytes = strbuf_new(1 << 20);
    strbuf_append_format(&bytes,
                         "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
                         packed.length);
    strbuf_append_str(&bytes, strbuf_str(&packed));
    const struct raw_answer answer = {.bytes = bytes.data, .length = bytes.length};
    struct raw_server *server = raw_server_create(&answer, 1);
    struct http_client *client =
        make_client((struct http_client_config){0}, raw_server_url(server));
    struct http_response response = {0};
    struct error error = {0};
    assert_true(http_client_send(client, &(struct http_request){0}, &response, &error));
    assert_int_equal(response.body.length, sizeof zeros);
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
    strbuf_free(&packed);
    strbuf_free(&bytes);
}

/* Sends one GET with a token to `first`, which may try to lead it to `other`. */
static void expect_only_first_asked(struct raw_server *first, struct raw_server *other, long status)
{
    struct http_client *client = make_client((struct http_client_config){0}, raw_server_url(first));
    struct http_response response = {0};
    struct error error = {0};
    assert_true(http_client_send(client, &(struct http_request){.path = "/", .bearer_token = "b"},
                                 &response, &error));
    assert_int_equal(response.status, status);
    assert_int_equal(raw_server_requests(first), 1);
    assert_int_equal(raw_server_connections(other), 0);
    http_response_free(&response);
    http_client_destroy(client);
}

static void redirect_is_given_back_and_not_followed(void **state)
{
    (void)state;
    const struct raw_answer hello = {.bytes = OK_HELLO};
    struct raw_server *other = raw_server_create(&hello, 1);
    char bytes[200];
    (void)snprintf(bytes, sizeof bytes,
                   "HTTP/1.1 302 Found\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n",
                   raw_server_url(other));
    const struct raw_answer answer = {.bytes = bytes};
    struct raw_server *first = raw_server_create(&answer, 1);
    expect_only_first_asked(first, other, 302);
    raw_server_destroy(first);
    raw_server_destroy(other);
}

/* What has to be configured instead, and nothing of the credentials that may stand in it. */
static void redirect_is_refused_with_the_base_that_it_leads_to(void **state)
{
    (void)state;
    static const struct {
        const char *location;
        const char *want;
    } cases[] = {
        {"https://other.example:8443/sub/api/v3/write_lp?db=market",
         " answered 307, a redirect to https://other.example:8443/sub: name its target with --x"},
        {"https://me:hunter2@other.example/api/v3/write_lp?token=hunter2#hunter2",
         "a redirect to https://other.example: name"},
        {"https://other.example/log-in;s=hunter2?back=hunter2",
         "a redirect to https://other.example/log-in: name"},
        {"https://other.example/", "a redirect to https://other.example: name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char bytes[300];
        (void)snprintf(bytes, sizeof bytes,
                       "HTTP/1.1 307 Elsewhere\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                       cases[i].location);
        const struct raw_answer answers[] = {{.bytes = bytes}, {.bytes = OK_HELLO}};
        struct raw_server *server = raw_server_create(answers, 2);
        struct http_client *client =
            make_client((struct http_client_config){0}, raw_server_url(server));
        const struct http_request request = {.path = "/api/v3/write_lp?db=market"};
        struct http_response response = {0};
        struct error error = {0};
        assert_true(http_client_send(client, &request, &response, &error));
        assert_false(http_client_refuse_redirect(client, &response, "--x", &error));
        assert_int_equal(error.kind, ERROR_RETRY);
        if (strstr(error.text, cases[i].want) == NULL || strstr(error.text, "hunter2") != NULL) {
            fail_msg("case %zu: \"%s\"", i, error.text);
        }
        assert_true(http_client_send(client, &request, &response, &error));
        assert_true(http_client_refuse_redirect(client, &response, "--x", &error));
        http_response_free(&response);
        http_client_destroy(client);
        raw_server_destroy(server);
    }
}

/* A request may be given less time than its client. */
static void request_has_a_time_of_its_own(void **state)
{
    (void)state;
    const struct raw_answer silence = {.end = RAW_HANG};
    struct raw_server *server = raw_server_create(&silence, 1);
    struct http_client *client =
        make_client((struct http_client_config){.timeout_ms = 20000}, raw_server_url(server));
    struct http_response response = {0};
    struct error error = {0};
    int64_t begin_ns = clock_monotonic_ns();
    assert_false(http_client_send(client, &(struct http_request){.path = "/", .timeout_ms = 100},
                                  &response, &error));
    assert_true(clock_monotonic_ns() - begin_ns < 10 * NS_PER_SECOND);
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
}

static void proxy_named_in_the_environment_is_not_asked(void **state)
{
    (void)state;
    const struct raw_answer hello = {.bytes = OK_HELLO};
    struct raw_server *first = raw_server_create(&hello, 1);
    struct raw_server *proxy = raw_server_create(&hello, 1);
    assert_int_equal(setenv("http_proxy", raw_server_url(proxy), 1), 0);
    assert_int_equal(setenv("ALL_PROXY", raw_server_url(proxy), 1), 0);
    expect_only_first_asked(first, proxy, 200);
    assert_int_equal(unsetenv("http_proxy"), 0);
    assert_int_equal(unsetenv("ALL_PROXY"), 0);
    raw_server_destroy(first);
    raw_server_destroy(proxy);
}

static void dates_of_an_answer_are_measured_on_the_servers_clock(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        int want_ms;
        int64_t want_date_s;
    } cases[] = {
        {"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", 7000, 0},
        {"HTTP/1.1 503 Busy\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
         "Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\nContent-Length: 0\r\n\r\n",
         30000, 784111777},
        {"HTTP/1.1 503 Busy\r\nRetry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n"
         "Content-Length: 0\r\n\r\n",
         0, 0},
        {"HTTP/1.1 503 Busy\r\nDate: today\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n", 0,
         0},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, 0},
    };
    struct raw_answer answers[COUNT(cases)] = {0};
    for (size_t i = 0; i < COUNT(cases); ++i) {
        answers[i].bytes = cases[i].bytes;
    }
    struct raw_server *server = raw_server_create(answers, COUNT(cases));
    struct http_client *client =
        make_client((struct http_client_config){0}, raw_server_url(server));
    struct http_response response = {0};
    struct error error = {0};
    for (size_t i = 0; i < COUNT(cases); ++i) {
        assert_true(http_client_send(client, &(struct http_request){0}, &response, &error));
        assert_int_equal(response.retry_after_ms, cases[i].want_ms);
        assert_int_equal(response.date_ns, cases[i].want_date_s * NS_PER_SECOND);
    }
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
}

/* libcurl would take dots as steps in a tree of folders; here they may be a name. */
static void path_is_sent_as_it_is(void **state)
{
    (void)state;
    static const char *const paths[] = {"/a/../b", "/a/%2E%2e/b?c=/../d", "/./a//b"};
    const struct raw_answer hello = {.bytes = OK_HELLO};
    struct raw_server *server = raw_server_create(&hello, 1);
    struct http_client *client =
        make_client((struct http_client_config){0}, raw_server_url(server));
    struct http_response response = {0};
    struct error error = {0};
    for (size_t i = 0; i < COUNT(paths); ++i) {
        assert_true(
            http_client_send(client, &(struct http_request){.path = paths[i]}, &response, &error));
        char want[100];
        (void)snprintf(want, sizeof want, "GET %s HTTP/1.1\r\n", paths[i]);
        char *request = raw_server_request(server, i);
        assert_memory_equal(request, want, strlen(want));
        free(request);
    }
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
}

/* Validators travel as they came; one that is too long to be kept whole counts as none. */
static void validators_of_an_answer_are_kept_and_sent_back(void **state)
{
    (void)state;
    char tag[300], cut[500];
    (void)snprintf(tag, sizeof tag, "\"%0253d\"", 0); /* 255 characters: just fits */
    (void)snprintf(cut, sizeof cut,
                   "HTTP/1.1 200 OK\r\nETag: \"%0254d\"\r\nLast-Modified: %0100d\r\n"
                   "Content-Length: 0\r\n\r\n",
                   0, 0);
    char fits[400];
    (void)snprintf(fits, sizeof fits, "HTTP/1.1 200 OK\r\nETag: %s\r\nContent-Length: 0\r\n\r\n",
                   tag);
    const struct raw_answer answers[] = {
        {.bytes = "HTTP/1.1 200 OK\r\nETag: W/\"a b\"\r\n"
                  "Last-Modified: yesterday, as it were\r\nContent-Length: 0\r\n\r\n"},
        {.bytes = "HTTP/1.1 304 Not Modified\r\nETag: W/\"a b\"\r\n\r\n"},
        {.bytes = fits},
        {.bytes = cut},
        {.bytes = OK_HELLO},
    };
    static const char *const want[][2] = {{"W/\"a b\"", "yesterday, as it were"},
                                          {"W/\"a b\"", ""},
                                          {NULL, ""}, /* tag */
                                          {"", ""},
                                          {"", ""}};
    struct raw_server *server = raw_server_create(answers, COUNT(answers));
    struct http_client *client =
        make_client((struct http_client_config){0}, raw_server_url(server));
    struct http_response response = {0};
    struct error error = {0};
    for (size_t i = 0; i < COUNT(answers); ++i) {
        char etag[256], modified[64];
        memcpy(etag, response.etag, sizeof etag);
        memcpy(modified, response.last_modified, sizeof modified);
        assert_true(http_client_send(
            client, &(struct http_request){.if_none_match = etag, .if_modified_since = modified},
            &response, &error));
        assert_string_equal(response.etag, want[i][0] != NULL ? want[i][0] : tag);
        assert_string_equal(response.last_modified, want[i][1]);
        char *request = raw_server_request(server, i);
        assert_int_equal(strstr(request, "If-None-Match:") != NULL, etag[0] != '\0');
        assert_int_equal(strstr(request, "If-Modified-Since:") != NULL, modified[0] != '\0');
        free(request);
    }
    char *second = raw_server_request(server, 1);
    assert_non_null(strstr(second, "\r\nIf-None-Match: W/\"a b\"\r\n"));
    assert_non_null(strstr(second, "\r\nIf-Modified-Since: yesterday, as it were\r\n"));
    free(second);
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
}

/* A validator comes from a stranger: a line break in it would be a header of theirs. */
static void validator_with_a_line_break_is_not_sent(void **state)
{
    (void)state;
    const struct raw_answer hello = {.bytes = OK_HELLO};
    struct raw_server *server = raw_server_create(&hello, 1);
    struct http_client *client =
        make_client((struct http_client_config){0}, raw_server_url(server));
    struct http_response response = {0};
    struct error error = {0};
    assert_false(http_client_send(
        client, &(struct http_request){.if_none_match = "\"a\"\r\nX-More: 1"}, &response, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_int_equal(raw_server_requests(server), 0);
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
}

static void *request_stop_soon(void *context)
{
    (void)usleep(200000);
    stop_request(context);
    return NULL;
}

static void stop_ends_a_slow_request_early(void **state)
{
    (void)state;
    struct error error = {0};
    struct stop *stop = stop_create(&error);
    assert_non_null(stop);
    const struct raw_answer silence = {.end = RAW_HANG};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, request_stop_soon, stop), 0);
    int64_t start_ns = clock_monotonic_ns();
    expect_retry(&silence, (struct http_client_config){.stop = stop}, "stop was requested");
    assert_in_range((clock_monotonic_ns() - start_ns) / NS_PER_MS, 150, 5000);
    assert_int_equal(pthread_join(thread, NULL), 0);
    stop_destroy(stop);
}

static void *make_first_client(void *context)
{
    struct error error = {0};
    struct http_client **client = context;
    *client =
        http_client_create(&(struct http_client_config){.base_url = "https://127.0.0.1:1"}, &error);
    return NULL;
}

/* Has to be the first test: libcurl starts with the first client. */
static void first_clients_of_several_threads_can_be_made_at_once(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    struct http_client *clients[THREADS] = {NULL};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, make_first_client, &clients[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_non_null(clients[i]);
        http_client_destroy(clients[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_clients_of_several_threads_can_be_made_at_once),
        cmocka_unit_test(several_requests_on_one_client_share_one_connection),
        cmocka_unit_test(request_on_a_connection_that_went_stale_is_sent_on_a_new_one),
        cmocka_unit_test(answer_that_breaks_off_or_is_no_http_is_a_retry),
        cmocka_unit_test(request_after_a_broken_one_works),
        cmocka_unit_test(answer_that_begins_just_before_the_time_out_is_taken),
        cmocka_unit_test(answer_that_is_silent_or_drips_ends_at_the_time_out),
        cmocka_unit_test(connection_refused_is_a_retry_that_asks_for_the_service),
        cmocka_unit_test(body_over_the_cap_is_a_retry_even_when_it_was_small_on_the_wire),
        cmocka_unit_test(gzipped_answer_up_to_the_cap_is_taken_whole),
        cmocka_unit_test(redirect_is_given_back_and_not_followed),
        cmocka_unit_test(redirect_is_refused_with_the_base_that_it_leads_to),
        cmocka_unit_test(request_has_a_time_of_its_own),
        cmocka_unit_test(proxy_named_in_the_environment_is_not_asked),
        cmocka_unit_test(dates_of_an_answer_are_measured_on_the_servers_clock),
        cmocka_unit_test(path_is_sent_as_it_is),
        cmocka_unit_test(validators_of_an_answer_are_kept_and_sent_back),
        cmocka_unit_test(validator_with_a_line_break_is_not_sent),
        cmocka_unit_test(stop_ends_a_slow_request_early),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
