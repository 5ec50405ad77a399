#include <float.h>
#include <string.h>

#include "base/text/str.h"
#include "cmocka_all.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void equal_looks_at_length_and_bytes(void **state)
{
    (void)state;
    assert_true(str_equal(str_from("ab"), str_from("ab")));
    assert_false(str_equal(str_from("ab"), str_from("abc")));
    assert_false(str_equal(str_from("ab"), str_from("aB")));
    assert_true(str_equal((struct str){0}, str_from("")));
    assert_true(str_equal_text((struct str){.data = "abc", .length = 2}, "ab"));
    assert_false(str_equal((struct str){.data = "a\0b", .length = 3},
                           (struct str){.data = "a\0c", .length = 3}));
}

static void starts_with_takes_prefixes_only(void **state)
{
    (void)state;
    assert_true(str_starts_with(str_from("replay:x"), "replay:"));
    assert_true(str_starts_with(str_from("x"), ""));
    assert_true(str_starts_with((struct str){0}, ""));
    assert_false(str_starts_with(str_from("repla"), "replay"));
    assert_false(str_starts_with(str_from("xreplay"), "replay"));
}

static void trim_takes_blanks_off_both_ends(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {{"", ""}, {" \t\r\n", ""}, {"a", "a"}, {"  a b\r\n", "a b"}, {"\va", "\va"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(str_equal_text(str_trim(str_from(cases[i].text)), cases[i].want));
    }
    assert_int_equal(str_trim((struct str){0}).length, 0);
}

static void split_gives_every_piece(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count;
        const char *want[4];
    } cases[] = {
        {"", 0, {0}},           {"a", 1, {"a"}},
        {"a,b", 2, {"a", "b"}}, {"a,,b", 3, {"a", "", "b"}},
        {"a,", 2, {"a", ""}},   {",", 2, {"", ""}},
        {",a", 2, {"", "a"}},   {",,", 3, {"", "", ""}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str rest = str_from(cases[i].text);
        struct str piece = {0};
        size_t count = 0;
        while (str_split(&rest, ',', &piece)) {
            assert_true(count < cases[i].count);
            assert_true(str_equal_text(piece, cases[i].want[count]));
            count++;
        }
        assert_int_equal(count, cases[i].count);
        assert_false(str_split(&rest, ',', &piece));
    }
    struct str none = {0};
    struct str piece = {0};
    assert_false(str_split(&none, ',', &piece));
}

static void split_of_a_span_stays_inside_it(void **state)
{
    (void)state;
    struct str rest = {.data = "a,b,c", .length = 3};
    struct str piece = {0};
    assert_true(str_split(&rest, ',', &piece) && str_equal_text(piece, "a"));
    assert_true(str_split(&rest, ',', &piece) && str_equal_text(piece, "b"));
    assert_false(str_split(&rest, ',', &piece));
}

static void copy_cuts_what_does_not_fit(void **state)
{
    (void)state;
    char to[4];
    assert_true(str_copy(str_from("abc"), to, sizeof to));
    assert_string_equal(to, "abc");
    assert_false(str_copy(str_from("abcd"), to, sizeof to));
    assert_string_equal(to, "abc");
    assert_true(str_copy((struct str){0}, to, sizeof to));
    assert_string_equal(to, "");
    to[0] = 'z';
    assert_false(str_copy(str_from("a"), to, 0));
    assert_int_equal(to[0], 'z');
    assert_false(str_copy(str_from("a"), to, 1));
    assert_string_equal(to, "");
}

static void to_int64_takes_whole_numbers_only(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t want;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"0x10", false, 0},
        {"--1", false, 0},
        {"1-", false, 0},
        {"\xD9\xA1", false, 0}, /* an Arabic digit */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t value = 4711;
        assert_int_equal(str_to_int64(str_from(cases[i].text), &value), cases[i].ok);
        assert_int_equal(value, cases[i].ok ? cases[i].want : 4711);
    }
    int64_t value = 0;
    assert_true(str_to_int64((struct str){.data = "123", .length = 2}, &value));
    assert_int_equal(value, 12);
    assert_false(str_to_int64((struct str){.data = "1\0", .length = 2}, &value));
    assert_false(str_to_int64((struct str){0}, &value));
}

static const struct {
    const char *text;
    bool ok;
    double want;
} double_cases[] = {
    {"0", true, 0.0},
    {"-0", true, -0.0},
    {"1.5", true, 1.5},
    {".5", true, 0.5},
    {"5.", true, 5.0},
    {"-1e3", true, -1000.0},
    {"1E+3", true, 1000.0},
    {"1.25e-2", true, 0.0125},
    {"1.7976931348623157e308", true, DBL_MAX},
    {"4.9406564584124654e-324", true, 0x1p-1074},
    {"1e-400", true, 0.0},
    {"9007199254740993", true, 9007199254740992.0},
    {"1e309", false, 0},
    {"-1e309", false, 0},
    {"", false, 0},
    {"-", false, 0},
    {".", false, 0},
    {"-.", false, 0},
    {"e5", false, 0},
    {"1e", false, 0},
    {"1e+", false, 0},
    {"+1", false, 0},
    {" 1", false, 0},
    {"1 ", false, 0},
    {"1,5", false, 0},
    {"1.2.3", false, 0},
    {"1_000", false, 0},
    {"inf", false, 0},
    {"nan", false, 0},
    {"0x1p3", false, 0},
    {"null", false, 0},
};

static void to_double_takes_finite_decimals_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(double_cases); i++) {
        double value = 4711;
        double want = double_cases[i].ok ? double_cases[i].want : 4711;
        assert_int_equal(str_to_double(str_from(double_cases[i].text), &value), double_cases[i].ok);
        assert_memory_equal(&value, &want, sizeof value);
    }
    double value = 0;
    assert_true(str_to_double((struct str){.data = "1.25", .length = 3}, &value));
    assert_true(value == 1.2);
    assert_false(str_to_double((struct str){.data = "1\0", .length = 2}, &value));
    assert_false(str_to_double((struct str){0}, &value));
}

static void to_double_of_long_text_stops_at_63_bytes(void **state)
{
    (void)state;
    char text[65];
    memset(text, '0', sizeof text);
    text[62] = '7';
    double value = 0;
    assert_true(str_to_double((struct str){.data = text, .length = 63}, &value));
    assert_true(value == 7);
    assert_false(str_to_double((struct str){.data = text, .length = 64}, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_looks_at_length_and_bytes),
        cmocka_unit_test(starts_with_takes_prefixes_only),
        cmocka_unit_test(trim_takes_blanks_off_both_ends),
        cmocka_unit_test(split_gives_every_piece),
        cmocka_unit_test(split_of_a_span_stays_inside_it),
        cmocka_unit_test(copy_cuts_what_does_not_fit),
        cmocka_unit_test(to_int64_takes_whole_numbers_only),
        cmocka_unit_test(to_double_takes_finite_decimals_only),
        cmocka_unit_test(to_double_of_long_text_stops_at_63_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
