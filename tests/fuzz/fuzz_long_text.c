/*
 * A record with two long texts by every way that it is carried. Input: a byte (whether the second
 * one is there, whether it is set first), the first text up to a NUL, the second text.
 *
 * A text that a record may hold comes back from Avro, line protocol, JSON and InfluxDB's rows with
 * the same bytes; one that it may not hold is refused by whoever would write or read it, and leaves
 * nothing behind.
 */
#include <jansson.h>

#include "base/text/utf8.h"
#include "fuzz/fuzz.h"
#include "record/record_json.h"
#include "registry/codec/codec.h"
#include "store/influx/influx_rows.h"
#include "store/influx/line_protocol.h"
#include "texts/memo_kind.h"

static const struct column *const columns[] = {MEMO_BODY, MEMO_MORE};

struct plans {
    struct encode_plan *encode;
    struct decode_plan *decode;
    struct line_plan line;
};

static const struct plans *plans(void)
{
    static struct plans plans;
    if (plans.encode == NULL) {
        struct schema *schema = schema_parse(str_from(memo_kind.schema), NULL);
        plans.encode = encode_plan_compile(schema, memo_columns, NULL);
        plans.decode = decode_plan_compile(schema, schema, memo_columns, NULL);
        line_plan_init(&plans.line, &memo_kind);
        schema_destroy(schema);
        MUST(plans.encode != NULL && plans.decode != NULL);
    }
    return &plans;
}

/* As long_text.h says, without its functions. */
static bool may_be_held(struct str text)
{
    bool held = text.length <= 16384;
    while (text.length > 0 && held) {
        size_t length = utf8_sequence(text);
        held = length > 0 && text.data[0] != '\0';
        text.data += length;
        text.length -= length;
    }
    return held;
}

static void check_same(const struct memo *left, const struct text_arena *left_texts,
                       const struct memo *right, const struct text_arena *right_texts)
{
    MUST(left->has_more == right->has_more);
    for (int i = 0; i < 2; i++) {
        MUST(str_equal(column_long_text(columns[i], left, left_texts),
                       column_long_text(columns[i], right, right_texts)));
    }
}

static void check_avro(const struct memo *memo, const struct text_arena *texts)
{
    struct strbuf body = strbuf_new(1 << 17);
    struct memo read = {.has_more = true};
    struct text_arena read_texts = {0};
    MUST(encode_plan_run(plans()->encode, memo, texts, &body));
    MUST(decode_plan_run(plans()->decode, strbuf_str(&body), &read, &read_texts, NULL));
    check_same(memo, texts, &read, &read_texts);
    text_arena_free(&read_texts);
    strbuf_free(&body);
}

static const char *check_quoted(const char *at, struct str text)
{
    MUST(*at++ == '"');
    for (size_t i = 0; i < text.length; i++) {
        at += *at == '\\' ? 1 : 0;
        MUST(*at++ == text.data[i]);
    }
    MUST(*at == '"');
    return at + 1;
}

static void check_line(const struct memo *memo, const struct text_arena *texts)
{
    struct strbuf line = strbuf_new(1 << 17);
    MUST(line_protocol_append(&plans()->line, memo, texts, &line));
    const char *at = strbuf_text(&line);
    MUST(strncmp(at, "memo,name=a body=", 17) == 0);
    at = check_quoted(at + 17, column_long_text(MEMO_BODY, memo, texts));
    if (memo->has_more) {
        MUST(strncmp(at, ",more=", 6) == 0);
        at = check_quoted(at + 6, column_long_text(MEMO_MORE, memo, texts));
    }
    MUST(strcmp(at, ",count=0i 0\n") == 0 && strlen(strbuf_text(&line)) == line.length);
    strbuf_free(&line);
}

/* What the page gets has InfluxDB's names and types, so the same text serves for both. */
static void check_json(const struct memo *memo, const struct text_arena *texts)
{
    struct strbuf json = strbuf_new(1 << 18);
    struct memo read = {.has_more = true};
    struct text_arena read_texts = {0};
    const char *odd = NULL;
    const struct stored_columns stored = kind_stored_columns(&memo_kind);
    record_to_json(&memo_kind, memo, texts, &json);
    json_t *row = json_loadb(strbuf_text(&json), json.length, 0, NULL);
    MUST(row != NULL);
    (void)json_object_set_new(row, "time", json_string("1970-01-01T00:00:00"));
    MUST(influx_row_point(row, &stored, &read, &read_texts, &odd) && odd == NULL);
    check_same(memo, texts, &read, &read_texts);
    json_decref(row);
    text_arena_free(&read_texts);
    strbuf_free(&json);
}

/* The text reaches the codec although a column would not have taken it. */
static void check_refused(struct str text)
{
    struct strbuf body = strbuf_new(1 << 17);
    struct text_arena texts = {0};
    struct memo memo = {.name = "a"};
    MUST(!column_set_long_text(MEMO_BODY, &memo, &texts, text) && texts.length == 0);
    MUST(text_arena_add(&texts, text, &memo.body));
    MUST(!encode_plan_run(plans()->encode, &memo, &texts, &body));
    strbuf_free(&body);
    text_arena_free(&texts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct memo memo = {.name = "a"};
    struct text_arena texts = {0};
    uint8_t flags = fuzz_byte(&in);
    struct str values[2];
    values[0] = fuzz_piece(&in);
    values[1] = fuzz_rest(&in);
    bool held = true;
    for (int i = 0; i < 2; i++) {
        int which = (flags & 2) != 0 ? 1 - i : i;
        if (which == 1 && (flags & 1) == 0) {
            continue;
        }
        bool set = column_set_long_text(columns[which], &memo, &texts, values[which]);
        MUST(set == may_be_held(values[which]));
        if (!set) {
            check_refused(values[which]);
            held = false;
        }
    }
    if (held) {
        check_avro(&memo, &texts);
        check_line(&memo, &texts);
        check_json(&memo, &texts);
    }
    text_arena_free(&texts);
    return 0;
}
