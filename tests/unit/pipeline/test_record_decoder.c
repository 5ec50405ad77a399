/* One judgement of a message for all who read it, on a real registry. */
#include "pipeline/record_decoder.h"

#include "base/clock.h"
#include "pipeline_rig.h"
#include "raw_server.h"
#include "record/bar.h"
#include "record/ticker.h"
#include "registry/codec/schema_fields.h"

static struct encoded_message message_of(struct str key, struct str value)
{
    return (struct encoded_message){.key = key, .value = value, .timestamp_ms = NO_TIMESTAMP};
}

static void every_message_is_judged_as_members_do(void **state)
{
    (void)state;
    struct app_rig rig = rig_start(1);
    struct record_decoder decoder = {.kind = &ticker_kind, .registry = rig.registry};
    struct ticker tick = rig_tick("tBTCUSD", 7, 2.5);
    struct ticker worthless = rig_tick("tBTCUSD", 8, -1);
    int32_t id = rig_schema(&rig);
    struct strbuf good = rig_message(id, &tick);
    struct strbuf bad = rig_message(id, &worthless);
    static char large[70000];
    const struct str key = str_from("tBTCUSD");
    const struct str nothing = {0};
    const struct {
        struct str key, value;
        enum decode_answer want;
        const char *why;
    } cases[] = {
        {key, strbuf_str(&good), DECODE_RECORD, ""},
        {nothing, strbuf_str(&good), DECODE_BAD, "no key"},
        {key, nothing, DECODE_BAD, "tombstone"},
        {key, {large, sizeof large}, DECODE_BAD, "70007 bytes"},
        {key, str_from("text"), DECODE_BAD, "framing"},
        {key, {good.data, good.length - 1}, DECODE_BAD, ""},
        {key, strbuf_str(&bad), DECODE_BAD, "bad_price: last_price is not"},
        {str_from("tETHUSD"), strbuf_str(&good), DECODE_BAD, "key is not the record's symbol"},
        {key, strbuf_str(&good), DECODE_RECORD, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        struct ticker got;
        struct encoded_message message = message_of(cases[i].key, cases[i].value);
        assert_int_equal(record_decode_wait(&decoder, &message, RECORD_DECODE_PATIENCE_MS, rig.stop,
                                            &got, NULL, &error),
                         cases[i].want);
        assert_non_null(strstr(error.text, cases[i].why));
        if (cases[i].want == DECODE_RECORD) {
            assert_string_equal(got.symbol, "tBTCUSD");
            assert_int_equal(got.event_time_ns, 7);
        }
    }
    strbuf_free(&good);
    strbuf_free(&bad);
    record_decoder_release(&decoder);
    record_decoder_release(&decoder); /* harmless again */
    rig_end(&rig);
}

/* As the registry of the rig gives it to the ticker's schema. */
static struct guid ticker_guid(int32_t id)
{
    struct schema *schema = schema_parse(str_from(ticker_schema_text), NULL);
    assert_non_null(schema);
    struct guid guid = guid_of_schema(id, str_from(schema->sorted));
    schema_destroy(schema);
    return guid;
}

static void schema_may_be_named_in_the_header_by_id_or_guid(void **state)
{
    (void)state;
    struct app_rig rig = rig_start(1);
    struct record_decoder decoder = {.kind = &ticker_kind, .registry = rig.registry};
    struct ticker tick = rig_tick("tBTCUSD", 7, 2.5);
    int32_t id = rig_schema(&rig);
    struct strbuf framed = rig_message(id, &tick);
    char by_id[5] = {0, 0, 0, 0, (char)id};
    char by_guid[17] = {1};
    struct guid guid = ticker_guid(id);
    memcpy(by_guid + 1, guid.bytes, sizeof guid.bytes);
    const struct str bare = {framed.data + 5, framed.length - 5};
    const struct {
        struct str header, value;
        enum decode_answer want;
        const char *why;
    } cases[] = {
        {{by_id, 5}, bare, DECODE_RECORD, ""},
        {{by_guid, 17}, bare, DECODE_RECORD, ""},
        {{0}, strbuf_str(&framed), DECODE_RECORD, ""},
        {{by_id, 5}, strbuf_str(&framed), DECODE_BAD, "field '"},
        {{by_guid, 16}, bare, DECODE_BAD, "__value_schema_id"},
        {{"\0\xFF\xFF\xFF\xFF", 5}, bare, DECODE_BAD, "negative"},
        {{0}, bare, DECODE_BAD, "framing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        struct ticker got;
        struct encoded_message message = message_of(str_from("tBTCUSD"), cases[i].value);
        message.schema_header = cases[i].header;
        record_expect(&decoder, &message);
        assert_int_equal(record_decode_wait(&decoder, &message, RECORD_DECODE_PATIENCE_MS, rig.stop,
                                            &got, NULL, &error),
                         cases[i].want);
        assert_non_null(strstr(error.text, cases[i].why));
    }
    strbuf_free(&framed);
    record_decoder_release(&decoder);
    rig_end(&rig);
}

static void message_whose_guid_was_forgotten_among_others_is_still_read(void **state)
{
    (void)state;
    struct app_rig rig = rig_start(1);
    struct record_decoder decoder = {.kind = &ticker_kind, .registry = rig.registry};
    struct ticker tick = rig_tick("tBTCUSD", 7, 2.5);
    int32_t id = rig_schema(&rig);
    struct strbuf framed = rig_message(id, &tick);
    struct guid guid = ticker_guid(id);
    char by_guid[17] = {1};
    memcpy(by_guid + 1, guid.bytes, sizeof guid.bytes);
    struct encoded_message message =
        message_of(str_from("tBTCUSD"), (struct str){framed.data + 5, framed.length - 5});
    message.schema_header = (struct str){by_guid, sizeof by_guid};
    record_expect(&decoder, &message);
    for (int32_t i = 0; i < GUID_TABLE_SIZE; i++) {
        struct guid other = guid_of_schema(i, str_from("another"));
        (void)registry_guid_number(rig.registry, &other);
    }
    struct error error = {0};
    struct ticker got;
    assert_int_equal(record_decode(&decoder, &message, &got, NULL, &error), DECODE_WAIT);
    assert_int_equal(record_decode_wait(&decoder, &message, RECORD_DECODE_PATIENCE_MS, rig.stop,
                                        &got, NULL, &error),
                     DECODE_RECORD);
    strbuf_free(&framed);
    record_decoder_release(&decoder);
    rig_end(&rig);
}

static void stop_ends_the_wait_for_a_schema(void **state)
{
    (void)state;
    struct app_rig rig = rig_start(1);
    struct registry_client *away = rig_registry("http://127.0.0.1:9", rig.stop);
    struct record_decoder decoder = {.kind = &ticker_kind, .registry = away};
    struct ticker tick = rig_tick("tBTCUSD", 7, 2.5);
    struct strbuf value = rig_message(1, &tick);
    struct encoded_message message = message_of(str_from("tBTCUSD"), strbuf_str(&value));
    struct error error = {0};
    assert_int_equal(record_decode(&decoder, &message, &tick, NULL, &error), DECODE_WAIT);
    stop_request(rig.stop);
    int64_t begin_ns = clock_monotonic_ns();
    assert_int_equal(record_decode_wait(&decoder, &message, RECORD_DECODE_PATIENCE_MS, rig.stop,
                                        &tick, NULL, &error),
                     DECODE_WAIT);
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_true(clock_monotonic_ns() - begin_ns < 5 * NS_PER_SECOND);
    strbuf_free(&value);
    registry_client_destroy(away);
    rig_end(&rig);
}

/* A registry that takes the question and never answers. */
static void patience_ends_the_wait_for_a_schema(void **state)
{
    (void)state;
    struct error error = {0};
    const struct raw_answer silence = {.end = RAW_HANG};
    struct raw_server *server = raw_server_create(&silence, 1);
    struct stop *stop = stop_create(&error);
    struct record_decoder decoder = {.kind = &ticker_kind,
                                     .registry = rig_registry(raw_server_url(server), stop)};
    struct ticker tick = rig_tick("tBTCUSD", 1, 1);
    struct strbuf value = rig_message(1, &tick);
    struct encoded_message message = message_of(str_from("tBTCUSD"), strbuf_str(&value));
    int64_t begin_ns = clock_monotonic_ns();
    assert_int_equal(record_decode_wait(&decoder, &message, 50, stop, &tick, NULL, &error),
                     DECODE_WAIT);
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_int_equal(decoder.schema_id, 1);
    assert_in_range(clock_monotonic_ns() - begin_ns, 50 * NS_PER_MS, 5 * NS_PER_SECOND);
    strbuf_free(&value);
    registry_client_destroy(decoder.registry);
    stop_destroy(stop);
    raw_server_destroy(server);
}

/* By the message alone, so that every later look at it comes to the same. */
static void tick_ahead_of_its_kafka_timestamp_is_told(void **state)
{
    (void)state;
    const int64_t hour_ms = 3600 * 1000, now_ms = INT64_C(1790000000000);
    const struct {
        const char *source;
        int64_t timestamp_ms, event_time_ns;
        enum decode_answer want;
    } cases[] = {
        {"bitfinex", now_ms, now_ms * NS_PER_MS, DECODE_RECORD},
        {"bitfinex", now_ms, (now_ms + hour_ms) * NS_PER_MS, DECODE_RECORD},
        {"bitfinex", now_ms, (now_ms + hour_ms) * NS_PER_MS + 1, DECODE_AHEAD},
        {"somebody", now_ms, (now_ms + hour_ms) * NS_PER_MS + 1, DECODE_AHEAD},
        {"bitfinex", now_ms, RECORD_TIME_END_NS - 1, DECODE_AHEAD},
        {"bitfinex", 0, now_ms * NS_PER_MS, DECODE_AHEAD},
        {"bitfinex", 0, hour_ms * NS_PER_MS, DECODE_RECORD},
        {"bitfinex", now_ms, RECORD_TIME_BEGIN_NS, DECODE_RECORD}, /* long ago is not ahead */
        {"bitfinex", INT64_MAX / NS_PER_MS, RECORD_TIME_END_NS - 1, DECODE_RECORD},
        {"bitfinex", NO_TIMESTAMP, RECORD_TIME_END_NS - 1, DECODE_RECORD},
        {"replay", now_ms, RECORD_TIME_END_NS - 1, DECODE_RECORD},
        {"synthetic", now_ms, RECORD_TIME_END_NS - 1, DECODE_RECORD},
        {"synthetic", now_ms, RECORD_TIME_END_NS, DECODE_BAD}, /* no time of ours at all */
        {"bitfinex", now_ms, INT64_MAX, DECODE_BAD},
    };
    struct app_rig rig = rig_start(1);
    struct record_decoder decoder = {.kind = &ticker_kind, .registry = rig.registry};
    int32_t id = rig_schema(&rig);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        struct ticker tick = rig_tick("tBTCUSD", cases[i].event_time_ns, 1);
        (void)str_copy(str_from(cases[i].source), tick.source, sizeof tick.source);
        struct strbuf value = rig_message(id, &tick);
        struct encoded_message message = message_of(str_from("tBTCUSD"), strbuf_str(&value));
        message.timestamp_ms = cases[i].timestamp_ms;
        assert_int_equal(record_decode_wait(&decoder, &message, RECORD_DECODE_PATIENCE_MS, rig.stop,
                                            &tick, NULL, &error),
                         cases[i].want);
        assert_int_equal(strstr(error.text, "ahead of its Kafka timestamp") != NULL,
                         cases[i].want == DECODE_AHEAD);
        strbuf_free(&value);
    }
    record_decoder_release(&decoder);
    rig_end(&rig);
}

/* A bar's point is stored at the beginning of its day: when it opened counts, not that. */
static void bar_that_opens_after_its_message_is_told(void **state)
{
    (void)state;
    const int64_t hour_ms = 3600 * 1000, day_ms = INT64_C(1789948800000); /* a midnight */
    const struct {
        const char *source;
        int64_t open_ms;
        enum decode_answer want;
    } cases[] = {
        {"somebody", day_ms + hour_ms, DECODE_RECORD},
        {"somebody", day_ms + 3 * hour_ms, DECODE_AHEAD},
        {"somebody", day_ms + 23 * hour_ms, DECODE_AHEAD},
        {"replay", day_ms + 23 * hour_ms, DECODE_RECORD},
    };
    struct app_rig rig = rig_start(1);
    struct error error = {0};
    int32_t id = 0;
    struct registry_client *client = registry_client_create(
        &(struct registry_config){.url = registry_server_url(rig.registry_server),
                                  .columns = bar_kind.columns,
                                  .reader_schema = bar_kind.schema,
                                  .stop = rig.stop},
        &error);
    assert_non_null(client);
    struct record_decoder decoder = {.kind = &bar_kind, .registry = client};
    assert_true(registry_register(client, "bars-value", bar_kind.schema, &id, &error));
    struct schema *schema = schema_parse(str_from(bar_kind.schema), &error);
    struct encode_plan *plan = encode_plan_compile(schema, bar_kind.columns, &error);
    assert_non_null(plan);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bar bar = {.symbol = "AAPL",
                          .timeframe = "1h",
                          .open = 2,
                          .high = 3,
                          .low = 1,
                          .close = 2,
                          .open_time_ns = cases[i].open_ms * NS_PER_MS};
        (void)str_copy(str_from(cases[i].source), bar.source, sizeof bar.source);
        struct strbuf value = strbuf_new(4096);
        frame_append_header(&value, id);
        assert_true(encode_plan_run(plan, &bar, NULL, &value));
        struct encoded_message message = message_of(str_from("AAPL"), strbuf_str(&value));
        message.timestamp_ms = day_ms + hour_ms;
        assert_int_equal(record_decode_wait(&decoder, &message, RECORD_DECODE_PATIENCE_MS, rig.stop,
                                            &bar, NULL, &error),
                         cases[i].want);
        strbuf_free(&value);
    }
    encode_plan_destroy(plan);
    schema_destroy(schema);
    record_decoder_release(&decoder);
    registry_client_destroy(client);
    rig_end(&rig);
}

