#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"
#include "cmocka_all.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define S NS_PER_SECOND

static void wall_agrees_with_the_system(void **state)
{
    (void)state;
    int64_t before = (int64_t)time(NULL) - 1;
    int64_t now = clock_wall_ns() / S;
    assert_true(before <= now && now <= (int64_t)time(NULL) + 1);
}

static void monotonic_never_goes_back(void **state)
{
    (void)state;
    int64_t last = clock_monotonic_ns();
    for (int i = 0; i < 10000; i++) {
        int64_t now = clock_monotonic_ns();
        assert_true(now >= last);
        last = now;
    }
}

static void format_rfc3339_writes_as_much_as_needed(void **state)
{
    (void)state;
    static const struct {
        int64_t time_ns;
        const char *want;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1, "1970-01-01T00:00:00.000000001Z"},
        {1000, "1970-01-01T00:00:00.000001Z"},
        {NS_PER_MS, "1970-01-01T00:00:00.001Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {-S, "1969-12-31T23:59:59Z"},
        {INT64_C(1795251900) * S, "2026-11-21T09:05:00Z"},
        {INT64_C(1795251900) * S + 120 * NS_PER_MS, "2026-11-21T09:05:00.120Z"},
        {INT64_C(1795251900) * S + 123456 * NS_PER_US, "2026-11-21T09:05:00.123456Z"},
        {INT64_C(951782399) * S, "2000-02-28T23:59:59Z"},
        {INT64_C(951782400) * S, "2000-02-29T00:00:00Z"},
        {INT64_C(4107542399) * S, "2100-02-28T23:59:59Z"}, /* 2100 is no leap year */
        {INT64_C(4107542400) * S, "2100-03-01T00:00:00Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
        {INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(cases[i].time_ns, text);
        assert_string_equal(text, cases[i].want);
        int64_t back = 1;
        assert_true(clock_parse_time(str_from(text), &back));
        assert_true(back == cases[i].time_ns);
    }
}

static void format_rfc3339_of_any_second_agrees_with_the_c_library(void **state)
{
    (void)state;
    struct random random = random_seeded(1);
    for (int i = 0; i < 200000; i++) {
        int64_t time_ns = (int64_t)random_next(&random);
        int64_t second = time_ns / S - (time_ns % S < 0 ? 1 : 0);
        struct tm parts;
        time_t as_time = (time_t)second;
        assert_non_null(gmtime_r(&as_time, &parts));
        char want[CLOCK_TEXT_SIZE];
        assert_true(strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S", &parts) > 0);
        char text[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(time_ns, text);
        assert_memory_equal(text, want, strlen(want));
        int64_t back = 0;
        assert_true(clock_parse_time(str_from(text), &back));
        assert_true(back == time_ns);
    }
}

static const struct {
    const char *text;
    int64_t want;
} good_times[] = {
    {"2026-11-21T09:05:00Z", INT64_C(1795251900) * S},
    {"2026-11-21t09:05:00z", INT64_C(1795251900) * S},
    {"2026-11-21 09:05:00Z", INT64_C(1795251900) * S},
    {"2026-11-21T10:05:00+01:00", INT64_C(1795251900) * S},
    {"2026-11-21T03:35:00-05:30", INT64_C(1795251900) * S},
    {"2026-11-21T09:05:00-00:00", INT64_C(1795251900) * S},
    {"2026-11-22T09:04:00+23:59", INT64_C(1795251900) * S},
    {"2026-11-21T09:05:00.5Z", INT64_C(1795251900) * S + S / 2},
    {"2026-11-21T09:05:00.000000001Z", INT64_C(1795251900) * S + 1},
    {"2026-11-21T09:05:00.100000000000Z", INT64_C(1795251900) * S + S / 10},
    {"2026-11-21T10:05:00+01", INT64_C(1795251900) * S},
    {"2026-11-21 10:05:00+0100", INT64_C(1795251900) * S},
    {"2026-11-21 03:35:00 -0530", INT64_C(1795251900) * S},
    {"2026-11-21 09:05:00 UTC", INT64_C(1795251900) * S},
    {"2026-11-21 09:05:00.5 gmt", INT64_C(1795251900) * S + S / 2},
    {"2026-11-21T09:05Z", INT64_C(1795251900) * S},
    {"2026-11-21 10:05 +01:00", INT64_C(1795251900) * S},
    /* the leap second before 2017, which POSIX counts as the second after it */
    {"2016-12-31T23:59:60Z", INT64_C(1483228800) * S},
    {"2017-01-01T00:59:60.5+01:00", INT64_C(1483228800) * S + S / 2},
    {"2026-11-21", INT64_C(1795219200) * S},
    {"2000-02-29", INT64_C(951782400) * S},
    {"2024-02-29", INT64_C(1709164800) * S},
    {"1969-12-31T23:59:59.5Z", -S / 2},
    {"1900-03-01", -INT64_C(2203891200) * S},
    {"2262-04-11T23:47:16.854775807Z", INT64_MAX},
    {"1677-09-21T00:12:43.145224192Z", INT64_MIN},
    /* numbers since the epoch, by how many digits they have */
    {"0", 0},
    {"2026", 2026 * S}, /* not a year */
    {"1767225600", INT64_C(1767225600) * S},
    {"-1", -S},
    {"-0.25", -S / 4},
    {"1767225600.123456789", INT64_C(1767225600123456789)},
    {"100000000000", INT64_C(100000000) * S},
    {"1767225600123", INT64_C(1767225600123) * NS_PER_MS},
    {"1767225600123.5", INT64_C(1767225600123500000)},
    {"1767225600123456", INT64_C(1767225600123456) * NS_PER_US},
    {"1767225600123456.789", INT64_C(1767225600123456789)},
    {"1767225600123456789", INT64_C(1767225600123456789)},
    {"1767225600123456789.0", INT64_C(1767225600123456789)},
    {"-1767225600123", -INT64_C(1767225600123) * NS_PER_MS},
    {"123456789012345678", INT64_C(123456789012345678)},
    {"9223372036854775807", INT64_MAX},
    {"-9223372036854775808", INT64_MIN},
    {"1.67E+12", INT64_C(1670000000) * S},
    {"1.767225600123e12", INT64_C(1767225600123) * NS_PER_MS},
    {"17e8", INT64_C(1700000000) * S},
    {"9223372036.854775807", INT64_MAX},
    {"-9223372036.854775808", INT64_MIN},
};

static void parse_time_takes_rfc3339_and_epoch_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good_times); i++) {
        int64_t time_ns = 4711;
        if (!clock_parse_time(str_from(good_times[i].text), &time_ns) ||
            time_ns != good_times[i].want) {
            fail_msg("%s gave %lld", good_times[i].text, (long long)time_ns);
        }
    }
}

static void parse_time_in_zone_says_where_a_text_has_none(void **state)
{
    (void)state;
    const int64_t east = 3600;
    static const struct {
        const char *text;
        bool zoneless;
        int64_t want;
    } cases[] = {
        {"2026-11-21 10:05:00", true, INT64_C(1795251900) * S},
        {"2026-11-21T10:05", true, INT64_C(1795251900) * S},
        {"2026-11-21", true, (INT64_C(1795219200) - 3600) * S},
        {"2026-11-21T10:05:00Z", false, INT64_C(1795255500) * S},
        {"2026-11-21T10:05:00+02", false, INT64_C(1795248300) * S},
        {"1795251900", false, INT64_C(1795251900) * S},
        {"2017-01-01 00:59:60", true, INT64_C(1483228800) * S},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool zoneless = false;
        int64_t time_ns = 0;
        assert_true(clock_parse_time_in_zone(str_from(cases[i].text), east, &zoneless, &time_ns));
        assert_int_equal(time_ns, cases[i].want);
        assert_int_equal(zoneless, cases[i].zoneless);
    }
}

static void parse_zone_cases(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want; /* 1: refused */
    } cases[] = {
        {"UTC", 0},     {"gmt", 0},  {"Z", 0},      {"+01:00", 3600},     {"-0530", -19800},
        {"+14", 50400}, {"", 1},     {"CET", 1},    {"Europe/Berlin", 1}, {"+1", 1},
        {"01:00", 1},   {"+01:", 1}, {"+24:00", 1}, {"UTC+1", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t zone_s = 1;
        assert_int_equal(clock_parse_zone(str_from(cases[i].text), &zone_s), cases[i].want != 1);
        assert_int_equal(zone_s, cases[i].want);
    }
}

static void parse_time_refuses_the_rest_and_keeps_the_value(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "-",
        "now",
        "2026-11",
        "2026-11-21T",
        "2026-11-21T09:05:00", /* which zone? */
        "2026-11-21 09:05",
        "2026-11-21T09:05:60Z",      /* no leap second is put in there, */
        "2026-11-21T23:59:60+01:00", /* nor there */
        "2026-11-21T23:59:61Z",
        "2026-11-21T09Z",
        "2026-11-21T09:05:00 ",
        "2026-11-21T09:05:00 CET",
        "2026-11-21T09:05:00+01:0",
        "2026-11-21T09:05:00+01 00",
        "2026-11-21T09:05:00 UTC+1",
        "1.67E-3",
        "1.6700000000001E+12",
        "1E+400",
        "1E+18",
        "E12",
        "2026-11-21T24:00:00Z",
        "2026-11-21T09:60:00Z",
        "2026-11-21T09:05:00+24:00",
        "2026-11-21T09:05:00+01:60",
        "2026-11-21T09:05:00+1",
        "2026-11-21T09:05:00.Z",
        "2026-11-21T09:05:00,5Z",
        "2026-11-21T09:05:00.0000000001Z",
        "2026-11-21T09:05:00ZZ",
        " 2026-11-21",
        "2026-11-21 ",
        "2026-11-21_09:05:00Z",
        "2026-13-01",
        "2026-00-01",
        "2026-01-00",
        "2026-01-32",
        "2026-04-31",
        "2026-02-29",
        "2100-02-29",
        "1900-02-29",
        "26-11-21",
        "2026-1-2",
        "02026-11-21",
        "0000-01-01",
        "9999-12-31",
        "2262-04-11T23:47:16.854775808Z",
        "1677-09-21T00:12:43.145224191Z",
        "99999999999", /* 11 digits are seconds: the year 5138 */
        "9223372036.854775808",
        "-9223372036.854775809",
        "9223372036854775808",
        "12345678901234567890",
        "00000000000000000000000000000000001",
        "+1",
        "1.",
        ".5",
        "1.0000000001",
        "1767225600123456789.5",
        "0x10",
        "1767225600s",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t time_ns = 4711;
        if (clock_parse_time(str_from(cases[i]), &time_ns) || time_ns != 4711) {
            fail_msg("%s gave %lld", cases[i], (long long)time_ns);
        }
    }
    int64_t time_ns = 0;
    assert_false(clock_parse_time((struct str){0}, &time_ns));
    assert_false(clock_parse_time((struct str){.data = "1\0", .length = 2}, &time_ns));
    assert_true(clock_parse_time((struct str){.data = "2026-11-21T", .length = 10}, &time_ns));
}

