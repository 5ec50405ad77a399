/* What a producer refuses, gives up, waits for, and that it changes no byte. */
#include <pthread.h>

#include "kafka/admin/topics.h"
#include "producer_fixture.h"

static int setup(void **state)
{
    struct fixture *fixture = make_fixture();
    *state = fixture;
    return 0;
}

static void start_with(struct fixture *fixture, const struct kafka_property *properties,
                       size_t count)
{
    fixture->cluster.settings.properties = properties;
    fixture->cluster.settings.property_count = count;
    start_producer(fixture);
}

static struct producer_stats stats_of(struct fixture *fixture)
{
    struct producer_stats stats;
    producer_stats(fixture->producer, &stats);
    return stats;
}

static void create_bad_property_is_usage_error(void **state)
{
    struct fixture *fixture = *state;
    static const struct kafka_property pinned = {"acks", "1"};
    struct error error = {0};
    struct producer_config config = {.kafka = fixture->cluster.settings};
    config.kafka.properties = &pinned;
    config.kafka.property_count = 1;
    assert_null(producer_create(&config, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
}

static void send_message_that_cannot_be_is_rejected(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    start_with(fixture, NULL, 0);
    assert_false(send_to(fixture, CLUSTER_TOPIC, 0, 2000000, &error));
    assert_int_equal(error.kind, ERROR_REJECT);
    assert_non_null(strstr(error.text, CLUSTER_TOPIC));
    assert_non_null(strstr(error.text, "2000004 bytes"));
    assert_false(send_to(fixture, "no topic", 0, 10, &error));
    assert_int_equal(error.kind, ERROR_REJECT);
    assert_int_equal(stats_of(fixture).sent, 0);
    assert_int_equal(stats_of(fixture).failed, 0);
}

static void topic_beyond_the_limit_is_rejected_and_the_others_go_on(void **state)
{
    enum { TOPICS = 64 };
    struct fixture *fixture = *state;
    struct error error = {0};
    start_with(fixture, NULL, 0);
    send_number(fixture, 0);
    for (int i = 1; i < TOPICS; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "topic-%d", i);
        cluster_add_topic(&fixture->cluster, name, 1);
        assert_true(send_to(fixture, name, 0, 10, &error));
    }
    assert_false(send_to(fixture, "one-more", 0, 10, &error));
    assert_int_equal(error.kind, ERROR_REJECT);
    assert_non_null(strstr(error.text, "at most 64 topics"));
    send_number(fixture, TOPICS);
}

static void send_to_partition_that_is_not_there_is_rejected(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    start_with(fixture, NULL, 0);
    send_number(fixture, 0); /* the topic's partitions are known then */
    assert_true(producer_flush(fixture->producer, 10000));
    struct producer_message message = {
        .topic = CLUSTER_TOPIC, .value = str_from("1"), .partition = 99};
    assert_false(producer_send(fixture->producer, &message, &error));
    assert_int_equal(error.kind, ERROR_REJECT);
}

/* All at once, and none is given up. */
static void expect_all_acknowledged(struct fixture *fixture, size_t count, int flush_ms)
{
    for (size_t i = 0; i < count; i++) {
        send_number(fixture, i);
    }
    assert_true(producer_flush(fixture->producer, flush_ms));
    assert_int_equal(stats_of(fixture).acknowledged, count);
    assert_int_equal(stats_of(fixture).failed, 0);
}

/* A broker says "too large" of a batch: of its messages each has its own chance. */
static void batch_refused_once_is_sent_message_by_message(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 40 };
    start_with(fixture, NULL, 0);
    push_errors(fixture, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1);
    expect_all_acknowledged(fixture, COUNT, 30000);
    assert_true(support_wait(is_healthy, fixture->producer, 1000));
}

