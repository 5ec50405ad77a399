#include <pthread.h>

#include "kafka/producer/producer_internal.h"
#include "kafka/reader/reader.h"
#include "producer_fixture.h"

static int setup(void **state)
{
    struct fixture *fixture = make_fixture();
    start_producer(fixture);
    *state = fixture;
    return 0;
}

/* A real broker refuses a batch whose predecessor it has refused; the in-process cluster, which
 * keeps no sequence numbers, takes it, and the predecessor comes behind it when it is sent again.
 * So where a broker refuses batches, one is on its way at a time. */
static int setup_one_at_a_time(void **state)
{
    static const struct kafka_property one = {"max.in.flight.requests.per.connection", "1"};
    struct fixture *fixture = make_fixture();
    fixture->cluster.settings.properties = &one;
    fixture->cluster.settings.property_count = 1;
    start_producer(fixture);
    *state = fixture;
    return 0;
}

/* What the log holds. */
struct found {
    int copies[MESSAGES];
    int64_t newest[KEYS]; /* the number of the key's newest message; -1: none */
    int disorder;         /* messages that came before a lower number of their key, for the first
                             time */
    int total;
};

static bool note(void *context, const struct message *message)
{
    struct found *found = context;
    int64_t number = 0;
    assert_true(str_to_int64(str_from(message->encoded.value.data), &number));
    assert_in_range(number, 0, MESSAGES - 1);
    int64_t *newest = &found->newest[number % KEYS];
    if (found->copies[number]++ == 0) {
        found->disorder += number < *newest;
        *newest = number;
    }
    found->total++;
    return true;
}

static struct found *read_log(struct fixture *fixture)
{
    struct error error = {0};
    struct partition_range *ranges = NULL;
    size_t count = 0;
    struct found *found = calloc(1, sizeof *found);
    assert_non_null(found);
    for (size_t i = 0; i < KEYS; i++) {
        found->newest[i] = -1;
    }
    struct reader *reader = reader_create(&fixture->cluster.settings, CLUSTER_TOPIC, &error);
    assert_non_null(reader);
    if (!reader_ranges(reader, &ranges, &count, 10000, &error) ||
        !reader_read(reader, ranges, count, note, found, 10000, &error)) {
        fail_msg("%s", error.text);
    }
    free(ranges);
    reader_destroy(reader);
    return found;
}

enum {
    /* The first copies are in order of their key. */
    IN_ORDER = 1,
    /* There are no more copies. Where a connection broke there may be: the in-process cluster,
     * unlike real brokers, does not know a producer's batch again. */
    ONCE = 2,
};

/* Every message told once and acknowledged, in the log, and what `promises` say. */
static void check_all(struct fixture *fixture, int promises)
{
    struct producer_stats stats;
    assert_true(producer_flush(fixture->producer, 60000));
    producer_stats(fixture->producer, &stats);
    assert_int_equal(stats.sent, MESSAGES);
    assert_int_equal(stats.acknowledged, MESSAGES);
    assert_int_equal(stats.failed, 0);
    assert_int_equal(stats.queued, 0);
    assert_int_equal(atomic_load(&fixture->ledger.acknowledged), MESSAGES);
    struct found *found = read_log(fixture);
    for (size_t i = 0; i < MESSAGES; i++) {
        assert_int_equal(atomic_load(&fixture->ledger.told[i]), 1);
        assert_true(found->copies[i] >= 1);
    }
    if ((promises & IN_ORDER) != 0) {
        assert_int_equal(found->disorder, 0);
    }
    if ((promises & ONCE) != 0) {
        assert_int_equal(found->total, MESSAGES);
    }
    free(found);
}

static void send_ten_thousand_each_is_acknowledged_once_in_order(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < MESSAGES; i++) {
        send_number(fixture, i);
    }
    check_all(fixture, IN_ORDER | ONCE);
    assert_true(is_healthy(fixture->producer));
}

static void raise_fatal(struct producer *producer)
{
    pthread_rwlock_rdlock(&producer->gate);
    if (producer->client != NULL) {
        (void)rd_kafka_test_fatal_error(producer->client, RD_KAFKA_RESP_ERR__FATAL, "by the test");
    }
    pthread_rwlock_unlock(&producer->gate);
}

