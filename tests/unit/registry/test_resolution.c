/* What one schema wrote read as another: names, aliases, defaults, promotions, unions. Each case's
 * bytes are written out by hand from the Avro specification. */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "registry/codec/codec.h"
#include "registry/codec/resolve.h"

struct sample {
    char text[8];
    int64_t number;
    double real;
    bool has_number;
    bool has_real;
    bool truth;
    bool has_truth;
};

#define AT(member) offsetof(struct sample, member)
static const struct column number_and_text[] = {
    {.name = "n",
     .type = COLUMN_INT64,
     .offset = AT(number),
     .size = sizeof(int64_t),
     .present_offset = AT(has_number)},
    {.name = "t",
     .type = COLUMN_TEXT,
     .offset = AT(text),
     .size = 8,
     .present_offset = COLUMN_REQUIRED},
    {.name = NULL},
};
static const struct column only_real[] = {
    {.name = "r",
     .type = COLUMN_DOUBLE,
     .offset = AT(real),
     .size = sizeof(double),
     .present_offset = AT(has_real)},
    {.name = NULL},
};
static const struct column only_text[] = {
    {.name = "t",
     .type = COLUMN_TEXT,
     .offset = AT(text),
     .size = 8,
     .present_offset = COLUMN_REQUIRED},
    {.name = NULL},
};
static const struct column only_truth[] = {
    {.name = "b",
     .type = COLUMN_BOOL,
     .offset = AT(truth),
     .size = sizeof(bool),
     .present_offset = AT(has_truth)},
    {.name = NULL},
};
static const struct column required_number[] = {
    {.name = "n",
     .type = COLUMN_INT64,
     .offset = AT(number),
     .size = sizeof(int64_t),
     .present_offset = COLUMN_REQUIRED},
    {.name = NULL},
};

#define NAMED(name, fields) "{\"type\":\"record\",\"name\":\"" name "\",\"fields\":[" fields "]}"
#define RECORD(fields) NAMED("R", fields)
#define F(name, type) "{\"name\":\"" name "\",\"type\":\"" type "\"}"
#define OPTIONAL(name, type) "{\"name\":\"" name "\",\"type\":[\"null\",\"" type "\"]}"
#define OPTIONAL_LAST(name, type) "{\"name\":\"" name "\",\"type\":[\"" type "\",\"null\"]}"
#define WITH(name, type, rest) "{\"name\":\"" name "\",\"type\":\"" type "\"," rest "}"
#define BYTES(literal) literal, sizeof literal - 1

struct reading {
    const char *writer;
    const char *reader;
    const struct column *columns;
    const char *body;
    size_t length;
    const char *want;
};

/* "n=5 r=null t=ab": what the record holds; or the error's text after "compile: " or "run: ". */
static void read_one(const struct reading *reading, char *result, size_t size)
{
    struct error error = {0};
    struct schema *writer = schema_parse(str_from(reading->writer), &error);
    struct schema *reader = schema_parse(str_from(reading->reader), &error);
    if (writer == NULL || reader == NULL) {
        fail_msg("%s: %s", writer == NULL ? reading->writer : reading->reader, error.text);
    }
    struct decode_plan *plan = decode_plan_compile(writer, reader, reading->columns, &error);
    schema_destroy(writer);
    schema_destroy(reader);

    struct sample sample;
    memset(&sample, 0x55, sizeof sample);
    struct str body = {reading->body, reading->length};
    if (plan == NULL) {
        assert_int_equal(error.kind, ERROR_REJECT);
        (void)snprintf(result, size, "compile: %s", error.text);
    } else if (!decode_plan_run(plan, body, &sample, NULL, &error)) {
        assert_int_equal(error.kind, ERROR_REJECT);
        (void)snprintf(result, size, "run: %s", error.text);
    } else if (reading->columns == only_real) {
        (void)snprintf(result, size, sample.has_real ? "r=%.17g" : "r=null %.17g", sample.real);
    } else if (reading->columns == only_truth) {
        (void)snprintf(result, size, "b=%s", !sample.has_truth ? "null" : sample.truth ? "t" : "f");
        assert_true(sample.has_truth || !sample.truth);
    } else if (reading->columns == only_text) {
        (void)snprintf(result, size, "t=%s", sample.text);
    } else if (reading->columns == required_number) {
        (void)snprintf(result, size, "n=%lld", (long long)sample.number);
    } else {
        (void)snprintf(result, size, sample.has_number ? "n=%lld t=%s" : "n=null %lld t=%s",
                       (long long)sample.number, sample.text);
    }
    decode_plan_destroy(plan);
}