/* A batch that is refused is sent again message by message, each at once. */
static void messages_sent_alone_do_not_linger(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 50, LINGER_MS = 500, MOST_MS = COUNT * LINGER_MS / 4 };
    static const struct kafka_property lingering = {"linger.ms", "500"};
    start_with(fixture, &lingering, 1);
    push_errors(fixture, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1);
    int64_t start_ns = clock_monotonic_ns();
    expect_all_acknowledged(fixture, COUNT, 2 * COUNT * LINGER_MS);
    assert_in_range((clock_monotonic_ns() - start_ns) / NS_PER_MS, 0, MOST_MS);
}

/* librdkafka says of what it had for the topic that there is no such partition: no message's fault.
 */
static void topic_refused_for_a_while_costs_no_message(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 3000 };
    static const struct kafka_property hasty = {"topic.metadata.refresh.interval.ms", "200"};
    start_with(fixture, &hasty, 1);
    push_errors(fixture, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 6);
    expect_all_acknowledged(fixture, COUNT, 60000);
}

static void messages_refused_alone_are_given_up_one_after_the_other(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 8, MOST_MS = COUNT * 1000 }; /* with backoffs it would take minutes */
    start_with(fixture, NULL, 0);
    push_errors(fixture, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1 + COUNT);
    int64_t start_ns = clock_monotonic_ns();
    for (size_t i = 0; i < COUNT; i++) {
        send_number(fixture, i * KEYS); /* one key, one batch */
    }
    assert_true(producer_flush(fixture->producer, 60000));
    assert_in_range((clock_monotonic_ns() - start_ns) / NS_PER_MS, 0, MOST_MS);
    assert_int_equal(stats_of(fixture).failed, COUNT);
    send_number(fixture, 1);
    assert_true(producer_flush(fixture->producer, 30000));
    assert_int_equal(stats_of(fixture).acknowledged, 1);
}

static void message_refused_alone_is_given_up_and_told(void **state)
{
    struct fixture *fixture = *state;
    start_with(fixture, NULL, 0);
    push_errors(fixture, RD_KAFKA_RESP_ERR_INVALID_RECORD, 2);
    send_number(fixture, 0);
    assert_true(producer_flush(fixture->producer, 30000));
    send_number(fixture, 1);
    assert_true(producer_flush(fixture->producer, 30000));
    assert_int_equal(stats_of(fixture).acknowledged, 1);
    assert_int_equal(stats_of(fixture).failed, 1);
    assert_int_equal(atomic_load(&fixture->ledger.told[0]), 1);
    assert_int_equal(atomic_load(&fixture->ledger.given_up), 1);
    assert_int_equal(fixture->ledger.last_kind, ERROR_REJECT);
    assert_non_null(strstr(fixture->ledger.last_error, "topic " CLUSTER_TOPIC ": "));
}

static void *request_stop(void *context)
{
    struct fixture *fixture = context;
    (void)stop_wait_ms(fixture->stop, 200);
    stop_request(fixture->stop);
    return NULL;
}

static void send_into_full_queue_waits_and_ends_on_stop(void **state)
{
    struct fixture *fixture = *state;
    static const struct kafka_property small = {"queue.buffering.max.messages", "100"};
    struct error error = {0};
    start_with(fixture, &small, 1);
    rd_kafka_mock_broker_set_down(cluster_mock(&fixture->cluster), -1);
    for (size_t i = 0; i < 100; i++) {
        send_number(fixture, i);
    }
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, request_stop, fixture), 0);
    assert_false(send_to(fixture, CLUSTER_TOPIC, 100, VALUE_SIZE, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(stats_of(fixture).sent, 100);
    assert_int_equal(stats_of(fixture).queued, 100);
}

static void send_through_small_queue_delivers_all(void **state)
{
    struct fixture *fixture = *state;
    static const struct kafka_property small = {"queue.buffering.max.messages", "100"};
    start_with(fixture, &small, 1);
    for (size_t i = 0; i < MESSAGES; i++) {
        send_number(fixture, i);
        assert_true(i % 100 != 0 || stats_of(fixture).queued <= 101);
    }
    assert_true(producer_flush(fixture->producer, 30000));
    assert_int_equal(stats_of(fixture).acknowledged, MESSAGES);
}

static void flush_does_not_wait_for_linger(void **state)
{
    struct fixture *fixture = *state;
    static const struct kafka_property lingering = {"linger.ms", "60000"};
    start_with(fixture, &lingering, 1);
    send_number(fixture, 0);
    assert_true(producer_flush(fixture->producer, 10000));
}

static void destroy_past_its_deadline_tells_every_message(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 500 };
    start_with(fixture, NULL, 0);
    rd_kafka_mock_broker_set_down(cluster_mock(&fixture->cluster), -1);
    for (size_t i = 0; i < COUNT; i++) {
        send_number(fixture, i);
    }
    producer_destroy(fixture->producer, 100);
    fixture->producer = NULL;
    assert_int_equal(atomic_load(&fixture->ledger.given_up), COUNT);
    assert_int_equal(fixture->ledger.last_kind, ERROR_RETRY);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(atomic_load(&fixture->ledger.told[i]), 1);
    }
}

