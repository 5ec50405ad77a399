/*
 * Asking a cluster for a topic's id. The id changes when a topic is deleted and made again under
 * the same name (KIP-516); nothing else tells the two apart.
 */
#ifndef CANDLEWICK_KAFKA_ADMIN_TOPIC_ID_H
#define CANDLEWICK_KAFKA_ADMIN_TOPIC_ID_H

#include "kafka/client/commit_metadata.h"
#include "kafka/client/settings.h"

enum topic_sight_kind {
    SIGHT_NONE,  /* no answer, or brokers that do not agree (yet) */
    SIGHT_ID,    /* the topic is there */
    SIGHT_AWAY,  /* there is no such topic */
    SIGHT_NO_ID, /* it is there; these brokers give topics no id (Kafka before 2.8) */
};

struct topic_sight {
    enum topic_sight_kind kind;
    struct topic_id id;
    char reason[200]; /* of SIGHT_NONE and SIGHT_AWAY */
};

enum { TOPIC_ID_TIMEOUT_MS = 2000 };

/* Asks with any kind of client; blocks for at most about `timeout_ms`. Every broker that leads a
 * partition is asked, and all must agree: a message that is fetched later is of this topic, or of a
 * newer one. */
struct topic_sight topic_id_ask(rd_kafka_t *client, const char *topic, int timeout_ms);

/* For who reads a topic in several steps. False with ERROR_RETRY, which says so, when `is` is
 * another one than `was`; what is not known is no other one. */
NODISCARD bool topic_id_same(const char *topic, const struct topic_id *was,
                             const struct topic_id *is, struct error *error);

#endif
