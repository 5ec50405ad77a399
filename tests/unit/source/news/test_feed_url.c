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
        /* It is named, but for what may be a password. */
        bool shown = strcmp(bad[i], "ftp://a.example/") != 0 || strstr(error.text, bad[i]) != NULL;
        assert_true(shown);
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_null(strstr(error.text, "hunter2"));
    }
}

static void redirects_lead_neither_from_tls_nor_to_this_machine(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        bool follow;
    } cases[] = {
        {"http://a.example/", "http://b.example/", true},
        {"http://a.example/", "https://b.example/", true},
        {"https://a.example/", "http://a.example/", false},
        {"http://a.example/", "http://127.0.0.1:8181/", false},
        {"https://a.example/", "https://localhost/", false},
        {"http://127.0.0.1:1/", "http://127.0.0.1:2/", true},
        {"http://127.0.0.1:1/", "http://a.example/", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct feed_url from, to;
        struct error error = {0};
        assert_true(feed_url_parse(str_from(cases[i].from), &from, &error));
        assert_true(feed_url_parse(str_from(cases[i].to), &to, &error));
        assert_int_equal(feed_url_leads_to(&from, &to, &error), cases[i].follow);
        assert_int_equal(error.kind, cases[i].follow ? ERROR_NONE : ERROR_RETRY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_taken_apart),
        cmocka_unit_test(what_is_no_address_is_refused_without_showing_secrets),
        cmocka_unit_test(redirects_lead_neither_from_tls_nor_to_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