/* The topic is asked for in vain, waited for, made, and found. */
static void topic_that_comes_late_gets_its_messages(void **state)
{
    struct fixture *fixture = *state;
    static const struct kafka_property hasty[] = {{"topic.metadata.propagation.max.ms", "100"},
                                                  {"topic.metadata.refresh.interval.ms", "500"}};
    struct error error = {0};
    start_with(fixture, hasty, 2);
    for (size_t i = 0; i < 100; i++) {
        assert_true(send_to(fixture, "late", i, VALUE_SIZE, &error));
    }
    assert_true(support_wait(is_unhealthy, fixture->producer, 15000));
    assert_true(send_to(fixture, "late", 100, VALUE_SIZE, &error));
    assert_int_equal(stats_of(fixture).queued, 101);
    cluster_add_topic(&fixture->cluster, "late", 2);
    assert_true(producer_flush(fixture->producer, 20000));
    assert_int_equal(stats_of(fixture).acknowledged, 101);
    assert_true(support_wait(is_healthy, fixture->producer, 1000));
}

static rd_kafka_message_t *read_one(struct fixture *fixture, rd_kafka_t *client, int32_t partition)
{
    (void)fixture;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, CLUSTER_TOPIC, NULL);
    assert_int_equal(rd_kafka_consume_start(topic, partition, 0), 0);
    rd_kafka_message_t *message = rd_kafka_consume(topic, partition, 10000);
    assert_non_null(message);
    assert_int_equal(message->err, 0);
    assert_int_equal(rd_kafka_consume_stop(topic, partition), 0);
    rd_kafka_topic_destroy(topic);
    return message;
}

static rd_kafka_t *raw_consumer(struct fixture *fixture)
{
    struct error error = {0};
    rd_kafka_conf_t *conf = kafka_reader_conf(&fixture->cluster.settings, NULL, &error);
    rd_kafka_t *client = kafka_client_create(RD_KAFKA_CONSUMER, conf, &error);
    assert_non_null(client);
    return client;
}

