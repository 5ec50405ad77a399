/* Addresses that the HTTP server listens on, or cannot. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/http/http_server.h"
#include "cmocka_all.h"
#include "raw_client.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void answer(void *context, const struct http_exchange *exchange, struct http_reply *reply)
{
    (void)context;
    (void)exchange;
    (void)reply;
}

static void ipv6_address_is_served_and_told(void **state)
{
    (void)state;
    struct error error = {0};
    struct http_server *server = http_server_create(
        &(struct http_server_config){.listen = "[::1]:0", .handler = answer}, &error);
    if (server == NULL) {
        skip(); /* a host without IPv6 */
    }
    assert_memory_equal(http_server_address(server), "[::1]:", 6);
    int fd = raw_connect(http_server_address(server));
    char text[1000] = "";
    assert_true(raw_send(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert_true(raw_read_until(fd, "\r\n\r\n", text, sizeof text, 5000));
    assert_memory_equal(text, "HTTP/1.1 200 ", 13);
    (void)close(fd);
    http_server_destroy(server);
}

static void address_in_use_is_an_error_that_names_it_and_the_option(void **state)
{
    (void)state;
    struct error error = {0};
    struct http_server *server = http_server_create(
        &(struct http_server_config){.listen = "127.0.0.1:0", .handler = answer}, &error);
    assert_non_null(server);
    struct http_server *second = http_server_create(
        &(struct http_server_config){.listen = http_server_address(server), .handler = answer},
        &error);
    assert_null(second);
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_non_null(strstr(error.text, http_server_address(server)));
    assert_non_null(strstr(error.text, "in use"));
    assert_non_null(strstr(error.text, "--listen"));
    assert_null(strstr(error.text, "--metrics"));
    error = (struct error){0};
    const struct http_server_config metrics = {
        .listen = http_server_address(server), .flag = "--metrics", .handler = answer};
    assert_null(http_server_create(&metrics, &error));
    assert_non_null(strstr(error.text, "another address with --metrics"));
    http_server_destroy(server);

    error = (struct error){0};
    /* A documentation address (RFC 5737), which no host has. */
    assert_null(http_server_create(
        &(struct http_server_config){.listen = "192.0.2.1:0", .handler = answer}, &error));
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
        &(struct http_server_config){.listen = "no-such-host.invalid:0", .handler = answer},
        &error));
    assert_int_equal(error.kind, ERROR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv6_address_is_served_and_told),
        cmocka_unit_test(address_in_use_is_an_error_that_names_it_and_the_option),
        cmocka_unit_test(address_of_any_text_is_split_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
