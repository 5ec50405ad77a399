#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "kafka/consumer/consumer_parts.h"
#include "rig.h"

/* Of Kafka's protocol. */
enum { API_OFFSET_COMMIT = 8, API_JOIN_GROUP = 11, API_HEARTBEAT = 12 };

static void produce_everywhere(struct rig *rig, int count)
{
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rig_produce(rig, p, count);
    }
}

static int ms_since(int64_t begin_ns)
{
    return (int)((clock_monotonic_ns() - begin_ns) / NS_PER_MS);
}

static void assert_books_balance(const struct consumer_stats *stats)
{
    assert_int_equal(stats->consumed, stats->written + stats->dead_lettered +
                                          stats->dropped_on_revoke + stats->queued_ticks);
}

/* Two failed commits cost two pauses of the consumer, so each error is a test of its own. */
struct commit_error {
    enum strategy strategy;
    rd_kafka_resp_err_t code;
};
#define COMMIT_ERROR(by, error)                                                                    \
    {                                                                                              \
        .name = "consumer_commit_error_only_delays_commits: " #by ", " #error,                     \
        .test_func = consumer_commit_error_only_delays_commits,                                    \
        .initial_state = &(struct commit_error){STRATEGY_##by, RD_KAFKA_RESP_ERR_##error},         \
    }
#define COMMIT_ERRORS(by)                                                                          \
    COMMIT_ERROR(by, ILLEGAL_GENERATION), COMMIT_ERROR(by, REBALANCE_IN_PROGRESS),                 \
        COMMIT_ERROR(by, UNKNOWN_MEMBER_ID), COMMIT_ERROR(by, COORDINATOR_LOAD_IN_PROGRESS),       \
        COMMIT_ERROR(by, NOT_COORDINATOR), COMMIT_ERROR(by, GROUP_AUTHORIZATION_FAILED),           \
        COMMIT_ERROR(by, OFFSET_METADATA_TOO_LARGE)

static void consumer_commit_error_only_delays_commits(void **state)
{
    const struct commit_error *error = *state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rd_kafka_mock_cluster_t *mock = embedded_kafka_mock(rig->kafka);
    rig_join(rig, &member, "only", error->strategy);
    rig_wait_until(rig_stats(&member).owned_count == RIG_PARTITIONS, 10000);
    rd_kafka_mock_push_request_errors(mock, API_OFFSET_COMMIT, 2, error->code, error->code);
    for (int i = 0; i < 2; i++) { /* while they fail, and when they work again */
        produce_everywhere(rig, 100);
        rig_wait_durable(rig, 20000);
        rig_wait_committed(rig, 20000);
    }
    rig_leave(&member);
    rig_destroy(rig);
}

static void consumer_dead_letter_topic_away_gates_the_commit(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rd_kafka_mock_cluster_t *mock = embedded_kafka_mock(rig->kafka);
    rd_kafka_mock_topic_set_error(mock, RIG_LETTERS, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    rig_produce(rig, 0, 100);
    rig_produce_raw(rig, 0, str_from("key"), str_from("poison"));
    rig_produce(rig, 0, 300);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(rig_points(rig) == 400, 20000);
    rig_wait_until(!rig_stats(&member).healthy, 30000);
    struct consumer_stats stats = rig_stats(&member);
    if (strstr(stats.reason, "dead letters to topic " RIG_LETTERS) == NULL) {
        fail_msg("%s", stats.reason);
    }
    assert_true(rig_committed(rig, 0) <= 100);
    assert_int_equal(stats.dead_lettered, 0);
    assert_int_equal(stats.written, 400);

    rd_kafka_mock_topic_set_error(mock, RIG_LETTERS, RD_KAFKA_RESP_ERR_NO_ERROR);
    rig_wait_committed(rig, 60000);
    assert_int_equal(rig_stats(&member).dead_lettered, 1);
    rig_wait_until(rig_stats(&member).healthy, 10000);
    rig_leave(&member);
    rig_destroy(rig);
}

static void consumer_destroy_with_letters_on_their_way_loses_none(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member first = {0}, second = {0};
    rd_kafka_mock_cluster_t *mock = embedded_kafka_mock(rig->kafka);
    rig->config.drain_timeout_ms = 1000;
    rd_kafka_mock_topic_set_error(mock, RIG_LETTERS, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
    for (int i = 0; i < 2000; i++) {
        rig_produce_raw(rig, 3, str_from("key"), str_from("poison"));
    }
    rig_join(rig, &first, "first", STRATEGY_RANGE);
    rig_wait_until(rig_stats(&first).consumed > 500, 10000);
    int64_t begin_ns = clock_monotonic_ns();
    rig_leave(&first);
    assert_true(ms_since(begin_ns) < rig->config.drain_timeout_ms + RIG_LATE_MS);
    assert_int_equal(rig_committed(rig, 3), 0);

    rd_kafka_mock_topic_set_error(mock, RIG_LETTERS, RD_KAFKA_RESP_ERR_NO_ERROR);
    rig_join(rig, &second, "second", STRATEGY_RANGE);
    rig_wait_committed(rig, 60000);
    assert_int_equal(rig->letter_count, 2000);
    rig_leave(&second);
    rig_destroy(rig);
}

static void consumer_lost_assignment_commits_nothing_and_starts_again(void **state)
{
    (void)state;
    static const enum strategy strategies[] = {STRATEGY_RANGE, STRATEGY_STICKY};
    for (size_t s = 0; s < 2; s++) {
        struct rig *rig = rig_create();
        struct rig_member member = {0};
        atomic_store(&rig->store_away, true);
        produce_everywhere(rig, 1000);
        rig_join(rig, &member, "only", strategies[s]);
        rig_wait_until(rig_stats(&member).paused, 20000);
        rd_kafka_mock_push_request_errors(embedded_kafka_mock(rig->kafka), API_HEARTBEAT, 1,
                                          RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID);
        rig_wait_until(member.lost == 1, 10000);
        struct consumer_stats stats = rig_stats(&member);
        assert_true(stats.dropped_on_revoke > 0);
        assert_int_equal(stats.owned_count, 0);
        rig_wait_until(rig_stats(&member).owned_count == RIG_PARTITIONS, 20000);
        atomic_store(&rig->store_away, false);
        rig_wait_durable(rig, 40000);
        rig_wait_committed(rig, 10000);
        stats = rig_stats(&member);
        assert_books_balance(&stats);
        assert_int_equal(stats.queued_ticks, 0);
        assert_int_equal(stats.gap_messages, 0);
        rig_leave(&member);
        rig_destroy(rig);
    }
}

static void consumer_leaders_and_coordinator_that_move_lose_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rd_kafka_mock_cluster_t *mock = embedded_kafka_mock(rig->kafka);
    rig->config.batch_ticks = 20;
    atomic_store(&rig->store_delay_ms, 10);
    produce_everywhere(rig, 2000);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    for (int i = 0; i < 15; i++) {
        rig_sleep_ms(200);
        for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
            assert_int_equal(
                rd_kafka_mock_partition_set_leader(mock, RIG_TOPIC, p, 1 + (i + p) % 3), 0);
        }
        if (i % 5 == 4) {
            assert_int_equal(rd_kafka_mock_coordinator_set(mock, "group", RIG_GROUP, 1 + i % 3), 0);
        }
    }
    rig_wait_durable(rig, 60000);
    rig_wait_committed(rig, 20000);
    assert_int_equal(rig_stats(&member).gap_messages, 0);
    rig_leave(&member);
    rig_destroy(rig);
}

static void consumer_destroy_with_all_brokers_down_ends_in_time(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rig->config.drain_timeout_ms = 2000;
    produce_everywhere(rig, 500);
    rig_join(rig, &member, "only", STRATEGY_STICKY);
    rig_wait_until(rig_points(rig) > 1000, 20000);
    for (int broker = 1; broker <= 3; broker++) {
        rd_kafka_mock_broker_set_down(embedded_kafka_mock(rig->kafka), broker);
    }
    int64_t begin_ns = clock_monotonic_ns();
    rig_leave(&member);
    assert_true(ms_since(begin_ns) < rig->config.drain_timeout_ms + RIG_LATE_MS);
    rig_destroy(rig);
}

static void consumer_fatal_error_is_told_and_commits_nothing_more(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0}, next = {0};
    produce_everywhere(rig, 100);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_committed(rig, 20000);
    assert_int_equal(rd_kafka_test_fatal_error(member.consumer->client,
                                               RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
                                               "another has this id"),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
    rig_wait_until(rig_stats(&member).fatal, 10000);
    struct consumer_stats stats = rig_stats(&member);
    assert_false(stats.healthy);
    if (strstr(stats.reason, "another has this id") == NULL) {
        fail_msg("%s", stats.reason);
    }
    produce_everywhere(rig, 100);
    rig_sleep_ms(300);
    int64_t begin_ns = clock_monotonic_ns();
    rig_leave(&member);
    assert_true(ms_since(begin_ns) < rig->config.drain_timeout_ms + RIG_LATE_MS);
    rig_join(rig, &next, "next", STRATEGY_RANGE);
    rig_wait_committed(rig, 20000);
    rig_leave(&next);
    rig_destroy(rig);
}

/* ConsumerGroupHeartbeat, in Kafka's protocol (KIP-848). */
enum { API_CONSUMER_GROUP_HEARTBEAT = 68, SHORT_SESSION_MS = 2000 };

/* As a coordinator does that no longer has the group, because the group was deleted, or all its
 * offsets with their topic. */
static void consumer_whose_group_is_gone_joins_again(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rd_kafka_mock_cluster_t *mock = embedded_kafka_mock(rig->kafka);
    rd_kafka_mock_set_group_consumer_session_timeout_ms(mock, SHORT_SESSION_MS);
    produce_everywhere(rig, 100);
    rig_join(rig, &member, "only", STRATEGY_CONSUMER);
    rig_wait_committed(rig, 20000);
    for (int round = 1; round <= 2; round++) {
        rd_kafka_mock_push_request_errors(mock, API_CONSUMER_GROUP_HEARTBEAT, 1,
                                          RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND);
        rig_wait_until(member.lost == round, 20000);
        produce_everywhere(rig, 100);
        rig_wait_durable(rig, 20000);
        rig_wait_committed(rig, 20000);
        assert_false(rig_stats(&member).fatal);
    }
    rig_leave(&member);
    rig_destroy(rig);
}

/* Members of the classic protocol are in that group: so says the coordinator to each new member. */
static void consumer_whose_group_is_never_there_ends(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rd_kafka_resp_err_t refusals[8];
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        refusals[i] = RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND;
    }
    rd_kafka_mock_push_request_errors_array(embedded_kafka_mock(rig->kafka),
                                            API_CONSUMER_GROUP_HEARTBEAT,
                                            sizeof refusals / sizeof *refusals, refusals);
    rig_join(rig, &member, "only", STRATEGY_CONSUMER);
    rig_wait_until(rig_stats(&member).fatal, 20000);
    struct consumer_stats stats = rig_stats(&member);
    if (strstr(stats.reason, "another --group") == NULL) {
        fail_msg("%s", stats.reason);
    }
    rig_leave(&member);
    rig_destroy(rig);
}

