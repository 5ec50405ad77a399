#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text/str.h"
#include "cmocka_all.h"
#include "kafka/client/client_log.h"
#include "kafka/client/settings.h"
#include "support.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static struct kafka_settings settings_with(const struct kafka_property *property)
{
    return (struct kafka_settings){.brokers = "127.0.0.1:1",
                                   .client_id = "me",
                                   .properties = property,
                                   .property_count = property != NULL ? 1 : 0};
}

struct want {
    const char *key, *value;
};

static void check(rd_kafka_conf_t *conf, const struct want *wants, size_t count)
{
    assert_non_null(conf);
    for (size_t i = 0; i < count; i++) {
        char value[128];
        size_t size = sizeof value;
        assert_int_equal(rd_kafka_conf_get(conf, wants[i].key, value, &size), RD_KAFKA_CONF_OK);
        if (strcmp(value, wants[i].value) != 0) {
            fail_msg("%s is \"%s\", want \"%s\"", wants[i].key, value, wants[i].value);
        }
    }
    rd_kafka_conf_destroy(conf);
}

static void producer_conf_plain_pins_what_promises_need(void **state)
{
    (void)state;
    struct error error = {0};
    struct kafka_settings settings = settings_with(NULL);
    static const struct want wants[] = {
        {"bootstrap.servers", "127.0.0.1:1"},  {"client.id", "me"},
        {"enable.idempotence", "true"},        {"acks", "-1"},
        {"message.timeout.ms", "0"},           {"partitioner", "murmur2_random"},
        {"allow.auto.create.topics", "false"}, {"queue.buffering.max.messages", "200000"},
        {"socket.keepalive.enable", "true"},   {"enable.gapless.guarantee", "true"},
    };
    check(kafka_producer_conf(&settings, &error), wants, COUNT_OF(wants));
}

static void consumer_conf_each_strategy_pins_and_names_assignor(void **state)
{
    (void)state;
    static const struct {
        enum strategy strategy;
        const char *assignor, *protocol;
    } cases[] = {
        {STRATEGY_RANGE, "range", "classic"},
        {STRATEGY_ROUNDROBIN, "roundrobin", "classic"},
        {STRATEGY_STICKY, "cooperative-sticky", "classic"},
        {STRATEGY_CONSUMER, "range,roundrobin", "consumer"}, /* librdkafka's default, unused */
    };
    struct kafka_settings settings = settings_with(NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {0};
        const struct want wants[] = {
            {"group.id", "coins"},
            {"enable.auto.commit", "false"},
            {"enable.auto.offset.store", "false"},
            {"auto.offset.reset", "smallest"}, /* librdkafka's first name of earliest */
            {"check.crcs", "true"},
            {"enable.partition.eof", "true"},
            {"partition.assignment.strategy", cases[i].assignor},
            {"group.protocol", cases[i].protocol},
        };
        check(kafka_consumer_conf(&settings, "coins", cases[i].strategy, &error), wants,
              COUNT_OF(wants));
        rd_kafka_conf_t *conf = kafka_consumer_conf(&settings, "coins", cases[i].strategy, &error);
        rd_kafka_t *client = kafka_client_create(RD_KAFKA_CONSUMER, conf, &error);
        assert_non_null(client);
        rd_kafka_destroy(client);
    }
    assert_string_equal(strategy_names[STRATEGY_STICKY], "sticky");
    assert_null(strategy_names[STRATEGY_CONSUMER + 1]);
}

static void reader_conf_plain_has_no_group_and_tells_ends(void **state)
{
    (void)state;
    struct error error = {0};
    struct kafka_settings settings = settings_with(NULL);
    static const struct want wants[] = {{"group.id", ""}, {"enable.partition.eof", "true"}};
    rd_kafka_conf_t *conf = kafka_reader_conf(&settings, NULL, &error);
    char value[8];
    size_t size = sizeof value;
    assert_int_equal(rd_kafka_conf_get(conf, "group.id", value, &size), RD_KAFKA_CONF_UNKNOWN);
    check(conf, wants + 1, 1);
}

