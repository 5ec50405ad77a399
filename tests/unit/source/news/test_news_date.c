#include "source/news/news_date.h"

#include "cmocka_all.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void every_recorded_form_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want;
    } cases[] = {
        {"Sat, 15 Aug 2026 16:00:00 +0000", 1786809600},
        {"Sat, 15 Aug 2026 16:00:00 GMT", 1786809600},
        {"Saturday, 15 August 2026 16:00 UT", 1786809600},
        {"15 Aug 2026 16:00:00", 1786809600},
        {"15 Aug 26 16:00 Z", 1786809600},
        {"Sat,15 Aug 2026 18:00:00 +0200", 1786809600},
        {"Sat, 15 Aug 2026 18:00:00 +02:00", 1786809600},
        {"Sat, 15 Aug 2026 11:00:00 EST", 1786809600},
        {"Sat, 15 Aug 2026 12:00:00 EDT (summer)", 1786809600},
        {"\n  Sat, 15 Aug 2026 9:00:00 PDT \t", 1786809600},
        {"Saturday, 15-Aug-26 16:00:00 GMT", 1786809600},
        {"Sat Aug 15 16:00:00 2026", 1786809600},
        {"15 Aug 2026", 1786752000},
        {"Sun, 06 Nov 94 08:49:37 GMT", 784111777},
        {"2026-08-15T16:00:00Z", 1786809600},
        {"2026-08-15T16:00:00.999999Z", 1786809600},
        {"2026-08-15T18:00:00+02:00", 1786809600},
        {"2026-08-15 16:00:00", 1786809600},
        {"2026-08-15", 1786752000},
        {"1786809600", 1786809600},
        {"1786809600123", 1786809600},
        {"1969-12-31T23:59:59.5Z", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t second = 0;
        if (!news_date_parse(str_from(cases[i].text), &second) || second != cases[i].want) {
            fail_msg("\"%s\": %lld", cases[i].text, (long long)second);
        }
    }
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      " ",
                                      "yesterday",
                                      "2026",
                                      "20260815",
                                      "Sat, 31 Feb 2026 16:00:00 GMT",
                                      "Sat, 15 Aug 2026 25:00:00 GMT",
                                      "Sat, 15 Aug 2026 16:00:00 XYZ",
                                      "Sat, 15 Foo 2026 16:00:00 GMT",
                                      "15 Aug 15 Aug 2026",
                                      "Aug 2026",
                                      "15 Aug 2026 16:00:00 GMT GMT",
                                      "15 Aug 20260 16:00:00 GMT",
                                      "15 Aug 2026 16:00:00 averylongzonename",
                                      "15/08/2026",
                                      "-"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t second = 7;
        if (news_date_parse(str_from(bad[i]), &second)) {
            fail_msg("\"%s\": %lld", bad[i], (long long)second);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_recorded_form_is_read),
        cmocka_unit_test(what_is_no_time_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
