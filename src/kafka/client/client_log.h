/* What librdkafka says of itself, in our log. */
#ifndef CANDLEWICK_KAFKA_CLIENT_CLIENT_LOG_H
#define CANDLEWICK_KAFKA_CLIENT_CLIENT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <librdkafka/rdkafka.h>

/* For rd_kafka_conf_set_log_cb: one event `kafka` a line, syslog's levels as ours. Any thread. */
void client_log_write(const rd_kafka_t *client, int level, const char *facility, const char *text);

/* For rd_kafka_conf_set_error_cb, where the caller keeps no account of errors: logs them, but for
 * those that client_log_write got already. */
void client_log_error(rd_kafka_t *client, int code, const char *reason, void *opaque);

/* Whether it says no more than that one broker is away: the others go on, or its partitions move.
 * librdkafka logs these by itself; that all are away is another error. */
bool client_error_is_one_brokers(rd_kafka_resp_err_t code);

/* The errors of one client: all are counted, and one is logged when it is another than the last or
 * 10 s after it. A value, zero at first; one thread at a time (that of error_cb). */
struct client_errors {
    int64_t count;
    int64_t unlogged; /* since the last logged one */
    int64_t logged_ns;
    rd_kafka_resp_err_t last;
};
void client_errors_add(struct client_errors *errors, const rd_kafka_t *client,
                       rd_kafka_resp_err_t code, const char *reason);

#endif
