/*
 * How long brokers take to answer, as librdkafka measures it: from sending a request to its
 * response, for all kinds of requests together. A fetch waits at the broker for messages, up to
 * fetch.wait.max.ms (0.5 s), and this time is included; so an idle consumer shows about that time.
 */
#ifndef CANDLEWICK_KAFKA_CLIENT_ROUND_TRIPS_H
#define CANDLEWICK_KAFKA_CLIENT_ROUND_TRIPS_H

#include <librdkafka/rdkafka.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

enum { ROUND_TRIPS_BROKERS = 32 };

struct broker_round_trips {
    int32_t broker;          /* its node id */
    int64_t requests;        /* number of requests answered since the client was created */
    int64_t sum_us;          /* sum over all of them */
    int64_t newest_requests; /* requests answered in the newest interval; if 0, the percentiles
                                below are not valid */
    int64_t p50_us, p99_us;  /* percentiles of the newest interval */
};
/* Round trips of the first ROUND_TRIPS_BROKERS brokers that were seen. All zero initially. */
struct round_trips {
    struct broker_round_trips brokers[ROUND_TRIPS_BROKERS];
    size_t count;
};

/* Makes the client report statistics every 5 s, unless its properties set another interval. */
NODISCARD bool round_trips_ask(rd_kafka_conf_t *conf, struct error *error);

/* Adds the statistics of one interval, in librdkafka's JSON. Returns false, and changes nothing,
 * for any other text. */
bool round_trips_read(struct round_trips *trips, const char *json, size_t length);

#endif
