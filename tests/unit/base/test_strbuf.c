#include <stdlib.h>
#include <string.h>

#include "base/text/strbuf.h"
#include "cmocka_all.h"

static void new_allocates_nothing_and_reads_as_empty(void **state)
{
    (void)state;
    struct strbuf buf = strbuf_new(10);
    assert_null(buf.data);
    assert_string_equal(strbuf_text(&buf), "");
    assert_int_equal(strbuf_str(&buf).length, 0);
    strbuf_free(&buf);
}

static void append_of_every_kind_adds_up(void **state)
{
    (void)state;
    struct strbuf buf = strbuf_new(1000);
    strbuf_append_text(&buf, "a");
    strbuf_append(&buf, "\0b", 2);
    strbuf_append_str(&buf, (struct str){.data = "cde", .length = 2});
    strbuf_append_char(&buf, ';');
    strbuf_append_int64(&buf, INT64_MIN);
    strbuf_append_int64(&buf, 0);
    strbuf_append_int64(&buf, INT64_MAX);
    strbuf_append_format(&buf, "<%d %s>", 7, "x");
    static const char want[] = "a\0bcd;-922337203685477580809223372036854775807<7 x>";
    assert_false(buf.failed);
    assert_int_equal(buf.length, sizeof want - 1);
    assert_memory_equal(buf.data, want, sizeof want); /* its NUL too */
    strbuf_free(&buf);
    assert_null(buf.data);
}

static void append_of_nothing_ends_with_nul(void **state)
{
    (void)state;
    struct strbuf buf = strbuf_new(0);
    strbuf_append(&buf, NULL, 0);
    assert_false(buf.failed);
    assert_non_null(buf.data);
    assert_string_equal(buf.data, "");
    strbuf_free(&buf);
}

static void append_up_to_the_limit_works_and_past_it_fails(void **state)
{
    (void)state;
    struct strbuf buf = strbuf_new(5);
    strbuf_append_text(&buf, "12345");
    assert_false(buf.failed);
    assert_int_equal(buf.length, 5);
    strbuf_append_char(&buf, '6');
    assert_true(buf.failed);
    assert_string_equal(buf.data, "12345");
    strbuf_free(&buf);
}

static void append_after_a_failure_does_nothing(void **state)
{
    (void)state;
    struct strbuf buf = strbuf_new(5);
    strbuf_append_text(&buf, "ab");
    strbuf_append_text(&buf, "too long");
    strbuf_append_text(&buf, "c");
    strbuf_append_format(&buf, "%d", 1);
    strbuf_append_json_string(&buf, str_from(""));
    assert_true(buf.failed);
    assert_false(strbuf_reserve(&buf, 0));
    assert_string_equal(strbuf_text(&buf), "ab");
    strbuf_clear(&buf);
    assert_false(buf.failed);
    assert_string_equal(strbuf_text(&buf), "");
    strbuf_append_text(&buf, "c");
    assert_string_equal(strbuf_text(&buf), "c");
    strbuf_free(&buf);
}

static void append_format_past_the_limit_writes_nothing(void **state)
{
    (void)state;
    struct strbuf buf = strbuf_new(4);
    strbuf_append_format(&buf, "%s", "1234");
    assert_false(buf.failed);
    strbuf_clear(&buf);
    strbuf_append_format(&buf, "%s", "12345");
    assert_true(buf.failed);
    assert_int_equal(buf.length, 0);
    strbuf_free(&buf);
}

static void reserve_of_absurd_sizes_fails_cleanly(void **state)
{
    (void)state;
    struct strbuf buf = strbuf_new(SIZE_MAX);
    strbuf_append_text(&buf, "ab");
    assert_false(strbuf_reserve(&buf, SIZE_MAX));
    assert_true(buf.failed);
    strbuf_free(&buf);
}

static void reserve_of_more_than_there_is_memory_fails_and_keeps_the_content(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* their realloc aborts instead of giving NULL */
#else
    struct strbuf buf = strbuf_new(SIZE_MAX);
    strbuf_append_text(&buf, "ab");
    assert_false(strbuf_reserve(&buf, SIZE_MAX / 2));
    assert_true(buf.failed);
    assert_string_equal(strbuf_text(&buf), "ab");
    strbuf_free(&buf);
#endif
}

static void many_appends_grow_by_doubling_and_keep_the_content(void **state)
{
    (void)state;
    enum { BYTES = 100000 };
    struct strbuf buf = strbuf_new(BYTES);
    size_t moves = 0;
    for (int i = 0; i < BYTES; i++) {
        size_t before = buf.capacity;
        strbuf_append_char(&buf, (char)('a' + i % 26));
        moves += buf.capacity != before ? 1 : 0;
    }
    assert_false(buf.failed);
    assert_in_range(moves, 1, 20);
    assert_true(buf.capacity <= BYTES + 1);
    for (int i = 0; i < BYTES; i++) {
        assert_int_equal(buf.data[i], 'a' + i % 26);
    }
    strbuf_free(&buf);
}

