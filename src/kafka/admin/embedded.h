/*
 * librdkafka's in-process mock cluster: its brokers listen on 127.0.0.1, and other processes can
 * reach them. Its log is in memory, at most 5 MiB for each partition, and ends with the process.
 */
#ifndef CANDLEWICK_KAFKA_ADMIN_EMBEDDED_H
#define CANDLEWICK_KAFKA_ADMIN_EMBEDDED_H

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "kafka/admin/topics.h"

struct embedded_kafka;

/* Starts the cluster; when it returns, the brokers listen on ports that the system chose. Blocks
 * for some ms. */
NODISCARD struct embedded_kafka *embedded_kafka_create(int brokers, struct error *error);
void embedded_kafka_destroy(
    struct embedded_kafka *kafka); /* NULL is allowed; destroy all its clients first */

/* Returns the brokers, e.g. "127.0.0.1:41235,…"; borrowed, valid as long as the cluster. */
const char *embedded_kafka_brokers(const struct embedded_kafka *kafka);
/* Creates a topic; the cluster's admin API cannot. Retention and min ISR are ignored. It is no
 * error if the topic exists. Fails with ERROR_FATAL if there are no partitions, or fewer brokers
 * than replicas. */
NODISCARD bool embedded_kafka_create_topic(struct embedded_kafka *kafka,
                                           const struct topic_spec *spec, struct error *error);
/* Returns the mock cluster, for tests that inject faults with rdkafka_mock.h. */
rd_kafka_mock_cluster_t *embedded_kafka_mock(struct embedded_kafka *kafka);

#endif
