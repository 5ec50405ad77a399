#include "base/text/table.h"

#include <string.h>

#include "cmocka_all.h"

static struct table example(void)
{
    struct table table = table_new_with_head((const char *const[]){"name", "count", "note", NULL});
    const char *const cells[] = {"é", "5", "a,b", "long name", "-12", ""};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        table_cell(&table, "%s", cells[i]);
    }
    return table;
}

static void append_in_each_format(void **state)
{
    (void)state;
    const struct {
        enum output_format format;
        const char *want;
    } cases[] = {
        {FORMAT_TABLE, "name       count  note\n"
                       "é              5  a,b\n"
                       "long name    -12\n"},
        {FORMAT_CSV, "name,count,note\né,5,\"a,b\"\nlong name,-12,\n"},
        {FORMAT_MARKDOWN, "| name | count | note |\n|---|---:|---|\n| é | 5 | a,b |\n"
                          "| long name | -12 |  |\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct table table = example();
        struct strbuf text = strbuf_new(4096);
        table_append(&table, cases[i].format, &text);
        assert_string_equal(strbuf_text(&text), cases[i].want);
        strbuf_free(&text);
        table_free(&table);
    }
}

static void append_aligned_of_control_characters_shows_them_as_question_marks(void **state)
{
    (void)state;
    struct table table = table_new(2);
    struct strbuf text = strbuf_new(4096);
    table_cell(&table, "a\nb\x1b[2J");
    table_cell(&table, "c\xc2\x9b"
                       "d");
    table_append(&table, FORMAT_TABLE, &text);
    assert_string_equal(strbuf_text(&text), "a?b?[2J  c?d\n");
    strbuf_free(&text);
    table_free(&table);
}

static const char *const head[] = {"name", "count", "time", "note", NULL};
static const char *const long_cells[] = {
    "consumer-of-prices-17",
    "12345",
    "2026-01-01T00:00:00.123456789Z",
    "the store refuses it, as its column bid is text: look there",
    "a",
    "1",
    "2026-01-01T00:00:00Z",
    "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20"};

/* Text in the last column is broken, other text is cut in its middle, down to 8; numbers and times
 * stay whole, and so does a word. */
static void append_within_so_many_columns(void **state)
{
    (void)state;
    static const struct {
        int most;
        size_t keys;
        const char *want;
    } cases[] = {
        {200, 0,
         "name                   count  time                            note\n"
         "consumer-of-prices-17  12345  2026-01-01T00:00:00.123456789Z  the store refuses it, as "
         "its column bid is text: look there\n"
         "a                          1  2026-01-01T00:00:00Z            "
         "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20\n"},
        {80, 0,
         "name             count  time                            note\n"
         "consume…ices-17  12345  2026-01-01T00:00:00.123456789Z  the store refuses it, as\n"
         "                                                        its column bid is text:\n"
         "                                                        look there\n"
         "a                    1  2026-01-01T00:00:00Z            0,1,2,3,4,5,6,7,8,9,10,\n"
         "                                                        11,12,13,14,15,16,17,18,\n"
         "                                                        19,20\n"},
        {60, 1,
         "name                   count  time\n"
         "consumer-of-prices-17  12345  2026-01-01T00:00:00.123456789Z\n"
         "a                          1  2026-01-01T00:00:00Z\n"
         "\n"
         "name                   note\n"
         "consumer-of-prices-17  the store refuses it, as its column\n"
         "                       bid is text: look there\n"
         "a                      0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,\n"
         "                       15,16,17,18,19,20\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct table table = table_new_with_head(head);
        struct strbuf text = strbuf_new(4096);
        table.keys = cases[i].keys;
        for (size_t k = 0; k < sizeof long_cells / sizeof long_cells[0]; k++) {
            table_cell(&table, "%s", long_cells[k]);
        }
        table_append_within(&table, cases[i].most, &text);
        assert_string_equal(strbuf_text(&text), cases[i].want);
        strbuf_free(&text);
        table_free(&table);
    }
}

static void tones_are_shown_in_colour_alone_and_move_nothing(void **state)
{
    (void)state;
    for (int coloured = 0; coloured < 2; coloured++) {
        struct table table =
            table_new_with_head((const char *const[]){"name", "lag", "note", NULL});
        struct strbuf text = strbuf_new(4096);
        table.coloured = coloured == 1;
        table_cell(&table, "a\033[2J\xff"); /* foreign text has no say in it */
        table_cell(&table, "5");
        table_tone(&table, TONE_BAD);
        table_cell(&table, "all is well");
        table_tone(&table, TONE_GOOD);
        table_append_within(&table, 80, &text);
        assert_string_equal(strbuf_text(&text),
                            coloured == 0 ? "name    lag  note\na?[2J?    5  all is well\n"
                                          : "name    lag  note\na?[2J?    \033[31m5\033[0m  "
                                            "\033[32mall is well\033[0m\n");
        strbuf_free(&text);
        table_free(&table);
    }
}

static void append_to_a_text_that_is_too_small_fails_it(void **state)
{
    (void)state;
    struct table table = example();
    struct strbuf text = strbuf_new(10);
    table_append(&table, FORMAT_TABLE, &text);
    assert_true(text.failed);
    strbuf_free(&text);
    table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_in_each_format),
        cmocka_unit_test(append_aligned_of_control_characters_shows_them_as_question_marks),
        cmocka_unit_test(append_within_so_many_columns),
        cmocka_unit_test(tones_are_shown_in_colour_alone_and_move_nothing),
        cmocka_unit_test(append_to_a_text_that_is_too_small_fails_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