static void conf_without_brokers_is_usage_error(void **state)
{
    (void)state;
    struct error error = {0};
    struct kafka_settings settings = {.brokers = ""};
    assert_null(kafka_producer_conf(&settings, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.text, "--brokers"));
}

#define SECRET "hunter2-secret"

static void property_refused_or_taken_as_its_rule_says(void **state)
{
    (void)state;
    static const struct {
        struct kafka_property property;
        const char *want; /* part of the error's text; NULL: taken */
    } cases[] = {
        {{"acks", "1"}, "-X acks: pinned to \"all\" because "},
        {{"acks", "all"}, "pinned"},
        {{"topic.acks", "1"}, "-X topic.acks: pinned"},
        {{"request.required.acks", "1"}, "pinned"},
        {{"enable.idempotence", "false"}, "pinned to \"true\""},
        {{"enable.gapless.guarantee", "false"}, "pinned to \"true\""},
        {{"message.timeout.ms", "1000"}, "pinned"},
        {{"delivery.timeout.ms", "1000"}, "pinned"},
        {{"topic.delivery.timeout.ms", "1000"}, "pinned"},
        {{"retries", "0"}, "pinned"},
        {{"message.send.max.retries", "0"}, "pinned"},
        {{"partitioner", "random"}, "pinned to \"murmur2_random\""},
        {{"enable.auto.commit", "true"}, "pinned"},
        {{"auto.commit.enable", "true"}, "pinned"},
        {{"topic.auto.commit.enable", "true"}, "pinned"},
        {{"enable.auto.offset.store", "true"}, "pinned"},
        {{"auto.offset.reset", "latest"}, "pinned to \"earliest\""},
        {{"topic.auto.offset.reset", "latest"}, "pinned"},
        {{"check.crcs", "false"}, "pinned"},
        {{"allow.auto.create.topics", "true"}, "pinned"},
        {{"enabled_events", "0"}, "pinned"},
        {{"log.queue", "true"}, "pinned"},
        {{"enable.partition.eof", "true"}, "pinned"},
        {{"isolation.level", "read_uncommitted"}, "pinned"},
        {{"delivery.report.only.error", "true"}, "pinned"},

        {{"bootstrap.servers", "h:1"}, "use --brokers"},
        {{"metadata.broker.list", "h:1"}, "use --brokers"},
        {{"client.id", "x"}, "use --client-id"},
        {{"group.id", "x"}, "use --group"},
        {{"partition.assignment.strategy", "range"}, "use --strategy"},
        {{"group.protocol", "consumer"}, "use --strategy"},

        {{"plugin.library.paths", SECRET}, "denied because it loads a shared library"},
        {{"ssl.engine.location", SECRET}, "denied"},
        {{"ssl.providers", SECRET}, "denied"},
        {{"interceptors", SECRET}, "denied"},
        {{"sasl.kerberos.kinit.cmd", SECRET}, "denied"},
        {{"enable.sasl.oauthbearer.unsecure.jwt", "true"}, "denied"},
        {{"transactional.id", SECRET}, "denied"},
        {{"test.mock.num.brokers", "3"}, "denied"},
        {{"enable.ssl.certificate.verification", "false"}, "only \"true\""},
        {{"enable.ssl.certificate.verification", "0"}, "only \"true\""},
        {{"enable.ssl.certificate.verification", "true"}, NULL},
        {{"ssl.endpoint.identification.algorithm", "none"}, "only \"https\""},
        {{"ssl.endpoint.identification.algorithm", " NONE"}, "only \"https\""},
        {{"ssl.endpoint.identification.algorithm", "https"}, NULL},
        {{"debug", "all"}, "log secrets"},
        {{"debug", "broker, +Security"}, "log secrets"},
        {{"debug", "conf"}, "log secrets"},
        {{"debug", "broker,topic"}, NULL},

        {{"sasl.pasword", SECRET}, "-X sasl.pasword: librdkafka"},
        {{"security.protocol", SECRET}, "-X security.protocol: not a value"},
        {{"sasl.oauthbearer.method", SECRET}, "-X sasl.oauthbearer.method: not a value"},
        {{"message.max.bytes", "5"}, "outside allowed range 1000..1000000000"},
        {{"linger.ms", SECRET}, "-X linger.ms: "},
        {{"log_cb", SECRET}, "-X log_cb: "},
        {{"sasl.password", SECRET}, NULL},
        {{"linger.ms", "0.5"}, NULL},
        {{"compression.codec", "zstd"}, NULL},
        {{"group.instance.id", "one"}, NULL},
        {{"fetch.min.bytes", "2"}, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct kafka_settings settings = settings_with(&cases[i].property);
        struct error errors[3] = {0};
        rd_kafka_conf_t *confs[] = {
            kafka_producer_conf(&settings, &errors[0]),
            kafka_consumer_conf(&settings, "g", STRATEGY_RANGE, &errors[1]),
            kafka_reader_conf(&settings, NULL, &errors[2]),
        };
        for (size_t j = 0; j < COUNT_OF(confs); j++) {
            if (cases[i].want == NULL) {
                if (confs[j] == NULL) {
                    fail_msg("%s was refused: %s", cases[i].property.key, errors[j].text);
                }
                rd_kafka_conf_destroy(confs[j]);
                continue;
            }
            if (confs[j] != NULL || strstr(errors[j].text, cases[i].want) == NULL) {
                fail_msg("%s: \"%s\", want \"%s\"", cases[i].property.key, errors[j].text,
                         cases[i].want);
            }
            assert_int_equal(errors[j].kind, ERROR_USAGE);
            assert_null(strstr(errors[j].text, SECRET));
        }
    }
}

/* What `key` is set to by a file of `mode` that holds the secret; "" and `error` when it is
 * refused. */
static void set_by_file(const char *key, mode_t mode, const char *name, char value[64],
                        struct error *error)
{
    char folder[256], path[300];
    support_make_folder(folder, sizeof folder);
    (void)snprintf(path, sizeof path, "%s/secret", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(SECRET "\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    struct kafka_property property = {key, path};
    struct kafka_settings settings = settings_with(&property);
    rd_kafka_conf_t *conf = kafka_producer_conf(&settings, error);
    size_t size = 64;
    value[0] = '\0';
    if (conf != NULL) {
        assert_int_equal(rd_kafka_conf_get(conf, name, value, &size), RD_KAFKA_CONF_OK);
        rd_kafka_conf_destroy(conf);
    }
    support_remove_folder(folder);
}

static void secret_property_comes_from_a_file_that_is_its_users_alone(void **state)
{
    (void)state;
    static const char *const keys[] = {"sasl.password", "sasl.oauthbearer.client.secret",
                                       "ssl.key.password", "ssl.keystore.password"};
    char value[64], key[64];
    struct error error = {0};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        (void)snprintf(key, sizeof key, "%s.file", keys[i]);
        set_by_file(key, 0600, keys[i], value, &error);
        assert_string_equal(value, SECRET);
    }
    set_by_file("sasl.password.file", 0644, "sasl.password", value, &error);
    assert_string_equal(value, "");
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.text, "-X sasl.password.file: the secret file "));
    assert_non_null(strstr(error.text, "chmod 600"));
    set_by_file("sasl.username.file", 0600, "sasl.username", value, &error);
    assert_non_null(strstr(error.text, "no such property"));
}

