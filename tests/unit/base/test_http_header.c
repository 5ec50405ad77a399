/* Dates, Retry-After, percent-encoding: the pure parts of HTTP. */
#include <limits.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "cmocka_all.h"

/* Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110. */
#define EXAMPLE_NS (INT64_C(784111777) * NS_PER_SECOND)

static void date_of_any_text_is_read_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want_s; /* -1: refused */
    } cases[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Thu, 29 Feb 2024 23:59:59 GMT", 1709251199},
        {"Sat, 21 Nov 2026 09:05:00 GMT", 1795251900},
        {"Wed, 29 Feb 2023 00:00:00 GMT", -1},
        {"Mon, 31 Apr 2023 00:00:00 GMT", -1},
        {"Sun, 06 Nov 1994 24:00:00 GMT", -1},
        {"Sun, 06 Nov 1994 08:60:37 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:37 UTC", -1},
        {"Sun, 06 Nov 1994 08:49:37 GMT ", -1},
        {"Sun, 06 Nov 1994 08:49:37", -1},
        {"Xyz, 06 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 1994 08-49-37 GMT", -1},
        {"Sun, 0a Nov 1994 08:49:37 GMT", -1},
        {"Sun, 00 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nox 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 1899 08:49:37 GMT", -1},
        {"Sunday, 06-Nov-94 08:49:37 GMT", -1},
        {"Sun Nov  6 08:49:37 1994", -1},
        {"", -1},
        {NULL, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        int64_t got_ns = -7;
        bool read = http_parse_date(cases[i].text, &got_ns);
        int64_t want_ns = cases[i].want_s < 0 ? -7 : cases[i].want_s * NS_PER_SECOND;
        if (read != (cases[i].want_s >= 0) || got_ns != want_ns) {
            fail_msg("\"%s\": got %lld", cases[i].text ? cases[i].text : "NULL", (long long)got_ns);
        }
    }
}

static void retry_after_of_any_form_gives_bounded_ms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int want;
    } cases[] = {
        {"7", 7000},
        {"  120 ", 120000},
        {"0", 0},
        {"00060", 60000},
        {"2147483", 2147483000},
        {"2147484", INT_MAX},
        {"1000000000", INT_MAX},
        {"99999999999999999999999999", INT_MAX},
        {"99999999999999999999999999x", 0},
        {"Sun, 06 Nov 1994 08:49:40 GMT", 3000},
        {" Sun, 06 Nov 1994 08:50:37 GMT ", 60000},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
        {"Sun, 06 Nov 1994 08:49:36 GMT", 0},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 0}, /* beyond what 64 bits of ns can say */
        {"Tue, 31 Dec 2199 23:59:59 GMT", INT_MAX},
        {"-5", 0},
        {"+5", 0},
        {"1.5", 0},
        {"7 seconds", 0},
        {"soon", 0},
        {"", 0},
        {NULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        int got = http_parse_retry_after_ms(cases[i].text, EXAMPLE_NS);
        if (got != cases[i].want) {
            fail_msg("\"%s\": got %d, want %d", cases[i].text ? cases[i].text : "NULL", got,
                     cases[i].want);
        }
    }
}

static void retry_after_of_part_of_a_ms_is_rounded_up(void **state)
{
    (void)state;
    const char *date = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_int_equal(http_parse_retry_after_ms(date, EXAMPLE_NS - 1), 1);
    assert_int_equal(http_parse_retry_after_ms(date, EXAMPLE_NS - 2 * NS_PER_MS), 2);
}

static void escaping_of_any_bytes_keeps_only_unreserved_ones(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        const char *want;
    } cases[] = {
        {{"tDOGE:USD", 9}, "tDOGE%3AUSD"},
        {{"AZaz09-._~", 10}, "AZaz09-._~"},
        {{"a b/c?d&e=f+g%h", 15}, "a%20b%2Fc%3Fd%26e%3Df%2Bg%25h"},
        {{"\xc3\xa9\0\n", 4}, "%C3%A9%00%0A"},
        {{NULL, 0}, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct strbuf buf = strbuf_new(100);
        http_append_escaped(&buf, cases[i].text);
        assert_string_equal(strbuf_text(&buf), cases[i].want);
        strbuf_free(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_of_any_text_is_read_or_refused),
        cmocka_unit_test(retry_after_of_any_form_gives_bounded_ms),
        cmocka_unit_test(retry_after_of_part_of_a_ms_is_rounded_up),
        cmocka_unit_test(escaping_of_any_bytes_keeps_only_unreserved_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
