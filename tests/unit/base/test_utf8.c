#include "base/text/utf8.h"

#include <stdio.h>
#include <string.h>

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

/* Around the blocks of eight bytes that are looked at together. */
static void text_is_valid_when_every_sequence_is(void **state)
{
    (void)state;
    static const char word[] = "0123456789012345";
    char text[64];
    assert_true(utf8_valid(str_from("")));
    for (size_t at = 0; at <= 16; at++) {
        static const struct {
            const char *bytes;
            bool want;
        } cases[] = {{"\xC3\xA9", true}, {"\xF0\x9F\x98\x80", true}, {"\xC3", false},
                     {"\xFF", false},    {"\xED\xA0\x80", false},    {"", true}};
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            (void)snprintf(text, sizeof text, "%.*s%s%s", (int)at, word, cases[i].bytes, word + at);
            size_t length = at + strlen(cases[i].bytes); /* nothing after them, and something */
            assert_int_equal(utf8_valid((struct str){text, length}), cases[i].want);
            assert_int_equal(utf8_valid(str_from(text)), cases[i].want);
        }
    }
}

static void every_code_point_is_decoded_as_it_was_encoded(void **state)
{
    (void)state;
    char bytes[4];
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        size_t length = utf8_encode(code, bytes);
        bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        if (utf8_sequence((struct str){bytes, length}) != length ||
            utf8_decode(bytes, length) != (surrogate ? 0xFFFD : code)) {
            fail_msg("U+%04X has %zu bytes", (unsigned int)code, length);
        }
    }
    assert_int_equal(utf8_encode(0x110000, bytes), 3);
    assert_int_equal(utf8_decode(bytes, 3), 0xFFFD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequence_gives_length_of_valid_characters_only),
        cmocka_unit_test(sequence_of_a_span_never_reads_past_it),
        cmocka_unit_test(text_is_valid_when_every_sequence_is),
        cmocka_unit_test(every_code_point_is_decoded_as_it_was_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
