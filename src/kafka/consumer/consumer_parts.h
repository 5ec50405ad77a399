/*
 * The inside of a consumer. Its parts, in the order in which a message passes them:
 *
 *   consumer_poll.c    runs the poll thread: its loop and its end
 *   consumer_client.c  creates the Kafka client; a new one when the topic was created again
 *   rebalance.c        serves assignments and revokes, on the poll thread
 *   topic_change.c     decides to which topic offsets belong, on the poll thread
 *   intake.c           puts messages into the open batch, on the poll thread
 *   pausing.c          decides which partitions are paused, on the poll thread
 *   writers.c          writes closed batches to the store, on writer threads
 *   dead_letters.c     sends messages that can never be records, on its own thread
 *   commit.c           commits finished offsets, on the poll thread
 *   consumer_events.c  handles librdkafka's errors and statistics, on the poll thread
 *   consumer_stats.c   returns figures and health, on any thread
 *   measures.c         measures durations, on any thread
 *
 * Lock order: the lock of the dead letters is taken before the consumer's.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_CONSUMER_PARTS_H
#define CANDLEWICK_KAFKA_CONSUMER_CONSUMER_PARTS_H

#include <pthread.h>

#include "base/backoff.h"
#include "base/stop.h"
#include "kafka/admin/topic_watch.h"
#include "kafka/client/client_log.h"
#include "kafka/consumer/commit_queue.h"
#include "kafka/consumer/consumer.h"
#include "kafka/consumer/dead_letters.h"
#include "kafka/consumer/held_messages.h"

enum {
    POLL_MESSAGES = 1000, /* limit for the messages that one call reads from librdkafka */
    POLL_WAIT_MS = 50,    /* how long such a call waits for messages */
    QUIET_MS = 20,        /* if no message arrived for this long, all that were sent together are
                             here */
    /* How long to wait before partitions pause, for a store that is a little slower than the log,
     * or for a schema. A pause is expensive: it discards what librdkafka has prefetched, and after
     * a resume the next fetch can take up to a second. This wait is far below every time-out. */
    BEFORE_PAUSE_MS = 250,
    /* A partition that waits for a schema pauses only after this many further messages (or one
     * batch's bytes) were read, so that the schemas which these need are fetched meanwhile. */
    LOOK_AHEAD_MESSAGES = 2000,
};

/* A partition's state on the poll thread. */
struct intake_partition {
    bool owned;
    bool paused;       /* what librdkafka was last asked for */
    bool wants_schema; /* its oldest held message waits for a schema */
    bool gap_logged;   /* a gap was logged; only the first one of an assignment is */
    bool at_end;       /* the commit queue knows that the partition was read up to the log's end */
    bool damaged;      /* the message after the newest good one could not be read; librdkafka
                          skips it, and the next offset is unknown until the next message arrives */
    uint64_t epoch;    /* equals the epoch of the partition's mark */
    int64_t expected;  /* offset of the next message; NO_OFFSET if unknown */
    int64_t end;       /* the partition's end, which can be committed once all held messages are
                          in batches; NO_OFFSET if there is none to commit */
    int64_t ask_at_ns; /* when to try to decode the held message again */
    int64_t waits_at;  /* offset of the message that waits for its schema, or that was the last
                          one to wait */
    int64_t waits_since_ns;    /* since when the message at waits_at waits; at first it is
                                  retried more often */
    struct held_messages held; /* messages from librdkafka that are not yet in a batch */
};

/* The state of the intake for all streams. Used on the poll thread only. */
struct intake {
    size_t held_count;       /* held messages of all partitions */
    int64_t newest_ns;       /* when the newest message arrived */
    bool failed;             /* consumer_fail() was called: no more messages are accepted */
    bool schema_noted;       /* obstacles.schema is set */
    int64_t schema_since_ns; /* when schema_noted became true */
    rd_kafka_message_t *messages[POLL_MESSAGES];
};

/* What the consumer knows about one of its streams. */
struct consumer_stream {
    int number;                 /* its index in the configuration */
    const struct stream *named; /* its kind and topics; borrowed from the consumer's copy */

