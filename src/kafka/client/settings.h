/*
 * librdkafka's configuration: the settings that a promise fixes, those that options choose, and
 * those of `-X`.
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

/* These functions return a configuration that the caller owns (rd_kafka_conf_destroy();
 * rd_kafka_new() takes it over). They return NULL with ERROR_USAGE for a property that is unknown,
 * out of range, pinned (acks, enable.idempotence, enable.auto.commit, enable.auto.offset.store,
 * auto.offset.reset, partitioner, …) or denied for safety (plugin.library.paths, …); error->text
 * says why. It never contains a property's value, unless that is a number, because the value may be
 * a secret; nor is the value logged. librdkafka's log lines are written to this program's log; its
 * errors too, unless the caller sets an error_cb. */
NODISCARD rd_kafka_conf_t *kafka_producer_conf(const struct kafka_settings *settings,
                                               struct error *error);
/* Consumers and readers learn of a partition's end (RD_KAFKA_RESP_ERR__PARTITION_EOF), and read
 * only committed transactions; so the end is the last stable offset. */
NODISCARD rd_kafka_conf_t *kafka_consumer_conf(const struct kafka_settings *settings,
                                               const char *group, enum strategy strategy,
                                               struct error *error);
/* For readers without a group (tail, status, the page), which commit nothing. Their client keeps in
 * `trouble` why brokers do not answer (kafka/client/client_trouble.h); NULL if the reason is not
 * needed. */
struct client_trouble;
NODISCARD rd_kafka_conf_t *kafka_reader_conf(const struct kafka_settings *settings,
                                             struct client_trouble *trouble, struct error *error);

/* Calls rd_kafka_new(); owns `conf` in any case. Returns NULL with ERROR_USAGE for properties that
 * contradict each other (with librdkafka's text), and with ERROR_FATAL if the system has no threads
 * left. */
NODISCARD rd_kafka_t *kafka_client_create(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                                          struct error *error);

/* Returns what to do about a Kafka error: RETRY, REJECT (this message) or FATAL. A code that is not
 * listed is RETRY, so that nothing is lost because of it. Failed authentication and authorization
 * are RETRY, too: an operator can mend them while the program waits and reports the reason. */
enum error_kind kafka_error_kind(rd_kafka_resp_err_t code);

#endif
