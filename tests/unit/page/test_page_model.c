#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "page_fixture.h"

static bool group_is_known(void *context)
{
    json_t *status = page_ask(context, "/api/status", 200);
    bool known = json_array_size(json_object_get(status, "partitions")) == PARTITIONS;
    json_decref(status);
    return known;
}

static void page_model_status_member_of_many_partitions_has_them_all(void **state)
{
    assert_true(support_wait(group_is_known, *state, SOON_MS));
    json_t *status = page_ask(*state, "/api/status", 200);
    const json_t *member = json_array_get(json_object_get(status, "members"), 0);
    const json_t *owned = json_object_get(member, "partitions");
    assert_int_equal(json_array_size(owned), PARTITIONS);
    assert_int_equal(json_integer_value(json_array_get(owned, PARTITIONS - 1)), PARTITIONS - 1);
    json_decref(status);
}

/* A topic that is missing has unknown figures, and hides nothing of the others. */
static void page_model_status_has_every_stream(void **state)
{
    struct fixture *fixture = *state;
    assert_true(support_wait(group_is_known, fixture, SOON_MS));
    json_t *status = page_ask(fixture, "/api/status", 200);
    const json_t *streams = json_object_get(status, "streams");
    assert_int_equal(json_array_size(streams), 3);
    const json_t *ticks = json_array_get(streams, 0);
    assert_string_equal(json_string_value(json_object_get(ticks, "topic")), RIG_TOPIC);
    assert_int_equal(json_array_size(json_object_get(ticks, "partitions")), PARTITIONS);
    assert_true(
        json_equal(json_object_get(ticks, "partitions"), json_object_get(status, "partitions")));
    assert_true(json_equal(json_object_get(ticks, "lag"), json_object_get(status, "lag_total")));
    const json_t *bars = json_array_get(streams, 1);
    assert_int_equal(json_array_size(json_object_get(bars, "partitions")), 2);
    const json_t *remade = json_object_get(status, "topics_made_again");
    assert_int_equal(json_array_size(remade), 1);
    const json_t *event = json_array_get(remade, 0);
    assert_string_equal(json_string_value(json_object_get(event, "topic")), "bars");
    assert_true(json_integer_value(json_object_get(event, "time")) > 0);
    const json_t *missing = json_array_get(streams, 2);
    assert_string_equal(json_string_value(json_object_get(missing, "topic")), "nobars");
    assert_true(json_is_null(json_object_get(missing, "partitions")));
    assert_true(json_is_null(json_object_get(missing, "lag")));
    json_decref(status);
}

/* Whatever stands in the log, the answer is JSON that names it. */
static void page_model_messages_broken_records_are_named(void **state)
{
    struct fixture *fixture = *state;
    int32_t id = rig_schema(&fixture->rig);
    const double marked = 1.5, nan = NAN;
    struct ticker tick = rig_tick("<img src=x>\"\\", 1, marked);
    struct strbuf odd = rig_message(id, &tick);
    struct strbuf broken = rig_message(id, &tick);
    tick = rig_tick("tBTCUSD", 1, marked);
    struct strbuf good = rig_message(id, &tick);
    /* No encoder of ours would write it. */
    char *price = memmem(broken.data, broken.length, &marked, sizeof marked);
    assert_non_null(price);
    memcpy(price, &nan, sizeof nan);
    const struct str values[] = {
        strbuf_str(&good),     {NULL, 0}, /* none, which is no error */
        strbuf_str(&odd),                 /* neither a coin nor the key */
        strbuf_str(&broken),   str_from("\xff\xfe not a frame"),
        {"\0\0\0\x7f\x7f", 5}, {strbuf_text(&odd), odd.length - 9}, /* cut */
    };
    enum { COUNT = sizeof values / sizeof values[0] };
    rig_send(&fixture->rig, values, COUNT);
    size_t seen = 0;
    for (int partition = 0; partition < PARTITIONS && seen == 0; partition++) {
        char path[64];
        (void)snprintf(path, sizeof path, "/api/messages?partition=%d&limit=500", partition);
        json_t *messages = page_ask(fixture, path, 200);
        seen = json_array_size(messages);
        for (size_t i = 0; i < seen; i++) {
            const json_t *message = json_array_get(messages, i);
            bool decoded = json_is_object(json_object_get(message, "value"));
            assert_int_equal(decoded, i == 0);
            assert_int_equal(json_is_string(json_object_get(message, "error")), i > 1);
        }
        json_decref(messages);
    }
    assert_int_equal(seen, COUNT);
    strbuf_free(&broken);
    strbuf_free(&good);
    strbuf_free(&odd);
}