    /* Used on the poll thread only. */
    struct intake_partition *partitions; /* indexed by partition number */
    size_t partition_count;
    struct batch *open;             /* NULL if no message has arrived since the last batch was
                                       closed */
    int64_t consumed, gap_messages; /* counted since the last call of add_figures() */
    int64_t dead_lettered;          /* how many of `consumed` became dead letters */
    bool letter_noted;              /* `letter` is set */
    struct topic_watch *watch;      /* other threads read its answer, too */
    struct topic_id topic_id;       /* the first id that was known after the client was created */
    struct topic_id counted_id;     /* the newest id that figures.topics_made_again counts */
    int64_t doubted_ns;             /* when topic_change_ask() or topic_change_doubt() last
                                       requested the id */
    bool no_id_logged, unlabelled_logged;
    bool trouble_noted;    /* `trouble` is set */
    int64_t full_since_ns; /* since when the queue has had no room for its full batch; 0 if it has
                              room */
    bool paused;           /* all its partitions are paused because the queue stayed full */
    int64_t commit_not_before_ns; /* no commit before this time; set after a failure */

    /* Under the consumer's lock. */
    bool wake_when_half; /* the stream is paused: wake the poll thread when half of the queue is
                            free */
    struct batch *spare; /* list of empty batches for reuse */
    size_t spare_count;  /* and their number */
    int64_t messages_read, messages_dead_lettered; /* how many messages of the stream were read,
                                                      and how many of them became dead letters */
    char letter[256];        /* kind and reason of the first message that became a dead letter;
                                "" if there is none */
    char commit[256];        /* why the stream's newest commit failed; "" if it succeeded */
    int64_t commit_since_ns; /* since when the stream's commits have failed */
    char trouble[256]; /* the newest error of the topic; it is cleared when messages of the topic
                          arrive or its partitions are assigned; "" if there is none */
};

/* An event that the rebalance callback has noted for rebalance_serve(); events are served in
 * order. */
struct rebalance {
    struct rebalance *next;
    bool assign;
    bool lost;
    int64_t notified_ns;
    rd_kafka_topic_partition_list_t *partitions;
};

/* The metadata to commit beside a partition's offsets during an epoch. */
struct epoch_label {
    struct commit_metadata metadata;
    bool uncommitted; /* the committed offset does not have this metadata yet, so commit it once
                  with the metadata */
};

/* The commit in flight; there is at most one. It is sent as one request for each stream, because
 * librdkafka reports every offset of a request as failed when the brokers refuse one of them (as
 * for a topic that was deleted). Used on the poll thread only. */
struct commit {
    rd_kafka_queue_t *replies;
    struct commit_item *items; /* offsets of the commit in flight, or of the last one */
    size_t count, capacity;
    int under_way; /* requests that have no reply yet */
    int64_t sent_ns;
};

struct writer {
    struct consumer *consumer;
    int number;
    pthread_t thread;
    struct backoff backoff;
    struct rejected_list rejected;
    int64_t check_at_ns; /* when to check the store if there is no batch to write; used on this
                           writer's thread only */

    int64_t call_since_ns; /* protected by the lock; start of the write in progress; 0 if none */
    char failure[256];     /* protected by the lock; why its batch is not written yet, or why the
                              last check of the store failed; "" if neither */
};

/* Reasons why the member may be unhealthy; the consumer's lock protects them. */
struct obstacles {
    bool assigned; /* the member has an assignment, even an empty one */
    int64_t unassigned_since_ns;
    bool brokers_down;
    char kafka[256];  /* newest error of the client; "" if none */
    bool kafka_lasts; /* the error came in place of a message, so it is cleared only when
                         messages arrive or partitions are assigned */
    int64_t kafka_since_ns;
    char schema[256]; /* why a message waits for its schema; "" if none does */
    int64_t schema_since_ns;
    char fatal[256];     /* why the member cannot continue; "" if it can */
    int64_t progress_ns; /* when a batch was last finished, or was queued while no other one
                            waited to be written */
};

