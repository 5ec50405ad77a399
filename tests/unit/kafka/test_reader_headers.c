/* What a reader gives of a message beside its bytes: headers, timestamp. */
#include "reader_fixture.h"

struct seen {
    int messages;
    int with_header;
};

static void put_with_headers(struct fixture *fixture)
{
    char text[] = "x";
    char bytes[] = {'a', '\0', 'b'};
    rd_kafka_resp_err_t code = rd_kafka_producev(
        fixture->writer, RD_KAFKA_V_TOPIC(CLUSTER_TOPIC), RD_KAFKA_V_PARTITION(3),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(text, 1),
        RD_KAFKA_V_HEADER("name", "first", -1), RD_KAFKA_V_HEADER("bytes", bytes, sizeof bytes),
        RD_KAFKA_V_HEADER("name", "last", -1), RD_KAFKA_V_HEADER("none", NULL, 0),
        RD_KAFKA_V_HEADER("empty", "", 0), RD_KAFKA_V_END);
    assert_int_equal(code, 0);
    flush(fixture);
}

static bool look(void *context, const struct message *message)
{
    struct seen *seen = context;
    struct str value = {.data = "kept", .length = 4};
    seen->messages++;
    assert_false(message_header(message, "other", &value));
    if (!message_header(message, "name", &value)) {
        assert_true(str_equal_text(value, "kept"));
        return true;
    }
    seen->with_header++;
    assert_true(str_equal_text(value, "last"));
    assert_true(message_header(message, "bytes", &value));
    assert_int_equal(value.length, 3);
    assert_memory_equal(value.data, "a\0b", 3);
    assert_true(message_header(message, "none", &value));
    assert_null(value.data);
    assert_true(message_header(message, "empty", &value));
    assert_int_equal(value.length, 0);
    return true;
}

static void header_is_found_by_name_and_the_last_one_counts(void **state)
{
    struct fixture *fixture = *state;
    put_with_headers(fixture);
    struct partition_range *ranges = NULL;
    size_t count = 0;
    struct error error = {0};
    struct seen seen = {0};
    assert_true(reader_ranges(fixture->reader, &ranges, &count, 10000, &error));
    assert_true(reader_read(fixture->reader, ranges, count, look, &seen, 10000, &error));
    free(ranges);
    assert_int_equal(seen.messages, 3 * PER_PARTITION + 1);
    assert_int_equal(seen.with_header, 1);
}

static bool look_at_past(void *context, const struct message *message)
{
    struct seen *seen = context;
    struct str value;
    if (message == NULL) {
        return true;
    }
    assert_false(message_header(message, "name", &value));
    return ++seen->messages < 4;
}

/* Copies, which do not carry the headers, say that there are none. */
static void headers_of_followed_messages_of_the_past_are_not_there(void **state)
{
    struct fixture *fixture = *state;
    put_with_headers(fixture);
    struct error error = {0};
    struct seen seen = {0};
    assert_true(reader_follow(fixture->reader, 4, look_at_past, &seen, fixture->stop, &error));
    assert_int_equal(seen.messages, 4);
}

static void put_with_timestamp(struct fixture *fixture, int64_t timestamp_ms)
{
    char text[] = "x";
    rd_kafka_resp_err_t code =
        rd_kafka_producev(fixture->writer, RD_KAFKA_V_TOPIC(CLUSTER_TOPIC), RD_KAFKA_V_PARTITION(3),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(text, 1),
                          RD_KAFKA_V_TIMESTAMP(timestamp_ms), RD_KAFKA_V_END);
    assert_int_equal(code, 0);
    flush(fixture);
}

struct timestamps {
    int64_t items[4];
    size_t count;
};

static bool take_timestamp(void *context, const struct message *message)
{
    struct timestamps *seen = context;
    assert_true(seen->count < sizeof seen->items / sizeof seen->items[0]);
    seen->items[seen->count++] = message->encoded.timestamp_ms;
    return true;
}

/* Any producer may send any 64 bits: what is no time in ns is none at all. */
static void timestamps_that_no_clock_tells_are_none(void **state)
{
    struct fixture *fixture = *state;
    put_with_timestamp(fixture, INT64_MAX);
    put_with_timestamp(fixture, INT64_MAX / 1000000);
    put_with_timestamp(fixture, INT64_MAX / 1000000 + 1);
    put_with_timestamp(fixture, INT64_MIN);
    struct error error = {0};
    struct timestamps seen = {0};
    struct partition_range range = {.partition = 3, .begin = 0, .end = 4};
    assert_true(reader_read(fixture->reader, &range, 1, take_timestamp, &seen, 10000, &error));
    assert_int_equal(seen.count, 4);
    assert_int_equal(seen.items[0], -1);
    assert_int_equal(seen.items[1], INT64_MAX / 1000000);
    assert_int_equal(seen.items[2], -1);
    assert_int_equal(seen.items[3], -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(header_is_found_by_name_and_the_last_one_counts),
        TEST(headers_of_followed_messages_of_the_past_are_not_there),
        TEST(timestamps_that_no_clock_tells_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
