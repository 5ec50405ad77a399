#include <stdlib.h>

#include "base/clock.h"
#include "capture.h"
#include "cluster.h"
#include "kafka/admin/topics.h"
#include "kafka/admin/topics_known.h"

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

static rd_kafka_t *client_of(struct cluster *cluster)
{
    struct error error = {0};
    rd_kafka_conf_t *conf = kafka_producer_conf(&cluster->settings, &error);
    rd_kafka_t *client = kafka_client_create(RD_KAFKA_PRODUCER, conf, &error);
    assert_non_null(client);
    return client;
}

static void partitions_are_counted_or_named_missing(void **state)
{
    struct cluster *cluster = *state;
    static const char absent[] =
        "there is no topic absent: candlewick prepare makes it, --topic names another";
    static const struct {
        const char *topic;
        int want;
        enum error_kind kind;
        const char *text;
    } cases[] = {
        {CLUSTER_TOPIC, CLUSTER_PARTITIONS, ERROR_NONE, ""},
        {"absent", 0, ERROR_REJECT, absent},
        {"absent", 0, ERROR_REJECT, absent}, /* asking did not make it */
    };
    rd_kafka_t *client = client_of(cluster);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        assert_int_equal(topic_partitions(client, cases[i].topic, 10000, &error), cases[i].want);
        assert_int_equal(error.kind, cases[i].kind);
        assert_string_equal(error.text, cases[i].text);
    }
    rd_kafka_destroy(client);
}

