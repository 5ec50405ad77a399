/*
 * Whether all brokers know topics that were created a moment ago (topics_ensure() waits for it).
 * The broker that created a topic knows it first; the others learn of it from the controller, a
 * moment later. A member of a group that asks one of those joins without the topic, and joins again
 * when its next look at the metadata (topic.metadata.refresh.interval.ms) finds it: one more
 * rebalance, seconds later.
 */
#ifndef CANDLEWICK_KAFKA_ADMIN_TOPICS_KNOWN_H
#define CANDLEWICK_KAFKA_ADMIN_TOPICS_KNOWN_H

#include "kafka/client/settings.h"

enum { TOPICS_KNOWN_MAX = 64 };

/* Waits until each broker of the cluster knows each of the topics (at most TOPICS_KNOWN_MAX), with
 * a leader for each partition. Blocks for at most about `timeout_ms`. `client` is of any kind.
 * Returns false with ERROR_RETRY if a broker does not know one of them by then, or does not answer.
 */
NODISCARD bool topics_known_by_all(rd_kafka_t *client, const char *const *names, size_t count,
                                   int timeout_ms, struct error *error);

#endif
