/*
 * How long brokers take to answer, as librdkafka measures it: from a request's sending to its
 * response, all kinds of requests together. A consumer's fetches wait at the broker for messages,
 * up to fetch.wait.max.ms (0.5 s), and count in full; so an idle consumer's figures are about that.
 */
#ifndef CANDLEWICK_KAFKA_CLIENT_ROUND_TRIPS_H
#define CANDLEWICK_KAFKA_CLIENT_ROUND_TRIPS_H

#include <librdkafka/rdkafka.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

enum { ROUND_TRIPS_BROKERS = 32 };

struct broker_round_trips {
    int32_t broker;          /* node id */
    int64_t requests;        /* answered, since the client began */
    int64_t sum_us;          /* of all of them */
    int64_t newest_requests; /* answered in the newest interval; 0: the two below say nothing */
    int64_t p50_us, p99_us;  /* of that interval */
};
/* All zero at first. The first so many brokers that were seen. */
struct round_trips {
    struct broker_round_trips brokers[ROUND_TRIPS_BROKERS];
    size_t count;
};

/* Has the client tell its statistics every 5 s, unless its properties say how often. */
NODISCARD bool round_trips_ask(rd_kafka_conf_t *conf, struct error *error);

/* Takes one interval's statistics in: the JSON that librdkafka made. False: it is not that, nothing
 * was changed. */
bool round_trips_read(struct round_trips *trips, const char *json, size_t length);

#endif
