/* Creates topics with their settings if they are missing; never changes an existing one. */
#ifndef CANDLEWICK_KAFKA_ADMIN_TOPICS_H
#define CANDLEWICK_KAFKA_ADMIN_TOPICS_H

#include "base/text/str.h"
#include "kafka/client/settings.h"

struct topic_spec {
    const char *name;
    int partitions;       /* --topic-partitions, by default 6 */
    int replication;      /* --topic-replication, by default 3; creation fails with ERROR_FATAL
                             if there are fewer brokers */
    int min_insync;       /* --topic-min-isr, by default 2 */
    int64_t retention_ms; /* below 0: unlimited */
};

/* What topics_ensure() found or did. All zero initially. */
enum topic_presence {
    TOPIC_UNKNOWN, /* it is unknown whether the topic exists, or it could not be created */
    TOPIC_TOO_FEW, /* the cluster has fewer brokers than the topic needs replicas; more may still be
                      starting */
    TOPIC_THERE,   /* it existed before */
    TOPIC_MADE,    /* created by this call, or by an earlier one with the same state */
};
struct topic_state {
    enum topic_presence presence;
    int partitions, replication; /* of an existing topic (TOPIC_THERE) */
};

/* Kafka's rule for names (org.apache.kafka.common.internals.Topic): 1 to 249 letters, digits, '.',
 * '_' and '-', but neither "." nor "..". */
enum { TOPIC_NAME_MAX = 249 };
bool topic_name_valid(struct str name);
/* Checks a name by this rule. Returns false with ERROR_USAGE. */
NODISCARD bool topic_name_check(const char *name, struct error *error);

/* Creates those of at most 16 topics that are missing, and waits until they accept messages and
 * all brokers know them (for the latter at most 3 s: topics_known.h). Logs a topic that exists with
 * other settings, but does not change it. If there are too few brokers for
 * the replicas, waits up to 10 s, because brokers may be starting, and then fails with ERROR_FATAL.
 * Blocks for at most about `timeout_ms`. Fails with ERROR_RETRY if the brokers do not answer, and
 * with ERROR_USAGE for a min_insync above the number of replicas or an invalid name. `states` has
 * one item for each topic and may be NULL. If a call failed, pass its states to the next call,
 * which then continues its work. The mock cluster cannot create topics this way (ERROR_RETRY after
 * the whole time): use embedded_kafka_create_topic(). */
NODISCARD bool topics_ensure(const struct kafka_settings *settings, const struct topic_spec *specs,
                             size_t count, int timeout_ms, struct topic_state *states,
                             struct error *error);

/* Returns the metadata of one topic with at least one partition, and of all brokers; free it with
 * rd_kafka_metadata_destroy(). Returns NULL with the errors of topic_partitions(). Both functions
 * need a client of kafka_reader_conf(). */
NODISCARD const struct rd_kafka_metadata *topic_metadata(rd_kafka_t *client, const char *topic,
                                                         int timeout_ms, struct error *error);

/* Returns the number of a topic's partitions; 0 with ERROR_REJECT if there is no such topic. The
 * request does not create the topic. */
NODISCARD int topic_partitions(rd_kafka_t *client, const char *topic, int timeout_ms,
                               struct error *error);

#endif