static void client_create_conflicting_properties_is_usage_error(void **state)
{
    (void)state;
    struct error error = {0};
    static const struct kafka_property property = {"session.timeout.ms", "3600000"};
    struct kafka_settings settings = settings_with(&property);
    rd_kafka_conf_t *conf = kafka_consumer_conf(&settings, "g", STRATEGY_RANGE, &error);
    assert_non_null(conf);
    assert_null(kafka_client_create(RD_KAFKA_CONSUMER, conf, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.text, "max.poll.interval.ms"));
}

/* What is not listed here is ERROR_RETRY. */
static enum error_kind want_kind(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
    case RD_KAFKA_RESP_ERR__NOOP:
        return ERROR_NONE;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR__KEY_SERIALIZATION:
    case RD_KAFKA_RESP_ERR__VALUE_SERIALIZATION:
    case RD_KAFKA_RESP_ERR__KEY_DESERIALIZATION:
    case RD_KAFKA_RESP_ERR__VALUE_DESERIALIZATION:
        return ERROR_REJECT;
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__INVALID_TYPE:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
    case RD_KAFKA_RESP_ERR__NOT_CONFIGURED:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE:
    case RD_KAFKA_RESP_ERR__READ_ONLY:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_ASSIGNOR:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_UNRELEASED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
        return ERROR_FATAL;
    default:
        return ERROR_RETRY;
    }
}