/* What a new client may mend, and what only an operator can. */
static const struct fatal_case {
    rd_kafka_resp_err_t code;
    bool ends;
} fatal_cases[] = {
    {RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND, false},
    {RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED, false},
    {RD_KAFKA_RESP_ERR_UNKNOWN, false},
    {RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, false},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, false},
    {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, true},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, true},
    {RD_KAFKA_RESP_ERR_INVALID_REQUEST, true},
    {RD_KAFKA_RESP_ERR_INVALID_GROUP_ID, true},
    {RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL, true},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_ASSIGNOR, true},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, true},
    {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, true},
    {RD_KAFKA_RESP_ERR_UNRELEASED_INSTANCE_ID, true},
    {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, true},
};

static rd_kafka_t *client_of(struct rig_member *member)
{
    pthread_mutex_lock(&member->consumer->lock);
    rd_kafka_t *client = member->consumer->client;
    pthread_mutex_unlock(&member->consumer->lock);
    return client;
}

static void consumer_fatal_errors_end_the_member_only_where_an_operator_must_act(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    for (size_t i = 0; i < sizeof fatal_cases / sizeof *fatal_cases; i++) {
        struct rig_member member = {0};
        rig_join(rig, &member, "only", STRATEGY_CONSUMER);
        rd_kafka_t *client = client_of(&member);
        assert_int_equal(rd_kafka_test_fatal_error(client, fatal_cases[i].code, "by the test"),
                         RD_KAFKA_RESP_ERR_NO_ERROR);
        if (fatal_cases[i].ends) {
            rig_wait_until(rig_stats(&member).fatal, 20000);
            assert_non_null(strstr(rig_stats(&member).reason, "by the test"));
            assert_ptr_equal(client_of(&member), client);
        } else {
            rig_wait_until(client_of(&member) != client, 20000);
            assert_false(rig_stats(&member).fatal);
        }
        rig_leave(&member);
    }
    rig_destroy(rig);
}