static void partitions_of_faulty_topic_are_retry_or_usage(void **state)
{
    struct cluster *cluster = *state;
    static const struct {
        rd_kafka_resp_err_t code;
        enum error_kind kind;
    } cases[] = {
        {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, ERROR_RETRY},
        {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, ERROR_RETRY},
        {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, ERROR_USAGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        rd_kafka_t *client = client_of(cluster);
        cluster_add_topic(cluster, "faulty", 2);
        rd_kafka_mock_topic_set_error(cluster_mock(cluster), "faulty", cases[i].code);
        assert_int_equal(topic_partitions(client, "faulty", 3000, &error), 0);
        assert_int_equal(error.kind, cases[i].kind);
        assert_non_null(strstr(error.text, "faulty"));
        rd_kafka_destroy(client);
    }
}

static void name_is_taken_or_usage_error(void **state)
{
    (void)state;
    char long_name[251];
    memset(long_name, 'a', 250);
    long_name[250] = '\0';
    const struct {
        const char *name;
        bool want;
    } cases[] = {
        {"tickers", true}, {"tickers.dlq", true}, {"A_b-9", true}, {long_name + 1, true},
        {"", false},       {".", false},          {"..", false},   {long_name, false},
        {"a b", false},    {"a/b", false},        {"ä", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        assert_int_equal(topic_name_check(cases[i].name, &error), cases[i].want);
        assert_int_equal(error.kind, cases[i].want ? ERROR_NONE : ERROR_USAGE);
    }
}

static void ensure_topics_that_are_there_changes_nothing(void **state)
{
    struct cluster *cluster = *state;
    struct error error = {0};
    cluster_add_topic(cluster, "tickers.dlq", 1);
    static const struct topic_spec specs[] = {
        {CLUSTER_TOPIC, CLUSTER_PARTITIONS, 3, 2, 604800000},
        {"tickers.dlq", 3, 3, 2, -1}, /* differs: it is logged */
    };
    struct topic_state states[2] = {{TOPIC_UNKNOWN, 0, 0}};
    if (!topics_ensure(&cluster->settings, specs, 2, 10000, states, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(states[0].presence, TOPIC_THERE);
    assert_int_equal(states[0].partitions, CLUSTER_PARTITIONS);
    assert_int_equal(states[0].replication, 3);
    assert_int_equal(states[1].presence, TOPIC_THERE);
    assert_int_equal(states[1].partitions, 1);
    rd_kafka_t *client = client_of(cluster);
    assert_int_equal(topic_partitions(client, "tickers.dlq", 10000, &error), 1);
    rd_kafka_destroy(client);
}

static void ensure_impossible_is_said_before_asking(void **state)
{
    (void)state;
    static const struct {
        struct topic_spec spec;
        const char *text;
    } cases[] = {
        {{"one", 6, 1, 2, -1}, "min.insync.replicas 2 is more than its 1 replicas"},
        {{"", 6, 3, 2, -1}, "no topic name"},
    };
    struct kafka_settings nowhere = {.brokers = "127.0.0.1:1"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        assert_false(topics_ensure(&nowhere, &cases[i].spec, 1, 200, NULL, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_non_null(strstr(error.text, cases[i].text));
    }
}

static void ensure_without_brokers_is_retry_in_time(void **state)
{
    (void)state;
    struct error error = {0};
    struct kafka_settings nowhere = {.brokers = "127.0.0.1:1"};
    struct topic_spec spec = {CLUSTER_TOPIC, 6, 3, 2, -1};
    int64_t begin_ns = clock_monotonic_ns();
    assert_false(topics_ensure(&nowhere, &spec, 1, 500, NULL, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_true(clock_monotonic_ns() - begin_ns < 4 * NS_PER_SECOND);
}

/* The in-process cluster creates no topics by request: nobody must wait for it for ever. */
static void ensure_where_nobody_creates_is_retry_in_time(void **state)
{
    struct cluster *cluster = *state;
    struct error error = {0};
    struct topic_spec spec = {"wanted", 6, 3, 2, -1};
    int64_t begin_ns = clock_monotonic_ns();
    assert_false(topics_ensure(&cluster->settings, &spec, 1, 1000, NULL, &error));
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "no broker creates topics"));
    assert_true(clock_monotonic_ns() - begin_ns < 5 * NS_PER_SECOND);
}

/* A topic that an earlier call with the same states has made. */
static void ensure_waits_until_all_brokers_know_what_was_made(void **state)
{
    enum { SLOW_MS = 5000 }; /* longer than it waits */
    struct cluster *cluster = *state;
    static const struct topic_spec spec = {CLUSTER_TOPIC, CLUSTER_PARTITIONS, 3, 2, -1};
    struct topic_state states[1] = {{TOPIC_MADE, 0, 0}};
    struct error error = {0};
    struct capture log;
    capture_start(&log);
    assert_true(topics_ensure(&cluster->settings, &spec, 1, 10000, states, &error));
    rd_kafka_mock_broker_set_rtt(cluster_mock(cluster), 3, SLOW_MS);
    bool done = topics_ensure(&cluster->settings, &spec, 1, 30000, states, &error);
    rd_kafka_mock_broker_set_rtt(cluster_mock(cluster), 3, 0);
    char *text = capture_end(&log);
    assert_true(done); /* one broker that does not answer stops nobody */
    assert_int_equal(capture_count(text, "event=topic_not_known_by_all"), 1);
    assert_int_equal(capture_count(text, "broker 3"), 1);
    free(text);
}

static void topics_are_known_by_all_brokers_or_named_in_time(void **state)
{
    struct cluster *cluster = *state;
    static const char *const known[] = {CLUSTER_TOPIC};
    static const char *const one_absent[] = {CLUSTER_TOPIC, "absent"};
    struct error error = {0};
    rd_kafka_t *client = client_of(cluster);
    assert_true(topics_known_by_all(client, known, 1, 10000, &error));
    int64_t begin_ns = clock_monotonic_ns();
    assert_false(topics_known_by_all(client, one_absent, 2, 500, &error));
    assert_true(clock_monotonic_ns() - begin_ns < 10 * NS_PER_SECOND);
    assert_int_equal(error.kind, ERROR_RETRY);
    assert_non_null(strstr(error.text, "topic absent at broker 1: "));
    rd_kafka_destroy(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(partitions_are_counted_or_named_missing),
        cmocka_unit_test(partitions_of_faulty_topic_are_retry_or_usage),
        cmocka_unit_test(name_is_taken_or_usage_error),
        cmocka_unit_test(topics_are_known_by_all_brokers_or_named_in_time),
        cmocka_unit_test(ensure_topics_that_are_there_changes_nothing),
        cmocka_unit_test(ensure_impossible_is_said_before_asking),
        cmocka_unit_test(ensure_without_brokers_is_retry_in_time),
        cmocka_unit_test(ensure_where_nobody_creates_is_retry_in_time),
        cmocka_unit_test(ensure_waits_until_all_brokers_know_what_was_made),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