static struct registry_client *limited(const struct app_rig *rig,
                                       const struct registry_limits *limits)
{
    const struct registry_config config = {.url = registry_server_url(rig->registry_server),
                                           .columns = ticker_columns,
                                           .reader_schema = ticker_schema_text,
                                           .limits = limits};
    struct registry_client *client = registry_client_create(&config, NULL);
    assert_non_null(client);
    return client;
}

static enum decode_answer decode_id(struct record_decoder *decoder, int32_t id, struct stop *stop)
{
    struct ticker tick = rig_tick("tBTCUSD", 7, 2.5);
    struct strbuf value = rig_message(id, &tick);
    struct encoded_message message = message_of(str_from("tBTCUSD"), strbuf_str(&value));
    struct error error = {0};
    enum decode_answer answer =
        stop != NULL ? record_decode_wait(decoder, &message, RECORD_DECODE_PATIENCE_MS, stop, &tick,
                                          NULL, &error)
                     : record_decode(decoder, &message, &tick, NULL, &error);
    strbuf_free(&value);
    return answer;
}

static void ids_that_are_expected_are_waited_for_side_by_side(void **state)
{
    (void)state;
    enum { IDS = 40, AFTER_MS = 1000 };
    static const struct registry_limits limits = {.missing_after_ms = AFTER_MS,
                                                  .ask_again_ms = 600000,
                                                  .waiting_ms = IDS * AFTER_MS,
                                                  .waiting_window_ms = 3600000};
    struct app_rig rig = rig_start(1);
    struct record_decoder decoder = {.kind = &ticker_kind, .registry = limited(&rig, &limits)};
    struct ticker tick = rig_tick("tBTCUSD", 7, 2.5);
    for (int32_t id = 100; id < 100 + IDS; id++) {
        struct strbuf value = rig_message(id, &tick);
        struct encoded_message message = message_of(str_from("tBTCUSD"), strbuf_str(&value));
        record_expect(&decoder, &message);
        strbuf_free(&value);
    }
    int64_t begin_ns = clock_monotonic_ns();
    for (int32_t id = 100; id < 100 + IDS; id++) {
        assert_int_equal(decode_id(&decoder, id, rig.stop), DECODE_BAD);
    }
    assert_in_range(clock_monotonic_ns() - begin_ns, AFTER_MS * NS_PER_MS,
                    IDS / 4 * AFTER_MS * NS_PER_MS);
    registry_client_destroy(decoder.registry);
    rig_end(&rig);
}

