/* What the HTTP client puts on the wire, and what it refuses to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/http/http_client.h"
#include "base/http/http_server.h"
#include "cmocka_all.h"
#include "raw_server.h"
#include "support.h"

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The bytes of one request, to free(). */
static char *send_and_see(struct http_client_config config, const char *user_info,
                          const struct http_request *request)
{
    const struct raw_answer answer = {.bytes = OK_EMPTY};
    struct raw_server *server = raw_server_create(&answer, 1);
    char url[200];
    (void)snprintf(url, sizeof url, "http://%s%s/base/", user_info,
                   raw_server_url(server) + strlen("http://"));
    struct error error = {0};
    config.base_url = url;
    struct http_client *client = http_client_create(&config, &error);
    assert_non_null(client);
    assert_null(strchr(http_client_url(client), '@'));
    assert_string_equal(strrchr(http_client_url(client), '/'), "/base");
    struct http_response response = {0};
    if (!http_client_send(client, request, &response, &error)) {
        fail_msg("%s", error.text);
    }
    char *seen = raw_server_request(server, 0);
    assert_non_null(seen);
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
    return seen;
}

static void request_of_each_kind_has_these_lines_and_no_others(void **state)
{
    (void)state;
    static const struct {
        struct http_request request;
        const char *want[4];
        const char *without[4];
    } cases[] = {
        {{.path = "/a?b=c"},
         {"GET /base/a?b=c HTTP/1.1\r\n", "Accept-Encoding: gzip\r\n"},
         {"Content-Type", "Authorization", "Content-Length", "Expect"}},
        {{.method = "HEAD", .path = "/"}, {"HEAD /base/ HTTP/1.1\r\n"}, {"Content-Length"}},
        {{.method = "DELETE", .path = "/x"}, {"DELETE /base/x HTTP/1.1\r\n"}, {"Content-Type"}},
        {{.method = "POST", .path = "/x"},
         {"POST /base/x HTTP/1.1\r\n", "Content-Length: 0\r\n"},
         {"Content-Type"}},
        {{.method = "PUT",
          .path = "/x",
          .content_type = "application/json",
          .accept = "text/csv",
          .body = {"{}", 2}},
         {"PUT /base/x HTTP/1.1\r\n", "Content-Type: application/json\r\n", "Accept: text/csv\r\n",
          "\r\n\r\n{}"},
         {"Expect", "Content-Encoding"}},
        {{.path = "/", .bearer_token = "abc.def"}, {"Authorization: Bearer abc.def\r\n"}, {NULL}},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        char *seen = send_and_see((struct http_client_config){0}, "", &cases[i].request);
        for (size_t k = 0; k < 4; ++k) {
            if (cases[i].want[k] != NULL && strstr(seen, cases[i].want[k]) == NULL) {
                fail_msg("\"%s\" is missing in:\n%s", cases[i].want[k], seen);
            }
            if (cases[i].without[k] != NULL && strstr(seen, cases[i].without[k]) != NULL) {
                fail_msg("\"%s\" is in:\n%s", cases[i].without[k], seen);
            }
        }
        free(seen);
    }
}

static void credentials_from_config_or_url_become_basic_auth(void **state)
{
    (void)state;
    static const struct {
        const char *username;
        const char *password;
        const char *user_info;
        const char *want; /* base64 by an independent tool */
    } cases[] = {
        {"ann", "s3cret", "", "Authorization: Basic YW5uOnMzY3JldA==\r\n"},
        {NULL, NULL, "ann:s3%63ret@", "Authorization: Basic YW5uOnMzY3JldA==\r\n"},
        {"ann", "s3cret", "bob:other@", "Authorization: Basic YW5uOnMzY3JldA==\r\n"},
        {"ann", NULL, "", "Authorization: Basic YW5uOg==\r\n"},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct http_client_config config = {.username = cases[i].username,
                                            .password = cases[i].password};
        char *seen = send_and_see(config, cases[i].user_info, &(struct http_request){.path = "/"});
        if (strstr(seen, cases[i].want) == NULL || strstr(seen, "bob") != NULL) {
            fail_msg("case %zu:\n%s", i, seen);
        }
        free(seen);
    }
}