static void fatal_errors_while_sending_lose_and_reorder_nothing(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < MESSAGES; i++) {
        send_number(fixture, i);
        if (i % 3000 == 1500) {
            raise_fatal(fixture->producer);
        }
        if (i % 20 == 0) {
            (void)stop_wait_ms(fixture->stop, 1); /* some are acknowledged, some under way */
        }
    }
    check_all(fixture, IN_ORDER | ONCE);
    struct producer_stats stats;
    producer_stats(fixture->producer, &stats);
    assert_true(stats.recreated >= 1);
    assert_true(support_wait(is_healthy, fixture->producer, 5000));
}

/* Sends all; on the way, each code is answered to some produce requests. */
static void send_under_errors(struct fixture *fixture, const rd_kafka_resp_err_t *codes,
                              size_t count)
{
    size_t step = MESSAGES / count;
    for (size_t i = 0; i < MESSAGES; i++) {
        if (i % step == 0) {
            push_errors(fixture, codes[i / step % count], 2);
        }
        send_number(fixture, i);
        if (i % 100 == 0) {
            (void)stop_wait_ms(fixture->stop, 1); /* several requests, not one */
        }
    }
}

static void broker_errors_while_sending_lose_and_reorder_nothing(void **state)
{
    static const rd_kafka_resp_err_t codes[] = {
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        RD_KAFKA_RESP_ERR__TRANSPORT,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
        RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
    };
    send_under_errors(*state, codes, sizeof codes / sizeof *codes);
    check_all(*state, IN_ORDER);
}

/* librdkafka does not retry such a batch; it must not send the ones behind it either. */
static void refusals_without_a_retry_lose_and_reorder_nothing(void **state)
{
    static const rd_kafka_resp_err_t codes[] = {
        RD_KAFKA_RESP_ERR_UNKNOWN,
        RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE,
        RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
    };
    send_under_errors(*state, codes, sizeof codes / sizeof *codes);
    check_all(*state, IN_ORDER | ONCE);
}

static size_t writes_asked_for(rd_kafka_mock_cluster_t *mock)
{
    size_t count = 0, writes = 0;
    rd_kafka_mock_request_t **requests = rd_kafka_mock_get_requests(mock, &count);
    for (size_t i = 0; i < count; i++) {
        writes += rd_kafka_mock_request_api_key(requests[i]) == API_PRODUCE;
    }
    rd_kafka_mock_request_destroy_array(requests, count);
    return writes;
}

static bool first_write_is_there(void *context)
{
    return writes_asked_for(context) > 0;
}

static bool third_write_is_there(void *context)
{
    return writes_asked_for(context) > 2;
}

/* The producer's thread, which takes back what is behind a refused batch, has no time now. A batch
 * that is on its way already is refused as real brokers do. */
static void refused_batch_is_not_overtaken_while_the_thread_is_busy(void **state)
{
    enum { RTT_MS = 100, BUSY_MS = 2000 };
    struct fixture *fixture = *state;
    rd_kafka_mock_cluster_t *mock = cluster_mock(&fixture->cluster);
    rd_kafka_mock_start_request_tracking(mock);
    for (int32_t broker = 1; broker <= 3; broker++) {
        rd_kafka_mock_broker_set_rtt(mock, broker, RTT_MS);
    }
    push_errors(fixture, RD_KAFKA_RESP_ERR_POLICY_VIOLATION, 1);
    push_errors(fixture, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, 1);
    send_number(fixture, 0);
    assert_true(support_wait(first_write_is_there, mock, 10000));
    pthread_mutex_lock(&fixture->producer->lock);
    for (size_t i = 1; i < 10; i++) {
        send_number(fixture, i * KEYS); /* the same key */
    }
    bool overtaken = !support_stays_false(third_write_is_there, mock, BUSY_MS);
    pthread_mutex_unlock(&fixture->producer->lock);
    assert_true(producer_flush(fixture->producer, 30000));
    struct found *found = read_log(fixture);
    assert_int_equal(found->total, 10);
    assert_int_equal(found->disorder, 0);
    free(found);
    assert_false(overtaken);
}

