/*
 * The producing side, joined: source -> poller -> Avro -> producer. Start-up (topics, schema, the
 * log's tail) happens on a thread of its own and is tried again until it works or the stop is
 * requested. After that the thread looks every now and then whether another producer sends the same
 * coins.
 */
#ifndef CANDLEWICK_PIPELINE_FEED_H
#define CANDLEWICK_PIPELINE_FEED_H

#include "kafka/admin/topics.h"
#include "kafka/producer/producer.h"
#include "registry/client/client.h"
#include "source/poller.h"

struct feed;
struct flow;

struct feed_config {
    struct kafka_settings kafka;
    struct topic_spec topics[2];      /* the ticks' and the dead letters'; made if missing */
    bool topics_exist;                /* the caller made them (embedded cluster) */
    struct registry_client *registry; /* borrowed */
    struct poller_config poller;      /* sink, stop and on_end are the feed's to fill */
    bool read_tail;                   /* before the first tick: ticks are stamped here */
    bool watch_overlap;               /* looks for other producers of the same coins */
    struct flow *flow;                /* borrowed; NULL: bounded by the producer's queue alone */
    void (*on_end)(void *context);    /* the source is used up, or failed; on a feed thread */
    void *on_end_context;
    struct stop *stop; /* borrowed */
};

struct feed_stats {
    struct poller_stats poller;
    struct producer_stats producer;
    char waiting_for[256]; /* "" once ticks flow */
    const char *client_id; /* as configured; borrowed */
    bool failed;           /* it will never come: start-up, or the source, is beyond repair */
    size_t overlap_coins;  /* coins that an earlier producer sends at the same time, */
    char overlap[256];     /* and what to do about it; "" */
};

/* Takes over `source`, also on failure (then it is destroyed). */
NODISCARD struct feed *feed_create(const struct feed_config *config, struct source *source,
                                   struct error *error);

void feed_stats(struct feed *feed, struct feed_stats *stats);

/* Ends the polling (request the stop first), flushes for at most `flush_ms`, frees. NULL is
 * allowed. `stats`, when not NULL, gets the final figures. */
void feed_destroy(struct feed *feed, int flush_ms, struct feed_stats *stats);

#endif
