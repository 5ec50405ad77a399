/*
 * The inside of a consumer. Its parts, in the order of the data:
 *
 *   consumer_poll.c    the poll thread's loop and its end
 *   consumer_client.c  the member's Kafka client; a new one when the topic was made again
 *   rebalance.c        assignments and revokes, on the poll thread
 *   topic_change.c     which topic offsets belong to, on the poll thread
 *   intake.c           messages into the open batch, on the poll thread
 *   pausing.c          which partitions are paused, on the poll thread
 *   writers.c          closed batches into the store, on writer threads
 *   dead_letters.c     what never will be a record, on a thread of its own
 *   commit.c           finished offsets to the group, on the poll thread
 *   consumer_events.c  librdkafka's errors and statistics, on the poll thread
 *   consumer_stats.c   figures and health, any thread
 *   measures.c         times, any thread
 *
 * Lock order: the dead letters' lock, then the consumer's.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_CONSUMER_PARTS_H
#define CANDLEWICK_KAFKA_CONSUMER_CONSUMER_PARTS_H

#include <pthread.h>

#include "base/backoff.h"
#include "base/stop.h"
#include "kafka/client/client_log.h"
#include "kafka/consumer/consumer.h"
#include "kafka/consumer/dead_letters.h"
#include "kafka/consumer/holding.h"
#include "kafka/consumer/topic_watch.h"
#include "kafka/consumer/watermark.h"

enum {
    POLL_MESSAGES = 1000, /* taken from librdkafka at once */
    POLL_WAIT_MS = 50,    /* how long a poll waits for that many */
    QUIET_MS = 20,        /* nothing more came for so long: what was sent together is here */
    /* A pause throws away what librdkafka has fetched ahead, and after a resume it fetches again
     * only within a second. So a store that is a little slower than the log, or a schema that is
     * being fetched, is waited for this long before partitions pause. Far below every time-out. */
    BEFORE_PAUSE_MS = 250,
    /* So many messages of a partition that waits for a schema (or a batch's bytes of them) are read
     * before it pauses: what they need is fetched meanwhile. */
    LOOK_AHEAD_MESSAGES = 2000,
};

/* A partition as the poll thread sees it. */
struct intake_partition {
    bool owned;
    bool paused;       /* what librdkafka was told */
    bool wants_schema; /* the oldest held message waits for its schema */
    bool gap_told;     /* in the log, once an assignment */
    bool at_end;       /* its mark knows the log's end */
    bool damaged;      /* a message could not be read since the newest that could: librdkafka goes
                          on behind it, and where that is nobody knows */
    uint64_t epoch;    /* as its mark's */
    int64_t expected;  /* the next message's offset; NO_OFFSET: not known */
    int64_t end;       /* the partition's end was there, behind all that is held; NO_OFFSET: none
                          is waiting to be noted */
    int64_t ask_at_ns; /* when to ask for the schema again */
    int64_t waits_at;  /* the offset of the message that waits for its schema, or waited last, */
    int64_t waits_since_ns; /* and since when; it is asked for often at first */
    struct holding held;    /* handed out by librdkafka, not yet taken */
};

/* The poll thread's own. */
struct intake {
    struct intake_partition *partitions; /* by number */
    size_t partition_count;
    size_t held_count;              /* messages, of all partitions */
    struct batch *open;             /* NULL: none since the last was closed */
    int64_t newest_ns;              /* when the newest message came */
    int64_t full_since_ns;          /* the queue had no room for the open batch since; 0: it has */
    bool paused;                    /* all partitions, because it stayed full */
    bool failed;                    /* nothing more is taken */
    bool schema_told;               /* obstacles.schema is set, */
    int64_t schema_since_ns;        /* since then */
    int64_t consumed, gap_messages; /* since they were last added to the figures, */
    int64_t lettered;               /* and of those consumed, the dead letters */
    bool letter_told;               /* obstacles.letter is set */
    rd_kafka_message_t *messages[POLL_MESSAGES];
};

/* What librdkafka's rebalance callback left to do, in order. */
struct rebalance {
    struct rebalance *next;
    bool assign;
    bool lost;
    int64_t told_ns;
    rd_kafka_topic_partition_list_t *partitions;
};

/* What a partition's epoch writes beside its offsets. */
struct epoch_label {
    struct commit_metadata metadata;
    bool anew; /* the group's offset has no such label yet */
};

/* At most one commit is under way. The poll thread's own. */
struct commit {
    rd_kafka_queue_t *replies;
    struct commit_item *items; /* of the one under way, or of the last */
    size_t count, capacity;
    bool under_way;
    int64_t sent_ns;
    int64_t not_before_ns; /* after a failure */
};

struct writer {
    struct consumer *consumer;
    int number;
    pthread_t thread;
    struct backoff backoff;
    struct rejected_list rejected;
    int64_t look_at_ns; /* when to look after the store unless there is work; its thread's own */

