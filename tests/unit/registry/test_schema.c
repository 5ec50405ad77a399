/* What is taken as a flat record, and what is refused in which words. */
#include "registry/codec/schema.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "record/ticker.h"
#include "registry/codec/codec.h"

#define RECORD(fields) "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" fields "]}"
#define FIELD(rest) RECORD("{\"name\":\"x\"," rest "}")

static void schema_gives_its_full_name(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {
        {"\"long\"", "long"},
        {"[]", "union"},
        {"[\"null\",{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}]", "union"},
        {"{\"type\":\"error\",\"name\":\"R\",\"fields\":[]}", "R"},
        {"{\"type\":\"record\",\"type\":\"record\",\"name\":\"R\",\"fields\":[]}", "R"},
        {RECORD(""), "R"},
        {"{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"a.b\",\"fields\":[]}", "a.b.R"},
        {"{\"type\":\"record\",\"name\":\"c.R\",\"namespace\":\"a.b\",\"fields\":[]}", "c.R"},
        {"{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"\",\"fields\":[]}", "R"},
        {"{\"type\":\"record\",\"name\":\"R\",\"namespace\":null,\"fields\":[]}", "R"},
        {"{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"my-co.4 u\",\"fields\":[]}",
         "my-co.4 u.R"},
        {"{\"type\":\"record\",\"name\":\"my-co.R\",\"namespace\":\"x\",\"fields\":[]}", "my-co.R"},
        {"{\"type\":\"record\",\"name\":\"R\",\"aliases\":[\"Q\",\"a.b.Q\"],\"fields\":[]}", "R"},
        {FIELD("\"type\":\"null\""), "R"},
        {FIELD("\"type\":\"boolean\",\"default\":true"), "R"},
        {FIELD("\"type\":\"int\",\"default\":-2147483648"), "R"},
        {FIELD("\"type\":\"long\",\"default\":9223372036854775807"), "R"},
        {FIELD("\"type\":\"float\",\"default\":1"), "R"},
        {FIELD("\"type\":\"double\",\"default\":1e300"), "R"},
        {FIELD("\"type\":\"bytes\",\"default\":\"\\u0000\\u00ff\""), "R"},
        {FIELD("\"type\":\"string\",\"default\":\"\\u20ac\""), "R"},
        {FIELD("\"type\":[\"null\",\"double\"],\"default\":null"), "R"},
        {FIELD("\"type\":[\"double\",\"null\"],\"default\":0.5"), "R"},
        {FIELD("\"type\":{\"type\":\"long\"}"), "R"},
        {FIELD("\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}"), "R"},
        {FIELD("\"type\":[\"null\",{\"type\":\"string\",\"avro.java.string\":\"String\"}]"), "R"},
        {FIELD("\"type\":\"int\",\"aliases\":[\"y\",\"z\"],\"order\":\"ignore\",\"doc\":\"d\""),
         "R"},
        /* what does not change how it is read is not judged */
        {FIELD("\"type\":\"int\",\"aliases\":[\"a.b\",5],\"order\":\"up\",\"doc\":7"), "R"},
        {FIELD("\"type\":\"int\",\"default\":null"), "R"},
        {FIELD("\"type\":\"int\",\"default\":12345678901234567890123"), "R"},
        {FIELD("\"type\":\"double\",\"default\":NaN"), "R"},
        {FIELD("\"type\":\"double\",\"default\":-Infinity"), "R"},
        {FIELD("\"type\":\"double\",\"default\":1e999"), "R"},
        {FIELD("\"type\":[\"null\",\"double\"],\"default\":\"\""), "R"},
        /* types of every kind, used before they are defined, by name, and twice the same */
        {FIELD("\"type\":[]"), "R"},
        {FIELD("\"type\":\"R\""), "R"},
        {FIELD("\"type\":{\"type\":\"R\"}"), "R"},
        {FIELD("\"type\":[\"null\",\"int\",\"double\"]"), "R"},
        {FIELD("\"type\":[\"null\",{\"type\":\"array\",\"items\":\"R\"}]"), "R"},
        {RECORD("{\"name\":\"x\",\"type\":\"F\"},{\"name\":\"y\",\"type\":{\"type\":\"fixed\","
                "\"name\":"
                "\"F\",\"size\":0}},{\"name\":\"z\",\"type\":{\"type\":\"fixed\",\"name\":\"F\","
                "\"size\":0}}"),
         "R"},
        {RECORD("{\"name\":\"gr\xC3\xB6\xC3\x9F\x65\",\"type\":\"int\"}"), "R"},
        {FIELD("\"type\":\"int\",\"meta\":{\"a\":[{\"b\":[1,\"]]]]]]]]\"]}]}"), "R"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        struct schema *schema = schema_parse(str_from(cases[i].text), &error);
        if (schema == NULL) {
            fail_msg("%s: %s", cases[i].text, error.text);
        }
        assert_string_equal(schema_full_name(schema), cases[i].want);
        assert_string_equal(schema_text(schema), cases[i].text);
        schema_destroy(schema);
    }
}

static void expect_refused(struct str text, const char *want)
{
    struct error error = {0};
    struct schema *schema = schema_parse(text, &error);
    if (schema != NULL) {
        fail_msg("taken, wanted \"%s\": %.200s", want, text.data);
    }
    assert_int_equal(error.kind, ERROR_REJECT);
    if (strstr(error.text, want) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", want, error.text);
    }
}

static const struct {
    const char *text;
    const char *want;
} refused[] = {
    {"", "not JSON"},
    {"{", "not JSON"},
    {RECORD("") " x", "not JSON"},
    {"5", "its type is no name, object or list"},
    {"\"rekord\"", "there is no type \"rekord\""},
    {"\"\"", "there is no type \"\""},
    {"{\"type\":\"fixed\",\"name\":\"R\",\"size\":-2}", "no size of 0 or more"},
    {"{\"type\":\"fixed\",\"name\":\"R\",\"size\":1e3}", "no size of 0 or more"},
    {"{\"type\":\"fixed\",\"name\":\"R\"}", "no size of 0 or more"},
    {"{\"type\":\"enum\",\"name\":\"R\"}", "no list of symbols"},
    {"{\"type\":\"enum\",\"name\":\"R\",\"symbols\":[\"A\",\"A\"]}", "different names"},
    {"{\"type\":\"enum\",\"name\":\"R\",\"symbols\":[\"A-B\"]}", "different names"},
    {"{\"type\":\"rekord\",\"name\":\"R\",\"fields\":[]}", "there is no type \"rekord\""},
    {"{\"type\":\"record\",\"fields\":[]}", "no valid name"},
    {"{\"type\":\"record\",\"name\":5,\"fields\":[]}", "no valid name"},
    {"{\"type\":\"record\",\"name\":\"\",\"fields\":[]}", "no valid name"},
    {"{\"type\":\"record\",\"name\":\"1R\",\"fields\":[]}", "no valid name: 1R"},
    {"{\"type\":\"record\",\"name\":\"a.1R\",\"fields\":[]}", "no valid name: a.1R"},
    {"{\"type\":\"record\",\"name\":\"R.\",\"fields\":[]}", "no valid name: R."},
    {"{\"type\":\"record\",\"name\":\"R\\u0000\",\"fields\":[]}", "no valid name"},
    {"{\"type\":\"record\",\"name\":\"long\",\"fields\":[]}", "cannot be named \"long\""},
    {"{\"type\":\"record\",\"name\":\"R\",\"namespace\":7,\"fields\":[]}", "namespace"},
    {"{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"a\\u0000\",\"fields\":[]}", "namespace"},
    {"{\"type\":\"record\",\"name\":\"R\"}", "no list of fields"},
    {"{\"type\":\"record\",\"name\":\"R\",\"fields\":{}}", "no list of fields"},
    {RECORD("5"), "field 1 has no valid name"},
    {RECORD("{\"type\":\"int\"}"), "field 1 has no valid name"},
    {RECORD("{\"name\":\"a.b\",\"type\":\"int\"}"), "field 1 has no valid name: a.b"},
    {RECORD("{\"name\":\"x\",\"type\":\"int\"},{\"name\":\"x\",\"type\":\"int\"}"),
     "field 'x' stands there twice"},
    {RECORD("{\"name\":\"x\"}"), "field 'x': its type"},
    {FIELD("\"type\":5"), "field 'x': its type"},
    {FIELD("\"type\":\"Q\""), "field 'x': there is no type \"Q\""},
    {FIELD("\"type\":\"a b\""), "field 'x': there is no type \"a b\""},
    {FIELD("\"type\":{\"type\":\"array\"}"), "field 'x': its type"},
    {FIELD("\"type\":{\"type\":\"map\",\"items\":\"int\"}"), "field 'x': its type"},
    {FIELD("\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":-2}"), "field 'x': the fixed"},
    {FIELD("\"type\":{\"type\":{\"type\":\"int\"}}"), "field 'x': its type"},
    {FIELD("\"type\":[\"null\",\"null\"]"), "a union holds \"null\" twice"},
    {FIELD("\"type\":[\"null\",[\"null\",\"int\"]]"),
     "field 'x': a union stands directly in a union"},
    {FIELD("\"type\":[\"R\",\"R\"]"), "a union holds \"R\" twice"},
    {FIELD("\"type\":{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}"),
     "field 'x': 'R' is defined twice, and not the same"},
    {FIELD(
         "\"type\":{\"type\":\"record\",\"name\":\"Q\",\"fields\":[{\"name\":\"y\",\"type\":5}]}"),
     "field 'x', in its field 'y': its type"},
};

static void schema_that_is_not_avro_is_refused_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        expect_refused(str_from(refused[i].text), refused[i].want);
    }
}

