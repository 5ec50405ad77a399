/* Rows of kinds with several tags, bools and texts. What a ticker's rows are is
 * test_influx_query.c's. */
#include "store/influx/influx_rows.h"

#include <string.h>

#include "cmocka_all.h"
#include "note_kind.h"
#include "record/bar.h"
#include "texts/hard_texts.h"
#include "texts/memo_kind.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t *parse(const char *text)
{
    json_t *row = json_loads(text, 0, NULL);
    assert_non_null(row);
    return row;
}

static void cell_of_another_type_names_its_column(void **state)
{
    (void)state;
    static const struct {
        const char *cells, *want;
    } cases[] = {
        {"\"text\":\"\",\"final\":true", NULL},
        {"\"text\":\"a\\\"\\n\",\"final\":false,\"more\":\"b\",\"read\":true,\"count\":5", NULL},
        {"\"text\":\"a\",\"final\":true,\"read\":null,\"count\":null,\"more\":null", NULL},
        {"\"final\":true", "text"},
        {"\"text\":null,\"final\":true", "text"},
        {"\"text\":1,\"final\":true", "text"},
        {"\"text\":\"12345678901234567\",\"final\":true", "text"}, /* one byte too long */
        {"\"text\":\"\"", "final"},
        {"\"text\":\"\",\"final\":1", "final"},
        {"\"text\":\"\",\"final\":\"true\"", "final"},
        {"\"text\":\"\",\"final\":true,\"read\":0", "read"},
        {"\"text\":\"\",\"final\":true,\"count\":1.0", "count"},
        {"\"text\":\"\",\"final\":true,\"count\":\"1\"", "count"},
        {"\"text\":\"\",\"final\":true,\"more\":true", "more"},
    };
    const struct stored_columns columns = kind_stored_columns(&note_kind);
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[200];
        const char *odd = "none";
        struct note note = {.name = "a"};
        (void)snprintf(text, sizeof text, "{\"time\":\"1970-01-01T00:00:01\",%s}", cases[i].cells);
        json_t *row = parse(text);
        assert_true(influx_row_point(row, &columns, &note, NULL, &odd));
        assert_int_equal(note.time_ns, 1000000000);
        if (cases[i].want == NULL ? odd != NULL : odd == NULL || strcmp(odd, cases[i].want) != 0) {
            fail_msg("%s: %s", text, odd != NULL ? odd : "nothing odd");
        }
        if (i == 1) {
            assert_string_equal(note.text, "a\"\n");
            assert_string_equal(note.more, "b");
            assert_true(note.has_more && note.has_read && note.read && note.has_count);
            assert_int_equal(note.count, 5);
            assert_false(note.final);
        }
        json_decref(row);
    }
}

static void long_text_of_a_row_is_the_point_s(void **state)
{
    (void)state;
    const struct stored_columns columns = kind_stored_columns(&memo_kind);
    struct text_arena texts = {0};
    for (size_t i = 0; i < hard_texts(); i++) {
        struct hard_text hard = hard_text(i);
        struct memo memo = {.name = "a", .has_more = true};
        const char *odd = NULL;
        json_t *row = parse("{\"time\":\"1970-01-01T00:00:01\",\"count\":3}");
        json_t *body = json_stringn(hard.text.data, hard.text.length);
        if (body == NULL) { /* no UTF-8: JSON cannot hold it */
            assert_false(hard.valid);
            json_decref(row);
            continue;
        }
        (void)json_object_set_new(row, "body", body);
        texts.length = 0;
        assert_true(influx_row_point(row, &columns, &memo, &texts, &odd));
        if ((odd == NULL) != hard.valid) {
            fail_msg("%s: %s", hard.name, odd != NULL ? odd : "nothing odd");
        }
        struct str read = column_long_text(MEMO_BODY, &memo, &texts);
        assert_int_equal(read.length, hard.valid ? hard.text.length : 0);
        assert_memory_equal(read.data, hard.text.data, read.length);
        assert_true(!memo.has_more && memo.count == 3);
        /* Who asks for no texts gets none, and the rest. */
        memo = (struct memo){.name = "a"};
        assert_true(influx_row_point(row, &columns, &memo, NULL, &odd));
        assert_null(odd);
        assert_true(memo.body.length == 0 && memo.count == 3);
        json_decref(row);
    }
    text_arena_free(&texts);
}

