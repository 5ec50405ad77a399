/* The headers of messages that a reader gives. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(header_is_found_by_name_and_the_last_one_counts),
        TEST(headers_of_followed_messages_of_the_past_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