/* `count` times `piece`, between a head and a tail. */
static struct strbuf repeated(const char *head, const char *piece, size_t count, const char *tail)
{
    struct strbuf text = strbuf_new((size_t)64 << 20);
    strbuf_append_text(&text, head);
    for (size_t i = 0; i < count; i++) {
        strbuf_append_text(&text, piece);
    }
    strbuf_append_text(&text, tail);
    assert_false(text.failed);
    return text;
}

static void schema_too_deep_or_too_large_is_refused_before_any_parser(void **state)
{
    (void)state;
    static const struct {
        const char *head, *piece, *tail;
        size_t count;
        const char *want;
    } cases[] = {
        {"", "[", "", 10000, "deeper than 64 levels"},
        {"", "{\"type\":", "", 5000, "deeper than 64 levels"},
        {"\"\\\"", "[", "", 300, "not JSON"},
        {"", " ", RECORD(""), 1 << 20, "larger than 1048576 bytes"},
        {"{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}", " ", "", 1 << 20, "larger than"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf text = repeated(cases[i].head, cases[i].piece, cases[i].count, cases[i].tail);
        expect_refused(strbuf_str(&text), cases[i].want);
        strbuf_free(&text);
    }
}

static void schema_at_its_limits_is_taken_and_one_field_more_refused(void **state)
{
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        struct strbuf text = strbuf_new(SCHEMA_TEXT_LIMIT);
        strbuf_append_text(&text, "{\"type\":\"record\",\"name\":\"R\",\"fields\":[");
        for (int i = 0; i < SCHEMA_FIELD_LIMIT + extra; i++) {
            strbuf_append_format(&text, "%s{\"name\":\"f%d\",\"type\":\"int\"}", i > 0 ? "," : "",
                                 i);
        }
        strbuf_append_text(&text, "]}");
        while (text.length < SCHEMA_TEXT_LIMIT) {
            strbuf_append_char(&text, ' ');
        }
        assert_false(text.failed);
        if (extra == 1) {
            expect_refused(strbuf_str(&text), "more than 4096 fields");
        } else {
            struct schema *schema = schema_parse(strbuf_str(&text), NULL);
            assert_non_null(schema);
            schema_destroy(schema);
        }
        strbuf_free(&text);
    }
}

