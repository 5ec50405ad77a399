#include <stdlib.h>

#include "base/clock.h"
#include "base/text/str.h"
#include "cluster.h"

static void create_three_brokers_listens_on_loopback_only(void **state)
{
    (void)state;
    struct error error = {0};
    struct embedded_kafka *kafka = embedded_kafka_create(3, &error);
    assert_non_null(kafka);
    struct str rest = str_from(embedded_kafka_brokers(kafka)), piece;
    int brokers = 0;
    while (str_split(&rest, ',', &piece)) {
        assert_true(str_starts_with(piece, "127.0.0.1:"));
        brokers++;
    }
    assert_int_equal(brokers, 3);
    embedded_kafka_destroy(kafka);
}

static void create_topic_twice_is_no_error(void **state)
{
    struct cluster *cluster = *state;
    cluster_add_topic(cluster, CLUSTER_TOPIC, CLUSTER_PARTITIONS);
}

static void create_topic_impossible_is_fatal(void **state)
{
    struct cluster *cluster = *state;
    static const struct topic_spec cases[] = {
        {.name = "none", .partitions = 0, .replication = 3},
        {.name = "wide", .partitions = 1, .replication = 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        assert_false(embedded_kafka_create_topic(cluster->kafka, &cases[i], &error));
        assert_int_equal(error.kind, ERROR_FATAL);
        assert_non_null(strstr(error.text, cases[i].name));
    }
}

static int64_t join(struct cluster *cluster)
{
    struct error error = {0};
    int64_t begin_ns = clock_monotonic_ns();
    rd_kafka_conf_t *conf =
        kafka_consumer_conf(&cluster->settings, "coins", STRATEGY_RANGE, &error);
    rd_kafka_t *client = kafka_client_create(RD_KAFKA_CONSUMER, conf, &error);
    assert_non_null(client);
    assert_int_equal(rd_kafka_poll_set_consumer(client), 0);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, CLUSTER_TOPIC, RD_KAFKA_PARTITION_UA);
    assert_int_equal(rd_kafka_subscribe(client, topics), 0);
    rd_kafka_topic_partition_list_t *assigned = NULL;
    do {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client, 20);
        if (message != NULL) {
            rd_kafka_message_destroy(message);
        }
        if (assigned != NULL) {
            rd_kafka_topic_partition_list_destroy(assigned);
        }
        assert_int_equal(rd_kafka_assignment(client, &assigned), 0);
    } while (assigned->cnt == 0 && clock_monotonic_ns() - begin_ns < 10 * NS_PER_SECOND);
    int64_t took_ns = clock_monotonic_ns() - begin_ns;
    assert_int_equal(assigned->cnt, CLUSTER_PARTITIONS);
    rd_kafka_topic_partition_list_destroy(assigned);
    rd_kafka_topic_partition_list_destroy(topics);
    rd_kafka_consumer_close(client);
    rd_kafka_destroy(client);
    return took_ns;
}

/* The cluster's own default would hold a new group back for 3 s. */
static void group_first_member_has_its_partitions_soon(void **state)
{
    assert_true(join(*state) < 2500 * NS_PER_MS);
}

static int setup(void **state)
{
    static struct cluster cluster;
    cluster = cluster_start();
    *state = &cluster;
    return 0;
}

static int teardown(void **state)
{
    cluster_stop(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_three_brokers_listens_on_loopback_only),
        cmocka_unit_test(create_topic_twice_is_no_error),
        cmocka_unit_test(create_topic_impossible_is_fatal),
        cmocka_unit_test(group_first_member_has_its_partitions_soon),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