struct consumer {
    struct consumer_config config; /* its texts are copies that the members below own */
    char *brokers, *client_id;
    struct stream named[STREAMS_MAX];
    struct consumer_stream streams[STREAMS_MAX]; /* the first config.stream_count are used */
    int drain_ms;                                /* limit for the drain of a revoke: at most half
                                                    of max.poll.interval.ms */
    int answer_ms; /* limit for a coordinator's answer in a rebalance: at most an eighth of
                      max.poll.interval.ms */
    int join_ms;   /* limit for the answer to JoinGroup, which waits for the other members */

    rd_kafka_conf_t *conf;        /* configuration of every client that this member creates */
    pthread_rwlock_t client_lock; /* The poll thread takes it for writing to replace `client`;
                                     other threads take it for reading to use the client. A
                                     thread that holds it may also take `lock` */
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;   /* the member's queue of messages and callbacks; other threads use it
                                  under `lock` */
    rd_kafka_queue_t *closing; /* receives the callbacks while the member leaves */
    struct dead_letters *letters;
    struct stop *write_stop; /* requested when the final drain is over; from the configuration,
                                or created by the consumer */
    bool owns_write_stop;
    pthread_t poll_thread;
    bool poll_started;
    struct writer *writers; /* an array of config.writers */
    int writers_started;

    /* Used on the poll thread only. */
    struct intake intake;
    struct rebalance *rebalances;
    int64_t rebalancing_since_ns; /* 0 if no rebalance is in progress */
    struct commit commit;
    struct client_errors errors;
    bool kafka_noted;         /* obstacles.kafka is set */
    bool drained;             /* the final drain is over */
    bool leaving;             /* leaving the group has begun */
    int32_t generation;       /* at the client's last assignment; -1: not known */
    bool left;                /* librdkafka has the answer to the revoke that leaving causes */
    bool renewing;            /* the member leaves in order to join with a new client, without a
                                 drain or a commit */
    int64_t joining_since_ns; /* since when JoinGroup has had no answer; 0 if none is awaited */
    int64_t renew_at_ns;      /* when to replace a client that cannot go on; 0 if it can */
    struct backoff renewals;  /* backoff before such a replacement; reset by an assignment */
    int unassigned_clients;   /* how many clients in a row ended before they had an assignment */

    int64_t committed_at_ns; /* when to request again the committed offsets for which an
                                assignment waits */

    pthread_mutex_t lock;    /* protects all members below */
    pthread_cond_t work;     /* signalled to writers: a batch is queued, or they are to retry now */
    pthread_cond_t progress; /* signalled to the poll thread: a batch was written or left the
                                queue */
    struct commit_queue commit_queue;
    bool stopping;        /* consumer_destroy() was called */
    bool abandoned;       /* the final drain is over, or the store accepts nothing from this
                             program any more: writers drop their batches */
    int64_t drain_end_ns; /* if `stopping`: deadline of the drain */
    int64_t end_ns;       /* if `stopping`: deadline for everything up to leaving the group */
    unsigned retry_calls; /* counts the calls of writers_retry_now(): a writer that waits for a
                             retry wakes when it changes */
    struct obstacles obstacles;
    struct consumer_stats figures;     /* counters only; consumer_stats() computes the rest */
    struct consumer_measures measures; /* all measures except the last two members, which
                                          consumer_measure() fills in */
};

/* Returns the stream of that topic; NULL if the member reads no such topic. Any thread. */
struct consumer_stream *consumer_stream_of(struct consumer *consumer, const char *topic);

/* consumer_poll.c */
void *consumer_poll_main(void *consumer);
bool consumer_stopping(struct consumer *consumer);
/* Returns the time in `wait_ms` from now, or the deadline of consumer_destroy() if that is
 * sooner. */
int64_t consumer_deadline_ns(struct consumer *consumer, int wait_ms);
/* Marks the member as unable to continue: it accepts no more messages, but loses none. Call it on
 * the poll thread. */
