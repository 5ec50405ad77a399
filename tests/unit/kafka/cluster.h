/* A three-broker in-process cluster with one topic, for the tests of this folder. */
#ifndef CANDLEWICK_TESTS_KAFKA_CLUSTER_H
#define CANDLEWICK_TESTS_KAFKA_CLUSTER_H

#include <string.h>

#include "cmocka_all.h"
#include "kafka/admin/embedded.h"
#include "side_by_side.h"
#include "support.h"

enum { CLUSTER_PARTITIONS = 4 };
#define CLUSTER_TOPIC "tickers"

/* ProduceRequest, in Kafka's protocol. */
enum { API_PRODUCE = 0 };

struct cluster {
    struct embedded_kafka *kafka;
    struct kafka_settings settings;
};

static inline void cluster_add_topic(struct cluster *cluster, const char *name, int partitions)
{
    struct error error = {0};
    struct topic_spec spec = {.name = name, .partitions = partitions, .replication = 3};
    if (!embedded_kafka_create_topic(cluster->kafka, &spec, &error)) {
        fail_msg("%s", error.text);
    }
}

static inline struct cluster cluster_start(void)
{
    struct error error = {0};
    struct cluster cluster = {.kafka = embedded_kafka_create(3, &error)};
    if (cluster.kafka == NULL) {
        fail_msg("%s", error.text);
    }
    cluster.settings.brokers = embedded_kafka_brokers(cluster.kafka);
    cluster.settings.client_id = "test";
    cluster_add_topic(&cluster, CLUSTER_TOPIC, CLUSTER_PARTITIONS);
    return cluster;
}

static inline void cluster_stop(struct cluster *cluster)
{
    embedded_kafka_destroy(cluster->kafka);
}

static inline rd_kafka_mock_cluster_t *cluster_mock(struct cluster *cluster)
{
    return embedded_kafka_mock(cluster->kafka);
}

#endif