    int64_t call_since_ns; /* lock; a write is under way since; 0: none */
    char failure[256];     /* lock; why the batch it has is not written yet, or what a look at the
                              store found; "" for none */
};

/* What stands in the way; each protected by the consumer's lock. */
struct obstacles {
    bool assigned; /* has an assignment, even of no partition */
    int64_t unassigned_since_ns;
    bool brokers_down;
    char kafka[256];  /* the newest error of the client or the topic; "" for none */
    bool kafka_lasts; /* it is the topic's: only messages or partitions show that it is over */
    int64_t kafka_since_ns;
    char schema[256]; /* why a message waits; "" for none */
    int64_t schema_since_ns;
    int64_t lettered; /* messages that were taken as dead letters, */
    char letter[256]; /* and what the first of them is: kind and reason; "" before it */
    char commit[256]; /* why commits fail; "" when the newest did not */
    int64_t commit_since_ns;
    char fatal[256];     /* the member cannot go on; "" for none */
    int64_t progress_ns; /* the newest batch that was finished, or was put in an empty queue */
};

struct consumer {
    struct consumer_config config; /* its strings are the members below */
    char *brokers, *client_id, *topic, *dead_letter_topic;
    int drain_ms;  /* how long a revoke waits for writes, */
    int answer_ms; /* and a rebalance for the coordinator: both far below max.poll.interval.ms */

    rd_kafka_conf_t *conf;        /* of the client, and of the one that takes its place */
    pthread_rwlock_t client_lock; /* write: the poll thread gives it another client; read: others
                                     use it. Within it the lock may be taken */
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;   /* the member's: messages and callbacks; other threads: lock */
    rd_kafka_queue_t *closing; /* takes the callbacks over while the member leaves */
    struct dead_letters *letters;
    struct stop *write_stop; /* requested when the end's drain is over; the config's or our own */
    bool owns_write_stop;
    pthread_t poll_thread;
    bool poll_started;
    struct writer *writers; /* config.writers of them */
    int writers_started;

    /* The poll thread's own. */
    struct intake intake;
    struct rebalance *rebalances;
    int64_t rebalancing_since_ns; /* 0: no rebalance is under way */
    struct commit commit;
    struct client_errors errors;
    bool kafka_told; /* obstacles.kafka is set */
    bool drained;    /* the end's drain is over */
    bool leaving;    /* the group, */
    bool left;       /* and librdkafka has its answer to that */
    bool renewing;   /* leaves to join again: nothing that it has is written or committed */

    struct topic_watch *watch;
    struct topic_id topic_id;   /* the first that was known since the client is there */
    struct topic_id counted_id; /* the newest that figures.topics_made_again counts */
    int64_t doubted_ns;         /* when it was asked for last */
    int64_t committed_at_ns;    /* a rebalance waits: when to ask for committed offsets again */
    bool no_id_told, unlabelled_told;

    pthread_mutex_t lock; /* protects all below */
    pthread_cond_t work;  /* for writers: a batch is there, or there is no reason to wait longer */
    pthread_cond_t progress; /* for the poll thread: a batch left the queue */
    struct watermark watermark;
    struct batch *spare;  /* empty batches to use again */
    bool stopping;        /* destroy was called */
    bool abandoned;       /* the end's drain is over: writers leave what they have */
    int64_t drain_end_ns; /* with `stopping`: when the drain must be over, */
    int64_t end_ns;       /* and when all of it */
    unsigned hurries;     /* counts calls of writers_hurry */
    bool wake_when_half;  /* the poll thread paused all partitions */
    struct obstacles obstacles;
    struct consumer_stats figures;     /* counters only; the rest is filled for the asker */
    struct consumer_measures measures; /* all but its last three members */
};

/* consumer_poll.c */
void *consumer_poll_main(void *consumer);
bool consumer_stopping(struct consumer *consumer);
/* In `wait_ms`, or at the end of all when that is before. */
int64_t consumer_deadline_ns(struct consumer *consumer, int wait_ms);
/* The member cannot go on: nothing more is taken from the log; nothing is lost. Poll thread. */
void consumer_fail(struct consumer *consumer, const char *reason);

/* Leaves the group; blocks until that is done, at most as long as a drain. Poll thread. */
void consumer_leave(struct consumer *consumer);

/* consumer_client.c */

/* Makes the client and subscribes. False: as consumer_create. */
NODISCARD bool consumer_client_create(struct consumer *consumer,
                                      const struct consumer_config *config, struct error *error);
/* Ends it by `end_ns` (monotonic), or in the background. No message of its may be held. */
void consumer_client_end(struct consumer *consumer, int64_t end_ns);
/* Gives up all partitions as they stand, leaves the group and joins it with a new client.
 * librdkafka keeps what it knew of a deleted topic (its leaders' epochs) and may wait for ever for
 * a new one of that name to reach it. Where the system has no room for another client, the old one
 * stays and consumer_fail() tells. Poll thread. */
