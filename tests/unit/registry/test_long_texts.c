/* Long texts there and back, what of them is refused, and those of other writers. */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "registry/codec/codec.h"
#include "texts/hard_texts.h"
#include "texts/memo_kind.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct schema *parse(const char *text)
{
    struct error error = {0};
    struct schema *schema = schema_parse(str_from(text), &error);
    assert_string_equal(error.text, "");
    assert_non_null(schema);
    return schema;
}

static struct decode_plan *compile(const char *writer_text, const char *reader_text)
{
    struct error error = {0};
    struct schema *writer = parse(writer_text);
    struct schema *reader = parse(reader_text);
    struct decode_plan *plan = decode_plan_compile(writer, reader, memo_columns, &error);
    assert_string_equal(error.text, "");
    assert_non_null(plan);
    schema_destroy(writer);
    schema_destroy(reader);
    return plan;
}

static void put_long(struct strbuf *body, uint64_t zigzag)
{
    for (; zigzag >= 0x80; zigzag >>= 7) {
        strbuf_append_char(body, (char)(0x80 | (zigzag & 0x7F)));
    }
    strbuf_append_char(body, (char)zigzag);
}

static void put_text(struct strbuf *body, struct str text)
{
    put_long(body, 2 * text.length);
    strbuf_append_str(body, text);
}

static void assert_text(struct str have, struct str want)
{
    assert_int_equal(have.length, want.length);
    assert_memory_equal(have.data, want.data, want.length);
}

static void valid_text_is_read_back_and_no_other_is_written(void **state)
{
    (void)state;
    struct error error = {0};
    struct schema *schema = parse(memo_kind.schema);
    struct encode_plan *encode = encode_plan_compile(schema, memo_columns, &error);
    struct decode_plan *decode = compile(memo_kind.schema, memo_kind.schema);
    struct strbuf body = strbuf_new(1 << 20);
    struct text_arena texts = {0}, read = {0};
    assert_non_null(encode);
    for (size_t i = 0; i < hard_texts(); i++) {
        struct hard_text hard = hard_text(i);
        struct memo memo = {.name = "a", .count = 7, .has_more = i % 2 == 0};
        struct memo got = {.has_more = true};
        strbuf_clear(&body);
        texts.length = 0;
        assert_true(text_arena_add(&texts, str_from("before"), &memo.body));
        assert_true(text_arena_add(&texts, hard.text, &memo.body));
        assert_true(!memo.has_more || text_arena_add(&texts, str_from("more"), &memo.more));
        assert_int_equal(encode_plan_run(encode, &memo, &texts, &body), hard.valid);
        if (!hard.valid) {
            continue;
        }
        read.length = 0;
        assert_true(decode_plan_run(decode, strbuf_str(&body), &got, &read, &error));
        assert_text(column_long_text(MEMO_BODY, &got, &read), hard.text);
        assert_int_equal(got.has_more, memo.has_more);
        assert_text(column_long_text(MEMO_MORE, &got, &read),
                    str_from(memo.has_more ? "more" : ""));
        assert_int_equal(got.count, 7);
    }
    text_arena_free(&texts);
    text_arena_free(&read);
    strbuf_free(&body);
    encode_plan_destroy(encode);
    decode_plan_destroy(decode);
    schema_destroy(schema);
}

/* Each as another program may write it; never cut, never changed. */
static void text_that_is_not_valid_is_refused_with_its_field(void **state)
{
    (void)state;
    struct decode_plan *plan = compile(memo_kind.schema, memo_kind.schema);
    struct strbuf body = strbuf_new(1 << 20);
    struct text_arena texts = {0};
    for (size_t i = 0; i < hard_texts(); i++) {
        for (int in_more = 0; in_more < 2; in_more++) {
            struct hard_text hard = hard_text(i);
            struct memo memo = {0};
            struct error error = {0};
            strbuf_clear(&body);
            texts.length = 0;
            put_text(&body, str_from("a"));
            put_long(&body, 0);
            put_text(&body, str_from("replay"));
            put_text(&body, in_more ? str_from("b") : hard.text);
            put_long(&body, 2); /* the branch of more */
            put_text(&body, in_more ? hard.text : str_from("c"));
            put_long(&body, 0);
            bool read = decode_plan_run(plan, strbuf_str(&body), &memo, &texts, &error);
            if (read != hard.valid) {
                fail_msg("%s: %s", hard.name, error.text);
            }
            const struct column *column = in_more ? MEMO_MORE : MEMO_BODY;
            if (read) {
                assert_text(column_long_text(column, &memo, &texts), hard.text);
            } else {
                assert_int_equal(error.kind, ERROR_REJECT);
                assert_non_null(strstr(error.text, in_more ? "field 'more'" : "field 'body'"));
            }
        }
    }
    text_arena_free(&texts);
    strbuf_free(&body);
    decode_plan_destroy(plan);
}

