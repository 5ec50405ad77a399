#include "base/text/utf8.h"
#include "cmocka_all.h"

static void sequence_gives_length_of_valid_characters_only(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t want;
    } cases[] = {
        {"a", 1},
        {"\x7F", 1},
        {"\xC2\x80", 2},
        {"\xDF\xBF", 2},
        {"\xE0\xA0\x80", 3},
        {"\xED\x9F\xBF", 3},
        {"\xEE\x80\x80", 3},
        {"\xEF\xBF\xBF", 3},
        {"\xF0\x90\x80\x80", 4},
        {"\xF4\x8F\xBF\xBFzzz", 4},
        {"\x80", 0},             /* a continuation alone */
        {"\xC0\x80", 0},         /* overlong */
        {"\xC1\xBF", 0},         /* overlong */
        {"\xE0\x9F\xBF", 0},     /* overlong */
        {"\xF0\x8F\xBF\xBF", 0}, /* overlong */
        {"\xED\xA0\x80", 0},     /* a surrogate */
        {"\xF4\x90\x80\x80", 0}, /* above U+10FFFF */
        {"\xF5\x80\x80\x80", 0},
        {"\xFF", 0},
        {"\xC2", 0}, /* cut */
        {"\xE2\x82", 0},
        {"\xF0\x9F\x98", 0},
        {"\xC2"
         "a",
         0},
        {"\xE2\x82"
         "a",
         0},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(utf8_sequence(str_from(cases[i].bytes)), cases[i].want);
    }
}

static void sequence_of_a_span_never_reads_past_it(void **state)
{
    (void)state;
    assert_int_equal(utf8_sequence((struct str){.data = "\xC3\xA9", .length = 1}), 0);
    assert_int_equal(utf8_sequence((struct str){.data = "\0", .length = 1}), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequence_gives_length_of_valid_characters_only),
        cmocka_unit_test(sequence_of_a_span_never_reads_past_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