static void parse_duration_takes_units_and_bare_seconds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want;
    } cases[] = {
        {"250ms", 250 * NS_PER_MS},
        {"5s", 5 * S},
        {"10m", 600 * S},
        {"24h", 86400 * S},
        {"7d", 7 * 86400 * S},
        {"30", 30 * S},
        {"0.5", S / 2},
        {"1.5h", 5400 * S},
        {"0.123456d", INT64_C(10666598400000)},
        {"0.9000001h", INT64_C(3240000360000)},
        {"0.200000001m", INT64_C(12000000060)},
        {"0.0000000000003125d", 27},
        {"0.1ms", 100 * NS_PER_US},
        {"3us", 3000},
        {"1ns", 1},
        {"0.000000001", 1},
        {"9223372036854775807ns", INT64_MAX},
        {"9223372036.854775807s", INT64_MAX},
        {"106751d", INT64_C(106751) * 86400 * S},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t duration_ns = 0;
        assert_true(clock_parse_duration(str_from(cases[i].text), &duration_ns));
        assert_true(duration_ns == cases[i].want);
    }
}

static void parse_duration_refuses_the_rest_and_keeps_the_value(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "s",
        "0",
        "0s",
        "-5s",
        "+5s",
        "5 s",
        " 5s",
        "5s ",
        "5S",
        "5sec",
        "5min",
        "1h30m",
        "1,5h",
        "1.h",
        ".5h",
        "1e3s",
        "0.5ns",
        "106752d",
        "9223372036.854775808s",
        "0.0",
        "5w",
        "1.0000000001s",
        "0.0000000000003126d",
        "9223372036854775808ns",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t duration_ns = 4711;
        if (clock_parse_duration(str_from(cases[i]), &duration_ns) || duration_ns != 4711) {
            fail_msg("%s gave %lld", cases[i], (long long)duration_ns);
        }
    }
    int64_t duration_ns = 0;
    assert_false(clock_parse_duration((struct str){0}, &duration_ns));
}