#define HEAD                                                                                       \
    "{\"type\":\"record\",\"name\":\"Memo\",\"fields\":["                                          \
    "{\"name\":\"name\",\"type\":\"string\"},{\"name\":\"time\",\"type\":\"long\"},"               \
    "{\"name\":\"source\",\"type\":\"string\"},"
#define TAIL "{\"name\":\"count\",\"type\":\"long\"}]}"

static void text_of_another_writer_is_read_by_the_rules_of_resolution(void **state)
{
    (void)state;
    static const char with_defaults[] =
        HEAD "{\"name\":\"body\",\"type\":\"string\",\"default\":\"nothing \\\"said\\\"\\n\"},"
             "{\"name\":\"more\",\"type\":[\"null\",\"string\"],\"default\":null}," TAIL;
    static const struct {
        const char *writer, *between, *body;
        size_t length;
    } cases[] = {
        {HEAD TAIL, "", "nothing \"said\"\n", 0},
        {HEAD "{\"name\":\"body\",\"type\":\"bytes\"}," TAIL, "\x04hi", "hi", 3},
        {HEAD "{\"name\":\"body\",\"type\":[\"int\",\"string\",\"null\"]}," TAIL, "\x02\x04hi",
         "hi", 4},
        {HEAD "{\"name\":\"body\",\"type\":[\"int\",\"string\",\"null\"]}," TAIL, "\x00\x04", NULL,
         2},
        {HEAD "{\"name\":\"body\",\"type\":\"bytes\"}," TAIL, "\x04h\xFF", NULL, 3},
        {HEAD
         "{\"name\":\"body\",\"type\":\"string\"},{\"name\":\"more\",\"type\":\"string\"}," TAIL,
         "\x02x\x02y", "x", 4},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error error = {0};
        struct memo memo = {0};
        struct text_arena texts = {0};
        struct strbuf body = strbuf_new(1000);
        struct decode_plan *plan = compile(cases[i].writer, with_defaults);
        put_text(&body, str_from("a"));
        put_long(&body, 0);
        put_text(&body, str_from("replay"));
        strbuf_append(&body, cases[i].between, cases[i].length);
        put_long(&body, 0);
        bool read = decode_plan_run(plan, strbuf_str(&body), &memo, &texts, &error);
        if (read != (cases[i].body != NULL)) {
            fail_msg("case %zu: %s", i, error.text);
        }
        if (read) {
            assert_text(column_long_text(MEMO_BODY, &memo, &texts), str_from(cases[i].body));
            assert_int_equal(memo.has_more, i == 5);
        }
        text_arena_free(&texts);
        strbuf_free(&body);
        decode_plan_destroy(plan);
    }
}

static void long_text_fits_a_string_only(void **state)
{
    (void)state;
    static const char *const types[] = {"\"bytes\"", "\"long\"", "[\"null\",\"bytes\"]",
                                        "{\"type\":\"array\",\"items\":\"string\"}"};
    for (size_t i = 0; i < COUNT(types); i++) {
        char text[400];
        struct error error = {0};
        (void)snprintf(text, sizeof text,
                       HEAD "{\"name\":\"body\",\"type\":%s},"
                            "{\"name\":\"more\",\"type\":[\"null\",\"string\"]}," TAIL,
                       types[i]);
        struct schema *schema = parse(text);
        assert_null(encode_plan_compile(schema, memo_columns, &error));
        assert_non_null(strstr(error.text, "field 'body'"));
        assert_null(decode_plan_compile(schema, schema, memo_columns, &error));
        assert_int_equal(error.kind, ERROR_REJECT);
        schema_destroy(schema);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_text_is_read_back_and_no_other_is_written),
        cmocka_unit_test(text_that_is_not_valid_is_refused_with_its_field),
        cmocka_unit_test(text_of_another_writer_is_read_by_the_rules_of_resolution),
        cmocka_unit_test(long_text_fits_a_string_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
