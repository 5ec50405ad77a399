/*
 * librdkafka configuration: what the promises pin, what the options choose, and what `-X` passes
 * on.
 */
#ifndef CANDLEWICK_KAFKA_CLIENT_SETTINGS_H
#define CANDLEWICK_KAFKA_CLIENT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <librdkafka/rdkafka.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

enum strategy { STRATEGY_RANGE, STRATEGY_ROUNDROBIN, STRATEGY_STICKY, STRATEGY_CONSUMER };
extern const char
    *const strategy_names[]; /* "range", "roundrobin", "sticky", "consumer"; ends with NULL */

/* One `-X key=value`. */
struct kafka_property {
    const char *key;
    const char *value;
};

struct kafka_settings {
    const char *brokers;
    const char *client_id;
    const struct kafka_property *properties; /* borrowed */
    size_t property_count;
};

/* Each gives a configuration that is the caller's (rd_kafka_conf_destroy, or taken over by
 * rd_kafka_new), or NULL: ERROR_USAGE for a property that is unknown, out of range, pinned (acks,
 * enable.idempotence, enable.auto.commit, enable.auto.offset.store, auto.offset.reset, partitioner,
 * …: named with the reason) or denied for safety (plugin.library.paths, …). The value of a property
 * is never in the text, nor logged: it may be a secret. librdkafka's log goes to ours; its errors
 * too, unless the caller sets an error_cb. */
NODISCARD rd_kafka_conf_t *kafka_producer_conf(const struct kafka_settings *settings,
                                               struct error *error);
/* Consumers and readers are told the end of a partition (RD_KAFKA_RESP_ERR__PARTITION_EOF), and
 * read only what is committed: the end is that of the last stable offset. */
NODISCARD rd_kafka_conf_t *kafka_consumer_conf(const struct kafka_settings *settings,
                                               const char *group, enum strategy strategy,
                                               struct error *error);
/* For readers outside a group (tail, status, the page): no group, no commit. Their client keeps in
 * `trouble` why brokers do not answer (kafka/client/client_trouble.h); NULL: nobody will ask. */
struct client_trouble;
NODISCARD rd_kafka_conf_t *kafka_reader_conf(const struct kafka_settings *settings,
                                             struct client_trouble *trouble, struct error *error);

/* rd_kafka_new. Takes `conf` over, whatever comes of it. NULL: ERROR_USAGE for properties that do
 * not go together (in librdkafka's words), ERROR_FATAL when the system has no threads left. */
NODISCARD rd_kafka_t *kafka_client_create(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                                          struct error *error);

/* What a Kafka error asks for: RETRY, REJECT (this message), FATAL. Every code has an outcome; one
 * that is not known yet is RETRY, so that nothing is lost by it. RETRY too: failed authentication
 * and authorization, since an operator can mend both while we wait and say why. */
enum error_kind kafka_error_kind(rd_kafka_resp_err_t code);

#endif