static void check(const struct reading *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char result[600];
        read_one(&cases[i], result, sizeof result);
        if (strcmp(result, cases[i].want) != 0) {
            fail_msg("case %zu: %s read as %s: \"%s\", wanted \"%s\"", i, cases[i].writer,
                     cases[i].reader, result, cases[i].want);
        }
    }
}
#define CHECK(cases) check(cases, sizeof cases / sizeof cases[0])

static void fields_match_by_name_then_by_alias_in_any_order(void **state)
{
    (void)state;
    static const char *const both = RECORD(F("n", "long") "," F("t", "string"));
    static const struct reading cases[] = {
        {RECORD(F("n", "long") "," F("t", "string")), both, number_and_text, BYTES("\x0A\x04ok"),
         "n=5 t=ok"},
        {RECORD(F("t", "string") "," F("n", "long")), both, number_and_text, BYTES("\x04ok\x09"),
         "n=-5 t=ok"},
        /* extra fields of every type, before, between and behind */
        {RECORD(F("a", "null") "," F("b", "boolean") "," F("c", "int") "," F("n", "long") "," F("d", "long") "," F("e", "float") "," F(
             "f",
             "double") "," F("t",
                             "string") "," F("g",
                                             "bytes") "," F("h",
                                                            "string") "," OPTIONAL("i",
                                                                                   "double") "," OPTIONAL_LAST("j",
                                                                                                               "int") "," OPTIONAL("k",
                                                                                                                                   "string")),
         both, number_and_text,
         BYTES("\x01"
               "\x03"
               "\x0A"
               "\x80\x01"
               "1234"
               "12345678"
               "\x02z"
               "\x06ggg"
               "\x00"
               "\x00"
               "\x02"
               "\x02"
               "\x02h"),
         "n=5 t=z"},
        {RECORD(F("count", "long") "," F("t", "string")),
         RECORD(WITH("n", "long", "\"aliases\":[\"amount\",\"count\"]") "," F("t", "string")),
         number_and_text, BYTES("\x0A\x02q"), "n=5 t=q"},
        /* the name goes before the alias of another field, and a field is used once */
        {RECORD(F("n", "long") "," F("t", "string")),
         RECORD(WITH("m", "long",
                     "\"aliases\":[\"n\"],\"default\":1") "," F("n", "long") "," F("t", "string")),
         number_and_text, BYTES("\x0A\x02q"), "n=5 t=q"},
        {RECORD(F("old", "long") "," F("t", "string")),
         RECORD(WITH("n", "long", "\"aliases\":[\"old\"]") "," WITH(
             "m", "long", "\"aliases\":[\"old\"],\"default\":1") "," F("t", "string")),
         number_and_text, BYTES("\x0A\x02q"), "n=5 t=q"},
        /* an alias of the writer does not count */
        {RECORD(WITH("m", "long", "\"aliases\":[\"n\"]") "," F("t", "string")), both,
         number_and_text, BYTES(""),
         "compile: field 'n' is not in the writer's record and has no default"},
    };
    CHECK(cases);
}

static void records_match_by_unqualified_name_or_alias(void **state)
{
    (void)state;
#define N F("n", "long")
    static const struct reading cases[] = {
        {NAMED("a.R", N), NAMED("b.R", N), required_number, BYTES("\x02"), "n=1"},
        {NAMED("R", N), NAMED("a.b.R", N), required_number, BYTES("\x02"), "n=1"},
        {NAMED("a.R", N), NAMED("a.S", N), required_number, BYTES("\x02"),
         "compile: record 'a.R' is neither 'a.S' nor an alias of it"},
        {NAMED("a.R", N),
         "{\"type\":\"record\",\"name\":\"a.S\",\"aliases\":[\"Q\",\"a.R\"],\"fields\":[" N "]}",
         required_number, BYTES("\x02"), "n=1"},
        {NAMED("a.R", N),
         "{\"type\":\"record\",\"name\":\"b.S\",\"aliases\":[\"R\"],\"fields\":[" N "]}",
         required_number, BYTES("\x02"), "n=1"},
    };
#undef N
    CHECK(cases);
}

