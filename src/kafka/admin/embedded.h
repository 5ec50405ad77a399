/*
 * librdkafka's in-process cluster: three brokers on 127.0.0.1, reachable from other processes. Its
 * log lives in memory, keeps 5 MiB a partition, and ends with the process.
 */
#ifndef CANDLEWICK_KAFKA_ADMIN_EMBEDDED_H
#define CANDLEWICK_KAFKA_ADMIN_EMBEDDED_H

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "kafka/admin/topics.h"

struct embedded_kafka;

/* Listens when it returns, on ports of the system's choice. Blocks for some ms. */
NODISCARD struct embedded_kafka *embedded_kafka_create(int brokers, struct error *error);
void embedded_kafka_destroy(
    struct embedded_kafka *kafka); /* NULL is allowed; destroy all clients first */

/* "127.0.0.1:41235,…"; borrowed, lives as long as the cluster. */
const char *embedded_kafka_brokers(const struct embedded_kafka *kafka);
/* Its admin API does not create topics: this does. Retention and min ISR mean nothing here. A topic
 * that exists is no error. ERROR_FATAL: no partitions, or fewer brokers than replicas. */
NODISCARD bool embedded_kafka_create_topic(struct embedded_kafka *kafka,
                                           const struct topic_spec *spec, struct error *error);
/* For tests: faults are injected with rdkafka_mock.h. */
rd_kafka_mock_cluster_t *embedded_kafka_mock(struct embedded_kafka *kafka);

#endif