/* Answers with the body gunzipped. */
static void unpack(void *context, const struct http_exchange *exchange, struct http_reply *reply)
{
    (void)context;
    const char *encoding = http_exchange_header(exchange, "content-encoding");
    if (encoding == NULL || strcmp(encoding, "gzip") != 0) {
        reply->status = 400;
        return;
    }
    z_stream stream = {0};
    static char plain[100000];
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    /* zlib does not write to its input, though its type says so. */
    stream.next_in = (Bytef *)(uintptr_t)exchange->body.data;
    stream.avail_in = (uInt)exchange->body.length;
    stream.next_out = (Bytef *)plain;
    stream.avail_out = sizeof plain;
    if (inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0) {
        strbuf_append(&reply->body, plain, stream.total_out);
    } else {
        reply->status = 400;
    }
    (void)inflateEnd(&stream);
}

static void gzipped_body_of_any_size_unpacks_to_what_was_given(void **state)
{
    (void)state;
    struct error error = {0};
    struct http_server *server = http_server_create(
        &(struct http_server_config){.listen = "127.0.0.1:0", .handler = unpack}, &error);
    assert_non_null(server);
    char url[100];
    (void)snprintf(url, sizeof url, "http://%s", http_server_address(server));
    struct http_client *client =
        http_client_create(&(struct http_client_config){.base_url = url}, &error);
    assert_non_null(client);
    static const size_t sizes[] = {0, 1, 100, 99999};
    char *text = malloc(100000);
    assert_non_null(text);
    for (size_t i = 0; i < 100000; ++i) {
        text[i] = (char)(' ' + i * i % 91);
    }
    struct http_response response = {0};
    for (size_t i = 0; i < COUNT(sizes); ++i) {
        struct http_request request = {
            .method = "POST", .path = "/", .body = {text, sizes[i]}, .gzip = true};
        assert_true(http_client_send(client, &request, &response, &error));
        assert_int_equal(response.status, 200);
        assert_int_equal(response.body.length, sizes[i]);
        assert_memory_equal(strbuf_text(&response.body), text, sizes[i]);
    }
    free(text);
    http_response_free(&response);
    http_client_destroy(client);
    http_server_destroy(server);
}

/* Says whether the client waited to be told to go on. */
static void tell_expect(void *context, const struct http_exchange *exchange,
                        struct http_reply *reply)
{
    (void)context;
    reply->status = http_exchange_header(exchange, "Expect") != NULL ? 417 : 200;
    strbuf_append_int64(&reply->body, (int64_t)exchange->body.length);
}

static void large_body_is_sent_without_waiting_for_a_go_ahead(void **state)
{
    (void)state;
    struct error error = {0};
    struct http_server *server = http_server_create(
        &(struct http_server_config){
            .listen = "127.0.0.1:0", .body_limit_bytes = 4 << 20, .handler = tell_expect},
        &error);
    assert_non_null(server);
    char url[100];
    (void)snprintf(url, sizeof url, "http://%s", http_server_address(server));
    struct http_client *client =
        http_client_create(&(struct http_client_config){.base_url = url}, &error);
    assert_non_null(client);
    static char body[2 << 20];
    struct http_response response = {0};
    struct http_request request = {.method = "POST", .path = "/", .body = {body, sizeof body}};
    assert_true(http_client_send(client, &request, &response, &error));
    assert_int_equal(response.status, 200);
    assert_string_equal(strbuf_text(&response.body), "2097152");
    http_response_free(&response);
    http_client_destroy(client);
    http_server_destroy(server);
}