static void fields_that_are_missing_take_their_default(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {RECORD(""),
         RECORD(WITH("n", "long", "\"default\":-7") "," WITH("t", "string", "\"default\":\"xyz\"")),
         number_and_text, BYTES(""), "n=-7 t=xyz"},
        {RECORD(F("t", "string")),
         RECORD("{\"name\":\"n\",\"type\":[\"null\",\"long\"],\"default\":null}," F("t", "string")),
         number_and_text, BYTES("\x02q"), "n=null 0 t=q"},
        {RECORD(F("t", "string")),
         RECORD("{\"name\":\"n\",\"type\":[\"long\",\"null\"],\"default\":4}," F("t", "string")),
         number_and_text, BYTES("\x02q"), "n=4 t=q"},
        {RECORD(""), RECORD(WITH("r", "double", "\"default\":0.1")), only_real, BYTES(""),
         "r=0.10000000000000001"},
        {RECORD(""), RECORD(WITH("r", "double", "\"default\":3")), only_real, BYTES(""), "r=3"},
        {RECORD(""), RECORD(WITH("r", "float", "\"default\":0.1")), only_real, BYTES(""),
         "r=0.10000000149011612"},
        {RECORD(""), RECORD(WITH("t", "bytes", "\"default\":\"\\u0041\\u00ff\"")), only_text,
         BYTES(""), "t=A\xFF"},
        {RECORD(""), RECORD(WITH("t", "string", "\"default\":\"1234567\"")), only_text, BYTES(""),
         "t=1234567"},
        {RECORD(""), RECORD(WITH("t", "string", "\"default\":\"12345678\"")), only_text, BYTES(""),
         "compile: field 't': its default does not fit"},
        {RECORD(""), RECORD(WITH("t", "string", "\"default\":\"a\\u0000\"")), only_text, BYTES(""),
         "compile: field 't': its default does not fit"},
        {RECORD(""), RECORD(F("n", "long")), required_number, BYTES(""),
         "compile: field 'n' is not in the writer's record and has no default"},
        {RECORD(""), RECORD("{\"name\":\"n\",\"type\":[\"null\",\"long\"],\"default\":null}"),
         required_number, BYTES(""),
         "compile: field 'n' is not in the writer's record and its default is null, which is none "
         "of its values here"},
        /* the writer's default is nothing to a reader */
        {RECORD(WITH("n", "long", "\"default\":9")), RECORD(F("n", "long")), required_number,
         BYTES("\x02"), "n=1"},
        /* fields that nobody bound are left alone, with a default or without a value */
        {RECORD(F("n", "long") "," F("x", "string")),
         RECORD(F("n", "long") "," F("x", "bytes") "," WITH("y", "int", "\"default\":1")),
         required_number, BYTES("\x02\x02x"), "n=1"},
    };
    CHECK(cases);
}

