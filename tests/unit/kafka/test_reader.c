#include <pthread.h>
#include <time.h>

#include "reader_fixture.h"

static void ranges_are_what_the_log_holds(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct partition_range *ranges = NULL;
    size_t count = 0;
    assert_true(reader_ranges(fixture->reader, &ranges, &count, 10000, &error));
    assert_int_equal(count, CLUSTER_PARTITIONS);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ranges[i].partition, i);
        assert_int_equal(ranges[i].begin, 0);
        assert_int_equal(ranges[i].end, i < CLUSTER_PARTITIONS - 1 ? PER_PARTITION : 0);
    }
    free(ranges);
}

static void ranges_of_no_topic_are_rejected_and_make_none(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 2; i++) { /* asking did not make it */
        struct error error = {0};
        struct partition_range *ranges = NULL;
        size_t count = 0;
        struct reader *reader = reader_create(&fixture->cluster.settings, "absent", &error);
        assert_non_null(reader);
        assert_false(reader_ranges(reader, &ranges, &count, 10000, &error));
        assert_int_equal(error.kind, ERROR_REJECT);
        assert_string_equal(
            error.text,
            "there is no topic absent: candlewick prepare makes it, --topic names another");
        reader_destroy(reader);
    }
}

/* A leader that is away comes back, or another is chosen: that must not look like a wrong name. */
static void ranges_without_a_leader_are_retry(void **state)
{
    struct fixture *fixture = *state;
    rd_kafka_mock_cluster_t *mock = cluster_mock(&fixture->cluster);
    assert_int_equal(rd_kafka_mock_partition_set_leader(mock, CLUSTER_TOPIC, 2, -1), 0);
    struct error error = {0};
    struct reader *reader = reader_create(&fixture->cluster.settings, CLUSTER_TOPIC, &error);
    assert_non_null(reader);
    struct partition_range *ranges = NULL;
    size_t count = 0;
    assert_false(reader_ranges(reader, &ranges, &count, 500, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "partition 2"));

    assert_int_equal(rd_kafka_mock_partition_set_leader(mock, CLUSTER_TOPIC, 2, 1), 0);
    if (!reader_ranges(reader, &ranges, &count, 10000, &error)) {
        fail_msg("%s", error.text);
    }
    free(ranges);
    reader_destroy(reader);
}

static void *give_a_leader(void *mock)
{
    nanosleep(&(struct timespec){.tv_nsec = 300 * NS_PER_MS}, NULL);
    assert_int_equal(rd_kafka_mock_partition_set_leader(mock, CLUSTER_TOPIC, 2, 1), 0);
    return NULL;
}

/* As just after a broker was killed. */
static void ranges_wait_for_a_leader_that_comes_back(void **state)
{
    struct fixture *fixture = *state;
    rd_kafka_mock_cluster_t *mock = cluster_mock(&fixture->cluster);
    assert_int_equal(rd_kafka_mock_partition_set_leader(mock, CLUSTER_TOPIC, 2, -1), 0);
    struct error error = {0};
    struct partition_range *ranges = NULL;
    size_t count = 0;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, give_a_leader, mock), 0);
    bool found = reader_ranges(fixture->reader, &ranges, &count, 10000, &error);
    (void)pthread_join(thread, NULL);
    if (!found) {
        fail_msg("%s", error.text);
    }
    free(ranges);
}

