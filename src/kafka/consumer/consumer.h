/*
 * One member of the consumer group. It reads one or several streams.
 *
 * Its poll thread decodes messages, appends them to the open batch of their stream and polls again;
 * it blocks on the network only during a rebalance, for a bounded time. Writer threads write closed
 * batches, in the order in which they were closed, up to `writers` at once. All streams share the
 * queue of closed batches. A store that is unavailable holds up all streams; a schema that is being
 * fetched holds up only its partition; a topic that is missing, or whose dead-letter topic accepts
 * nothing, holds up only its stream. Offsets are committed only for finished batches, in each
 * stream's order. A batch that fails is retried for ever. A poison message (one that is no record,
 * or whose record the store rejects by name) is sent to the dead-letter topic (dead_letter.h
 * describes the format); it is finished once that topic has acknowledged it.
 *
 * The caller decides what messages mean and where records are stored: see `decode` and `write`
 * below.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_CONSUMER_H
#define CANDLEWICK_KAFKA_CONSUMER_CONSUMER_H

#include "base/histogram.h"
#include "kafka/client/round_trips.h"
#include "kafka/client/settings.h"
#include "kafka/consumer/dead_letter.h"
#include "kafka/consumer/truth_lag.h"
#include "kafka/producer/producer.h"
#include "record/kind.h"
#include "record/rejected.h"
#include "record/stream.h"

struct consumer;

enum decode_answer {
    DECODE_RECORD, /* `record` is filled */
    DECODE_BAD,    /* it can never be decoded; it becomes a dead letter of kind DEAD_LETTER_BAD with
                      the reason in `error` */
    DECODE_AHEAD,  /* its time is too far ahead of its Kafka timestamp; it becomes a dead letter
                      of kind DEAD_LETTER_AHEAD */
    DECODE_WAIT,   /* it cannot be decoded yet: its schema is being fetched; `error` says what is
                      missing. Only this partition waits; decode is called again soon */
};
/* Decodes one message of that stream (its number in the configuration) into a record of the
 * stream's kind, and adds its long texts to `texts`. Called on the poll thread; must not block.
 * Called only for messages that have a key and a value and at most 64 KiB; all others become dead
 * letters without a call. The reason in `error` must depend only on the message. */
typedef enum decode_answer (*decode_message)(void *context, int stream,
                                             const struct encoded_message *message, void *record,
                                             struct text_arena *texts, struct error *error);

/* Announces a message that cannot be decoded yet (an earlier one of its partition waits for a
 * schema, or the queue is full), so that its schema can be fetched before `decode` is called for
 * it. Called on the poll thread; must not block. */
typedef void (*expect_message)(void *context, int stream, const struct encoded_message *message);

/* Writes records of one stream; the contract is that of store_write(). Called on writer thread
 * number `writer` (counted from 0), so there is one call at a time for each number. It may block
 * for a request's time-out. After ERROR_FATAL the member cannot continue: no batch is written any
 * more, and nothing of this one is committed. */
typedef bool (*write_records)(void *context, int writer, const struct record_set *records,
                              struct rejected_list *rejected, struct error *error);

/* Checks that the store that was written to still exists. Called on a writer thread that has had
 * nothing to write for some seconds, so never during a write_records call with the same number. If
 * it returns false, the member is unhealthy with the error's text until a later check or write
 * succeeds; ERROR_FATAL means the same as for a write. */
typedef bool (*check_records)(void *context, int writer, struct error *error);

/* A change of the member's assignment, for the page's timeline and for metrics. There is one event
 * for each stream whose partitions were assigned or taken away. */
enum assignment_event_kind { ASSIGNMENT_ASSIGNED, ASSIGNMENT_REVOKED, ASSIGNMENT_LOST };
struct assignment_event {
    int64_t time_ns; /* wall clock */
    enum assignment_event_kind kind;
    const char *member; /* the client id */
    int32_t generation; /* the group's at this assignment, or the last one if partitions are taken
                           away; with KIP-848 the member's epoch; -1: not known */
    int stream;
    const char *topic;         /* the stream's, borrowed for the call */
    const int32_t *partitions; /* borrowed for the call */
    size_t count;
    int64_t committed; /* only for ASSIGNMENT_ASSIGNED: the sum of the committed offsets of these
                          partitions. A partition of which nothing was ever stored (all its
                          messages became dead letters) counts as 0 */
};

struct consumer_config {
    struct kafka_settings kafka;
    const struct stream *streams; /* an array; copied. Each has another topic */
    size_t stream_count;          /* 1 to STREAMS_MAX */
    const char *group;
    enum strategy strategy;

    decode_message decode;
    expect_message expect; /* may be NULL */
    write_records write;
    check_records check; /* may be NULL */
    void *context;       /* passed to the four callbacks above; borrowed until consumer_destroy */
    int writers;         /* 1 to 16 */

    size_t batch_ticks;      /* a batch is closed when it has this many records (usually 5,000) */
    size_t batch_bytes;      /* or this many bytes of messages (4 MiB) */
    int batch_age_ms;        /* or is this old (250 ms); sooner if no other batch is queued and
                                no more messages arrive */
    size_t queue_batches;    /* limit for closed batches that wait or are being written (8), and
                                for each stream's closed batches, including those that wait for
                                dead letters. At the limit the stream's partitions pause until
                                half of it is free. A drain may queue twice as many of a stream */
    int drain_timeout_ms;    /* limit for a drain (8,000 ms). The drain of a revoke takes at most
                                half of max.poll.interval.ms, too; for consumer_destroy() it
                                limits everything */
    struct stop *write_stop; /* borrowed, may be NULL; no other consumer may use it. It is
                                requested when the drain of consumer_destroy() is over and must
                                then end the writes in progress, because consumer_destroy() waits
                                for them */

