#include <stdlib.h>

#include "base/clock.h"
#include "cluster.h"
#include "kafka/admin/group.h"

enum { PER_PARTITION = 100 };

struct fixture {
    struct cluster cluster;
    struct group_reader *reader;
};

static void write_messages(struct cluster *cluster)
{
    struct error error = {0};
    rd_kafka_conf_t *conf = kafka_producer_conf(&cluster->settings, &error);
    rd_kafka_t *client = kafka_client_create(RD_KAFKA_PRODUCER, conf, &error);
    assert_non_null(client);
    char value[] = "x";
    for (int32_t partition = 0; partition < CLUSTER_PARTITIONS; partition++) {
        for (int i = 0; i < PER_PARTITION; i++) {
            assert_int_equal(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(CLUSTER_TOPIC),
                                               RD_KAFKA_V_PARTITION(partition),
                                               RD_KAFKA_V_VALUE(value, 1), RD_KAFKA_V_END),
                             0);
        }
    }
    assert_int_equal(rd_kafka_flush(client, 20000), 0);
    rd_kafka_destroy(client);
}

static void commit_with(struct cluster *cluster, const char *group, int32_t partition,
                        int64_t offset, const char *metadata)
{
    struct error error = {0};
    rd_kafka_conf_t *conf = kafka_consumer_conf(&cluster->settings, group, STRATEGY_RANGE, &error);
    rd_kafka_t *client = kafka_client_create(RD_KAFKA_CONSUMER, conf, &error);
    assert_non_null(client);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *item =
        rd_kafka_topic_partition_list_add(list, CLUSTER_TOPIC, partition);
    item->offset = offset;
    item->metadata = strdup(metadata); /* freed with the list */
    item->metadata_size = strlen(metadata);
    assert_int_equal(rd_kafka_commit(client, list, 0), 0);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(client);
}

static void commit(struct cluster *cluster, const char *group, int32_t partition, int64_t offset)
{
    commit_with(cluster, group, partition, offset, "");
}

static int setup(void **state)
{
    struct error error = {0};
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->cluster = cluster_start();
    fixture->reader =
        group_reader_create(&fixture->cluster.settings, CLUSTER_TOPIC, "coins", &error);
    assert_non_null(fixture->reader);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    group_reader_destroy(fixture->reader);
    cluster_stop(&fixture->cluster);
    free(fixture);
    return 0;
}

static struct group_status ask(struct fixture *fixture)
{
    struct error error = {0};
    struct group_status status;
    if (!group_reader_status(fixture->reader, &status, 10000, &error)) {
        fail_msg("%s", error.text);
    }
    return status;
}

static void status_names_the_brokers_and_what_they_lead(void **state)
{
    struct fixture *fixture = *state;
    struct group_status status = ask(fixture);
    int led = 0;
    assert_int_equal(status.brokers, 3);
    for (int i = 0; i < 3; i++) {
        const struct broker_status *broker = &status.broker_list[i];
        assert_int_equal(broker->id, i + 1);
        assert_non_null(strstr(fixture->cluster.settings.brokers, broker->address));
        for (size_t k = 0; k < status.partition_count; k++) {
            led += status.partitions[k].leader == broker->id ? 1 : 0;
        }
        assert_int_equal(led, broker->leads);
        led = 0;
    }
    group_status_free(&status);
}

static void status_of_empty_topic_has_its_partitions_and_no_lag(void **state)
{
    struct group_status status = ask(*state);
    assert_string_equal(status.topic, CLUSTER_TOPIC);
    assert_string_equal(status.group, "coins");
    assert_int_equal(status.brokers, 3);
    assert_int_equal(status.partition_count, CLUSTER_PARTITIONS);
    for (size_t i = 0; i < status.partition_count; i++) {
        const struct partition_status *partition = &status.partitions[i];
        assert_int_equal(partition->partition, i);
        assert_in_range(partition->leader, 1, 3);
        assert_int_equal(partition->replicas, 3);
        assert_int_equal(partition->in_sync, 3);
        assert_int_equal(partition->begin, 0);
        assert_int_equal(partition->end, 0);
        assert_int_equal(partition->committed, -1);
        assert_int_equal(partition->lag, 0);
    }
    group_status_free(&status);
}

static void status_counts_lag_from_commit_or_beginning(void **state)
{
    struct fixture *fixture = *state;
    write_messages(&fixture->cluster);
    commit(&fixture->cluster, "coins", 0, 40);
    commit(&fixture->cluster, "coins", 1, PER_PARTITION);
    commit(&fixture->cluster, "coins", 2, PER_PARTITION + 5); /* past the end: no negative lag */
    commit(&fixture->cluster, "others", 3, 1);                /* another group's */
    static const int64_t committed[] = {40, PER_PARTITION, PER_PARTITION + 5, -1};
    static const int64_t lag[] = {60, 0, 0, PER_PARTITION};
    for (int round = 0; round < 2; round++) {
        struct group_status status = ask(fixture);
        for (size_t i = 0; i < CLUSTER_PARTITIONS; i++) {
            assert_int_equal(status.partitions[i].end, PER_PARTITION);
            assert_int_equal(status.partitions[i].committed, committed[i]);
            assert_int_equal(status.partitions[i].lag, lag[i]);
        }
        group_status_free(&status);
    }
}

