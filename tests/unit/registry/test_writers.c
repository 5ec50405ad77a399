/*
 * What other programs wrote, read as our ticker: tests/fixtures/writers.json. Each row is a
 * writer's schema (with ' for "), a message's body in hex, and what is read: the fields that differ
 * from "base", or the error. tests/system/test_writers.py asks fastavro the same.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "record/ticker.h"
#include "registry/codec/codec.h"

enum { BODY_MOST = 1024 };

static const char *text_of(const json_t *row, const char *key)
{
    return json_string_value(json_object_get(row, key));
}

/* The row's schema, with "pad" times an x for @PAD@. */
static struct strbuf schema_of(const json_t *row)
{
    struct strbuf text = strbuf_new(SCHEMA_TEXT_LIMIT);
    const char *rest = text_of(row, "writer");
    assert_non_null(rest);
    for (; *rest != '\0'; rest++) {
        if (strncmp(rest, "@PAD@", 5) != 0) {
            strbuf_append_char(&text, *rest == '\'' ? '"' : *rest);
            continue;
        }
        for (json_int_t i = json_integer_value(json_object_get(row, "pad")); i > 0; i--) {
            strbuf_append_char(&text, 'x');
        }
        rest += 4;
    }
    assert_false(text.failed);
    return text;
}

static size_t read_hex(const char *hex, char body[BODY_MOST])
{
    size_t length = strlen(hex) / 2;
    assert_true(length < BODY_MOST);
    for (size_t i = 0; i < length; i++) {
        char byte[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        body[i] = (char)strtol(byte, NULL, 16);
    }
    return length;
}

/* False: `error` says why; true: `tick` is filled. */
static bool read_row(const json_t *row, const struct schema *reader, struct ticker *tick,
                     struct error *error)
{
    char body[BODY_MOST];
    size_t length = read_hex(text_of(row, "body"), body);
    struct strbuf text = schema_of(row);
    struct schema *writer = schema_parse(strbuf_str(&text), error);
    strbuf_free(&text);
    struct decode_plan *plan =
        writer != NULL ? decode_plan_compile(writer, reader, ticker_columns, error) : NULL;
    schema_destroy(writer);
    memset(tick, 0x55, sizeof *tick);
    bool good =
        plan != NULL && decode_plan_run(plan, (struct str){body, length}, tick, NULL, error);
    decode_plan_destroy(plan);
    return good;
}

static bool has(const struct ticker *tick, const struct column *column)
{
    bool present = true;
    if (column->present_offset != COLUMN_REQUIRED) {
        memcpy(&present, (const char *)tick + column->present_offset, sizeof present);
    }
    return present;
}

/* `want` NULL: the field must be absent. */
static bool same_value(const struct ticker *tick, const struct column *column, const json_t *want)
{
    const char *member = (const char *)tick + column->offset;
    int64_t integer;
    double real;
    if (!has(tick, column) || want == NULL || json_is_null(want)) {
        return !has(tick, column) && (want == NULL || json_is_null(want));
    }
    switch (column->type) {
    case COLUMN_TEXT:
        return strcmp(member, json_string_value(want)) == 0;
    case COLUMN_INT64:
        memcpy(&integer, member, sizeof integer);
        return json_is_integer(want) && integer == json_integer_value(want);
    case COLUMN_DOUBLE:
        memcpy(&real, member, sizeof real);
        return json_is_real(want) && real >= json_real_value(want) && real <= json_real_value(want);
    case COLUMN_BOOL:
        return json_is_boolean(want) && column_bool(column, tick) == json_is_true(want);
    case COLUMN_LONG_TEXT:
        break; /* a tick has none */
    }
    return false;
}

static void check_row(const json_t *row, const json_t *base, const struct schema *reader)
{
    struct ticker tick;
    struct error error = {0};
    const char *name = text_of(row, "name");
    const char *refused = text_of(row, "error");
    const json_t *want = json_object_get(row, "want");
    if (!read_row(row, reader, &tick, &error)) {
        assert_int_equal(error.kind, ERROR_REJECT);
        if (refused == NULL || strstr(error.text, refused) == NULL) {
            fail_msg("%s: \"%s\", wanted \"%s\"", name, error.text,
                     refused != NULL ? refused : "a tick");
        }
        return;
    }
    if (refused != NULL) {
        fail_msg("%s: read, wanted \"%s\"", name, refused);
    }
    for (const struct column *column = ticker_columns; column->name != NULL; column++) {
        const json_t *value = json_object_get(want, column->name);
        value = value != NULL ? value : json_object_get(base, column->name);
        if (!same_value(&tick, column, value)) {
            fail_msg("%s: another %s than wanted", name, column->name);
        }
    }
}

static void what_others_wrote_is_read_as_our_tick_or_refused_by_its_field(void **state)
{
    (void)state;
    json_t *table = json_load_file(FIXTURES "/writers.json", 0, NULL);
    const json_t *cases = json_object_get(table, "cases");
    struct schema *reader = schema_parse(str_from(ticker_schema_text), NULL);
    assert_non_null(reader);
    assert_true(json_array_size(cases) >= 33);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        check_row(json_array_get(cases, i), json_object_get(table, "base"), reader);
    }
    schema_destroy(reader);
    json_decref(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_others_wrote_is_read_as_our_tick_or_refused_by_its_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