static void error_kind_every_code_has_its_outcome(void **state)
{
    (void)state;
    const struct rd_kafka_err_desc *descriptions;
    size_t count = 0, kinds[ERROR_FATAL + 1] = {0};
    rd_kafka_get_err_descs(&descriptions, &count);
    assert_true(count > 100);
    for (size_t i = 0; i < count; i++) {
        if (descriptions[i].name == NULL) {
            continue; /* a number without a code */
        }
        enum error_kind kind = kafka_error_kind(descriptions[i].code);
        if (kind != want_kind(descriptions[i].code)) {
            fail_msg("%s: %d", descriptions[i].name, (int)kind);
        }
        kinds[kind]++;
    }
    assert_int_equal(kinds[ERROR_NONE], 3);
    assert_int_equal(kinds[ERROR_REJECT], 13);
    assert_int_equal(kinds[ERROR_FATAL], 28);
    assert_int_equal(kinds[ERROR_USAGE], 0);
    assert_true(kinds[ERROR_RETRY] > 80);
    assert_int_equal(kafka_error_kind((rd_kafka_resp_err_t)30000), ERROR_RETRY);
}

static void client_errors_repeated_are_counted_and_logged_once(void **state)
{
    (void)state;
    struct error error = {0};
    struct kafka_settings settings = settings_with(NULL);
    rd_kafka_t *client =
        kafka_client_create(RD_KAFKA_PRODUCER, kafka_producer_conf(&settings, &error), &error);
    assert_non_null(client);
    struct client_errors errors = {0};
    for (int i = 0; i < 5; i++) {
        client_errors_add(&errors, client, RD_KAFKA_RESP_ERR__TRANSPORT, "away");
    }
    assert_int_equal(errors.count, 5);
    assert_int_equal(errors.unlogged, 4);
    client_errors_add(&errors, client, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "all away");
    assert_int_equal(errors.unlogged, 0);
    assert_int_equal(errors.count, 6);
    rd_kafka_destroy(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(producer_conf_plain_pins_what_promises_need),
        cmocka_unit_test(consumer_conf_each_strategy_pins_and_names_assignor),
        cmocka_unit_test(reader_conf_plain_has_no_group_and_tells_ends),
        cmocka_unit_test(conf_without_brokers_is_usage_error),
        cmocka_unit_test(property_refused_or_taken_as_its_rule_says),
        cmocka_unit_test(secret_property_comes_from_a_file_that_is_its_users_alone),
        cmocka_unit_test(client_create_conflicting_properties_is_usage_error),
        cmocka_unit_test(error_kind_every_code_has_its_outcome),
        cmocka_unit_test(client_errors_repeated_are_counted_and_logged_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