static void status_tells_which_topic_an_offset_belongs_to(void **state)
{
    struct fixture *fixture = *state;
    struct group_status status = ask(fixture);
    char own[COMMIT_METADATA_SIZE];
    assert_true(topic_id_known(&status.topic_id));
    commit_metadata_format(&(struct commit_metadata){.topic = status.topic_id, .former = 2}, own);
    group_status_free(&status);
    commit_with(&fixture->cluster, "coins", 0, 40, "topic=AAECAwQFBgcICQoLDA0ODw former=7");
    commit_with(&fixture->cluster, "coins", 1, 41, "another program's words");
    commit_with(&fixture->cluster, "coins", 2, 42, own);
    status = ask(fixture);
    /* An offset of another topic is none of this one's. */
    static const int64_t committed[CLUSTER_PARTITIONS] = {-1, 41, 42, -1};
    static const int64_t former[CLUSTER_PARTITIONS] = {47, 0, 2, 0};
    for (size_t i = 0; i < CLUSTER_PARTITIONS; i++) {
        assert_int_equal(status.partitions[i].committed, committed[i]);
        assert_int_equal(status.partitions[i].committed_metadata.former, former[i]);
    }
    assert_string_equal(status.partitions[0].committed_metadata.topic.text,
                        "AAECAwQFBgcICQoLDA0ODw");
    group_status_free(&status);
}

static void members_of_cluster_that_refuses_are_unknown_with_reason_and_soon(void **state)
{
    struct fixture *fixture = *state;
    for (int round = 0; round < 3; round++) {
        int64_t begin_ns = clock_monotonic_ns();
        struct group_status status = ask(fixture);
        assert_true(clock_monotonic_ns() - begin_ns < 3 * NS_PER_SECOND);
        assert_false(status.members_known);
        assert_int_equal(status.member_count, 0);
        assert_non_null(strstr(status.members_unknown_why, "does not describe groups"));
        group_status_free(&status);
    }
}

static void partition_without_leader_is_unknown_and_others_are_told(void **state)
{
    struct fixture *fixture = *state;
    write_messages(&fixture->cluster);
    assert_int_equal(
        rd_kafka_mock_partition_set_leader(cluster_mock(&fixture->cluster), CLUSTER_TOPIC, 1, -1),
        0);
    struct group_status status = ask(fixture);
    assert_int_equal(status.partitions[1].leader, -1);
    assert_int_equal(status.partitions[1].begin, -1);
    assert_int_equal(status.partitions[1].end, -1);
    assert_int_equal(status.partitions[1].lag, -1);
    assert_int_equal(status.partitions[2].end, PER_PARTITION);
    assert_int_equal(group_status_end(&status), -1); /* nor are the sums known */
    assert_int_equal(group_status_lag(&status), -1);
    group_status_free(&status);
}

/* OffsetFetch, in Kafka's protocol. Such answers come while a coordinator starts or moves. */
enum { API_OFFSET_FETCH = 9 };

static void coordinator_that_moves_is_waited_for(void **state)
{
    struct fixture *fixture = *state;
    static const rd_kafka_resp_err_t cases[] = {
        RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
        RD_KAFKA_RESP_ERR__TRANSPORT,
    };
    write_messages(&fixture->cluster);
    commit(&fixture->cluster, "coins", 0, 40);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        struct group_status status;
        rd_kafka_mock_push_request_errors(cluster_mock(&fixture->cluster), API_OFFSET_FETCH, 2,
                                          cases[i], cases[i]);
        if (!group_reader_status(fixture->reader, &status, 10000, &error)) {
            fail_msg("%s", error.text);
        }
        assert_int_equal(status.partitions[0].committed, 40);
        group_status_free(&status);
    }
}

static void status_of_no_topic_is_rejected(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct group_status status;
    struct group_reader *reader =
        group_reader_create(&fixture->cluster.settings, "absent", "coins", &error);
    assert_non_null(reader);
    assert_false(group_reader_status(reader, &status, 5000, &error));
    assert_int_equal(error.kind, ERROR_REJECT);
    group_status_free(&status);
    group_reader_destroy(reader);
}

static void status_while_brokers_are_away_is_retry_in_time_then_comes(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct group_status status = ask(fixture);
    group_status_free(&status);
    rd_kafka_mock_broker_set_down(cluster_mock(&fixture->cluster), -1);
    int64_t begin_ns = clock_monotonic_ns();
    assert_false(group_reader_status(fixture->reader, &status, 700, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_true(clock_monotonic_ns() - begin_ns < 4 * NS_PER_SECOND);
    group_status_free(&status);
    rd_kafka_mock_broker_set_up(cluster_mock(&fixture->cluster), -1);
    status = ask(fixture);
    assert_int_equal(status.partition_count, CLUSTER_PARTITIONS);
    group_status_free(&status);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(status_names_the_brokers_and_what_they_lead),
        TEST(status_of_empty_topic_has_its_partitions_and_no_lag),
        TEST(status_counts_lag_from_commit_or_beginning),
        TEST(status_tells_which_topic_an_offset_belongs_to),
        TEST(members_of_cluster_that_refuses_are_unknown_with_reason_and_soon),
        TEST(partition_without_leader_is_unknown_and_others_are_told),
        TEST(coordinator_that_moves_is_waited_for),
        TEST(status_of_no_topic_is_rejected),
        TEST(status_while_brokers_are_away_is_retry_in_time_then_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
