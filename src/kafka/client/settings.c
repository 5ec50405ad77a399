#include "kafka/client/settings.h"

#include "base/crypto_start.h"
#include "kafka/client/client_log.h"
#include "kafka/client/client_trouble.h"
#include "kafka/client/connect.h"
#include "kafka/client/properties.h"

const char *const strategy_names[] = {"range", "roundrobin", "sticky", "consumer", NULL};

struct setting {
    const char *key;
    const char *value;
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const struct setting common_settings[] = {
    {"socket.keepalive.enable", "true"},
    /* The client gives up a frozen broker after 20 s instead of the default of 60 s. */
    {"socket.timeout.ms", "20000"},
    {"socket.connection.setup.timeout.ms", "10000"},
    {"reconnect.backoff.ms", "100"},
    {"reconnect.backoff.max.ms", "2000"},
    /* The client learns of new partitions and leaders within 10 s. */
    {"topic.metadata.refresh.interval.ms", "10000"},
    {"allow.auto.create.topics", "false"},
    {"enable.metrics.push", "false"},
};

static const struct setting producer_settings[] = {
    {"enable.idempotence", "true"},
    /* When librdkafka cannot deliver a batch, it must not send the following ones past it. With
     * this setting it ends the client with a fatal error instead, and the producer sends everything
     * again in order. */
    {"enable.gapless.guarantee", "true"},
    {"acks", "all"},
    {"message.timeout.ms", "0"},
    {"partitioner", "murmur2_random"},
    {"compression.codec", "lz4"},
    /* Full batches cost the brokers least; a linger.ms of 5 would cost them half as much again. */
    {"linger.ms", "20"},
    /* When this much waits to be sent, producer_send() blocks (back-pressure). */
    {"queue.buffering.max.messages", "200000"},
    {"queue.buffering.max.kbytes", "65536"},
};

/* queued.max.messages.kbytes counts only the messages' own bytes. With what librdkafka adds, even a
 * short message takes about 350 bytes, so a member with full queues needs tens of megabytes.
 * fetch.queue.backoff.ms is short, so that the queue is refilled before it is empty; with the
 * default of 1 s, a member that catches up would stall again and again. */
static const struct setting reading_settings[] = {
    {"enable.auto.commit", "false"},       {"enable.auto.offset.store", "false"},
    {"auto.offset.reset", "earliest"},     {"check.crcs", "true"},
    {"queued.min.messages", "10000"},      {"queued.max.messages.kbytes", "16384"},
    {"fetch.message.max.bytes", "524288"}, {"fetch.queue.backoff.ms", "5"},
    {"enable.partition.eof", "true"},      {"isolation.level", "read_committed"},
};

static bool set(rd_kafka_conf_t *conf, const char *key, const char *value, struct error *error)
{
    char words[200];
    if (rd_kafka_conf_set(conf, key, value, words, sizeof words) != RD_KAFKA_CONF_OK) {
        return error_set(error, ERROR_FATAL, "librdkafka %s does not take %s=%s: %s",
                         rd_kafka_version_str(), key, value, words);
    }
    return true;
}

static bool set_all(rd_kafka_conf_t *conf, const struct setting *settings, size_t count,
                    struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!set(conf, settings[i].key, settings[i].value, error)) {
            return false;
        }
    }
    return true;
}

/* Missing addresses are the user's mistake, so that is ERROR_USAGE. */
static bool set_brokers(rd_kafka_conf_t *conf, const char *brokers, struct error *error)
{
    if (brokers == NULL || *brokers == '\0') {
        return error_set(error, ERROR_USAGE, "no Kafka brokers: name them with --brokers");
    }
    return set(conf, "bootstrap.servers", brokers, error);
}

static bool set_common(rd_kafka_conf_t *conf, const struct kafka_settings *settings,
                       struct error *error)
{
    rd_kafka_conf_set_log_cb(conf, client_log_write);
    rd_kafka_conf_set_error_cb(conf, client_log_error);
    rd_kafka_conf_set_connect_cb(conf, connect_to_another);
    const char *id = settings->client_id;
    return set_brokers(conf, settings->brokers, error) &&
           set(conf, "client.id", id != NULL && *id != '\0' ? id : "candlewick", error) &&
           set_all(conf, common_settings, COUNT_OF(common_settings), error);
}

rd_kafka_conf_t *kafka_producer_conf(const struct kafka_settings *settings, struct error *error)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (set_common(conf, settings, error) &&
        set_all(conf, producer_settings, COUNT_OF(producer_settings), error) &&
        properties_apply(conf, settings, error)) {
        return conf;
    }
    rd_kafka_conf_destroy(conf);
    return NULL;
}

static bool set_strategy(rd_kafka_conf_t *conf, enum strategy strategy, struct error *error)
{
    /* KIP-848: the brokers assign the partitions and set the session time-out. */
    if (strategy == STRATEGY_CONSUMER) {
        return set(conf, "group.protocol", "consumer", error);
    }
    static const char *const assignors[] = {
        [STRATEGY_RANGE] = "range",
        [STRATEGY_ROUNDROBIN] = "roundrobin",
        [STRATEGY_STICKY] = "cooperative-sticky",
    };
    /* After a member has died, nobody reads its partitions for this time. 10 s is no risk for a
     * busy member, because a separate thread sends the heartbeats. */
    return set(conf, "partition.assignment.strategy", assignors[strategy], error) &&
           set(conf, "session.timeout.ms", "10000", error);
}

rd_kafka_conf_t *kafka_consumer_conf(const struct kafka_settings *settings, const char *group,
                                     enum strategy strategy, struct error *error)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (set_common(conf, settings, error) &&
        set_all(conf, reading_settings, COUNT_OF(reading_settings), error) &&
        set(conf, "group.id", group, error) && set_strategy(conf, strategy, error) &&
        properties_apply(conf, settings, error)) {
        return conf;
    }
    rd_kafka_conf_destroy(conf);
    return NULL;
}

rd_kafka_conf_t *kafka_reader_conf(const struct kafka_settings *settings,
                                   struct client_trouble *trouble, struct error *error)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (set_common(conf, settings, error) &&
        set_all(conf, reading_settings, COUNT_OF(reading_settings), error) &&
        /* Limits for the prefetched messages of each partition, in case the reader is slow. */
        set(conf, "queued.max.messages.kbytes", "8192", error) &&
        set(conf, "queued.min.messages", "10000", error) &&
        properties_apply(conf, settings, error)) {
        if (trouble != NULL) {
            client_trouble_watch(conf, trouble);
        }
        return conf;
    }
    rd_kafka_conf_destroy(conf);
    return NULL;
}

rd_kafka_t *kafka_client_create(rd_kafka_type_t type, rd_kafka_conf_t *conf, struct error *error)
{
    char words[200] = "";
    crypto_start();
    rd_kafka_t *client = rd_kafka_new(type, conf, words, sizeof words);
    if (client == NULL) {
        enum error_kind kind = rd_kafka_last_error() == RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE
                                   ? ERROR_FATAL
                                   : ERROR_USAGE;
        rd_kafka_conf_destroy(conf);
        (void)error_set(error, kind, "Kafka client: %s", words);
    }
    return client;
}