void consumer_renew(struct consumer *consumer);

/* topic_change.c: all on the poll thread. */

/* Has the topic's id asked for, without a wait. */
void topic_change_ask(struct consumer *consumer);
/* The same, a few times a second at most: something looks as if the topic were another one. */
void topic_change_doubt(struct consumer *consumer);
/* For partitions with their committed offsets and metadata: where an offset is of another topic the
 * partition is told to begin at its beginning. Fills in a label for each. Waits for the answer to
 * topic_change_ask, bounded. */
void topic_change_place(struct consumer *consumer, rd_kafka_topic_partition_list_t *partitions,
                        struct epoch_label *labels);
/* Begins anew when the topic is another one. */
void topic_change_tend(struct consumer *consumer);

/* intake.c: all on the poll thread. */

/* Takes the message over: into the open batch, or into its partition's holding. The end of a
 * partition (RD_KAFKA_RESP_ERR__PARTITION_EOF) is no error: it may be committed then. */
void intake_message(struct consumer *consumer, rd_kafka_message_t *message, int64_t now_ns);
/* Takes what is held, as far as it can be. */
void intake_held(struct consumer *consumer, int64_t now_ns);
/* A message waits for its schema, and not for long yet. */
bool intake_waits_for_schema(const struct consumer *consumer, int64_t now_ns);
/* Closes the open batch when it is old enough, or nothing is gained by waiting; adds to the
 * figures.
 */
void intake_tend(struct consumer *consumer, int64_t now_ns);
/* Closes the open batch, if any, even past the queue's limit. */
void intake_close_batch(struct consumer *consumer);
/* False: no memory. `committed` as for watermark_assign. */
NODISCARD bool intake_assign(struct consumer *consumer, int32_t partition, uint64_t epoch,
                             int64_t committed);
/* Nothing of the partition is taken any more; what is held of it is dropped: it comes again. */
void intake_release(struct consumer *consumer, int32_t partition);
/* Drops the open batch when nothing of it is ours. Under the lock. */
void intake_drop_stale(struct consumer *consumer);
void intake_free(struct consumer *consumer);

/* pausing.c: on the poll thread. */

/* Decides on a pause of all partitions, and tells librdkafka what changed of who is paused. */
void pausing_tend(struct consumer *consumer, int64_t now_ns);

/* rebalance.c: all on the poll thread. */
void rebalance_callback(rd_kafka_t *client, rd_kafka_resp_err_t code,
                        rd_kafka_topic_partition_list_t *partitions, void *consumer);
/* Does what the callback left. Blocks on a revoke, for the drain and a commit; on an assignment,
 * for the committed offsets and the topic's id: in steps, while nobody tells those offsets. */
void rebalance_serve(struct consumer *consumer);
/* Lets go of whatever is still ours, uncommitted. */
void rebalance_give_up(struct consumer *consumer);
void rebalance_free(struct consumer *consumer);

/* writers.c */
NODISCARD bool writers_start(struct consumer *consumer, struct error *error);
/* Wakes those that wait before another try. */
void writers_hurry(struct consumer *consumer);
/* `abandoned` must be set. */
void writers_join(struct consumer *consumer);
/* Takes the finished batches off the queue's head. Under the lock. */
void writers_advance(struct consumer *consumer);
/* dead_letters' callback. */
void writers_letter_acknowledged(void *consumer, struct batch *batch, enum letter_kind kind);

/* measures.c */
void measures_init(struct consumer_measures *measures);
/* The ages of the batch's ticks at `now_ms`, but for the rejected ones. */
struct histogram measures_ages(const struct batch *batch, const struct rejected_list *rejected,
                               int64_t now_ms);
/* What a rebalance was told; on the poll thread. */
void measures_rebalance_begins(struct consumer *consumer, int64_t told_ns);
void measures_rebalance_ends(struct consumer *consumer);

/* commit.c: all on the poll thread. */

/* Takes replies, sends the next commit when it is due. */
void commit_serve(struct consumer *consumer, int64_t now_ns);
/* Commits all that is finished and waits for the group's answer until the deadline. */
void commit_finish(struct consumer *consumer, int64_t deadline_ns);
/* The topic is another one now: commits that each partition of it begins at its beginning, with the
 * number of messages of former topics beside it, which the brokers forget with the old offsets.
 * What is open or queued of the old topic is no longer ours. Waits as commit_finish. */
void commit_beginnings(struct consumer *consumer, const struct topic_id *now, int64_t deadline_ns);

/* consumer_events.c: librdkafka's other callbacks, on the poll thread. */
void consumer_error_callback(rd_kafka_t *client, int code, const char *reason, void *consumer);
int consumer_stats_callback(rd_kafka_t *client, char *json, size_t length, void *consumer);
/* A message that is an error. */
void consumer_message_error(struct consumer *consumer, const rd_kafka_message_t *message);

#endif