static void message_arrives_with_its_bytes_headers_and_time(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    start_with(fixture, NULL, 0);
    const struct producer_header headers[] = {{"why", {"a\0b", 3}}, {"offset", {"17", 2}}};
    struct producer_message cases[] = {
        {.key = {"k\0y", 3}, .value = {"v\0lue", 5}, .headers = headers, .header_count = 2},
        {.key = {NULL, 0}, .value = {"", 0}},
        {.key = {"", 0}, .value = {NULL, 0}},
    };
    size_t count = sizeof cases / sizeof *cases;
    int64_t before_ms = clock_wall_ns() / NS_PER_MS;
    for (size_t i = 0; i < count; i++) {
        cases[i].topic = CLUSTER_TOPIC;
        cases[i].partition = (int32_t)i;
        cases[i].token = (void *)(uintptr_t)i;
        assert_true(producer_send(fixture->producer, &cases[i], &error));
    }
    assert_true(producer_flush(fixture->producer, 10000));
    int64_t after_ms = clock_wall_ns() / NS_PER_MS;
    rd_kafka_t *client = raw_consumer(fixture);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_message_t *message = read_one(fixture, client, (int32_t)i);
        assert_int_equal(message->key_len, cases[i].key.length);
        assert_int_equal(message->len, cases[i].value.length);
        assert_int_equal(message->key == NULL, cases[i].key.data == NULL);
        assert_int_equal(message->payload == NULL, cases[i].value.data == NULL);
        rd_kafka_timestamp_type_t type;
        assert_in_range(rd_kafka_message_timestamp(message, &type), before_ms, after_ms);
        if (i == 0) {
            rd_kafka_headers_t *got = NULL;
            const void *value = NULL;
            size_t length = 0;
            assert_memory_equal(message->key, "k\0y", 3);
            assert_memory_equal(message->payload, "v\0lue", 5);
            assert_int_equal(rd_kafka_message_headers(message, &got), 0);
            assert_int_equal(rd_kafka_header_get_last(got, "why", &value, &length), 0);
            assert_int_equal(length, 3);
            assert_memory_equal(value, "a\0b", 3);
            assert_int_equal(rd_kafka_header_get_last(got, "offset", &value, &length), 0);
            assert_memory_equal(value, "17", 2);
        }
        rd_kafka_message_destroy(message);
    }
    rd_kafka_destroy(client);
}

/* Computed apart from librdkafka, with an implementation that gives the two hashes of Apache
 * Kafka's own test of murmur2. */
static void key_lands_on_the_partition_that_java_clients_choose(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *key;
        int32_t partition; /* of 6 */
    } cases[] = {{"tBTCUSD", 5}, {"tETHUSD", 0},   {"tXRPUSD", 2},
                 {"tSOLUSD", 0}, {"tDOGE:USD", 1}, {"tADAUSD", 1}};
    struct error error = {0};
    cluster_add_topic(&fixture->cluster, "six", 6);
    start_with(fixture, NULL, 0);
    int64_t want[6] = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct producer_message message = {.topic = "six",
                                           .key = str_from(cases[i].key),
                                           .value = str_from("1"),
                                           .partition = RD_KAFKA_PARTITION_UA,
                                           .token = (void *)(uintptr_t)i};
        assert_true(producer_send(fixture->producer, &message, &error));
        want[cases[i].partition]++;
    }
    assert_true(producer_flush(fixture->producer, 10000));
    rd_kafka_t *client = raw_consumer(fixture);
    for (int32_t i = 0; i < 6; i++) {
        int64_t low = -1, high = -1;
        assert_int_equal(rd_kafka_query_watermark_offsets(client, "six", i, &low, &high, 5000), 0);
        assert_int_equal(high - low, want[i]);
    }
    rd_kafka_destroy(client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(create_bad_property_is_usage_error),
        TEST(send_message_that_cannot_be_is_rejected),
        TEST(topic_beyond_the_limit_is_rejected_and_the_others_go_on),
        TEST(send_to_partition_that_is_not_there_is_rejected),
        TEST(batch_refused_once_is_sent_message_by_message),
        TEST(messages_sent_alone_do_not_linger),
        TEST(topic_refused_for_a_while_costs_no_message),
        TEST(messages_refused_alone_are_given_up_one_after_the_other),
        TEST(message_refused_alone_is_given_up_and_told),
        TEST(send_into_full_queue_waits_and_ends_on_stop),
        TEST(send_through_small_queue_delivers_all),
        TEST(flush_does_not_wait_for_linger),
        TEST(destroy_past_its_deadline_tells_every_message),
        TEST(topic_that_comes_late_gets_its_messages),
        TEST(message_arrives_with_its_bytes_headers_and_time),
        TEST(key_lands_on_the_partition_that_java_clients_choose),
    };
    return run_side_by_side(tests);
}
