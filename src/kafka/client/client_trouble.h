/*
 * Why the brokers do not answer a client. librdkafka's calls only return "timed out" or "transport
 * failure". The reason (an unresolvable name, a refused connection, TLS, a wrong password) and the
 * broker's address as the client knows it are only in librdkafka's log. This module keeps them, for
 * the error of the call that finally fails.
 */
#ifndef CANDLEWICK_KAFKA_CLIENT_CLIENT_TROUBLE_H
#define CANDLEWICK_KAFKA_CLIENT_CLIENT_TROUBLE_H

#include <pthread.h>
#include <stdbool.h>

#include <librdkafka/rdkafka.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct client_trouble {
    pthread_mutex_t lock; /* protects `text`, which librdkafka's threads write */
    char text[400]; /* the newest reason, "" if none: "HOST:PORT/bootstrap: …" for an address of
                       --brokers, "HOST:PORT/3: …" for the address that broker 3 advertises */
};

/* Makes each client of `conf` copy the reasons of its failures from its log to `trouble`. `trouble`
 * becomes the opaque of `conf` and must outlive the client. The lines are logged as before. */
void client_trouble_watch(rd_kafka_conf_t *conf, struct client_trouble *trouble);

/* Copies the reason from a line of librdkafka's log, if the line reports a broker's failure. May be
 * called on any thread. */
void client_trouble_keep(struct client_trouble *trouble, const char *facility, const char *line);

/* Fills in `error` with "WHAT: WHY". If `code` only means that no broker could be asked, WHY is the
 * newest kept reason, and error->remedy is the remedy for it; otherwise WHY is the text of `code`.
 * The error's kind is that of `code`. With `trouble` NULL there is no kept reason. Returns
 * false. */
PRINTF_LIKE(4, 5)
bool client_trouble_explain(struct client_trouble *trouble, rd_kafka_resp_err_t code,
                            struct error *error, const char *what, ...);

/* Does the same for a request that any broker can answer: "WHAT: no answer from the brokers within
 * 8 s: WHY". */
bool client_trouble_unanswered(struct client_trouble *trouble, rd_kafka_resp_err_t code,
                               int timeout_ms, const char *what, struct error *error);

/* Returns the trouble of a client of kafka_reader_conf(); NULL if it was created without one. */
struct client_trouble *client_trouble_of(const rd_kafka_t *client);

#endif
