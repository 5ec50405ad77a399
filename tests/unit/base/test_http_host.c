/* By whose name a server on a loopback address lets itself be called. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/http/http_host.h"
#include "base/http/http_server.h"
#include "cmocka_all.h"
#include "raw_client.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void host_is_ours_unless_a_foreign_name_server_could_answer_for_it(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool want;
    } cases[] = {
        {NULL, true},
        {"127.0.0.1", true},
        {"127.0.0.1:8080", true},
        {"10.1.2.3:8080", true},
        {"[::1]:8080", true},
        {"[::1]", true},
        {"LocalHost:1", true},
        {"localhost.", true},
        {"board.localhost:8080", true},
        {"Desk:8080", true},
        {"desk", true},
        {" desk ", true},

        {"", false},
        {":8080", false},
        {".localhost", false},
        {"evil.example", false},
        {"evil.example:8080", false},
        {"127.0.0.1.evil.example", false},
        {"localhost.evil.example", false},
        {"evillocalhost", false},
        {"desk.evil.example", false},
        {"127.0.0.1 evil.example", false},
        {"evil.example:80:127.0.0.1", false},
        {"[evil.example]:80", false},
        {"[", false},
        {"2130706433", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (http_host_is_ours(cases[i].header, "desk") != cases[i].want) {
            fail_msg("\"%s\": want %d", cases[i].header, cases[i].want);
        }
    }
    char longest[400];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_false(http_host_is_ours(longest, longest));
}

static void loopback_is_told_from_other_addresses(void **state)
{
    (void)state;
    assert_true(http_host_is_loopback("127.0.0.1:8080"));
    assert_true(http_host_is_loopback("127.9.9.9:1"));
    assert_true(http_host_is_loopback("[::1]:8080"));
    assert_false(http_host_is_loopback("0.0.0.0:8080"));
    assert_false(http_host_is_loopback("[::]:8080"));
    assert_false(http_host_is_loopback("[::1:2]:8080"));
    assert_false(http_host_is_loopback("192.168.1.127:8080"));
}

static void answer(void *context, const struct http_exchange *exchange, struct http_reply *reply)
{
    (void)exchange;
    (void)reply;
    *(int *)context += 1;
}

/* The status line of what a server says to `host`; `asked` is how often its handler was. */
static void ask(const char *listen, bool own_host_only, const char *host, char status[14],
                int *asked)
{
    struct error error = {0};
    char request[200];
    char text[1000] = "";
    *asked = 0;
    struct http_server *server = http_server_create(
        &(struct http_server_config){
            .listen = listen, .own_host_only = own_host_only, .handler = answer, .context = asked},
        &error);
    assert_non_null(server);
    char address[64];
    (void)snprintf(address, sizeof address, "127.0.0.1:%s",
                   strrchr(http_server_address(server), ':') + 1);
    (void)snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    int fd = raw_connect(address);
    assert_true(raw_send(fd, request));
    assert_true(raw_read_until(fd, "\r\n\r\n", text, sizeof text, 5000));
    (void)snprintf(status, 14, "%.13s", text);
    (void)close(fd);
    http_server_destroy(server);
}

static void only_a_guarded_server_on_loopback_turns_foreign_names_away(void **state)
{
    (void)state;
    static const struct {
        const char *listen;
        bool own_host_only;
        const char *host;
        const char *want;
    } cases[] = {
        {"127.0.0.1:0", true, "evil.example", "HTTP/1.1 421 "},
        {"127.0.0.1:0", true, "localhost:1", "HTTP/1.1 200 "},
        {"127.0.0.1:0", false, "evil.example", "HTTP/1.1 200 "},
        {"0.0.0.0:0", true, "evil.example", "HTTP/1.1 200 "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char status[14];
        int asked = 0;
        ask(cases[i].listen, cases[i].own_host_only, cases[i].host, status, &asked);
        assert_string_equal(status, cases[i].want);
        assert_int_equal(asked, strstr(cases[i].want, "200") != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_is_ours_unless_a_foreign_name_server_could_answer_for_it),
        cmocka_unit_test(loopback_is_told_from_other_addresses),
        cmocka_unit_test(only_a_guarded_server_on_loopback_turns_foreign_names_away),
    };
    return cmocka_run_group_tests_name("http_host", tests, NULL, NULL);
}