static void numbers_and_texts_are_promoted_as_avro_allows(void **state)
{
    (void)state;
#define PAIR(from, to) RECORD(F("r", from)), RECORD(F("r", to)), only_real
    static const struct reading cases[] = {
        {RECORD(F("n", "int")), RECORD(F("n", "long")), required_number, BYTES("\x03"), "n=-2"},
        {RECORD(F("n", "int")), RECORD(F("n", "int")), required_number,
         BYTES("\xFF\xFF\xFF\xFF\x0F"), "n=-2147483648"},
        {PAIR("int", "float"), BYTES("\x82\x80\x80\x10"), "r=16777216"},
        {PAIR("int", "double"), BYTES("\x82\x80\x80\x10"), "r=16777217"},
        {PAIR("long", "float"), BYTES("\x82\x80\x80\x10"), "r=16777216"},
        {PAIR("long", "double"), BYTES("\x82\x80\x80\x80\x80\x80\x80\x20"), "r=9007199254740992"},
        {PAIR("float", "double"), BYTES("\xCD\xCC\xCC\x3D"), "r=0.10000000149011612"},
        {PAIR("float", "float"), BYTES("\x00\x00\x00\x80"), "r=-0"},
        {PAIR("double", "double"), BYTES("\x9A\x99\x99\x99\x99\x99\xB9\x3F"),
         "r=0.10000000000000001"},
        {PAIR("double", "float"), BYTES(""), "compile: field 'r': double cannot be read as float"},
        {RECORD(F("t", "bytes")), RECORD(F("t", "string")), only_text, BYTES("\x04\xC3\xA9"),
         "t=\xC3\xA9"},
        {RECORD(F("t", "string")), RECORD(F("t", "bytes")), only_text, BYTES("\x02\xFF"), "t=\xFF"},
        {RECORD(F("n", "long")), RECORD(F("n", "int")), required_number, BYTES(""),
         "compile: field 'n': long cannot be read as int"},
        {RECORD(F("n", "boolean")), RECORD(F("n", "int")), required_number, BYTES(""),
         "compile: field 'n': boolean cannot be read as int"},
        {RECORD(F("n", "string")), RECORD(F("n", "int")), required_number, BYTES(""),
         "compile: field 'n': string cannot be read as int"},
        {RECORD(F("t", "int")), RECORD(F("t", "string")), only_text, BYTES(""),
         "compile: field 't': int cannot be read as string"},
    };
#undef PAIR
    CHECK(cases);
}

static void unions_with_null_resolve_on_either_side(void **state)
{
    (void)state;
    static const char *const plain = RECORD(F("r", "double"));
    static const char *const first = RECORD(OPTIONAL("r", "double"));
    static const char *const last = RECORD(OPTIONAL_LAST("r", "double"));
#define TWO "\0\0\0\0\0\0\0\x40"
    static const struct reading cases[] = {
        {RECORD(F("r", "double")), first, only_real, BYTES(TWO), "r=2"},
        {RECORD(OPTIONAL("r", "double")), last, only_real, BYTES("\x02" TWO), "r=2"},
        {RECORD(OPTIONAL("r", "double")), last, only_real, BYTES("\x00"), "r=null 0"},
        {RECORD(OPTIONAL_LAST("r", "double")), first, only_real, BYTES("\x00" TWO), "r=2"},
        {RECORD(OPTIONAL_LAST("r", "double")), first, only_real, BYTES("\x02"), "r=null 0"},
        {RECORD(OPTIONAL("r", "double")), plain, only_real, BYTES("\x02" TWO), "r=2"},
        {RECORD(OPTIONAL("r", "int")), first, only_real, BYTES("\x02\x06"), "r=3"},
        {RECORD(F("r", "null")), first, only_real, BYTES(""), "r=null 0"},
        {RECORD(F("r", "null")), plain, only_real, BYTES(""),
         "compile: field 'r': null cannot be read as double"},
        {RECORD(OPTIONAL("r", "string")), first, only_real, BYTES("\x00"), "r=null 0"},
        {RECORD(OPTIONAL("r", "string")), first, only_real, BYTES("\x02\x02x"),
         "run: field 'r': its union holds a string, which is not read as this field"},
        {RECORD(OPTIONAL("r", "string")), plain, only_real, BYTES(""),
         "compile: field 'r': string cannot be read as double"},
        {RECORD(OPTIONAL("n", "long")), RECORD(OPTIONAL("n", "long")), required_number,
         BYTES("\x00"), "run: field 'n': null where a value is required"},
        {RECORD(OPTIONAL("n", "long")), RECORD(F("n", "long")), required_number, BYTES("\x00"),
         "run: field 'n': null where a value is required"},
    };
#undef TWO
    CHECK(cases);
}

