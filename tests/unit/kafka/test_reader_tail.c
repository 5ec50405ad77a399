#include <pthread.h>

#include "kafka/reader/reader_internal.h"
#include "reader_fixture.h"

static void tail_gives_the_last_of_each_partition(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int64_t messages;
        int want; /* of each partition that has some */
    } cases[] = {{1, 1}, {7, 7}, {100000, PER_PARTITION}, {0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        struct found found = nothing_found(fixture);
        assert_true(reader_tail(fixture->reader, cases[i].messages, note, &found, 5000, &error));
        assert_int_equal(found.total, cases[i].want * (CLUSTER_PARTITIONS - 1));
        if (cases[i].want > 0) {
            assert_int_equal(found.first[0], PER_PARTITION - cases[i].want);
            assert_int_equal(found.last[0], PER_PARTITION - 1);
        }
    }
}

static void tail_without_brokers_is_retry_in_time(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct found found = nothing_found(fixture);
    rd_kafka_mock_broker_set_down(cluster_mock(&fixture->cluster), -1);
    int64_t begin_ns = clock_monotonic_ns();
    assert_false(reader_tail(fixture->reader, 1, note, &found, 1000, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_true(clock_monotonic_ns() - begin_ns < 5 * NS_PER_SECOND);
}

static bool note_slowly(void *context, const struct message *message)
{
    struct found *found = context;
    (void)stop_wait_ms(found->fixture->stop, 1);
    return note(context, message);
}

/* Only silence ends a reading early: its reader may have to ask for a schema at each message. */
static void tail_goes_to_its_end_however_slow_its_reader_is(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct found found = nothing_found(fixture);
    const int many = 2000; /* more than are taken from librdkafka at once */
    for (int i = PER_PARTITION; i < many; i++) {
        put(fixture, CLUSTER_TOPIC, 0, i, 1000 + i);
    }
    flush(fixture);
    if (!reader_tail(fixture->reader, many, note_slowly, &found, 1000, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(found.total, many + PER_PARTITION * (CLUSTER_PARTITIONS - 2));
}

static bool note_following(void *context, const struct message *message)
{
    struct found *found = context;
    if (message == NULL) {
        return true;
    }
    assert_true(found->total >= 10 || message->encoded.timestamp_ms >= found->newest_ms);
    found->newest_ms = message->encoded.timestamp_ms;
    bool more = note(context, message);
    if (!found->filled) { /* at the first, so that what follows comes after the start */
        found->filled = true;
        for (int i = 0; i < 20; i++) {
            put(found->fixture, CLUSTER_TOPIC, 1, PER_PARTITION + i, 1000 + PER_PARTITION + i);
        }
        flush(found->fixture);
    }
    return more;
}

static void follow_gives_the_last_then_what_comes(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct found found = nothing_found(fixture);
    found.limit = 10 + 20;
    if (!reader_follow(fixture->reader, 10, note_following, &found, fixture->stop, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(found.total, 30);
    assert_int_equal(found.disorder, 0);
    assert_int_equal(found.last[1], PER_PARTITION + 19);
    assert_true(found.first[0] >= PER_PARTITION - 4); /* 10 of three equal partitions */
}

static void follow_tells_when_nothing_comes(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct found found = nothing_found(fixture);
    found.end_when_idle = true;
    assert_true(reader_follow(fixture->reader, 5, note, &found, fixture->stop, &error));
    assert_int_equal(found.total, 5);
    assert_int_equal(found.idle, 1);
}

static void *follow_in_thread(void *context)
{
    struct found *found = context;
    struct error error = {0};
    assert_true(reader_follow(found->fixture->reader, found->newest, note, found,
                              found->fixture->stop, &error));
    return NULL;
}

static void expect_end_on_stop(struct fixture *fixture, int64_t newest)
{
    struct found found = nothing_found(fixture);
    pthread_t thread;
    found.newest = newest;
    assert_int_equal(pthread_create(&thread, NULL, follow_in_thread, &found), 0);
    (void)stop_wait_ms(fixture->stop, 300);
    int64_t begin_ns = clock_monotonic_ns();
    stop_request(fixture->stop);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(clock_monotonic_ns() - begin_ns < 3 * NS_PER_SECOND);
    assert_int_equal(found.total, 0);
}

static void follow_ends_on_stop(void **state)
{
    expect_end_on_stop(*state, 0);
}

static void follow_without_brokers_ends_on_stop(void **state)
{
    struct fixture *fixture = *state;
    rd_kafka_mock_broker_set_down(cluster_mock(&fixture->cluster), -1);
    expect_end_on_stop(fixture, 0);
}

/* The brokers tell the offsets, but no message. */
static void follow_ends_on_stop_while_it_waits_for_the_newest(void **state)
{
    enum { FETCH = 1, MANY = 1000 };
    struct fixture *fixture = *state;
    static rd_kafka_resp_err_t errors[MANY];
    for (int i = 0; i < MANY; i++) {
        errors[i] = RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS;
    }
    rd_kafka_mock_push_request_errors_array(cluster_mock(&fixture->cluster), FETCH, MANY, errors);
    expect_end_on_stop(fixture, 5);
}

/* The messages of one number follow each other from the last partition to the first. */
static int64_t time_of(void *context, const struct message *message)
{
    (void)context;
    return message->offset * 10 + 9 - message->partition;
}

static int64_t time_that_goes_back(void *context, const struct message *message)
{
    (void)context;
    return -message->offset;
}

struct order {
    int count;
    int64_t places[10]; /* 10 * offset + partition */
};

static bool note_order(void *context, const struct message *message)
{
    struct order *order = context;
    assert_true(order->count < 10);
    order->places[order->count++] = message->offset * 10 + message->partition;
    return true;
}

static void newest_are_in_the_order_of_their_own_times(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        message_time time_of;
        int64_t want[5];
    } cases[] = {
        {NULL, {2481, 2482, 2490, 2491, 2492}},
        {time_of, {2481, 2480, 2492, 2491, 2490}},
        /* each partition's messages keep their order */
        {time_that_goes_back, {2481, 2482, 2490, 2491, 2492}},
    };
    struct partition_range *ranges = NULL;
    size_t count = 0;
    struct error error = {0};
    assert_true(reader_ranges(fixture->reader, &ranges, &count, 5000, &error));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct order order = {0};
        reader_order(fixture->reader, cases[i].time_of, NULL);
        if (!reader_newest(fixture->reader, ranges, count, 5, note_order, &order, &error)) {
            fail_msg("%s", error.text);
        }
        assert_int_equal(order.count, 5);
        for (int k = 0; k < 5; k++) {
            if (order.places[k] != cases[i].want[k]) {
                fail_msg("case %zu, message %d: %lld", i, k, (long long)order.places[k]);
            }
        }
    }
    free(ranges);
}

/* As where no broker told the id at the start. */
static bool forget_id(void *context, const struct message *message)
{
    struct found *found = context;
    struct reader *reader = found->fixture->reader;
    if (message != NULL) {
        reader->topic_id = (struct topic_id){0};
        return true;
    }
    return !topic_id_known(&reader->topic_id) && ++found->idle < 100;
}

static void follow_takes_the_first_id_that_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct found found = nothing_found(fixture);
    assert_true(reader_follow(fixture->reader, 1, forget_id, &found, fixture->stop, &error));
    assert_true(topic_id_known(&fixture->reader->topic_id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tail_gives_the_last_of_each_partition),
        TEST(tail_without_brokers_is_retry_in_time),
        TEST(tail_goes_to_its_end_however_slow_its_reader_is),
        TEST(follow_gives_the_last_then_what_comes),
        TEST(follow_tells_when_nothing_comes),
        TEST(follow_ends_on_stop),
        TEST(follow_without_brokers_ends_on_stop),
        TEST(follow_ends_on_stop_while_it_waits_for_the_newest),
        TEST(follow_takes_the_first_id_that_is_told),
        TEST(newest_are_in_the_order_of_their_own_times),
    };
    return run_side_by_side(tests);
}
