/*
 * Schemas as a registry answers them, and the messages that name them. Input: a writer's schema up
 * to a NUL, a reader's up to a NUL, then a message.
 *
 * A schema is refused with ERROR_REJECT and a reason, whatever it is: deep, huge, a fixed of size
 * -2. One that is taken has a name, can be taken again from its own text as the same, can read
 * itself, and, where a plan to the ticker's record can be made, decodes the message or says
 * why not; a tick that comes of it has ended texts and finite numbers.
 * Framing: what opens is the header that we would write, and the rest.
 */
#include <math.h>

#include <jansson.h>

#include "fuzz/fuzz.h"
#include "record/ticker.h"
#include "registry/codec/codec.h"
#include "registry/codec/frame.h"
#include "registry/codec/resolve.h"
#include "registry/codec/schema_fields.h"

static struct schema *parse(struct str piece)
{
    struct error error = {0};
    char *exact = malloc(piece.length + (piece.length == 0));
    MUST(exact != NULL);
    memcpy(exact, piece.data != NULL ? piece.data : "", piece.length);
    struct schema *schema = schema_parse((struct str){exact, piece.length}, &error);
    free(exact);
    MUST(schema != NULL || (error.kind == ERROR_REJECT && error.text[0] != '\0'));
    return schema;
}

static const struct schema *ticker_schema(void)
{
    static struct schema *schema;
    schema = schema != NULL ? schema : parse(str_from(ticker_schema_text));
    MUST(schema != NULL);
    return schema;
}

enum { DEPTH_MOST = 4 * SCHEMA_LEVEL_LIMIT };

static int depth_of(const json_t *json)
{
    int deepest = 0;
    const char *key;
    json_t *value;
    size_t i;
    json_array_foreach(json, i, value)
    {
        int depth = depth_of(value);
        deepest = depth > deepest ? depth : deepest;
    }
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        int depth = depth_of(value);
        deepest = depth > deepest ? depth : deepest;
    }
    bool nests = json_is_array(json) || json_is_object(json);
    MUST(deepest <= DEPTH_MOST);
    return deepest + (nests ? 1 : 0);
}

static void check_depth(struct str text)
{
    json_t *json = json_loadb(text.data, text.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    MUST(depth_of(json) <= DEPTH_MOST);
    json_decref(json);
}

static void check_taken(const struct schema *schema, struct str text)
{
    struct error error = {0};
    MUST(str_equal(str_from(schema_text(schema)), text));
    MUST(schema_full_name(schema)[0] != '\0');
    check_depth(text);
    struct schema *again = parse(str_from(schema_text(schema)));
    MUST(again != NULL && schema_same(schema, again));
    MUST(strcmp(schema_full_name(schema), schema_full_name(again)) == 0);
    MUST(schema_can_read(schema, again, &error));
    schema_destroy(again);
}

static void check_pair(const struct schema *writer, const struct schema *reader)
{
    struct error error = {0};
    struct resolution resolution;
    bool can = schema_can_read(writer, reader, &error);
    MUST(can || (error.kind == ERROR_REJECT && error.text[0] != '\0'));
    if (writer->field_count == 0 || reader->field_count == 0) {
        return; /* not two records */
    }
    bool resolved = schema_resolve(writer, writer->root, reader, &resolution, &error);
    MUST(resolved || error.kind == ERROR_REJECT);
    /* The stricter question can be answered by yes only where the other one was. */
    MUST(resolved || !can);
}

static void check_tick(const struct ticker *tick)
{
    MUST(memchr(tick->symbol, '\0', sizeof tick->symbol) != NULL);
    MUST(memchr(tick->source, '\0', sizeof tick->source) != NULL);
    MUST(isfinite(tick->last_price));
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        MUST(isfinite(tick->figures[i]) && (tick->has[i] || tick->figures[i] == 0));
    }
}

static void check_decoding(const struct schema *writer, struct str body)
{
    struct error error = {0};
    struct ticker tick = {.last_price = 1};
    struct decode_plan *plan = decode_plan_compile(writer, ticker_schema(), ticker_columns, &error);
    MUST(plan != NULL || (error.kind == ERROR_REJECT && error.text[0] != '\0'));
    if (plan != NULL && decode_plan_run(plan, body, &tick, NULL, &error)) {
        check_tick(&tick);
    }
    decode_plan_destroy(plan);
}

static struct str check_frame(struct str message)
{
    int32_t id = -1;
    struct str body = {0};
    if (!frame_open(message, &id, &body)) {
        MUST(message.length < FRAME_HEADER_BYTES || message.data[0] != 0);
        return message;
    }
    struct strbuf again = strbuf_new(FRAME_HEADER_BYTES);
    frame_append_header(&again, id);
    MUST(again.length == FRAME_HEADER_BYTES && body.length + again.length == message.length);
    MUST(memcmp(again.data, message.data, again.length) == 0);
    strbuf_free(&again);
    return body;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct str writer_text = fuzz_piece(&in);
    struct str reader_text = fuzz_piece(&in);
    struct str body = check_frame(fuzz_rest(&in));
    struct schema *writer = parse(writer_text);
    struct schema *reader = parse(reader_text);
    if (writer != NULL) {
        check_taken(writer, writer_text);
        check_decoding(writer, body);
        check_pair(writer, ticker_schema());
        check_pair(ticker_schema(), writer);
    }
    if (writer != NULL && reader != NULL) {
        check_pair(writer, reader);
        check_pair(reader, writer);
    }
    schema_destroy(writer);
    schema_destroy(reader);
    return 0;
}