    struct producer *dead_letters; /* borrowed; several members may share it. Its on_delivery
                                      must be consumer_dead_letter_delivered() */

    void (*on_assignment)(
        void *context, const struct assignment_event *event); /* on the poll thread; may be NULL */
    void (*on_commit)(void *context, struct stream_partition where,
                      int64_t next_offset); /* called on the poll thread after each successful
                                               commit; may be NULL */
    void *event_context;
};

struct consumer_stats {
    int64_t consumed;          /* messages read from the log and accepted; the sum of written,
                                  dead_lettered, dropped_on_revoke and queued_ticks */
    int64_t written;           /* ticks that the store has stored */
    int64_t dead_lettered;     /* acknowledged by the dead-letter topic */
    int64_t dropped_on_revoke; /* records that were dropped before they were written, because their
                           partition was revoked; its next owner reads them again */
    int64_t batches;           /* finished batches */
    int64_t write_retries;
    int64_t rebalances;        /* assignments received */
    int64_t gap_messages;      /* messages that were deleted from the log before the member read
                                  them */
    int64_t topics_made_again; /* how often a topic was deleted and created again under the same
                                  name */
    int64_t queued_ticks;      /* in open and closed batches, including dead letters that are not
                                  acknowledged yet */
    int64_t held_messages;     /* messages that were read but are not yet in a batch: they wait for
                                  room or for a schema. At most one poll's messages (1,000), plus
                                  2,000 for each partition that waits for a schema, plus what arrives
                                  before a pause takes effect */
    int64_t last_write_ns;     /* wall clock; 0 before the first write */
    bool paused; /* a stream's partitions are paused because the queue has no room for its
                    batches (back-pressure) */
    bool healthy;
    bool fatal; /* it cannot continue (`reason` says why); only consumer_destroy() may be called */
    char reason[ERROR_REASON_SIZE];
    size_t owned_count; /* partitions that the member owns */
};

/* A partition that the member owns. Its offsets are -1 while they are unknown. */
struct owned_partition {
    int stream;
    const char *topic; /* the stream's, borrowed for the consumer's life */
    int32_t partition;
    int64_t committed; /* the group's committed offset */
    int64_t log_end;   /* log end offset as of the newest fetch */
    int64_t lag;       /* log end minus committed offset (minus the log's start if the group has
                          committed nothing); -1 if unknown */
};

/* Durations and labelled counters for /metrics. */
struct consumer_measures {
    /* Duration of a rebalance: from the callback that revokes partitions (so it includes the drain
     * and the commit) until the next assignment is applied. A further revoke in between does not
     * restart the clock. The first one starts at consumer_create(), so it includes the join and any
     * wait for brokers or for the topic. An assignment without a revoke before it is not measured,
     * nor is leaving the group. With strategy `consumer` a rebalance ends with the revoke if the
     * member keeps any partition. */
    struct histogram rebalance;
    struct histogram batch; /* from a batch's first message until it is done: stored with all its
                               dead letters acknowledged, or dropped because its partitions were
                               revoked */
    struct histogram write; /* duration of each call of `write`, failed ones included */
    /* For each stored record: from its message's timestamp (the producer's wall clock) to the end
     * of the write. A record that is written again counts again. */
    struct histogram exchange_to_store;
    struct truth_lag truth_lag[STREAMS_MAX];  /* of each stream */
    int64_t dead_lettered[DEAD_LETTER_KINDS]; /* by kind; their sum is consumer_stats'
                                                 dead_lettered */
    struct round_trips round_trips;
    struct owned_partition *partitions; /* in ascending order of stream and partition; NULL if out
                                           of memory */
    size_t partition_count;
};

/* Subscribes and starts the threads. All text is copied. Returns NULL on error, of kind ERROR_USAGE
 * if the configuration is invalid. */
NODISCARD struct consumer *consumer_create(const struct consumer_config *config,
                                           struct error *error);

/* Handles the delivery report of a dead letter. It must be the on_delivery of the producer
 * `dead_letters`, which must outlive the consumer. */
void consumer_dead_letter_delivered(void *context, void *token, int32_t partition, int64_t offset,
                                    const struct error *error);

/* May be called on any thread. */
void consumer_stats(struct consumer *consumer, struct consumer_stats *stats);

/* May be called on any thread. The caller frees the result with consumer_measures_free(). */
void consumer_measure(struct consumer *consumer, struct consumer_measures *measures);
void consumer_measures_free(struct consumer_measures *measures);

/* Returns the configured client id, borrowed for the consumer's life. */
const char *consumer_client_id(const struct consumer *consumer);

/* Writes the member id that the group coordinator assigned to `id`, or "" before the member joined.
 * May be called on any thread. */
void consumer_member_id(struct consumer *consumer, char *id, size_t size);

/* Stops reading, drains, commits and leaves the group, all within drain_timeout_ms plus half a
 * second (plus the writes in progress: see write_stop); then frees the consumer. Logs how many
 * messages were not written; these are not committed. Fills in `stats`, unless NULL, with the final
 * figures. `consumer` may be NULL. */
void consumer_destroy(struct consumer *consumer, struct consumer_stats *stats);

#endif