static void booleans_are_read_as_booleans_only(void **state)
{
    (void)state;
    static const char *const reader = RECORD(WITH("b", "boolean", "\"default\":true"));
    static const char *const nullable =
        RECORD("{\"name\":\"b\",\"type\":[\"null\",\"boolean\"],\"default\":null}");
    static const struct reading cases[] = {
        {RECORD(F("b", "boolean")), reader, only_truth, BYTES("\x00"), "b=f"},
        {RECORD(F("b", "boolean")), reader, only_truth, BYTES("\x01"), "b=t"},
        {RECORD(F("b", "boolean")), reader, only_truth, BYTES("\xFF"),
         "run: field 'b': a boolean is neither 0 nor 1"},
        {RECORD(""), reader, only_truth, BYTES(""), "b=t"},
        {RECORD(""), RECORD(WITH("b", "boolean", "\"default\":false")), only_truth, BYTES(""),
         "b=f"},
        {RECORD(""), nullable, only_truth, BYTES(""), "b=null"},
        {RECORD(OPTIONAL("b", "boolean")), nullable, only_truth, BYTES("\x00"), "b=null"},
        {RECORD(OPTIONAL("b", "boolean")), nullable, only_truth, BYTES("\x02\x01"), "b=t"},
        {RECORD(OPTIONAL_LAST("b", "boolean")), nullable, only_truth, BYTES("\x00\x00"), "b=f"},
        {RECORD(OPTIONAL_LAST("b", "boolean")), nullable, only_truth, BYTES("\x02"), "b=null"},
        {RECORD("{\"name\":\"b\",\"type\":[\"string\",\"boolean\"]}"), reader, only_truth,
         BYTES("\x02\x01"), "b=t"},
        {RECORD("{\"name\":\"b\",\"type\":[\"string\",\"boolean\"]}"), reader, only_truth,
         BYTES("\x00\x02t"),
         "run: field 'b': its union holds a string, which is not read as this field"},
        {RECORD(F("b", "int")), reader, only_truth, BYTES("\x02"),
         "compile: field 'b': int cannot be read as boolean"},
        {RECORD(F("b", "boolean")), RECORD(WITH("b", "long", "\"default\":1")), only_truth,
         BYTES("\x01"), "compile: field 'b': a long does not fit its member"},
    };
    CHECK(cases);
}

static void null_where_the_reader_has_none_is_an_error_even_if_the_member_could(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {RECORD(OPTIONAL("r", "double")), RECORD(F("r", "double")), only_real, BYTES("\x00"),
         "run: field 'r': null where a value is required"},
    };
    CHECK(cases);
}

static void bindings_that_do_not_fit_the_reader_are_refused(void **state)
{
    (void)state;
    static const struct column twice[] = {
        {.name = "n",
         .type = COLUMN_INT64,
         .offset = AT(number),
         .size = sizeof(int64_t),
         .present_offset = COLUMN_REQUIRED},
        {.name = "n",
         .type = COLUMN_INT64,
         .offset = AT(number),
         .size = sizeof(int64_t),
         .present_offset = COLUMN_REQUIRED},
        {.name = NULL},
    };
    static const struct reading cases[] = {
        {RECORD(""), RECORD(""), required_number, BYTES(""),
         "compile: the schema 'R' has no field 'n'"},
        {RECORD(""), RECORD(WITH("n", "double", "\"default\":1")), required_number, BYTES(""),
         "compile: field 'n': a double does not fit its member"},
        {RECORD(""), RECORD(WITH("r", "long", "\"default\":1")), only_real, BYTES(""),
         "compile: field 'r': a long does not fit its member"},
        {RECORD(""), RECORD(WITH("t", "boolean", "\"default\":true")), only_text, BYTES(""),
         "compile: field 't': a boolean does not fit its member"},
        {RECORD(F("n", "long")), RECORD(F("n", "long")), twice, BYTES(""),
         "compile: field 'n' is bound twice"},
    };
    CHECK(cases);
}

