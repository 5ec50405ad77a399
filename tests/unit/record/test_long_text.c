#include "record/long_text.h"

#include <jansson.h>
#include <string.h>

#include "cmocka_all.h"
#include "record/record_json.h"
#include "texts/hard_texts.h"
#include "texts/memo_kind.h"

static void assert_text(struct str have, struct str want)
{
    assert_int_equal(have.length, want.length);
    assert_memory_equal(have.data, want.data, want.length);
}

static void what_a_long_text_may_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < hard_texts(); i++) {
        struct hard_text hard = hard_text(i);
        if (long_text_valid(hard.text) != hard.valid) {
            fail_msg("%s", hard.name);
        }
    }
}

/* Each stays where it is while the arena grows and moves. */
static void texts_are_read_back_after_others_were_added(void **state)
{
    (void)state;
    enum { ROUNDS = 20 };
    struct text_arena texts = {0};
    struct long_text places[ROUNDS][64];
    assert_true(hard_texts() <= 64);
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < hard_texts(); i++) {
            assert_true(text_arena_add(&texts, hard_text(i).text, &places[round][i]));
        }
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < hard_texts(); i++) {
            assert_text(text_arena_at(&texts, places[round][i]), hard_text(i).text);
        }
    }
    text_arena_free(&texts);
    assert_int_equal(texts.length, 0);
    text_arena_free(&texts);
    assert_int_equal(text_arena_at(NULL, (struct long_text){0}).length, 0);
}

static void room_that_is_reserved_is_not_moved(void **state)
{
    (void)state;
    struct text_arena texts = {0};
    struct long_text place;
    assert_true(text_arena_reserve(&texts, 0));
    assert_true(text_arena_reserve(&texts, 5000));
    const char *bytes = texts.bytes;
    for (int i = 0; i < 5; i++) {
        assert_true(text_arena_add(&texts, (struct str){bytes, 1000}, &place));
    }
    assert_ptr_equal(texts.bytes, bytes);
    assert_false(text_arena_reserve(&texts, SIZE_MAX));
    assert_int_equal(texts.length, 5000);
    text_arena_free(&texts);
}

static void column_takes_a_valid_text_only(void **state)
{
    (void)state;
    struct text_arena texts = {0};
    for (size_t i = 0; i < hard_texts(); i++) {
        struct hard_text hard = hard_text(i);
        struct memo memo = {.name = "a"};
        size_t before = texts.length;
        assert_int_equal(column_set_long_text(MEMO_MORE, &memo, &texts, hard.text), hard.valid);
        assert_int_equal(memo.has_more, hard.valid);
        assert_int_equal(texts.length - before, hard.valid ? hard.text.length : 0);
        if (hard.valid) {
            assert_text(column_long_text(MEMO_MORE, &memo, &texts), hard.text);
        }
        column_set_null(MEMO_MORE, &memo);
        assert_false(memo.has_more);
        assert_int_equal(column_long_text(MEMO_MORE, &memo, &texts).length, 0);
    }
    text_arena_free(&texts);
}

static void record_takes_its_texts_to_another_arena(void **state)
{
    (void)state;
    struct text_arena first = {0}, second = {0};
    struct memo memo = {.name = "a"};
    assert_int_equal(kind_long_texts(&memo_kind), 2);
    assert_true(column_set_long_text(MEMO_BODY, &memo, &first, str_from("body")));
    assert_true(column_set_long_text(MEMO_MORE, &memo, &first, str_from("more")));
    assert_true(column_set_long_text(MEMO_BODY, &(struct memo){0}, &second, str_from("another")));
    assert_true(record_move_texts(&memo_kind, &memo, &first, &second));
    text_arena_free(&first);
    assert_text(column_long_text(MEMO_BODY, &memo, &second), str_from("body"));
    assert_text(column_long_text(MEMO_MORE, &memo, &second), str_from("more"));
    column_set_null(MEMO_MORE, &memo);
    assert_true(record_move_texts(&memo_kind, &memo, &second, &first));
    assert_false(memo.has_more);
    text_arena_free(&first);
    text_arena_free(&second);
}

static void json_reads_back_as_the_same_text(void **state)
{
    (void)state;
    struct text_arena texts = {0};
    struct strbuf json = strbuf_new(1 << 20);
    for (size_t i = 0; i < hard_texts(); i++) {
        struct hard_text hard = hard_text(i);
        struct memo memo = {.name = "a"};
        if (!hard.valid) {
            continue;
        }
        texts.length = 0;
        strbuf_clear(&json);
        assert_true(column_set_long_text(MEMO_BODY, &memo, &texts, hard.text));
        record_to_json(&memo_kind, &memo, &texts, &json);
        json_t *read = json_loadb(strbuf_text(&json), json.length, 0, NULL);
        const json_t *body = json_object_get(read, "body");
        assert_text((struct str){json_string_value(body), json_string_length(body)}, hard.text);
        assert_true(json_is_null(json_object_get(read, "more")));
        json_decref(read);
    }
    strbuf_free(&json);
    text_arena_free(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_long_text_may_be),
        cmocka_unit_test(texts_are_read_back_after_others_were_added),
        cmocka_unit_test(room_that_is_reserved_is_not_moved),
        cmocka_unit_test(column_takes_a_valid_text_only),
        cmocka_unit_test(record_takes_its_texts_to_another_arena),
        cmocka_unit_test(json_reads_back_as_the_same_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
