#include "terminal/canvas.h"

#include "cmocka_all.h"

static void put_cases(void **state)
{
    (void)state;
    static const struct {
        int column;
        const char *text;
        int after; /* the column behind it */
        const char *want;
    } cases[] = {
        {0, "abc", 3, "abc"},
        {1, "abc", 4, " abc"},
        {2, "abcdef", 5, "  abc"},    /* cut at the right edge */
        {-2, "abcd", 2, "cd"},        /* and at the left */
        {0, "╵é★", 3, "╵é★"},         /* one column each */
        {0, "a\033[2Jb", 5, "a?[2J"}, /* no control sequence comes through */
        {0,
         "\xff"
         "a\xc2\x9b",
         3, "?a?"},                   /* nor bytes that a terminal may take for one */
        {0, "日e\xcc\x81", 3, "?e?"}, /* characters of two columns and of none */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct canvas canvas;
        struct strbuf text = strbuf_new(256);
        assert_true(canvas_create(&canvas, 5, 1));
        const struct canvas_area all = canvas_all(&canvas);
        int after = canvas_put(&all, cases[i].column, 0, TONE_PLAIN, str_from(cases[i].text));
        (void)canvas_append_row(&canvas, 0, true, &text);
        if (after != cases[i].after || !str_equal_text(strbuf_str(&text), cases[i].want)) {
            fail_msg("case %zu: %d \"%s\"", i, after, strbuf_text(&text));
        }
        strbuf_free(&text);
        canvas_free(&canvas);
    }
}

static void put_outside_of_a_part_draws_nothing(void **state)
{
    (void)state;
    struct canvas canvas;
    struct strbuf text = strbuf_new(256);
    assert_true(canvas_create(&canvas, 6, 3));
    const struct canvas_area all = canvas_all(&canvas);
    const struct canvas_area part = canvas_part(&all, 2, 1, 3, 9);
    assert_int_equal(part.rows, 2);
    (void)canvas_put(&part, 0, -1, TONE_PLAIN, str_from("x"));
    (void)canvas_put(&part, 0, 2, TONE_PLAIN, str_from("x"));
    (void)canvas_put(&part, 0, 0, TONE_PLAIN, str_from("abcdef"));
    (void)canvas_print_right(&part, 3, 1, TONE_PLAIN, "%d", 12345);
    const struct canvas_area none = canvas_part(&part, 7, 0, 5, 5);
    (void)canvas_put(&none, 0, 0, TONE_PLAIN, str_from("x"));
    canvas_append(&canvas, 9, true, &text);
    assert_string_equal(strbuf_text(&text), "\n  abc\n  345\n");
    strbuf_free(&text);
    canvas_free(&canvas);
}

static void tones_last_as_long_as_their_text(void **state)
{
    (void)state;
    struct canvas canvas;
    struct strbuf text = strbuf_new(256);
    assert_true(canvas_create(&canvas, 8, 1));
    const struct canvas_area all = canvas_all(&canvas);
    (void)canvas_put(&all, 0, 0, TONE_BAD, str_from("a b"));
    (void)canvas_put(&all, 3, 0, TONE_STRONG, str_from("c"));
    (void)canvas_put(&all, 4, 0, TONE_PLAIN, str_from("d"));
    (void)canvas_append_row(&canvas, 0, true, &text);
    assert_string_equal(strbuf_text(&text), "\033[31ma b\033[0m\033[1mc\033[0md");
    strbuf_clear(&text);
    (void)canvas_append_row(&canvas, 0, false, &text); /* bold is no colour */
    assert_string_equal(strbuf_text(&text), "a b\033[1mc\033[0md");
    strbuf_clear(&text);
    canvas_tone_row(&all, 0, TONE_CHOSEN);
    (void)canvas_append_row(&canvas, 0, false, &text);
    assert_string_equal(strbuf_text(&text), "\033[7ma bcd   \033[0m");
    strbuf_free(&text);
    canvas_free(&canvas);
}

static void put_lines_cases(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        int skipped, count;
        const char *want; /* of a canvas of 6 by 2 */
    } cases[] = {
        {"", 0, 0, "\n\n"},
        {"a\nb\n", 0, 2, "a\nb\n"},
        {"a\n\nc", 0, 3, "a\n\n"},
        {"a\nb\nc\nd\n", 2, 4, "c\nd\n"},
        {"a\nb\n", 5, 2, "\n\n"},
        {"abcdefgh\nb\n", 0, 2, "abcdef\nb\n"}, /* cut, not wrapped */
        {"a \033[31mb\033[0m c\n", 0, 1, "a \033[31mb \033[0mc\n\n"},
        {"\033[32ma\nb\033[0mc\n", 0, 2, "\033[32ma\033[0m\n\033[32mb\033[0mc\n"},
        {"\033[2Ja\n", 0, 1, "?[2Ja\n\n"}, /* no sequence but those of tones */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct canvas canvas;
        struct strbuf text = strbuf_new(256);
        assert_true(canvas_create(&canvas, 6, 2));
        const struct canvas_area all = canvas_all(&canvas);
        int count = canvas_put_lines(&all, cases[i].skipped, str_from(cases[i].lines));
        canvas_append(&canvas, 2, true, &text);
        if (count != cases[i].count || !str_equal_text(strbuf_str(&text), cases[i].want)) {
            fail_msg("case %zu: %d \"%s\"", i, count, strbuf_text(&text));
        }
        strbuf_free(&text);
        canvas_free(&canvas);
    }
}

static void create_without_a_side_fails(void **state)
{
    (void)state;
    struct canvas canvas;
    assert_false(canvas_create(&canvas, 0, 5));
    canvas_free(&canvas);
    assert_false(canvas_create(&canvas, 5, -1));
    canvas_free(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_cases),
        cmocka_unit_test(put_outside_of_a_part_draws_nothing),
        cmocka_unit_test(tones_last_as_long_as_their_text),
        cmocka_unit_test(put_lines_cases),
        cmocka_unit_test(create_without_a_side_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
