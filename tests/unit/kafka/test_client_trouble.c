#include <stdio.h>
#include <string.h>

#include "cluster.h"
#include "kafka/admin/topics.h"
#include "kafka/client/client_trouble.h"

static void told_reason_has_the_remedy_that_fits_it(void **state)
{
    (void)state;
    static const struct {
        const char *reason; /* as librdkafka 2.15.1 gives it */
        const char *remedy; /* part of it; NULL: none */
    } cases[] = {
        {"127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms "
         "in state CONNECT)",
         "launch.sh"},
        {"localhost:1/bootstrap: Connect to ipv6#[::1]:1 failed: Connection refused (after 0ms in "
         "state CONNECT, 3 identical error(s) suppressed)",
         "launch.sh"},
        {"kafka:9092/bootstrap: Connect to ipv4#10.127.0.1:9092 failed: Connection refused (after "
         "0ms in state CONNECT)",
         "name others with --brokers"},
        {"kafka:9092/bootstrap: Connect to ipv6#[fd00::127.1]:9092 failed: Connection refused "
         "(after 0ms in state CONNECT)",
         "name others with --brokers"},
        {"kafka:9092/bootstrap: Connect to ipv4#10.0.0.1:9092 failed: No route to host (after 3ms "
         "in state CONNECT)",
         "name others with --brokers"},
        {"localhost:9092/2: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms "
         "in state CONNECT)",
         "advertised.listeners"},
        {"10.9.9.9:9092/2: Connection setup timed out in state CONNECT (after 10000ms in state "
         "CONNECT)",
         "advertised.listeners"},
        {"kafka:9092/2: Failed to resolve 'kafka:9092': Name or service not known (after 2ms in "
         "state CONNECT)",
         "advertised.listeners"},
        {"kafka:9092/bootstrap: Failed to resolve 'kafka:9092': Name or service not known (after "
         "2ms in state CONNECT)",
         "can be found from here with --brokers"},
        {"ssl://kafka:9092/bootstrap: SSL handshake failed: Disconnected: connecting to a "
         "PLAINTEXT broker listener? (after 1ms in state SSL_HANDSHAKE)",
         "-X security.protocol"},
        {"ssl://kafka:9092/bootstrap: SSL handshake failed: error:0A000086:SSL "
         "routines::certificate verify failed: broker certificate could not be verified, verify "
         "that ssl.ca.location is correctly configured",
         "-X ssl.ca.location"},
        {"kafka:9092/bootstrap: Disconnected while requesting ApiVersion: might be caused by "
         "incorrect security.protocol configuration (connecting to a SSL listener?) or broker "
         "version is < 0.10 (see api.version.request) (after 1ms in state APIVERSION_QUERY)",
         "-X security.protocol"},
        {"sasl_plaintext://kafka:9092/bootstrap: SASL authentication error: no such user (after "
         "3ms in state AUTH_REQ)",
         "sasl.password.file"},
        {"kafka:9092/2: 1 request(s) timed out: disconnect", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct client_trouble trouble = {.lock = PTHREAD_MUTEX_INITIALIZER};
        struct error error = {0};
        char line[500];
        (void)snprintf(line, sizeof line, "[thrd:[::1]:9092/bootstrap]: %s", cases[i].reason);
        client_trouble_keep(&trouble, "FAIL", line);
        client_trouble_keep(&trouble, "CONFWARN", "[thrd:app]: Configuration property");
        assert_false(
            client_trouble_explain(&trouble, RD_KAFKA_RESP_ERR__TIMED_OUT, &error, "asked"));
        assert_int_equal(error.kind, ERROR_RETRY);
        assert_int_equal(strncmp(error.text, "asked: ", 7), 0);
        size_t told = strlen(error.text) - 7;
        if (strncmp(error.text + 7, cases[i].reason, told) != 0 ||
            strstr(error.text, " (after") != NULL) {
            fail_msg("%s", error.text);
        }
        if (cases[i].remedy == NULL
                ? error.remedy != NULL
                : error.remedy == NULL || strstr(error.remedy, cases[i].remedy) == NULL) {
            fail_msg("%s: %s", cases[i].reason, error.remedy != NULL ? error.remedy : "none");
        }
    }
}

static void told_without_a_reason_says_what_the_code_says(void **state)
{
    (void)state;
    static const struct {
        rd_kafka_resp_err_t code;
        enum error_kind kind;
        const char *text;
    } cases[] = {
        {RD_KAFKA_RESP_ERR__TIMED_OUT, ERROR_RETRY, "asked: Local: Timed out"},
        {RD_KAFKA_RESP_ERR__TRANSPORT, ERROR_RETRY, "asked: Local: Broker transport failure"},
        {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, ERROR_RETRY,
         "asked: Broker: Topic authorization failed"},
        {RD_KAFKA_RESP_ERR__INVALID_ARG, ERROR_FATAL,
         "asked: Local: Invalid argument or configuration"},
    };
    struct client_trouble none = {.lock = PTHREAD_MUTEX_INITIALIZER};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int kept = 0; kept < 2; kept++) {
            struct error error = {.remedy = "of another error"};
            assert_false(
                client_trouble_explain(kept ? &none : NULL, cases[i].code, &error, "asked"));
            assert_int_equal(error.kind, cases[i].kind);
            assert_string_equal(error.text, cases[i].text);
            assert_null(error.remedy);
        }
    }
}

/* What a broker answers is its own reason, whatever another one's connection is in. */
static void told_answer_of_a_broker_is_not_explained_by_an_older_trouble(void **state)
{
    (void)state;
    struct client_trouble trouble = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct error error = {0};
    client_trouble_keep(&trouble, "FAIL", "127.0.0.1:1/2: Connect to failed");
    assert_false(client_trouble_explain(&trouble, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                                        &error, "committed"));
    assert_string_equal(error.text, "committed: Broker: Group authorization failed");
    assert_null(error.remedy);
}

static void client_that_is_refused_tells_so_each_time(void **state)
{
    (void)state;
    struct kafka_settings nowhere = {.brokers = "127.0.0.1:1"};
    struct client_trouble trouble;
    struct error error = {0};
    rd_kafka_conf_t *conf = kafka_reader_conf(&nowhere, &trouble, &error);
    rd_kafka_t *client = kafka_client_create(RD_KAFKA_CONSUMER, conf, &error);
    assert_non_null(client);
    for (int i = 0; i < 2; i++) { /* librdkafka says it once in 30 s */
        assert_int_equal(topic_partitions(client, CLUSTER_TOPIC, 500, &error), 0);
        assert_int_equal(error.kind, ERROR_RETRY);
        assert_non_null(strstr(error.text, "127.0.0.1:1/bootstrap: "));
        assert_non_null(strstr(error.text, "Connection refused"));
        assert_string_equal(error.remedy, ERROR_REMEDY_START);
    }
    rd_kafka_destroy(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told_reason_has_the_remedy_that_fits_it),
        cmocka_unit_test(told_without_a_reason_says_what_the_code_says),
        cmocka_unit_test(told_answer_of_a_broker_is_not_explained_by_an_older_trouble),
        cmocka_unit_test(client_that_is_refused_tells_so_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
