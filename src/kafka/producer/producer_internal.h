/*
 * The producer's inside. A record is at every moment in exactly one place: with librdkafka, in
 * `waiting`, or being told by the thread. Nothing else remembers it, so that sending takes no lock
 * that another sender wants.
 *
 * Normally senders hand records to librdkafka themselves ("direct"). When a delivery fails for a
 * reason that may pass, or the client is dead, the thread ends that: it takes back all that is not
 * acknowledged, puts it in order, and feeds it again, behind it what senders bring meanwhile.
 */
#ifndef CANDLEWICK_KAFKA_PRODUCER_PRODUCER_INTERNAL_H
#define CANDLEWICK_KAFKA_PRODUCER_PRODUCER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/backoff.h"
#include "kafka/client/client_log.h"
#include "kafka/producer/producer_record.h"

struct topic_handle {
    char *name;
    rd_kafka_topic_t *handle; /* of the client there is now */
};

enum stage {
    STAGE_DIRECT, /* all is well */
    STAGE_DRAIN,  /* waiting until librdkafka has given everything back */
    STAGE_FEED,   /* handing it over again, from `resume_ns` on */
};

struct producer {
    struct producer_config config; /* kafka is not used after create: its text is borrowed */
    rd_kafka_conf_t *conf;         /* each new client gets a copy */
    int64_t limit_records, limit_bytes;
    struct record_pool pool;

    /* Read: to send. Write: to change the four that follow (the thread, their only other user,
     * reads them without). */
    pthread_rwlock_t gate;
    atomic_bool direct;
    rd_kafka_t *client;
    struct topic_handle *topics;
    size_t topic_count;

    pthread_mutex_t lock;   /* of the five that follow */
    pthread_cond_t changed; /* something was acknowledged, given up, or the thread ended */
    struct record_list waiting;
    char reason[256]; /* "": healthy */
    struct round_trips round_trips;
    int waiters;

    atomic_uint_fast64_t next_seq;
    atomic_int_fast64_t sent, sent_bytes;
    atomic_int_fast64_t acknowledged, failed, done_bytes;
    atomic_int_fast64_t recreated;

    /* The thread's own. */
    pthread_t thread;
    atomic_bool ending;
    rd_kafka_queue_t *events;
    enum stage stage;
    bool fatal;             /* this client is dead */
    bool alone;             /* a suspect is on its way: nothing else until it is judged */
    int64_t stage_ns;       /* when the stage began */
    int64_t purged_ns;      /* the last purge while draining */
    int64_t resume_ns;      /* no feeding before it */
    int64_t progress_ns;    /* the last acknowledgement, or when nothing was queued */
    struct backoff backoff; /* between two recoveries without an acknowledgement */
    struct record_list failed_records; /* given back by librdkafka, to be sent again */
    struct client_errors errors;
    char trouble[200]; /* the last error of one broker, and when */
    int64_t trouble_ns;
    bool unhealthy; /* reason is not "" */
};

/* producer_client.c: the librdkafka client and its topics. With `gate` held for writing, or before
 * the thread starts. */
NODISCARD bool producer_open_client(struct producer *producer, struct error *error);
void producer_close_client(struct producer *producer);
NODISCARD bool producer_add_topic(struct producer *producer, const char *name, struct error *error);

/* producer_recovery.c: on the thread. */
void producer_begin_recovery(struct producer *producer, bool fatal);
void producer_recover(struct producer *producer);
/* Puts a record behind those that wait. `gate` held, and not direct. */
void producer_enqueue(struct producer *producer, struct record *record);

/* producer_delivery.c */
void *producer_thread(void *producer);
/* An acknowledgement came, and nothing is to be sent again. */
void producer_settled(struct producer *producer);
void producer_set_reason(struct producer *producer, const char *text);
/* Tells the caller that the record is given up, and frees it. */
void producer_give_up(struct producer *producer, struct record *record, enum error_kind kind,
                      const char *why);
void producer_wake_waiters(struct producer *producer);
int64_t producer_queued(const struct producer *producer);

#endif
