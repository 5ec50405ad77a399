#include "kafka/admin/embedded.h"

#include <stdlib.h>

#include "kafka/client/client_log.h"

/* How long a new group waits for more members before its first rebalance. Both members of a demo
 * join within this time; the default of 3 s would delay the first candle. */
enum { GROUP_DELAY_MS = 300 };

struct embedded_kafka {
    rd_kafka_t *client; /* the mock cluster needs a client to run in; this one connects to no
                           broker */
    rd_kafka_mock_cluster_t *cluster;
    int brokers;
};

static rd_kafka_t *create_host(struct error *error)
{
    char words[200];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, client_log_write);
    /* Log only warnings and worse: this client would log all the time that it has no brokers. */
    if (rd_kafka_conf_set(conf, "log_level", "4", words, sizeof words) != RD_KAFKA_CONF_OK ||
        rd_kafka_conf_set(conf, "client.id", "embedded", words, sizeof words) != RD_KAFKA_CONF_OK) {
        rd_kafka_conf_destroy(conf);
        (void)error_set(error, ERROR_FATAL, "embedded Kafka: %s", words);
        return NULL;
    }
    return kafka_client_create(RD_KAFKA_PRODUCER, conf, error);
}

struct embedded_kafka *embedded_kafka_create(int brokers, struct error *error)
{
    struct embedded_kafka *kafka = calloc(1, sizeof *kafka);
    if (kafka == NULL) {
        (void)error_set(error, ERROR_FATAL, "embedded Kafka: out of memory");
        return NULL;
    }
    kafka->brokers = brokers;
    kafka->client = create_host(error);
    if (kafka->client == NULL) {
        goto fail;
    }
    kafka->cluster = rd_kafka_mock_cluster_new(kafka->client, brokers);
    if (kafka->cluster == NULL) {
        (void)error_set(error, ERROR_FATAL, "embedded Kafka: %d brokers cannot listen on 127.0.0.1",
                        brokers);
        goto fail;
    }
    rd_kafka_mock_group_initial_rebalance_delay_ms(kafka->cluster, GROUP_DELAY_MS);
    return kafka;
fail:
    embedded_kafka_destroy(kafka);
    return NULL;
}

void embedded_kafka_destroy(struct embedded_kafka *kafka)
{
    if (kafka == NULL) {
        return;
    }
    if (kafka->cluster != NULL) {
        rd_kafka_mock_cluster_destroy(kafka->cluster);
    }
    if (kafka->client != NULL) {
        rd_kafka_destroy(kafka->client);
    }
    free(kafka);
}

const char *embedded_kafka_brokers(const struct embedded_kafka *kafka)
{
    return rd_kafka_mock_cluster_bootstraps(kafka->cluster);
}

bool embedded_kafka_create_topic(struct embedded_kafka *kafka, const struct topic_spec *spec,
                                 struct error *error)
{
    /* Check these numbers here, because the mock cluster does not. */
    if (spec->partitions < 1 || spec->replication < 1 || spec->replication > kafka->brokers) {
        return error_set(error, ERROR_FATAL,
                         "topic %.100s with %d partitions of %d replicas: the embedded Kafka has "
                         "%d brokers; see --topic-replication",
                         spec->name, spec->partitions, spec->replication, kafka->brokers);
    }
    rd_kafka_resp_err_t code =
        rd_kafka_mock_topic_create(kafka->cluster, spec->name, spec->partitions, spec->replication);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
        return error_set(error, ERROR_FATAL, "topic %.100s in the embedded Kafka: %s", spec->name,
                         rd_kafka_err2str(code));
    }
    return true;
}

rd_kafka_mock_cluster_t *embedded_kafka_mock(struct embedded_kafka *kafka)
{
    return kafka->cluster;
}