void consumer_fail(struct consumer *consumer, const char *reason);
/* Notes and logs why the member cannot continue. For any thread that does not hold the lock. */
void consumer_note_failure(struct consumer *consumer, const char *reason);

/* Leaves the group. Blocks until that is done, at most for drain_timeout_ms. Call it on the poll
 * thread. */
void consumer_leave(struct consumer *consumer);

/* consumer_client.c */

/* Creates the client and subscribes. Fails like consumer_create. */
NODISCARD bool consumer_client_create(struct consumer *consumer,
                                      const struct consumer_config *config, struct error *error);
/* Destroys the client. If that takes longer than until half a second after `end_ns` (monotonic),
 * the rest continues in the background. The caller must have destroyed all messages of this
 * client. */
void consumer_client_end(struct consumer *consumer, int64_t end_ns);
/* Releases all partitions without a drain, leaves the group and joins it with a new client. That is
 * needed after a fatal error of the client, when a coordinator does not answer JoinGroup, and after
 * a topic was deleted and created again: librdkafka keeps the old topic's leader epochs and may
 * never accept the leaders of the new one. If no new client can be created, the old one stays and
 * consumer_fail() is called. Call it on the poll thread. */
void consumer_renew(struct consumer *consumer);
/* Replaces a client that cannot go on, once renew_at_ns has passed. Call it on the poll thread. */
void consumer_renew_failed(struct consumer *consumer, int64_t now_ns);

/* topic_change.c: call all of these on the poll thread. */

/* Requests the ids of the partitions' topics. Does not block. */
void topic_change_ask(struct consumer *consumer, const rd_kafka_topic_partition_list_t *partitions);
/* Requests the id of the stream's topic, but at most twice a second. Call it when something
 * suggests that the topic was deleted and created again. */
void topic_change_doubt(struct consumer_stream *stream);
/* Compares committed offsets and their metadata with the current ids of their topics, and fills in
 * a label for each partition. If a partition's offset belongs to a former topic of that name, the
 * partition is read from the log's start. Waits for the answers to topic_change_ask(), for a
 * bounded time. */
void topic_change_place(struct consumer *consumer, rd_kafka_topic_partition_list_t *partitions,
                        struct epoch_label *labels);
/* Checks whether a topic was deleted and created again. If so, drops the old topic's messages and
 * joins the group again. What was read of other streams and not committed is read again, too. */
void topic_change_tend(struct consumer *consumer);

/* intake.c: call all of these on the poll thread. */

/* Adds the message to its stream's open batch, or to its partition's held messages; owns it from
 * here on. `stream` is NULL for an error that concerns no topic. The end of a partition
 * (RD_KAFKA_RESP_ERR__PARTITION_EOF) is not an error: it is noted, so that it can be committed. */
void intake_message(struct consumer *consumer, struct consumer_stream *stream,
                    rd_kafka_message_t *message, int64_t now_ns);
/* Moves held messages into batches, as far as schemas and the queue's room allow. */
void intake_held(struct consumer *consumer, int64_t now_ns);
/* Returns whether a message has waited for its schema for less than BEFORE_PAUSE_MS. */
bool intake_waits_for_schema(const struct consumer *consumer, int64_t now_ns);
/* Closes each open batch that is old enough or cannot gain by waiting; updates the figures. */
void intake_tend(struct consumer *consumer, int64_t now_ns);
/* Closes all open batches, even if the queue is full, because a drain needs it. A stream that
 * already has twice queue_batches in the queue keeps its open batch, which is then not
 * committed. */
void intake_close_batches(struct consumer *consumer);
/* Starts to accept messages of the partition; `committed` is as for commit_queue_assign(). Returns
 * false if out of memory. */
NODISCARD bool intake_assign(struct consumer *consumer, struct stream_partition where,
                             uint64_t epoch, int64_t committed);
/* Stops accepting messages of the partition and drops the held ones: the partition's next owner
 * reads them again. */
void intake_release(struct consumer *consumer, struct stream_partition where);
/* Drops each open batch of which the member owns no partition any more. The caller holds the
 * lock. */
