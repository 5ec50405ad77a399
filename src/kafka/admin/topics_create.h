/* CreateTopics by the admin API. */
#ifndef CANDLEWICK_KAFKA_ADMIN_TOPICS_CREATE_H
#define CANDLEWICK_KAFKA_ADMIN_TOPICS_CREATE_H

#include "kafka/admin/topics.h"

/* One that exists by now is no error. ERROR_FATAL for what the cluster refuses (too few brokers for
 * the replicas, then `*too_few` is true too; a policy), ERROR_RETRY when no controller answers
 * within `timeout_ms`. */
NODISCARD bool topics_create(rd_kafka_t *client, const struct topic_spec *specs, size_t count,
                             int timeout_ms, bool *too_few, struct error *error);

#endif
