/* Writes librdkafka's log lines and errors to this program's log. */
#ifndef CANDLEWICK_KAFKA_CLIENT_CLIENT_LOG_H
#define CANDLEWICK_KAFKA_CLIENT_CLIENT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <librdkafka/rdkafka.h>

/* A callback for rd_kafka_conf_set_log_cb(): writes one event `kafka` for each line, with the level
 * that corresponds to the syslog level. Any thread. */
void client_log_write(const rd_kafka_t *client, int level, const char *facility, const char *text);

/* A callback for rd_kafka_conf_set_error_cb, for clients without client_errors: logs errors, except
 * those that librdkafka logs itself. */
void client_log_error(rd_kafka_t *client, int code, const char *reason, void *opaque);

/* Returns whether the error only means that one broker is unreachable. The client then continues
 * with the other brokers, or the partitions move to them. librdkafka logs these errors itself, and
 * reports a different one if all brokers are unreachable. */
bool client_error_is_one_brokers(rd_kafka_resp_err_t code);

/* Counts the errors of one client. Logs an error if it differs from the last one, or comes at least
 * 10 s after it. All zero initially. Use it on one thread at a time (that of error_cb). */
struct client_errors {
    int64_t count;
    int64_t unlogged; /* errors since the last logged one */
    int64_t logged_ns;
    rd_kafka_resp_err_t last;
};
void client_errors_add(struct client_errors *errors, const rd_kafka_t *client,
                       rd_kafka_resp_err_t code, const char *reason);

#endif