static void ranges_without_brokers_are_retry_in_time(void **state)
{
    (void)state;
    struct error error = {0};
    struct kafka_settings settings = {.brokers = "127.0.0.1:1"};
    struct partition_range *ranges = NULL;
    size_t count = 0;
    struct reader *reader = reader_create(&settings, CLUSTER_TOPIC, &error);
    assert_non_null(reader);
    int64_t begin_ns = clock_monotonic_ns();
    assert_false(reader_ranges(reader, &ranges, &count, 300, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_true(clock_monotonic_ns() - begin_ns < 3 * NS_PER_SECOND);
    reader_destroy(reader);
}

static void read_whole_topic_twice_gives_all_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct partition_range *ranges = NULL;
    size_t count = 0;
    assert_true(reader_ranges(fixture->reader, &ranges, &count, 10000, &error));
    for (int i = 0; i < 2; i++) {
        struct found found = nothing_found(fixture);
        if (!reader_read(fixture->reader, ranges, count, note, &found, 10000, &error)) {
            fail_msg("%s", error.text);
        }
        assert_int_equal(found.total, PER_PARTITION * (CLUSTER_PARTITIONS - 1));
        assert_int_equal(found.disorder, 0);
        assert_int_equal(found.last[CLUSTER_PARTITIONS - 1], -1);
    }
    free(ranges);
}

static void read_parts_gives_exactly_them(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        struct partition_range ranges[2];
        int want;
    } cases[] = {
        {{{0, 10, 20}, {2, 0, 1}}, 11},
        {{{0, 0, 0}, {1, 249, 250}}, 1},
        {{{0, 30, 20}, {1, 7, 7}}, 0},
        {{{3, 0, 0}, {0, 100, 250}}, 150},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        struct found found = nothing_found(fixture);
        const struct partition_range *ranges = cases[i].ranges;
        if (!reader_read(fixture->reader, ranges, 2, note, &found, 10000, &error)) {
            fail_msg("case %zu: %s", i, error.text);
        }
        assert_int_equal(found.total, cases[i].want);
        for (size_t j = 0; j < 2; j++) {
            if (ranges[j].begin < ranges[j].end) {
                assert_int_equal(found.first[ranges[j].partition], ranges[j].begin);
                assert_int_equal(found.last[ranges[j].partition], ranges[j].end - 1);
            }
        }
    }
}

static void read_ends_when_the_callback_says_no(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct found found = nothing_found(fixture);
    found.limit = 5;
    const struct partition_range range = {0, 0, PER_PARTITION};
    assert_true(reader_read(fixture->reader, &range, 1, note, &found, 10000, &error));
    assert_int_equal(found.total, 5);
}

static void read_past_the_end_is_retry_in_time(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct found found = nothing_found(fixture);
    const struct partition_range range = {1, 200, PER_PARTITION + 10};
    assert_false(reader_read(fixture->reader, &range, 1, note, &found, 500, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "partition 1"));
    assert_int_equal(found.total, 50);
}