static void format_duration_uses_the_largest_unit_that_divides(void **state)
{
    (void)state;
    static const struct {
        int64_t duration_ns;
        const char *want;
    } cases[] = {
        {300 * S, "5m"},   {90 * S, "90s"},  {3600 * S, "1h"}, {5400 * S, "90m"},
        {86400 * S, "1d"}, {S / 4, "250ms"}, {1500, "1500ns"}, {2000, "2us"},
        {0, "0s"},         {1, "1ns"},       {-5 * S, "-5s"},  {INT64_MAX, "9223372036854775807ns"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[CLOCK_TEXT_SIZE];
        clock_format_duration(cases[i].duration_ns, text);
        assert_string_equal(text, cases[i].want);
    }
}

static void durations_come_back_from_their_text(void **state)
{
    (void)state;
    struct random random = random_seeded(3);
    for (int i = 0; i < 100000; i++) {
        int64_t duration_ns = (int64_t)(random_next(&random) >> (1 + random_next(&random) % 60));
        if (duration_ns == 0) {
            continue;
        }
        char text[CLOCK_TEXT_SIZE];
        clock_format_duration(duration_ns, text);
        int64_t back = 0;
        assert_true(clock_parse_duration(str_from(text), &back));
        assert_true(back == duration_ns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wall_agrees_with_the_system),
        cmocka_unit_test(monotonic_never_goes_back),
        cmocka_unit_test(format_rfc3339_writes_as_much_as_needed),
        cmocka_unit_test(format_rfc3339_of_any_second_agrees_with_the_c_library),
        cmocka_unit_test(parse_time_takes_rfc3339_and_epoch_numbers),
        cmocka_unit_test(parse_time_in_zone_says_where_a_text_has_none),
        cmocka_unit_test(parse_zone_cases),
        cmocka_unit_test(parse_time_refuses_the_rest_and_keeps_the_value),
        cmocka_unit_test(parse_duration_takes_units_and_bare_seconds),
        cmocka_unit_test(parse_duration_refuses_the_rest_and_keeps_the_value),
        cmocka_unit_test(format_duration_uses_the_largest_unit_that_divides),
        cmocka_unit_test(durations_come_back_from_their_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
