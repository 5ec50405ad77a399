/* Every kind's records there and back through its schema, and a bar that another schema wrote. */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "cmocka_all.h"
#include "record/bar.h"
#include "record/ticker.h"
#include "registry/codec/codec.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct schema *parse(const char *text)
{
    struct error error = {0};
    struct schema *schema = schema_parse(str_from(text), &error);
    assert_string_equal(error.text, "");
    assert_non_null(schema);
    return schema;
}

/* Any values of the columns' types, whatever the kind's check would say of them. */
static void fill(const struct record_kind *kind, struct random *random, void *record,
                 struct text_arena *texts)
{
    memset(record, 0, kind->size);
    for (const struct column *column = kind->columns; column->name != NULL; column++) {
        int64_t number = (int64_t)(random_next(random) >> random_next(random) % 64);
        if (column->derived ||
            (column->present_offset != COLUMN_REQUIRED && random_next(random) % 3 == 0)) {
            continue;
        }
        switch (column->type) {
        case COLUMN_TEXT:
            assert_true(column_set_text(column, record, str_from(number % 2 == 0 ? "" : "ab")));
            break;
        case COLUMN_INT64:
            column_set_int64(column, record, number);
            break;
        case COLUMN_DOUBLE:
            column_set_double(column, record, random_unit(random) - 0.5);
            break;
        case COLUMN_BOOL:
            column_set_bool(column, record, number % 2 == 0);
            break;
        case COLUMN_LONG_TEXT:
            assert_true(column_set_long_text(column, record, texts,
                                             str_from(number % 2 == 0 ? "" : "a\nb")));
            break;
        }
    }
}

static void record_is_read_back_with_the_same_bytes(void **state)
{
    (void)state;
    struct random random = random_seeded(5);
    for (size_t k = 0; k < RECORD_KINDS; k++) {
        struct error error = {0};
        struct schema *schema = parse(record_kinds[k]->schema);
        struct encode_plan *encode = encode_plan_compile(schema, record_kinds[k]->columns, &error);
        struct decode_plan *decode =
            decode_plan_compile(schema, schema, record_kinds[k]->columns, &error);
        assert_string_equal(error.text, "");
        struct strbuf body = strbuf_new(4096);
        struct text_arena texts = {0}, read = {0};
        for (int round = 0; round < 500; round++) {
            union record_room want = {.bytes = {0}};
            union record_room got = {.bytes = {0}};
            texts.length = read.length = 0;
            fill(record_kinds[k], &random, &want, &texts);
            strbuf_clear(&body);
            assert_true(encode_plan_run(encode, &want, &texts, &body));
            assert_true(decode_plan_run(decode, strbuf_str(&body), &got, &read, &error));
            assert_memory_equal(&got, &want, record_kinds[k]->size);
            assert_int_equal(read.length, texts.length);
            assert_memory_equal(read.bytes, texts.bytes, texts.length);
        }
        text_arena_free(&texts);
        text_arena_free(&read);
        strbuf_free(&body);
        encode_plan_destroy(encode);
        decode_plan_destroy(decode);
        schema_destroy(schema);
    }
}

/* As another program may write bars: other names of the record's namespace, an int for a long, a
 * float for a double, fields that we do not want, and no nullable ones. */
static const char other_writer[] =
    "{\"type\":\"record\",\"name\":\"Bar\",\"namespace\":\"their\",\"fields\":["
    "{\"name\":\"symbol\",\"type\":\"string\"},"
    "{\"name\":\"final\",\"type\":\"boolean\"},"
    "{\"name\":\"legs\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":"
    "\"Leg\","
    "\"fields\":[{\"name\":\"note\",\"type\":[\"null\",\"string\"]}]}}},"
    "{\"name\":\"source\",\"type\":\"string\"},"
    "{\"name\":\"side\",\"type\":{\"type\":\"enum\",\"name\":\"Side\",\"symbols\":[\"A\",\"B\"]}},"
    "{\"name\":\"digest\",\"type\":{\"type\":\"fixed\",\"name\":\"Digest\",\"size\":2}},"
    "{\"name\":\"marks\",\"type\":{\"type\":\"map\",\"values\":\"double\"}},"
    "{\"name\":\"timeframe\",\"type\":\"string\"},"
    "{\"name\":\"open_time_ns\",\"type\":\"long\"},"
    "{\"name\":\"revision\",\"type\":\"int\"},"
    "{\"name\":\"open\",\"type\":\"float\"},"
    "{\"name\":\"high\",\"type\":\"double\"},"
    "{\"name\":\"low\",\"type\":\"long\"},"
    "{\"name\":\"close\",\"type\":\"double\"},"
    "{\"name\":\"trades\",\"type\":\"int\"}]}";

static void bar_of_another_writer_is_read_and_what_is_not_wanted_skipped(void **state)
{
    (void)state;
    static const char body[] = "\x08"
                               "AAPL"                  /* symbol */
                               "\x01"                  /* final */
                               "\x04\x02\x02x\x00\x00" /* legs: two, "x" and null; the end */
                               "\x0C"
                               "replay"
                               "\x02"                          /* side */
                               "\xAA\xBB"                      /* digest */
                               "\x02\x02k\0\0\0\0\0\0\xF0\x3F" /* marks: k = 1.0 */
                               "\x00"                          /* the end of the map */
                               "\x04"
                               "1d"
                               "\x00"                 /* open_time_ns */
                               "\x06"                 /* revision: 3 */
                               "\x00\x00\x00\x40"     /* open: 2 */
                               "\0\0\0\0\0\0\x10\x40" /* high: 4 */
                               "\x02"                 /* low: 1 */
                               "\0\0\0\0\0\0\x08\x40" /* close: 3 */
                               "\x0A";                /* trades: 5 */
    struct error error = {0};
    struct schema *writer = parse(other_writer);
    struct schema *reader = parse(bar_schema_text);
    struct decode_plan *plan = decode_plan_compile(writer, reader, bar_kind.columns, &error);
    assert_string_equal(error.text, "");
    struct bar bar = {.has_volume = true};
    if (!decode_plan_run(plan, (struct str){body, sizeof body - 1}, &bar, NULL, &error)) {
        fail_msg("%s", error.text);
    }
    record_complete(&bar_kind, &bar);
    assert_int_equal(bar_check(&bar), BAR_OK);
    assert_string_equal(bar.symbol, "AAPL");
    assert_string_equal(bar.source, "replay");
    assert_true(bar.open == 2 && bar.high == 4 && bar.low == 1 && bar.close == 3);
    assert_true(!bar.has_volume && !bar.has_quote_volume && bar.has_trades);
    assert_int_equal(bar.trades, 5);
    assert_int_equal(bar.time_ns, 3);
    decode_plan_destroy(plan);
    schema_destroy(writer);
    schema_destroy(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_is_read_back_with_the_same_bytes),
        cmocka_unit_test(bar_of_another_writer_is_read_and_what_is_not_wanted_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
