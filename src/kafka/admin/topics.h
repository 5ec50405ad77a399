/* Topics: made with their settings if missing, never changed. */
#ifndef CANDLEWICK_KAFKA_ADMIN_TOPICS_H
#define CANDLEWICK_KAFKA_ADMIN_TOPICS_H

#include "base/text/str.h"
#include "kafka/client/settings.h"

struct topic_spec {
    const char *name;
    int partitions;       /* 6 */
    int replication;      /* 3; a cluster with fewer brokers: ERROR_FATAL that says so */
    int min_insync;       /* 2 */
    int64_t retention_ms; /* < 0: for ever */
};

/* What topics_ensure() found or did. All zero at first. */
enum topic_presence {
    TOPIC_UNKNOWN, /* nobody could tell, or it could not be made */
    TOPIC_TOO_FEW, /* the cluster has fewer brokers than it needs replicas: maybe not yet more */
    TOPIC_THERE,   /* it was there before */
    TOPIC_MADE,    /* by this call, or by an earlier one with the same state */
};
struct topic_state {
    enum topic_presence presence;
    int partitions, replication; /* TOPIC_THERE: what it has */
};

/* Kafka's rule (org.apache.kafka.common.internals.Topic): 1 to 249 letters, digits, '.', '_' and
 * '-'; not "." nor "..". */
enum { TOPIC_NAME_MAX = 249 };
bool topic_name_valid(struct str name);
/* The same. False: ERROR_USAGE. */
NODISCARD bool topic_name_check(const char *name, struct error *error);

/* Creates those of at most 16 that are missing, by the admin API, and waits until they take
 * messages. One that exists otherwise is logged and left alone. Too few brokers for the replicas
 * are waited for up to 10 s (they may be starting), then ERROR_FATAL. Blocks for at most about
 * `timeout_ms`. ERROR_RETRY: brokers away. ERROR_USAGE: more min.insync than replicas, a bad name.
 * `states`, one for each topic, may be NULL; with those of a failed call the next one goes on.
 * The in-process cluster creates none (ERROR_RETRY after the whole time):
 * embedded_kafka_create_topic does. */
NODISCARD bool topics_ensure(const struct kafka_settings *settings, const struct topic_spec *specs,
                             size_t count, int timeout_ms, struct topic_state *states,
                             struct error *error);

/* Both ask with a client of kafka_reader_conf.
 * One topic's metadata, to be given to rd_kafka_metadata_destroy: one topic, at least one
 * partition, and all brokers. NULL with the errors of topic_partitions. */
NODISCARD const struct rd_kafka_metadata *topic_metadata(rd_kafka_t *client, const char *topic,
                                                         int timeout_ms, struct error *error);

/* Partitions of a topic; 0 with ERROR_REJECT when there is no such topic
 * (it is not created by asking). */
NODISCARD int topic_partitions(rd_kafka_t *client, const char *topic, int timeout_ms,
                               struct error *error);

#endif
