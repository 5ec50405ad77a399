#include <string.h>

#include "base/error.h"
#include "cmocka_all.h"

static void set_with_values_formats_and_gives_false(void **state)
{
    (void)state;
    struct error error = {.retry_after_ms = 7, .remedy = "of another"};
    assert_false(error_set(&error, ERROR_RETRY, "%s answered %d", "the store", 503));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_int_equal(error.retry_after_ms, 0);
    assert_null(error.remedy);
    assert_string_equal(error.text, "the store answered 503");
}

static void set_without_error_gives_false(void **state)
{
    (void)state;
    assert_false(error_set(NULL, ERROR_FATAL, "%d", 1));
    assert_false(error_prefix(NULL, "%d", 1));
}

static void pass_gives_all_that_is_in_the_other_error(void **state)
{
    (void)state;
    const struct error from = {ERROR_RETRY, 5, "away", "start it"};
    struct error error = {.kind = ERROR_FATAL};
    assert_false(error_pass(NULL, &from));
    assert_false(error_pass(&error, &from));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_int_equal(error.retry_after_ms, 5);
    assert_string_equal(error.text, "away");
    assert_string_equal(error.remedy, "start it");
}

static void set_with_line_breaks_makes_one_line(void **state)
{
    (void)state;
    struct error error;
    error_set(&error, ERROR_REJECT, "a\nb\r\nc\td\x1b[31m");
    assert_string_equal(error.text, "a b  c d [31m");
    error_set(&error, ERROR_REJECT,
              "\x7f\xC2\x9B"
              "2J \xC2\x9F\xC2\xA0\xC3\x9C\xC2");
    assert_string_equal(error.text, "   2J   \xC2\xA0\xC3\x9C\xC2");
}

static void set_with_its_own_text_keeps_it(void **state)
{
    (void)state;
    struct error error;
    error_set(&error, ERROR_RETRY, "away");
    error_set(&error, ERROR_FATAL, "given up: %s", error.text);
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_string_equal(error.text, "given up: away");
}

static void set_with_long_text_cuts_between_words(void **state)
{
    (void)state;
    for (size_t before = 0; before < 12; before++) {
        char words[sizeof((struct error *)0)->text + 100] = "";
        memset(words, 'x', before);
        for (size_t at = before; at + 8 < sizeof words; at += 7) {
            memcpy(words + at, " eleven", 8);
        }
        struct error error;
        error_set(&error, ERROR_RETRY, "%s", words);
        size_t length = strlen(error.text);
        assert_in_range(length, sizeof error.text - 12, sizeof error.text - 1);
        assert_string_equal(error.text + length - strlen("eleven…"), "eleven…");
        assert_memory_equal(error.text, words, length - strlen("…"));
        error_set(&error, ERROR_RETRY, "short");
        error_prefix(&error, "%s", words);
        assert_string_equal(error.text + strlen(error.text) - strlen("eleven…"), "eleven…");
    }
}

static void set_with_long_text_cuts_between_characters(void **state)
{
    (void)state;
    struct error error;
    /* Padded so that the cut falls at each byte of a three-byte character. */
    for (int before = 0; before < 3; before++) {
        char text[sizeof error.text + 100] = "";
        memset(text, 'x', (size_t)before);
        size_t at = (size_t)before;
        while (at + 3 < sizeof text) {
            memcpy(text + at, "\xE2\x82\xAC", 3);
            at += 3;
        }
        text[at] = '\0';
        error_set(&error, ERROR_REJECT, "%s", text);
        size_t length = strlen(error.text);
        assert_in_range(length, sizeof error.text - 4, sizeof error.text - 1);
        assert_int_equal((length - (size_t)before) % 3, 0);
        assert_memory_equal(error.text, text, length);
    }
}

static void prefix_puts_what_before_the_text_and_keeps_the_kind(void **state)
{
    (void)state;
    struct error error;
    error_set(&error, ERROR_REJECT, "bad price");
    error.retry_after_ms = 9;
    error.remedy = "ask again";
    assert_false(error_prefix(&error, "line %d", 12));
    assert_string_equal(error.remedy, "ask again");
    assert_string_equal(error.text, "line 12: bad price");
    assert_int_equal(error.kind, ERROR_REJECT);
    assert_int_equal(error.retry_after_ms, 9);
}

static void prefix_of_long_text_keeps_its_front(void **state)
{
    (void)state;
    struct error error;
    char text[sizeof error.text];
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    error_set(&error, ERROR_REJECT, "%s", text);
    error_prefix(&error, "store");
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
    assert_memory_equal(error.text, "store: yyy", 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_with_values_formats_and_gives_false),
        cmocka_unit_test(set_without_error_gives_false),
        cmocka_unit_test(pass_gives_all_that_is_in_the_other_error),
        cmocka_unit_test(set_with_line_breaks_makes_one_line),
        cmocka_unit_test(set_with_its_own_text_keeps_it),
        cmocka_unit_test(set_with_long_text_cuts_between_words),
        cmocka_unit_test(set_with_long_text_cuts_between_characters),
        cmocka_unit_test(prefix_puts_what_before_the_text_and_keeps_the_kind),
        cmocka_unit_test(prefix_of_long_text_keeps_its_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