static void clear_keeps_the_memory(void **state)
{
    (void)state;
    struct strbuf buf = strbuf_new(1000);
    assert_true(strbuf_reserve(&buf, 500));
    size_t capacity = buf.capacity;
    strbuf_append_text(&buf, "x");
    strbuf_clear(&buf);
    assert_int_equal(buf.capacity, capacity);
    assert_int_equal(buf.length, 0);
    assert_string_equal(buf.data, "");
    strbuf_free(&buf);
}

static void json_string_escapes_what_json_asks_for(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        const char *want;
    } cases[] = {
        {{"", 0}, "\"\""},
        {{"tBTCUSD", 7}, "\"tBTCUSD\""},
        {{"a\"b\\c/", 6}, "\"a\\\"b\\\\c/\""},
        {{"\b\f\n\r\t", 5}, "\"\\b\\f\\n\\r\\t\""},
        {{"\0\x01\x1F\x7F", 4}, "\"\\u0000\\u0001\\u001f\\u007f\""},
        {{"\xE2\x82\xAC\xF0\x9F\x98\x80", 7}, "\"\xE2\x82\xAC\xF0\x9F\x98\x80\""},
        {{"a\xFFz", 3}, "\"a\xEF\xBF\xBDz\""},
        {{"\xC3\xA9", 1}, "\"\xEF\xBF\xBD\""},
        {{"\xED\xA0\x80", 3}, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf buf = strbuf_new(100);
        strbuf_append_json_string(&buf, cases[i].text);
        assert_string_equal(strbuf_text(&buf), cases[i].want);
        strbuf_free(&buf);
    }
}

static void json_member_without_a_text_is_null(void **state)
{
    (void)state;
    struct strbuf buf = strbuf_new(100);
    strbuf_append_json_member(&buf, "a", "b\"");
    strbuf_append_json_member(&buf, "c", "");
    strbuf_append_json_member(&buf, "d", NULL);
    assert_string_equal(strbuf_text(&buf), ",\"a\":\"b\\\"\",\"c\":null,\"d\":null");
    strbuf_free(&buf);
}

static void take_hands_over_the_memory(void **state)
{
    (void)state;
    struct strbuf buf = strbuf_new(100);
    strbuf_append_text(&buf, "abc");
    char *text = strbuf_take(&buf);
    assert_string_equal(text, "abc");
    free(text);
    assert_null(buf.data);
    assert_int_equal(buf.limit, 100);
    strbuf_append_text(&buf, "again");
    assert_string_equal(strbuf_text(&buf), "again");
    strbuf_free(&buf);
}

static void take_of_an_empty_buffer_gives_an_empty_text(void **state)
{
    (void)state;
    struct strbuf buf = strbuf_new(0);
    char *text = strbuf_take(&buf);
    assert_non_null(text);
    assert_string_equal(text, "");
    free(text);
}

static void take_of_a_failed_buffer_gives_null_and_frees(void **state)
{
    (void)state;
    struct strbuf buf = strbuf_new(2);
    strbuf_append_text(&buf, "ab");
    strbuf_append_text(&buf, "c");
    assert_null(strbuf_take(&buf));
    assert_null(buf.data);
    assert_false(buf.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_allocates_nothing_and_reads_as_empty),
        cmocka_unit_test(append_of_every_kind_adds_up),
        cmocka_unit_test(append_of_nothing_ends_with_nul),
        cmocka_unit_test(append_up_to_the_limit_works_and_past_it_fails),
        cmocka_unit_test(append_after_a_failure_does_nothing),
        cmocka_unit_test(append_format_past_the_limit_writes_nothing),
        cmocka_unit_test(reserve_of_absurd_sizes_fails_cleanly),
        cmocka_unit_test(reserve_of_more_than_there_is_memory_fails_and_keeps_the_content),
        cmocka_unit_test(many_appends_grow_by_doubling_and_keep_the_content),
        cmocka_unit_test(clear_keeps_the_memory),
        cmocka_unit_test(json_string_escapes_what_json_asks_for),
        cmocka_unit_test(json_member_without_a_text_is_null),
        cmocka_unit_test(take_hands_over_the_memory),
        cmocka_unit_test(take_of_an_empty_buffer_gives_an_empty_text),
        cmocka_unit_test(take_of_a_failed_buffer_gives_null_and_frees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