static void send_bar(struct fixture *fixture)
{
    struct error error = {0};
    int32_t id = -1;
    if (!registry_register(fixture->registries[1], "bars-value", bar_kind.schema, &id, &error)) {
        fail_msg("%s", error.text);
    }
    struct bar bar = {.symbol = "AAPL",
                      .source = "replay",
                      .timeframe = "1d",
                      .open = 1,
                      .high = 3,
                      .low = 1,
                      .close = 2.5};
    struct strbuf value = rig_encode(id, &bar_kind, &bar, NULL);
    const struct str values[] = {strbuf_str(&value)};
    rig_send_to(&fixture->rig, "bars", "AAPL", values, 1);
    strbuf_free(&value);
}

static void page_model_messages_of_a_topic_are_read_by_its_kind(void **state)
{
    struct fixture *fixture = *state;
    send_bar(fixture);
    size_t seen = 0;
    for (int partition = 0; partition < 2; partition++) {
        char path[64];
        (void)snprintf(path, sizeof path, "/api/messages?topic=bars&partition=%d", partition);
        json_t *messages = page_ask(fixture, path, 200);
        for (size_t i = 0; i < json_array_size(messages); i++, seen++) {
            const json_t *value = json_object_get(json_array_get(messages, i), "value");
            assert_string_equal(json_string_value(json_object_get(value, "timeframe")), "1d");
            assert_true(json_number_value(json_object_get(value, "close")) == 2.5);
        }
        json_decref(messages);
    }
    assert_int_equal(seen, 1);
    json_t *ticks = page_ask(fixture, "/api/messages?topic=" RIG_TOPIC "&partition=99", 200);
    assert_int_equal(json_array_size(ticks), 0);
    json_decref(ticks);
}

/* As JSON each byte of the key takes six. */
static void page_model_messages_that_are_long_are_fewer_in_an_answer(void **state)
{
    enum { MESSAGES = 6, KEY = 700000 };
    struct fixture *fixture = *state;
    struct str values[MESSAGES];
    char *key = calloc(1, KEY + 1);
    size_t seen = 0;
    assert_non_null(key);
    memset(key, 1, KEY);
    for (size_t i = 0; i < MESSAGES; i++) {
        values[i] = str_from("no record");
    }
    rig_send_to(&fixture->rig, RIG_TOPIC, key, values, MESSAGES);
    for (int partition = 0; partition < PARTITIONS && seen == 0; partition++) {
        char path[64];
        (void)snprintf(path, sizeof path, "/api/messages?partition=%d&offset=0", partition);
        json_t *messages = page_ask(fixture, path, 200);
        seen = json_array_size(messages);
        json_decref(messages);
    }
    assert_true(seen > 0 && seen < MESSAGES);
    free(key);
}

static void page_model_questions_out_of_range_name_the_remedy(void **state)
{
    static const char *const paths[] = {
        "/api/messages?partition=100",           "/api/messages",
        "/api/messages?partition=0&limit=501",   "/api/candles?coin=%3Cb%3E",
        "/api/candles?coin=tBTCUSD&interval=0s", "/api/messages?topic=bars&partition=2",
        "/api/messages?topic=other&partition=0",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        json_t *answer = page_ask(*state, paths[i], 400);
        assert_true(json_string_length(json_object_get(answer, "error")) > 0);
        json_decref(answer);
    }
}

static int set_up(void **state)
{
    return page_set_up(state, PARTITIONS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, page_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(page_model_status_member_of_many_partitions_has_them_all),
        TEST(page_model_status_has_every_stream),
        TEST(page_model_messages_broken_records_are_named),
        TEST(page_model_messages_of_a_topic_are_read_by_its_kind),
        TEST(page_model_messages_that_are_long_are_fewer_in_an_answer),
        TEST(page_model_questions_out_of_range_name_the_remedy),
    };
    return cmocka_run_group_tests(tests, rig_set_up, rig_tear_down);
}