static void out_of_order_sequence_is_survived(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < MESSAGES; i++) {
        if (i == 0 || i == MESSAGES / 2) {
            push_errors(fixture, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, 3);
        }
        send_number(fixture, i);
    }
    check_all(fixture, IN_ORDER | ONCE);
}

static void brokers_down_and_up_lose_and_reorder_nothing(void **state)
{
    struct fixture *fixture = *state;
    rd_kafka_mock_cluster_t *mock = cluster_mock(&fixture->cluster);
    rd_kafka_mock_broker_set_rtt(mock, 2, 20);
    for (size_t i = 0; i < MESSAGES; i++) {
        if (i % 2000 == 1000) {
            rd_kafka_mock_broker_set_down(mock, (int32_t)(i / 2000 % 3) + 1);
        }
        if (i % 2000 == 1600) {
            rd_kafka_mock_broker_set_up(mock, (int32_t)(i / 2000 % 3) + 1);
        }
        send_number(fixture, i);
        if (i % 50 == 0) {
            (void)stop_wait_ms(fixture->stop, 1);
        }
    }
    check_all(fixture, IN_ORDER);
}

static void all_brokers_down_is_unhealthy_until_they_answer(void **state)
{
    struct fixture *fixture = *state;
    rd_kafka_mock_cluster_t *mock = cluster_mock(&fixture->cluster);
    send_number(fixture, 0);
    assert_true(producer_flush(fixture->producer, 10000));
    rd_kafka_mock_broker_set_down(mock, -1);
    send_number(fixture, 1);
    assert_true(support_wait(is_unhealthy, fixture->producer, 15000));
    struct producer_stats stats;
    producer_stats(fixture->producer, &stats);
    assert_true(strstr(stats.reason, "no broker answers") != NULL ||
                strstr(stats.reason, "no acknowledgement for") != NULL);
    assert_int_equal(stats.queued, 1);
    assert_false(producer_flush(fixture->producer, 50));
    rd_kafka_mock_broker_set_up(mock, -1);
    assert_true(producer_flush(fixture->producer, 20000));
    assert_true(support_wait(is_healthy, fixture->producer, 1000));
}

struct sender {
    struct fixture *fixture;
    size_t first, end; /* of keys of its own: order is promised within a thread */
};

static void *send_range(void *context)
{
    const struct sender *sender = context;
    for (size_t i = sender->first; i < sender->end; i += 2) {
        send_number(sender->fixture, i);
    }
    return NULL;
}

static void two_senders_with_fatal_errors_keep_figures_consistent(void **state)
{
    struct fixture *fixture = *state;
    struct sender senders[2] = {{fixture, 0, MESSAGES}, {fixture, 1, MESSAGES}};
    pthread_t threads[2];
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, send_range, &senders[i]), 0);
    }
    struct producer_stats stats = {0};
    for (int i = 0; stats.sent < MESSAGES; i++) {
        producer_stats(fixture->producer, &stats);
        assert_true(stats.queued >= 0);
        assert_int_equal(stats.sent, stats.acknowledged + stats.failed + stats.queued);
        if (i % 10 == 0 && i < 50) {
            raise_fatal(fixture->producer);
        }
        (void)stop_wait_ms(fixture->stop, 1);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    check_all(fixture, IN_ORDER | ONCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(send_ten_thousand_each_is_acknowledged_once_in_order, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(fatal_errors_while_sending_lose_and_reorder_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(broker_errors_while_sending_lose_and_reorder_nothing,
                                        setup_one_at_a_time, teardown),
        cmocka_unit_test_setup_teardown(refusals_without_a_retry_lose_and_reorder_nothing,
                                        setup_one_at_a_time, teardown),
        cmocka_unit_test_setup_teardown(refused_batch_is_not_overtaken_while_the_thread_is_busy,
                                        setup_one_at_a_time, teardown),
        cmocka_unit_test_setup_teardown(out_of_order_sequence_is_survived, setup_one_at_a_time,
                                        teardown),
        cmocka_unit_test_setup_teardown(brokers_down_and_up_lose_and_reorder_nothing,
                                        setup_one_at_a_time, teardown),
        cmocka_unit_test_setup_teardown(two_senders_with_fatal_errors_keep_figures_consistent,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(all_brokers_down_is_unhealthy_until_they_answer, setup,
                                        teardown),
    };
    return run_side_by_side(tests);
}
