/*
 * Requests a topic's id from the cluster. The id changes when a topic is deleted and created again
 * under the same name (KIP-516); nothing else distinguishes the two.
 */
#ifndef CANDLEWICK_KAFKA_ADMIN_TOPIC_ID_H
#define CANDLEWICK_KAFKA_ADMIN_TOPIC_ID_H

#include "kafka/client/commit_metadata.h"
#include "kafka/client/settings.h"

enum topic_id_state_kind {
    TOPIC_ID_UNKNOWN,     /* no answer, or the brokers do not agree (yet) */
    TOPIC_ID_KNOWN,       /* the topic exists and `id` is its id */
    TOPIC_ID_NO_TOPIC,    /* there is no such topic */
    TOPIC_ID_UNSUPPORTED, /* the topic exists, but these brokers have no topic ids (Kafka
                             before 2.8) */
};

struct topic_id_state {
    enum topic_id_state_kind kind;
    struct topic_id id;
    int partitions;   /* of the topic; 0: not known */
    char reason[200]; /* why, for TOPIC_ID_UNKNOWN and TOPIC_ID_NO_TOPIC */
};

enum { TOPIC_ID_TIMEOUT_MS = 2000 };

/* Requests the id with any kind of client; blocks for at most about `timeout_ms`. Asks every broker
 * that leads a partition (at most 64); the result is an id only if all agree. So a message that is
 * fetched later belongs to this topic or to a newer one. */
struct topic_id_state topic_id_ask(rd_kafka_t *client, const char *topic, int timeout_ms);

/* Compares two answers, for readers that need several requests. Returns false with ERROR_RETRY, and
 * a text that says so, if the topic's id has changed from `was` to `is`. An unknown id does not
 * count as a change. */
NODISCARD bool topic_id_same(const char *topic, const struct topic_id *was,
                             const struct topic_id *is, struct error *error);

#endif