static void most_messages_with_unknown_ids_wait_for_the_registry_to_be_restored(void **state)
{
    (void)state;
    static const struct registry_limits limits = {
        .ask_again_ms = 600, .waiting_window_ms = 3600000, .none_known_ms = 600000};
    struct app_rig rig = rig_start(1);
    struct record_decoder decoder = {.kind = &ticker_kind, .registry = limited(&rig, &limits)};
    struct ticker tick = rig_tick("tBTCUSD", 7, 2.5);
    struct strbuf value = rig_message(1, &tick);
    struct encoded_message message = message_of(str_from("tBTCUSD"), strbuf_str(&value));
    assert_int_equal(decode_id(&decoder, 1, rig.stop), DECODE_BAD); /* too few to tell */
    for (int i = 0; i < 200; i++) {
        record_expect(&decoder, &message);
    }
    struct error error = {0};
    assert_int_equal(record_decode_wait(&decoder, &message, 200, rig.stop, &tick, NULL, &error),
                     DECODE_WAIT);
    assert_non_null(strstr(error.text, "the registry knows none of these ids (schema 1 is one)"));
    assert_int_equal(rig_schema(&rig), 1);
    assert_int_equal(decode_id(&decoder, 1, rig.stop), DECODE_RECORD);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(decode_id(&decoder, 1, NULL), DECODE_RECORD);
    }
    assert_int_equal(decode_id(&decoder, 2, rig.stop), DECODE_BAD); /* it knows some */
    /* Held messages count whether or not their ids are known. */
    struct strbuf other = rig_message(3, &tick);
    struct encoded_message unknown = message_of(str_from("tBTCUSD"), strbuf_str(&other));
    for (int i = 0; i < 5000; i++) {
        record_expect(&decoder, i % 5 == 0 ? &unknown : &message);
    }
    assert_int_equal(decode_id(&decoder, 3, rig.stop), DECODE_BAD);
    strbuf_free(&other);
    strbuf_free(&value);
    record_decoder_release(&decoder);
    registry_client_destroy(decoder.registry);
    rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_is_judged_as_members_do),
        cmocka_unit_test(schema_may_be_named_in_the_header_by_id_or_guid),
        cmocka_unit_test(message_whose_guid_was_forgotten_among_others_is_still_read),
        cmocka_unit_test(stop_ends_the_wait_for_a_schema),
        cmocka_unit_test(patience_ends_the_wait_for_a_schema),
        cmocka_unit_test(ids_that_are_expected_are_waited_for_side_by_side),
        cmocka_unit_test(most_messages_with_unknown_ids_wait_for_the_registry_to_be_restored),
        cmocka_unit_test(tick_ahead_of_its_kafka_timestamp_is_told),
        cmocka_unit_test(bar_that_opens_after_its_message_is_told),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