static void types_nest_to_their_limit_and_no_deeper(void **state)
{
    (void)state;
    for (size_t depth = SCHEMA_LEVEL_LIMIT; depth <= SCHEMA_LEVEL_LIMIT + 1; depth++) {
        struct strbuf text = repeated("", "{\"type\":\"array\",\"items\":", depth, "\"int\"");
        for (size_t i = 0; i < depth; i++) {
            strbuf_append_char(&text, '}');
        }
        if (depth > SCHEMA_LEVEL_LIMIT) {
            expect_refused(strbuf_str(&text), "the schema nests deeper than 64 levels");
        } else {
            struct schema *schema = schema_parse(strbuf_str(&text), NULL);
            assert_non_null(schema);
            schema_destroy(schema);
        }
        strbuf_free(&text);
    }
}

/* Every type in a namespace would keep a copy of it. */
static void names_are_taken_to_their_limit_and_no_longer(void **state)
{
    (void)state;
    static const struct {
        const char *head, *tail;
        size_t around; /* bytes of the name beside the repeated ones */
    } cases[] = {
        {"{\"type\":\"fixed\",\"name\":\"", "\",\"size\":1}", 0},
        {"{\"type\":\"fixed\",\"name\":\"a.", "\",\"size\":1}", 2},
        {"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[],\"namespace\":\"", "\"}", 2},
        {"{\"type\":\"fixed\",\"name\":\"a.F\",\"size\":1,\"namespace\":\"", "\"}", 0},
        {"{\"type\":\"record\",\"name\":\"R\",\"fields\":[],\"namespace\":\"", "\"}", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t extra = 0; extra <= 1; extra++) {
            struct strbuf text = repeated(
                cases[i].head, "x", SCHEMA_NAME_LIMIT - cases[i].around + extra, cases[i].tail);
            if (extra == 1) {
                expect_refused(strbuf_str(&text), "longer than 1024 bytes");
            } else {
                struct schema *schema = schema_parse(strbuf_str(&text), NULL);
                assert_non_null(schema);
                schema_destroy(schema);
            }
            strbuf_free(&text);
        }
    }
    struct strbuf reference = repeated("\"", "x", SCHEMA_NAME_LIMIT + 1, "\"");
    expect_refused(strbuf_str(&reference), "longer than 1024 bytes");
    strbuf_free(&reference);
}