static void long_text_of_another_type_names_its_column(void **state)
{
    (void)state;
    static const struct {
        const char *cells, *want;
    } cases[] = {
        {"\"body\":\"a\",\"more\":null", NULL},
        {"\"body\":\"a\",\"more\":\"\"", NULL},
        {"\"more\":\"b\"", "body"},
        {"\"body\":null", "body"},
        {"\"body\":5", "body"},
        {"\"body\":\"a\",\"more\":false", "more"},
        {"\"body\":\"a\",\"more\":[]", "more"},
    };
    const struct stored_columns columns = kind_stored_columns(&memo_kind);
    struct text_arena texts = {0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[200];
        const char *odd = "none";
        struct memo memo = {.name = "a"};
        (void)snprintf(text, sizeof text, "{\"time\":\"1970-01-01T00:00:01\",\"count\":1,%s}",
                       cases[i].cells);
        json_t *row = parse(text);
        assert_true(influx_row_point(row, &columns, &memo, &texts, &odd));
        if (cases[i].want == NULL ? odd != NULL : odd == NULL || strcmp(odd, cases[i].want) != 0) {
            fail_msg("%s: %s", text, odd != NULL ? odd : "nothing odd");
        }
        json_decref(row);
    }
    text_arena_free(&texts);
}

static void missing_tag_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *row, *want;
    } cases[] = {
        {"{\"coin\":\"A\",\"source\":\"b\",\"timeframe\":\"1d\"}", NULL},
        {"{\"coin\":\"\",\"source\":\"b c\",\"timeframe\":\"9m\"}", NULL}, /* it is there */
        {"{\"source\":\"b\",\"timeframe\":\"1d\"}", "coin"},
        {"{\"coin\":null,\"source\":\"b\",\"timeframe\":\"1d\"}", "coin"},
        {"{\"coin\":\"A\",\"timeframe\":\"1d\"}", "source"},
        {"{\"coin\":\"A\",\"source\":5,\"timeframe\":\"1d\"}", "source"},
        {"{\"coin\":\"A\",\"source\":\"b\"}", "timeframe"},
        {"{}", "coin"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str parts[KIND_TAGS_MAX];
        json_t *row = parse(cases[i].row);
        const char *missing = influx_row_tags(row, &bar_kind, parts);
        if (cases[i].want == NULL ? missing != NULL
                                  : missing == NULL || strcmp(missing, cases[i].want) != 0) {
            fail_msg("%s: %s", cases[i].row, missing != NULL ? missing : "none");
        }
        assert_true(parts[0].data != NULL && parts[1].data != NULL && parts[2].data != NULL);
        json_decref(row);
    }
}

/* Below 0 a candle's number of ticks would say that it is unknown. */
static void candle_has_a_tick_at_least(void **state)
{
    (void)state;
    static const struct {
        const char *ticks;
        bool want;
    } cases[] = {{"1", true},    {"9007199254740993", true}, {"0", false},   {"-1", false},
                 {"1.5", false}, {"\"1\"", false},           {"null", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[200];
        (void)snprintf(text, sizeof text,
                       "{\"time\":\"1970-01-01T00:00:00\",\"open\":1,\"high\":1,\"low\":1,"
                       "\"close\":1,\"ticks\":%s}",
                       cases[i].ticks);
        json_t *row = parse(text);
        struct candle candle;
        assert_int_equal(influx_row_candle(row, &candle), cases[i].want);
        json_decref(row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cell_of_another_type_names_its_column),
        cmocka_unit_test(long_text_of_a_row_is_the_point_s),
        cmocka_unit_test(long_text_of_another_type_names_its_column),
        cmocka_unit_test(missing_tag_is_named),
        cmocka_unit_test(candle_has_a_tick_at_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
