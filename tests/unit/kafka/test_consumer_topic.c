/* Offsets that were committed as of another topic, or of none that is told. */
#include <string.h>

#include "base/clock.h"
#include "kafka/client/commit_metadata.h"
#include "kafka/consumer/consumer_parts.h"
#include "rig.h"

#define FOREIGN "AAECAwQFBgcICQoLDA0ODw"
enum { MESSAGES = 100, COMMITTED = 40 };

static rd_kafka_t *create_client(struct rig *rig)
{
    struct error error = {0};
    const struct kafka_settings settings = {.brokers = embedded_kafka_brokers(rig->kafka)};
    rd_kafka_conf_t *conf = kafka_consumer_conf(&settings, RIG_GROUP, STRATEGY_RANGE, &error);
    rd_kafka_t *client = kafka_client_create(RD_KAFKA_CONSUMER, conf, &error);
    assert_non_null(client);
    return client;
}

static void commit(struct rig *rig, int64_t offset, const char *metadata)
{
    rd_kafka_t *client = create_client(rig);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(RIG_PARTITIONS);
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rd_kafka_topic_partition_t *item = rd_kafka_topic_partition_list_add(list, RIG_TOPIC, p);
        item->offset = offset;
        item->metadata = strdup(metadata); /* freed with the list */
        item->metadata_size = strlen(metadata);
    }
    assert_int_equal(rd_kafka_commit(client, list, 0), 0);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(client);
}

static struct commit_metadata committed(struct rig *rig, int32_t partition, int64_t *offset)
{
    rd_kafka_t *client = create_client(rig);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, RIG_TOPIC, partition);
    assert_int_equal(rd_kafka_committed(client, list, 10000), 0);
    const rd_kafka_topic_partition_t *item = &list->elems[0];
    struct commit_metadata metadata =
        commit_metadata_parse((struct str){item->metadata, item->metadata_size});
    *offset = item->offset;
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(client);
    return metadata;
}

static void fill(struct rig *rig)
{
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rig_produce(rig, p, MESSAGES);
    }
}

static void offsets_of_another_topic_pass_over_nothing(void **state)
{
    (void)state;
    static const enum strategy strategies[] = {STRATEGY_RANGE, STRATEGY_STICKY, STRATEGY_CONSUMER};
    for (size_t i = 0; i < sizeof strategies / sizeof *strategies; i++) {
        struct rig *rig = rig_create();
        struct rig_member member = {0};
        fill(rig);
        commit(rig, COMMITTED, "topic=" FOREIGN " former=3");
        rig_join(rig, &member, "m1", strategies[i]);
        rig_wait_durable(rig, 20000);
        rig_wait_committed(rig, 20000);
        assert_int_equal(rig_stats(&member).topics_made_again, 1);
        rig_leave(&member);
        for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
            int64_t offset;
            struct commit_metadata metadata = committed(rig, p, &offset);
            assert_int_equal(offset, MESSAGES);
            assert_int_equal(metadata.former, COMMITTED + 3);
            assert_true(topic_id_known(&metadata.topic));
            assert_string_not_equal(metadata.topic.text, FOREIGN);
        }
        rig_destroy(rig);
    }
}

static bool labelled(void *context)
{
    struct rig *rig = context;
    int64_t offset;
    struct commit_metadata metadata = committed(rig, 0, &offset);
    return topic_id_known(&metadata.topic) && offset == COMMITTED;
}

static void offsets_without_a_topic_hold_and_are_labelled(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        for (int64_t offset = 0; offset < COMMITTED; offset++) {
            rig->stored[p][offset] = 1; /* as the other program did */
        }
    }
    commit(rig, COMMITTED, "another program's words");
    rig_join(rig, &member, "m1", STRATEGY_RANGE);
    assert_true(support_wait(labelled, rig, 20000)); /* though there is nothing to read */
    fill(rig);
    rig_wait_durable(rig, 20000);
    rig_wait_committed(rig, 20000);
    assert_int_equal(rig_points(rig), (MESSAGES - COMMITTED) * RIG_PARTITIONS);
    rig_leave(&member);
    rig_destroy(rig);
}

/* OffsetFetch, in Kafka's protocol. */
enum { API_OFFSET_FETCH = 9, REFUSALS = 4 };

/* Without the answer nobody knows which topic an offset is of, so nothing is read before it. */
static void committed_offsets_that_are_not_told_are_asked_for_again(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    fill(rig);
    commit(rig, COMMITTED, "topic=" FOREIGN);
    rd_kafka_resp_err_t refusals[REFUSALS];
    for (size_t i = 0; i < REFUSALS; i++) {
        refusals[i] = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
    }
    rd_kafka_mock_push_request_errors_array(embedded_kafka_mock(rig->kafka), API_OFFSET_FETCH,
                                            REFUSALS, refusals);
    rig_join(rig, &member, "m1", STRATEGY_RANGE);
    rig_wait_durable(rig, 20000);
    rig_wait_committed(rig, 20000);
    rig_leave(&member);
    rig_destroy(rig);
}

/* The member believes from now on that it reads another topic than there is. */
static void mistake_topic(struct consumer *consumer)
{
    struct commit_metadata foreign = commit_metadata_parse(str_from("topic=" FOREIGN));
    pthread_mutex_lock(&consumer->lock);
    consumer->commit_queue.streams[0].items[0].metadata.topic = foreign.topic;
    pthread_mutex_unlock(&consumer->lock);
}

static void topic_made_again_is_read_with_a_new_client(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    struct rig_member *const members[] = {&member};
    rig_join(rig, &member, "m1", STRATEGY_RANGE);
    rig_wait_owned(members, 1, 20000);
    mistake_topic(member.consumer);
    rig_wait_until(member.assigned > 1, 20000);
    fill(rig);
    rig_wait_durable(rig, 20000);
    rig_wait_committed(rig, 20000);
    rig_leave(&member);
    rig_destroy(rig);
}

/* As where the system has no thread left: the member says so, and ends as any other. */
static void member_without_another_client_fails_and_can_be_ended(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    struct rig_member *const members[] = {&member};
    char text[256];
    rig_join(rig, &member, "m1", STRATEGY_RANGE);
    rig_wait_owned(members, 1, 20000);
    /* Below the session's time-out: librdkafka makes no such client. */
    assert_int_equal(
        rd_kafka_conf_set(member.consumer->conf, "max.poll.interval.ms", "1", text, sizeof text),
        RD_KAFKA_CONF_OK);
    mistake_topic(member.consumer);
    rig_wait_until(!rig_stats(&member).healthy, 20000);
    assert_non_null(strstr(rig_stats(&member).reason, "max.poll.interval.ms"));
    rig_produce(rig, 0, 1);
    rig_leave(&member);
    assert_int_equal(rig_points(rig), 0);
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_of_another_topic_pass_over_nothing),
        cmocka_unit_test(offsets_without_a_topic_hold_and_are_labelled),
        cmocka_unit_test(committed_offsets_that_are_not_told_are_asked_for_again),
        cmocka_unit_test(topic_made_again_is_read_with_a_new_client),
        cmocka_unit_test(member_without_another_client_fails_and_can_be_ended),
    };
    return run_side_by_side(tests);
}