static void request_that_would_split_a_header_or_has_no_url_is_refused(void **state)
{
    (void)state;
    static const struct http_request cases[] = {
        {.path = "/", .bearer_token = "a\r\nX-Evil: 1"},
        {.path = "/", .bearer_token = "a\n"},
        {.path = "/", .accept = "text/csv\nX-Evil: 1"},
        {.path = "/", .content_type = "a\rb"},
        {.path = "/a b"},
        {.path = "/a\nb"},
    };
    const struct raw_answer answer = {.bytes = OK_EMPTY};
    struct raw_server *server = raw_server_create(&answer, 1);
    struct error error = {0};
    struct http_client *client = http_client_create(
        &(struct http_client_config){.base_url = raw_server_url(server)}, &error);
    assert_non_null(client);
    struct http_response response = {0};
    for (size_t i = 0; i < COUNT(cases); ++i) {
        error = (struct error){0};
        assert_false(http_client_send(client, &cases[i], &response, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_null(strstr(error.text, "Evil"));
    }
    assert_int_equal(raw_server_connections(server), 0);
    http_response_free(&response);
    http_client_destroy(client);
    raw_server_destroy(server);
}

static void base_url_that_is_none_is_refused_without_showing_credentials(void **state)
{
    (void)state;
    static const char *const cases[] = {
        NULL,
        "",
        "localhost:8080",
        "ftp://ann:s3cret@host",
        "file:///etc/passwd",
        "http://",
        "http://ann:s3cret@host:99999",
        "http://ann:s3cret@",
        "ann:s3cret@host:80",
        "http://ann:s3/cret@host with blank",
        "http://ann:s3cret%0A@host",
        "http://a%00nn:s3cret@host",
        "http://host/?a=b",
        "https://host/#top",
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct error error = {0};
        struct http_client *client =
            http_client_create(&(struct http_client_config){.base_url = cases[i]}, &error);
        if (client != NULL || error.kind != ERROR_USAGE || strstr(error.text, "cret") != NULL) {
            fail_msg("%s: \"%s\"", cases[i] != NULL ? cases[i] : "NULL", error.text);
        }
    }
}

static void tls_file_that_cannot_be_read_is_refused_by_name(void **state)
{
    (void)state;
    const struct http_client_config cases[] = {
        {.base_url = "https://localhost", .ca_file = "/nowhere/file.pem"},
        {.base_url = "https://localhost", .cert_file = "/nowhere/file.pem"},
        {.base_url = "https://localhost", .key_file = "/nowhere/file.pem"},
    };
    for (size_t i = 0; i < COUNT(cases); ++i) {
        struct error error = {0};
        assert_null(http_client_create(&cases[i], &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_non_null(strstr(error.text, "/nowhere/file.pem"));
    }
}

static void https_to_a_server_without_tls_is_a_retry_that_says_tls(void **state)
{
    (void)state;
    struct error error = {0};
    struct http_server *server = http_server_create(
        &(struct http_server_config){.listen = "127.0.0.1:0", .handler = unpack}, &error);
    assert_non_null(server);
    char url[100];
    (void)snprintf(url, sizeof url, "https://%s", http_server_address(server));
    struct http_client *client = http_client_create(
        &(struct http_client_config){.base_url = url, .timeout_ms = 5000}, &error);
    assert_non_null(client);
    struct http_response response = {0};
    assert_false(http_client_send(client, &(struct http_request){.path = "/"}, &response, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "TLS failed"));
    http_response_free(&response);
    http_client_destroy(client);
    http_server_destroy(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_of_each_kind_has_these_lines_and_no_others),
        cmocka_unit_test(credentials_from_config_or_url_become_basic_auth),
        cmocka_unit_test(gzipped_body_of_any_size_unpacks_to_what_was_given),
        cmocka_unit_test(large_body_is_sent_without_waiting_for_a_go_ahead),
        cmocka_unit_test(request_that_would_split_a_header_or_has_no_url_is_refused),
        cmocka_unit_test(base_url_that_is_none_is_refused_without_showing_credentials),
        cmocka_unit_test(tls_file_that_cannot_be_read_is_refused_by_name),
        cmocka_unit_test(https_to_a_server_without_tls_is_a_retry_that_says_tls),
    };
    return cmocka_run_group_tests(tests, support_http_begin, support_http_end);
}
