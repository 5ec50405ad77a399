/*
 * The inside of a producer. At any moment each record is in exactly one place: in librdkafka, in
 * `waiting`, in `failed_records`, or with the thread that reports it. There is no table of all
 * records, so senders do not contend for a lock.
 *
 * Normally senders pass records to librdkafka themselves (`direct`). If a delivery fails for a
 * temporary reason, or the client is dead, the producer's thread stops that: it collects all
 * records that are not acknowledged, sorts them into their order and passes them to librdkafka
 * again, followed by the records that senders have added meanwhile.
 */
#ifndef CANDLEWICK_KAFKA_PRODUCER_PRODUCER_INTERNAL_H
#define CANDLEWICK_KAFKA_PRODUCER_PRODUCER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/backoff.h"
#include "kafka/client/client_log.h"
#include "kafka/producer/producer_record.h"

enum { PRODUCER_TOPICS_MAX = 64 };
struct topic_handle {
    char *name;
    rd_kafka_topic_t *handle; /* belongs to the current client */
};

enum stage {
    STAGE_DIRECT, /* normal: senders pass records to librdkafka */
    STAGE_DRAIN,  /* waiting until librdkafka has returned all records */
    STAGE_SEND,   /* passing records to librdkafka again, not before `resume_ns` */
};

struct producer {
    struct producer_config config; /* config.kafka must not be used after producer_create(),
                                      because it borrows its texts from the caller */
    rd_kafka_conf_t *conf;         /* each new client gets a copy */
    int64_t limit_records, limit_bytes;
    struct record_pool pool;

    /* Senders hold this lock for reading. The producer's thread takes it for writing when it
     * replaces the four members below, and reads them without it. A sender takes it for writing to
     * add a topic (so topic_count never includes an incomplete entry) or to set `direct` to
     * false. */
    pthread_rwlock_t gate;
    atomic_bool direct;
    rd_kafka_t *client;
    struct topic_handle topics[PRODUCER_TOPICS_MAX]; /* [0, topic_count) */
    size_t topic_count;

    pthread_mutex_t lock;   /* protects the five members below */
    pthread_cond_t changed; /* signalled after each event from librdkafka */
    struct record_list waiting;
    char reason[ERROR_REASON_SIZE]; /* "" if healthy */
    struct round_trips round_trips;
    int waiters;

    atomic_uint_fast64_t next_seq;
    atomic_int_fast64_t sent, sent_bytes;
    atomic_int_fast64_t acknowledged, failed, done_bytes;
    atomic_int_fast64_t recreated;

    /* Used on the producer's thread, except for `ending`, which producer_destroy sets. */
    pthread_t thread;
    atomic_bool ending;
    rd_kafka_queue_t *events;
    enum stage stage;
    bool fatal;             /* the current client has had a fatal error */
    bool refused_alone;     /* since the last recovery, a suspect was sent alone and refused, and
                               its failure was reported */
    bool alone;             /* a suspect was sent alone: nothing else is sent until its delivery
                               report */
    int64_t stage_ns;       /* when the stage began */
    int64_t purged_ns;      /* when the records in librdkafka were last purged */
    int64_t resume_ns;      /* no record is passed to librdkafka before this time */
    int64_t progress_ns;    /* when something was last acknowledged, or nothing was queued */
    struct backoff backoff; /* between recoveries; reset once the producer has settled */
    struct record_list failed_records; /* returned by librdkafka, to be sent again */
    struct client_errors errors;
    char trouble[200]; /* the newest error of a single broker, and when it occurred */
    int64_t trouble_ns;
    bool unhealthy; /* `reason` is not "" */
};

/* In producer_client.c: the librdkafka client and its topics. The caller holds `gate` for writing,
 * or the thread has not started yet. */
NODISCARD bool producer_open_client(struct producer *producer, struct error *error);
void producer_close_client(struct producer *producer);
NODISCARD bool producer_add_topic(struct producer *producer, const char *name, struct error *error);

/* In producer_recovery.c: for the producer's thread only, except producer_enqueue(). */
void producer_begin_recovery(struct producer *producer, bool fatal);
void producer_recover(struct producer *producer);
/* Appends a record to `waiting`. The caller holds `gate`, and `direct` is false. */
void producer_enqueue(struct producer *producer, struct record *record);

/* producer_delivery.c */
void *producer_thread(void *producer);
/* Ends the unhealthy state: an acknowledgement arrived, and no record has to be sent again. */
void producer_settled(struct producer *producer);
void producer_set_reason(struct producer *producer, const char *text);
/* Reports to on_delivery that the record is given up, and frees the record. */
void producer_give_up(struct producer *producer, struct record *record, enum error_kind kind,
                      const char *why);
void producer_wake_waiters(struct producer *producer);
int64_t producer_queued(const struct producer *producer);

#endif
