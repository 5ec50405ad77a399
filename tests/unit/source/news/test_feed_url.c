#include "source/news/feed_url.h"

#include <string.h>

#include "cmocka_all.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void addresses_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text, *base, *path, *host, *shown;
        bool tls, loopback;
    } cases[] = {
        {"https://A.Example/feed?x=y#z", "https://A.Example", "/feed?x=y", "a.example",
         "https://A.Example/feed", true, false},
        {"http://127.0.0.1:8080/", "http://127.0.0.1:8080", "/", "127.0.0.1",
         "http://127.0.0.1:8080/", false, true},
        {"http://a.example", "http://a.example", "", "a.example", "http://a.example/", false,
         false},
        {" https://[::1]:1/x ", "https://[::1]:1", "/x", "::1", "https://[::1]:1/x", true, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct feed_url url;
        struct error error = {0};
        if (!feed_url_parse(str_from(cases[i].text), &url, &error)) {
            fail_msg("%s: %s", cases[i].text, error.text);
        }
        assert_string_equal(url.base, cases[i].base);
        assert_string_equal(feed_url_path(&url), cases[i].path);
        assert_string_equal(url.host, cases[i].host);
        assert_null(strstr(url.shown, "x=y"));
        assert_int_equal(url.tls, cases[i].tls);
        assert_int_equal(url.loopback, cases[i].loopback);
    }
}

static void what_is_no_address_is_refused_without_showing_secrets(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "feed.example",
                                      "ftp://a.example/",
                                      "https://",
                                      "https:///x",
                                      "https://a b.example/",
                                      "https://\xC3\xBC.example/",
                                      "file:///etc/passwd",
                                      "https://user:hunter2@/x",
                                      "https://user:hunter2@a.example/x"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct feed_url url;
        struct error error = {0};
        assert_false(feed_url_parse(str_from(bad[i]), &url, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_null(strstr(error.text, "hunter2"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_taken_apart),
        cmocka_unit_test(what_is_no_address_is_refused_without_showing_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