static void can_read_is_strict_about_nulls_and_needs_no_bindings(void **state)
{
    (void)state;
    static const struct {
        const char *writer;
        const char *reader;
        const char *want; /* NULL: it can */
    } cases[] = {
        {RECORD(F("b", "boolean")), RECORD(F("b", "boolean")), NULL},
        {RECORD(F("x", "double")), RECORD(OPTIONAL("x", "double")), NULL},
        {RECORD(F("x", "int")), RECORD(OPTIONAL("x", "double")), NULL},
        {RECORD(F("x", "null")), RECORD(OPTIONAL("x", "double")), NULL},
        {RECORD(OPTIONAL("x", "double")), RECORD(F("x", "double")),
         "null cannot be read as double"},
        {RECORD(OPTIONAL("x", "double")), RECORD(F("y", "double")), "field 'y' is not in"},
        {RECORD(OPTIONAL("x", "double")), RECORD(WITH("y", "int", "\"default\":1")), NULL},
        {RECORD(F("x", "long")), RECORD(F("x", "int")), "long cannot be read as int"},
        {NAMED("R", ""), NAMED("S", ""), "neither"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct schema *writer = schema_parse(str_from(cases[i].writer), NULL);
        struct schema *reader = schema_parse(str_from(cases[i].reader), NULL);
        assert_non_null(writer);
        assert_non_null(reader);
        struct error error = {0};
        assert_int_equal(schema_can_read(writer, reader, &error), cases[i].want == NULL);
        assert_non_null(strstr(error.text, cases[i].want != NULL ? cases[i].want : ""));
        schema_destroy(writer);
        schema_destroy(reader);
    }
}

/* `count` pieces, each with its number in it, between a head and a tail. */
struct many {
    const char *head, *before, *after, *tail;
    int count;
    bool newest_first;
};

static struct schema *schema_of_many(const struct many *many)
{
    struct strbuf text = strbuf_new(SCHEMA_TEXT_LIMIT);
    strbuf_append_text(&text, many->head);
    for (int i = 0; i < many->count; i++) {
        strbuf_append_format(&text, "%s%s%d%s", i > 0 ? "," : "", many->before,
                             many->newest_first ? many->count - i : i + 1, many->after);
    }
    strbuf_append_text(&text, many->tail);
    struct schema *schema = schema_parse(strbuf_str(&text), NULL);
    assert_non_null(schema);
    strbuf_free(&text);
    return schema;
}

#define FIXED(letter) "{\"type\":\"fixed\",\"name\":\"" letter
#define FIXED_END "\",\"size\":1}"
#define ITEMS "{\"type\":\"array\",\"items\":["
#define FIELDS "{\"type\":\"record\",\"name\":\"R\",\"fields\":["

static void schemas_that_would_be_compared_for_minutes_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct many writer, reader;
        const char *want; /* NULL: it can */
    } cases[] = {
        {{"[", FIXED("f"), FIXED_END, "]", 2000, false},
         {"[", FIXED("f"), FIXED_END, "]", 2000, true},
         NULL},
        {{"[", FIXED("f"), FIXED_END, "]", 20000, false},
         {"[", FIXED("f"), FIXED_END, "]", 20000, true},
         "too many names to compare"},
        /* no branch of the one matches any of the other: the first one is enough to say so */
        {{ITEMS, FIXED("f"), FIXED_END, "]}", 20000, false},
         {ITEMS, FIXED("g"), FIXED_END, "]}", 20000, false},
         "fixed cannot be read as union"},
        {{FIELDS, "{\"type\":\"int\",\"name\":\"f", "\"}", "]}", 4000, false},
         {FIELDS "{\"type\":\"int\",\"name\":\"x\",\"default\":1,\"aliases\":[", "\"g", "\"",
          "]}]}", 20000, false},
         "too many names to compare"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct schema *writer = schema_of_many(&cases[i].writer);
        struct schema *reader = schema_of_many(&cases[i].reader);
        struct error error = {0};
        assert_int_equal(schema_can_read(writer, reader, &error), cases[i].want == NULL);
        assert_non_null(strstr(error.text, cases[i].want != NULL ? cases[i].want : ""));
        schema_destroy(writer);
        schema_destroy(reader);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_match_by_name_then_by_alias_in_any_order),
        cmocka_unit_test(records_match_by_unqualified_name_or_alias),
        cmocka_unit_test(fields_that_are_missing_take_their_default),
        cmocka_unit_test(numbers_and_texts_are_promoted_as_avro_allows),
        cmocka_unit_test(unions_with_null_resolve_on_either_side),
        cmocka_unit_test(booleans_are_read_as_booleans_only),
        cmocka_unit_test(null_where_the_reader_has_none_is_an_error_even_if_the_member_could),
        cmocka_unit_test(bindings_that_do_not_fit_the_reader_are_refused),
        cmocka_unit_test(can_read_is_strict_about_nulls_and_needs_no_bindings),
        cmocka_unit_test(schemas_that_would_be_compared_for_minutes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