/* What makes the member join again. */
struct rejoin {
    enum strategy strategy;
    rd_kafka_resp_err_t reason;
};
#define JOIN_UNANSWERED(by, error)                                                                 \
    {                                                                                              \
        .name = "consumer_whose_join_is_not_answered_joins_with_a_new_client: " #by ", " #error,   \
        .test_func = consumer_whose_join_is_not_answered_joins_with_a_new_client,                  \
        .initial_state = &(struct rejoin){STRATEGY_##by, RD_KAFKA_RESP_ERR_##error},               \
    }

/* As of a coordinator that stands still, or that forgot the request when it lost the group. */
static void consumer_whose_join_is_not_answered_joins_with_a_new_client(void **state)
{
    const struct rejoin *rejoin = *state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rd_kafka_mock_cluster_t *mock = embedded_kafka_mock(rig->kafka);
    rig->config.drain_timeout_ms = 500;
    rig->properties[rig->config.kafka.property_count++] =
        (struct kafka_property){"statistics.interval.ms", "100"};
    assert_int_equal(rd_kafka_mock_coordinator_set(mock, "group", RIG_GROUP, 1), 0);
    produce_everywhere(rig, 100);
    rig_join(rig, &member, "only", rejoin->strategy);
    rig_wait_committed(rig, 20000);
    rd_kafka_t *client = client_of(&member);
    assert_int_equal(rd_kafka_mock_broker_push_request_error_rtts(
                         mock, 1, API_JOIN_GROUP, 1, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, 600000),
                     0);
    rd_kafka_mock_push_request_errors(mock, API_HEARTBEAT, 1, rejoin->reason);
    rig_wait_until(client_of(&member) != client, 15000);
    produce_everywhere(rig, 100);
    rig_wait_durable(rig, 20000);
    rig_wait_committed(rig, 20000);
    assert_false(rig_stats(&member).fatal);
    rig_leave(&member);
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(consumer_dead_letter_topic_away_gates_the_commit), /* the longest */
        COMMIT_ERRORS(RANGE),
        COMMIT_ERRORS(STICKY),
        cmocka_unit_test(consumer_destroy_with_letters_on_their_way_loses_none),
        cmocka_unit_test(consumer_lost_assignment_commits_nothing_and_starts_again),
        cmocka_unit_test(consumer_leaders_and_coordinator_that_move_lose_nothing),
        cmocka_unit_test(consumer_destroy_with_all_brokers_down_ends_in_time),
        cmocka_unit_test(consumer_fatal_error_is_told_and_commits_nothing_more),
        JOIN_UNANSWERED(RANGE, UNKNOWN_MEMBER_ID),      /* which has lost all partitions by then */
        JOIN_UNANSWERED(STICKY, REBALANCE_IN_PROGRESS), /* which keeps what it has */
        cmocka_unit_test(consumer_whose_group_is_gone_joins_again),
        cmocka_unit_test(consumer_whose_group_is_never_there_ends),
        cmocka_unit_test(consumer_fatal_errors_end_the_member_only_where_an_operator_must_act),
    };
    return run_side_by_side(tests);
}
