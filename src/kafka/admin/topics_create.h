/* Sends CreateTopics requests of the admin API. */
#ifndef CANDLEWICK_KAFKA_ADMIN_TOPICS_CREATE_H
#define CANDLEWICK_KAFKA_ADMIN_TOPICS_CREATE_H

#include "kafka/admin/topics.h"

/* Creates the topics; one that exists by now is no error. Fails with ERROR_FATAL if the cluster
 * refuses (a policy, or too few brokers for the replicas: then `*too_few` is true), with
 * ERROR_RETRY if no controller answers within `timeout_ms`. */
NODISCARD bool topics_create(rd_kafka_t *client, const struct topic_spec *specs, size_t count,
                             int timeout_ms, bool *too_few, struct error *error);

#endif
