#include "base/text/fit.h"

#include "cmocka_all.h"

static void middle_gives_way_when_there_is_no_room(void **state)
{
    (void)state;
    static const struct {
        const char *whole;
        size_t columns;
        const char *want;
    } cases[] = {
        {"tBTCUSD", 7, "tBTCUSD"},
        {"tBTCUSD", 6, "tBT…SD"},
        {"tBTCUSD", 2, "t…"},
        {"tBTCUSD", 1, "…"},
        {"", 3, ""},
        {"äöüß€", 4, "äö…€"},
        {"tickers/3/1234", 9, "tick…1234"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf text = strbuf_new(100);
        fit_append_middle(&text, str_from(cases[i].whole), cases[i].columns);
        assert_string_equal(strbuf_text(&text), cases[i].want);
        strbuf_free(&text);
    }
}

static void words_are_broken_at_blanks_and_behind_commas(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        size_t indent, columns;
        const char *want;
    } cases[] = {
        {"one two three", 0, 100, "one two three"},
        {"one two three", 0, 13, "one two three"},
        {"one two three", 0, 12, "one two\nthree"},
        {"one two three", 2, 9, "one two\n  three"},
        {"1,2,3,4", 0, 4, "1,2,\n3,4"},
        {"a http://host:1/long b", 0, 5, "a\nhttp://host:1/long\nb"},
        {"  kept  blanks", 0, 100, "  kept  blanks"},
        {"", 3, 9, ""},
        {"über Öl", 0, 7, "über Öl"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf text = strbuf_new(100);
        fit_append_words(&text, str_from(cases[i].words), cases[i].indent, cases[i].columns);
        assert_string_equal(strbuf_text(&text), cases[i].want);
        strbuf_free(&text);
    }
}

static void lines_are_broken_one_by_one(void **state)
{
    (void)state;
    struct strbuf text = strbuf_new(100);
    fit_append_lines(&text, str_from("one two\n\nthree four\n"), 5);
    assert_string_equal(strbuf_text(&text), "one\ntwo\n\nthree\nfour\n");
    strbuf_clear(&text);
    fit_append_lines(&text, str_from("one two\nthree"), 0);
    assert_string_equal(strbuf_text(&text), "one two\nthree");
    strbuf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(middle_gives_way_when_there_is_no_room),
        cmocka_unit_test(words_are_broken_at_blanks_and_behind_commas),
        cmocka_unit_test(lines_are_broken_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
