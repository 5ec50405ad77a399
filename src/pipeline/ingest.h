/*
 * The producing side of one source: source -> poller -> Avro -> producer. Start-up (topics,
 * schemas, what the log has) runs on its own thread and is retried until it succeeds or the stop is
 * requested. After that the thread regularly checks whether another producer sends the same coins.
 */
#ifndef CANDLEWICK_PIPELINE_INGEST_H
#define CANDLEWICK_PIPELINE_INGEST_H

#include "kafka/admin/topics.h"
#include "kafka/producer/producer.h"
#include "registry/client/client.h"
#include "source/poller.h"

struct ingest;
struct send_window;

/* Where the records of one kind are sent. */
struct ingest_stream {
    const struct record_kind *kind;
    struct topic_spec topics[2];      /* for records and for dead letters; created if missing */
    struct registry_client *registry; /* borrowed; reads the kind */
    struct send_window *send_window;  /* borrowed; NULL: only the producer's queue keeps it from
                                         outrunning the members */
};

enum { INGEST_STREAMS_MAX = 2 };

enum ingest_tail {
    INGEST_NO_TAIL,
    INGEST_TRIES_TAIL, /* only shows which coins have a live source: if it cannot be read, the
                          start goes on */
    INGEST_NEEDS_TAIL, /* records are stamped here, or the source is to be told */
    INGEST_NEEDS_ALL,  /* the source is to be told of all that the topic has (`told_all`) */
};

struct ingest_config {
    struct kafka_settings kafka;
    /* First that of the source's main kind; then that of the events, if the source writes them. */
    struct ingest_stream streams[INGEST_STREAMS_MAX];
    size_t stream_count;
    bool topics_exist;             /* the caller has created them (embedded cluster) */
    struct poller_config poller;   /* the ingest sets its sink, settle, stop and on_end */
    enum ingest_tail tail;         /* of the log, read before the first record */
    bool watch_overlap;            /* check for other producers of the same coins */
    void (*on_end)(void *context); /* called on one of the ingest's threads when the source has
                                      ended, or the ingest has failed */
    void *on_end_context;
    struct stop *stop; /* borrowed */
};

/* Messages of one kind of records. */
struct ingest_counts {
    int64_t sent; /* taken by the Kafka client */
    int64_t acknowledged;
    int64_t undelivered; /* given up, because Kafka can never take them */
};

struct ingest_stats {
    const struct record_kind *kind; /* the source's main one */
    const char *source;             /* its name; borrowed from the ingest or, after its end, from
                                       the source's code */
    struct poller_stats poller;
    struct producer_stats producer;
    struct ingest_counts records, events; /* of the producer's messages: those of the main kind, and
                                             the events */
    char waiting_for[ERROR_REASON_SIZE];  /* what start-up waits for; "" once it is done */
    const char *client_id;                /* as configured; borrowed */
    bool failed;          /* start-up or the source failed for good; no more ticks will follow */
    size_t overlap_coins; /* number of coins that an earlier producer sends at the same time */
    char overlap[ERROR_REASON_SIZE]; /* what to do about those coins; "" if there are none */
};

/* Owns `source` from here on; on failure it is destroyed. */
NODISCARD struct ingest *ingest_create(const struct ingest_config *config, struct source *source,
                                       struct error *error);

void ingest_stats(struct ingest *ingest, struct ingest_stats *stats);

/* Waits for the threads' end (request the stop before), flushes for at most `flush_ms` and frees
 * the ingest. NULL is allowed. Fills in `stats`, unless NULL, with the final figures. */
void ingest_destroy(struct ingest *ingest, int flush_ms, struct ingest_stats *stats);

#endif
