/* Long texts from messages to the store: each record's stay with it, and what is not kept of one
 * takes no room. */
#include "memo_cases.h"
#include "pipeline/record_decoder.h"
#include "pipeline/sink_batch.h"
#include "pipeline_rig.h"
#include "sqlite_place.h"
#include "texts/memo_kinds.h"

#define SPOILT "this becomes no UTF-8"

struct bench {
    struct registry_server *server;
    struct registry_client *client;
    struct stop *stop;
    struct record_decoder decoder;
    struct store_sink sink;
    struct sink_batch batch;
    int32_t schema_id;
    size_t told, batches;
};

static bool take(void *context, const void *record, size_t index, const char *refusal,
                 struct error *error)
{
    struct bench *bench = context;
    const struct memo *memo = record;
    (void)error;
    assert_null(refusal);
    assert_int_equal(memo->time_ns, ++bench->told);
    bench->batches += index == 0 ? 1 : 0;
    return true;
}

static void begin(struct bench *bench, const struct sqlite_place *place, size_t limit)
{
    struct error error = {0};
    *bench = (struct bench){.stop = stop_create(&error)};
    bench->server = registry_server_create(
        &(struct registry_server_config){.listen = "127.0.0.1:0", .path = ":memory:"}, &error);
    assert_non_null(bench->server);
    bench->client =
        registry_client_create(&(struct registry_config){.url = registry_server_url(bench->server),
                                                         .columns = memo_columns,
                                                         .reader_schema = memo_kind.schema,
                                                         .stop = bench->stop},
                               &error);
    assert_non_null(bench->client);
    assert_true(registry_register(bench->client, "memos-value", memo_kind.schema, &bench->schema_id,
                                  &error));
    bench->decoder = (struct record_decoder){.kind = &memo_kind, .registry = bench->client};
    assert_true(
        store_sink_open(&bench->sink, &(struct store_config){.address = place->address}, &error));
    assert_true(sink_batch_open(&bench->batch, &memo_kind, limit, &bench->sink, bench->stop, take,
                                bench, &error));
}

static void end(struct bench *bench)
{
    sink_batch_close(&bench->batch);
    store_sink_close(&bench->sink);
    record_decoder_release(&bench->decoder);
    registry_client_destroy(bench->client);
    registry_server_destroy(bench->server);
    stop_destroy(bench->stop);
}

static enum decode_answer decode(struct bench *bench, const struct strbuf *value,
                                 struct error *error)
{
    const struct encoded_message message = {
        .key = str_from("a"), .value = strbuf_str(value), .timestamp_ms = NO_TIMESTAMP};
    void *record = sink_batch_room(&bench->batch);
    return record_decode_wait(&bench->decoder, &message, RECORD_DECODE_PATIENCE_MS, bench->stop,
                              record, &bench->batch.texts, error);
}

/* A message whose first text is valid and whose second is not. */
static struct strbuf spoilt_message(int32_t schema_id)
{
    struct text_arena texts = {0};
    struct memo memo = {.name = "a"};
    assert_true(column_set_long_text(MEMO_BODY, &memo, &texts, str_from("body")));
    assert_true(column_set_long_text(MEMO_MORE, &memo, &texts, str_from(SPOILT)));
    struct strbuf message = rig_encode(schema_id, &memo_kind, &memo, &texts);
    char *at = memmem(message.data, message.length, SPOILT, strlen(SPOILT));
    assert_non_null(at);
    *at = '\xFF';
    text_arena_free(&texts);
    return message;
}

static bool compare(void *context, const void *point, const struct text_arena *texts,
                    const char *odd)
{
    const struct memos *memos = context;
    const struct memo *memo = point;
    assert_null(odd);
    const struct memo *want = &memos->items[memo->time_ns - 1];
    assert_true(str_equal(column_long_text(MEMO_BODY, memo, texts),
                          column_long_text(MEMO_BODY, want, &memos->texts)));
    assert_true(str_equal(column_long_text(MEMO_MORE, memo, texts),
                          column_long_text(MEMO_MORE, want, &memos->texts)));
    return true;
}

/* Before each memo that is kept there are one that cannot be read and one that is left out. */
static void texts_go_with_their_records(void **state)
{
    struct bench bench;
    struct error error = {0};
    struct memos memos = memos_make();
    int64_t points = 0;
    begin(&bench, *state, 4);
    struct strbuf spoilt = spoilt_message(bench.schema_id);
    for (size_t i = 0; i < memos.count; i++) {
        struct strbuf left_out = rig_encode(bench.schema_id, &memo_kind,
                                            &memos.items[memos.count - 1 - i], &memos.texts);
        struct strbuf value =
            rig_encode(bench.schema_id, &memo_kind, &memos.items[i], &memos.texts);
        assert_int_equal(decode(&bench, &spoilt, &error), DECODE_BAD);
        assert_string_equal(error.text, "field 'more': a string is not UTF-8");
        assert_int_equal(decode(&bench, &left_out, &error), DECODE_RECORD);
        assert_int_equal(decode(&bench, &value, &error), DECODE_RECORD);
        assert_true(sink_batch_keep(&bench.batch, &error));
        strbuf_free(&value);
        strbuf_free(&left_out);
    }
    assert_true(sink_batch_finish(&bench.batch, &error));
    assert_int_equal(bench.told, memos.count);
    assert_true(store_count(bench.sink.store, &memo_kind, &points, &error));
    assert_int_equal(points, memos.count);
    assert_true(store_scan(bench.sink.store, &memo_kind, "a", INT64_MIN, INT64_MAX, compare, &memos,
                           &error));
    strbuf_free(&spoilt);
    text_arena_free(&memos.texts);
    end(&bench);
}

static void many_texts_fill_a_batch_before_its_records_do(void **state)
{
    enum { MEMOS = 300, FULL = SINK_BATCH_TEXTS / LONG_TEXT_MAX };
    static const char text[LONG_TEXT_MAX];
    struct bench bench;
    struct error error = {0};
    begin(&bench, *state, 10000);
    bench.batch.sink = NULL; /* the text is no UTF-8, and nobody looks at it */
    for (size_t i = 0; i < MEMOS; i++) {
        struct memo *memo = sink_batch_room(&bench.batch);
        *memo = (struct memo){.name = "a", .time_ns = (int64_t)i + 1};
        assert_true(
            text_arena_add(&bench.batch.texts, (struct str){text, sizeof text}, &memo->body));
        assert_true(sink_batch_keep(&bench.batch, &error));
        assert_int_equal(bench.told, i + 1 < FULL ? 0 : FULL);
    }
    assert_true(sink_batch_finish(&bench.batch, &error));
    assert_int_equal(bench.told, MEMOS);
    assert_int_equal(bench.batches, 2);
    end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(texts_go_with_their_records),
        WITH_PLACE(many_texts_fill_a_batch_before_its_records_do),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