static void schema_same_ignores_order_blanks_and_docs_only(void **state)
{
    (void)state;
    static const char *const left =
        "{\"type\":\"record\",\"name\":\"R\",\"doc\":\"one\",\"fields\":[{\"name\":\"x\","
        "\"type\":[\"null\",\"long\"],\"default\":null,\"doc\":\"two\"}]}";
    static const struct {
        const char *text;
        bool want;
    } cases[] = {
        {"{ \"fields\" : [{\"default\":null, \"name\":\"x\", \"type\":[\"null\",\"long\"]}],\n"
         "\"name\":\"R\", \"type\":\"record\"}",
         true},
        {FIELD("\"type\":[\"null\",\"long\"],\"default\":null,\"doc\":\"three\""), true},
        {FIELD("\"type\":[\"null\",\"long\"]"), false},
        {FIELD("\"type\":[\"long\",\"null\"]"), false},
        {FIELD("\"type\":[\"null\",\"int\"],\"default\":null"), false},
        {FIELD("\"type\":[\"null\",\"long\"],\"default\":null,\"aliases\":[\"y\"]"), false},
        {RECORD("{\"name\":\"y\",\"type\":[\"null\",\"long\"],\"default\":null}"), false},
    };
    struct schema *one = schema_parse(str_from(left), NULL);
    assert_non_null(one);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct schema *other = schema_parse(str_from(cases[i].text), NULL);
        assert_non_null(other);
        assert_int_equal(schema_same(one, other), cases[i].want);
        assert_int_equal(schema_same(other, one), cases[i].want);
        schema_destroy(other);
    }
    schema_destroy(one);
}

static void schema_of_the_ticker_is_taken(void **state)
{
    (void)state;
    struct error error;
    struct schema *schema = schema_parse(str_from(ticker_schema_text), &error);
    assert_non_null(schema);
    assert_string_equal(schema_full_name(schema), "candlewick.Ticker");
    schema_destroy(schema);
    schema_destroy(NULL);
}

/* Gives NULL when all went well: cmocka's asserts are for the main thread only. */
static void *parse_many(void *argument)
{
    for (int i = 0; i < 200; i++) {
        struct schema *schema = schema_parse(str_from(ticker_schema_text), NULL);
        if (schema == NULL) {
            return argument;
        }
        schema_destroy(schema);
    }
    return NULL;
}

static void schema_parse_on_several_threads_works(void **state)
{
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, parse_many, state), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema_gives_its_full_name),
        cmocka_unit_test(schema_that_is_not_avro_is_refused_by_name),
        cmocka_unit_test(schema_too_deep_or_too_large_is_refused_before_any_parser),
        cmocka_unit_test(schema_at_its_limits_is_taken_and_one_field_more_refused),
        cmocka_unit_test(types_nest_to_their_limit_and_no_deeper),
        cmocka_unit_test(names_are_taken_to_their_limit_and_no_longer),
        cmocka_unit_test(schema_same_ignores_order_blanks_and_docs_only),
        cmocka_unit_test(schema_of_the_ticker_is_taken),
        cmocka_unit_test(schema_parse_on_several_threads_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
