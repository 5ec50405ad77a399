/*
 * Why the brokers do not answer a client. librdkafka's calls say no more than "timed out" or
 * "transport failure"; the reason (a name that cannot be resolved, a refused connection, TLS, a
 * wrong password), with the broker's address as the client knows it, stands in its log alone. Here
 * it is kept for the call that gives up.
 */
#ifndef CANDLEWICK_KAFKA_CLIENT_CLIENT_TROUBLE_H
#define CANDLEWICK_KAFKA_CLIENT_CLIENT_TROUBLE_H

#include <pthread.h>
#include <stdbool.h>

#include <librdkafka/rdkafka.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

struct client_trouble {
    pthread_mutex_t lock; /* protects `text`: librdkafka's threads write it */
    char text[400]; /* "" or "HOST:PORT/bootstrap: …" of what --brokers names, "HOST:PORT/3: …"
                       of the address that the brokers give for broker 3 */
};

/* Has the reasons of a client of `conf` kept in `trouble`, which becomes the conf's opaque and has
 * to outlive the client. What is logged stays the same. */
void client_trouble_watch(rd_kafka_conf_t *conf, struct client_trouble *trouble);

/* Keeps a line of librdkafka's log if it tells that a broker failed. Any thread. */
void client_trouble_keep(struct client_trouble *trouble, const char *facility, const char *line);

/* Fills `error` with "WHAT: WHY". WHY is the newest reason that is kept where `code` says no more
 * than that no broker could be asked, and error->remedy fits it; else it is what `code` says. The
 * kind is that of `code`. `trouble` NULL: nothing is kept. Returns false. */
PRINTF_LIKE(4, 5)
bool client_trouble_tell(struct client_trouble *trouble, rd_kafka_resp_err_t code,
                         struct error *error, const char *what, ...);

/* The same for a question that any broker answers: "WHAT: no answer from the brokers within 8 s:
 * WHY". */
bool client_trouble_unanswered(struct client_trouble *trouble, rd_kafka_resp_err_t code,
                               int timeout_ms, const char *what, struct error *error);

/* What a client of kafka_reader_conf keeps; NULL where it was told to keep nothing. */
struct client_trouble *client_trouble_of(const rd_kafka_t *client);

#endif