static void read_while_brokers_are_away_is_retry_in_time(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct found found = nothing_found(fixture);
    const struct partition_range range = {0, 0, PER_PARTITION};
    rd_kafka_mock_broker_set_down(cluster_mock(&fixture->cluster), -1);
    int64_t begin_ns = clock_monotonic_ns();
    assert_false(reader_read(fixture->reader, &range, 1, note, &found, 1000, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_true(clock_monotonic_ns() - begin_ns < 5 * NS_PER_SECOND);
    rd_kafka_mock_broker_set_up(cluster_mock(&fixture->cluster), -1);
    if (!reader_read(fixture->reader, &range, 1, note, &found, 10000, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(found.last[0], PER_PARTITION - 1);
}

static void *request_soon(void *stop)
{
    nanosleep(&(struct timespec){.tv_nsec = 300 * NS_PER_MS}, NULL);
    stop_request(stop);
    return NULL;
}

/* Nothing comes that could be refused. */
static void read_while_brokers_are_away_is_ended_by_a_stop(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct found found = nothing_found(fixture);
    const struct partition_range range = {0, 0, PER_PARTITION};
    pthread_t thread;
    rd_kafka_mock_broker_set_down(cluster_mock(&fixture->cluster), -1);
    reader_heed(fixture->reader, fixture->stop);
    assert_int_equal(pthread_create(&thread, NULL, request_soon, fixture->stop), 0);
    int64_t begin_ns = clock_monotonic_ns();
    assert_false(reader_read(fixture->reader, &range, 1, note, &found, 20000, &error));
    assert_true(clock_monotonic_ns() - begin_ns < 5 * NS_PER_SECOND);
    assert_int_equal(error.kind, ERROR_FATAL);
    assert_string_equal(error.text, "stopped before the end");
    (void)pthread_join(thread, NULL);
}

/* More than the 5 MiB that a partition keeps, so that its oldest messages are gone. */
static void fill_past_retention(struct fixture *fixture, const char *topic)
{
    char *bytes = malloc(60000);
    assert_non_null(bytes);
    for (uint32_t i = 0; i < 60000; i++) { /* nothing that compresses well */
        bytes[i] = (char)((i * 2654435761u) >> 13 ^ i);
    }
    for (int i = 0; i < 300; i++) {
        bytes[i] = (char)i;
        assert_int_equal(rd_kafka_producev(fixture->writer, RD_KAFKA_V_TOPIC(topic),
                                           RD_KAFKA_V_PARTITION(0),
                                           RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                           RD_KAFKA_V_VALUE(bytes, 60000), RD_KAFKA_V_END),
                         0);
        if (i % 10 == 9) { /* a batch each: the oldest go batch by batch */
            flush(fixture);
        }
    }
    free(bytes);
}

struct span {
    struct fixture *fixture;
    int64_t first, last;
    int total;
    bool refill;
};

static bool note_span(void *context, const struct message *message)
{
    struct span *span = context;
    if (span->total == 0) {
        span->first = message->offset;
    }
    span->last = message->offset;
    span->total++;
    if (span->refill) {
        span->refill = false;
        fill_past_retention(span->fixture, message->topic);
    }
    return true;
}

static void read_from_what_retention_removed_begins_at_what_is_left(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct partition_range *ranges = NULL;
    size_t count = 0;
    cluster_add_topic(&fixture->cluster, "big", 1);
    fill_past_retention(fixture, "big");
    struct reader *reader = reader_create(&fixture->cluster.settings, "big", &error);
    assert_non_null(reader);
    assert_true(reader_ranges(reader, &ranges, &count, 10000, &error));
    assert_true(ranges[0].begin > 0);
    assert_int_equal(ranges[0].end, 300);
    struct span span = {.fixture = fixture};
    const struct partition_range asked = {0, 0, ranges[0].end};
    assert_true(reader_read(reader, &asked, 1, note_span, &span, 10000, &error));
    assert_int_equal(span.first, ranges[0].begin);
    assert_int_equal(span.last, ranges[0].end - 1);
    assert_int_equal(span.total, ranges[0].end - ranges[0].begin);
    /* All that was asked for is gone: that is its end. */
    const struct partition_range gone = {0, 0, ranges[0].begin - 1};
    span = (struct span){.fixture = fixture};
    assert_true(reader_read(reader, &gone, 1, note_span, &span, 10000, &error));
    assert_int_equal(span.total, 0);
    /* It goes while it is read. */
    span = (struct span){.fixture = fixture, .refill = true};
    assert_true(reader_read(reader, ranges, 1, note_span, &span, 10000, &error));
    assert_true(span.total > 0 && span.last <= ranges[0].end - 1);
    free(ranges);
    reader_destroy(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ranges_are_what_the_log_holds),
        TEST(ranges_of_no_topic_are_rejected_and_make_none),
        TEST(ranges_without_a_leader_are_retry),
        TEST(ranges_wait_for_a_leader_that_comes_back),
        TEST(ranges_without_brokers_are_retry_in_time),
        TEST(read_whole_topic_twice_gives_all_in_order),
        TEST(read_parts_gives_exactly_them),
        TEST(read_ends_when_the_callback_says_no),
        TEST(read_past_the_end_is_retry_in_time),
        TEST(read_while_brokers_are_away_is_retry_in_time),
        TEST(read_while_brokers_are_away_is_ended_by_a_stop),
        TEST(read_from_what_retention_removed_begins_at_what_is_left),
    };
    return run_side_by_side(tests);
}