void intake_drop_stale(struct consumer *consumer);
void intake_free(struct consumer_stream *stream);

/* pausing.c */

/* Decides which streams pause, and which partitions pause because they wait for a schema; asks
 * librdkafka to pause or resume the partitions for which that has changed. Call it on the poll
 * thread. */
void pausing_tend(struct consumer *consumer, int64_t now_ns);
/* Returns whether half of the queue is free for the stream. Any thread; the caller holds the
 * lock. */
bool pausing_may_resume(const struct consumer *consumer, const struct consumer_stream *stream);

/* rebalance.c: call all of these on the poll thread. */
void rebalance_callback(rd_kafka_t *client, rd_kafka_resp_err_t code,
                        rd_kafka_topic_partition_list_t *partitions, void *consumer);
/* Serves the events that the callback noted. For a revoke it blocks for the drain and the commit,
 * for an assignment until the committed offsets and the topics' ids are known. If the coordinator
 * does not return the offsets, it returns after each try and has to be called again. */
void rebalance_serve(struct consumer *consumer);
/* Releases all partitions that the member still owns, without a commit. */
void rebalance_give_up(struct consumer *consumer);
void rebalance_free(struct consumer *consumer);

/* writers.c */
NODISCARD bool writers_start(struct consumer *consumer, struct error *error);
/* Wakes writers that wait for a retry, so that they retry now. */
void writers_retry_now(struct consumer *consumer);
/* Waits until the writers have ended; `abandoned` must be set before. */
void writers_join(struct consumer *consumer);
/* Removes finished batches from the queue, as far as each stream's order allows. The caller holds
 * the lock. */
void writers_advance(struct consumer *consumer);
/* Called by dead_letters when a dead letter of the batch is acknowledged. */
void writers_letter_acknowledged(void *consumer, struct batch *batch, enum dead_letter_kind kind);

/* measures.c */
void measures_init(struct consumer_measures *measures, const struct stream *streams, size_t count);
/* Returns the ages at `now_ms` (wall clock) of the batch's records, without the rejected ones. */
struct histogram measures_ages(const struct batch *batch, const struct rejected_list *rejected,
                               int64_t now_ms);
/* Adds the measurements of a batch's records that the store has had since `now_ms` (wall clock),
 * which is all but the rejected ones. The caller does not hold the lock. */
void measures_stored(struct consumer *consumer, const struct batch *batch,
                     const struct rejected_list *rejected, int64_t now_ms);
/* These functions note the begin (if none is in progress) and the end of a rebalance. Call them on
 * the poll thread. */
void measures_rebalance_begins(struct consumer *consumer, int64_t notified_ns);
void measures_rebalance_ends(struct consumer *consumer);

/* commit.c: call all of these on the poll thread. */

/* Handles replies and sends the next commit when it is due. */
void commit_serve(struct consumer *consumer, int64_t now_ns);
/* Commits everything that is finished, and waits for the replies until the deadline. */
void commit_finish(struct consumer *consumer, int64_t deadline_ns);
/* Called after the stream's topic was deleted and created again with the id `now`: commits offset 0
 * for each owned partition, and the finished offsets of the other streams. The metadata contains
 * how many messages of former topics were committed, because the brokers delete that number with
 * the old offsets. Open and queued batches of the old topic can no longer be committed. Waits as
 * commit_finish() does. */
void commit_beginnings(struct consumer *consumer, int stream, const struct topic_id *now,
                       int64_t deadline_ns);

/* consumer_events.c: librdkafka's other callbacks, called on the poll thread. */
void consumer_error_callback(rd_kafka_t *client, int code, const char *reason, void *consumer);
int consumer_stats_callback(rd_kafka_t *client, char *json, size_t length, void *consumer);
/* Handles a message whose `err` is set; `stream` is NULL if its topic is not one of the
 * member's. */
void consumer_message_error(struct consumer *consumer, struct consumer_stream *stream,
                            const rd_kafka_message_t *message);

#endif
