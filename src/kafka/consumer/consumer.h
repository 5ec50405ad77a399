/*
 * One member of the group. Its poll thread decodes, appends to the open batch and polls again; it
 * waits for the network only in a rebalance, bounded. Writer threads write closed batches in order
 * of opening, up to `writers` at once; offsets are committed only for finished batches at the
 * queue's head. A batch that fails is tried again for ever. What is no tick, or is refused by the
 * store by name, goes to the dead-letter topic (letter.h says how it looks), and is finished when
 * that has acknowledged it.
 *
 * What the messages mean and where they go is the caller's: `decode` and `write` below.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_CONSUMER_H
#define CANDLEWICK_KAFKA_CONSUMER_CONSUMER_H

#include "base/histogram.h"
#include "kafka/client/round_trips.h"
#include "kafka/client/settings.h"
#include "kafka/consumer/letter.h"
#include "kafka/producer/producer.h"
#include "record/kind.h"
#include "record/rejected.h"

struct consumer;

enum decode_answer {
    DECODE_RECORD, /* `record` is filled */
    DECODE_BAD,    /* never will be one: a dead letter (LETTER_BAD), `error` says why */
    DECODE_AHEAD,  /* nor will this: its time lies too far after its Kafka timestamp (LETTER_AHEAD)
                    */
    DECODE_WAIT,   /* not now (its schema is being fetched), `error` says what for: only this
                      partition waits; asked again soon */
};
/* Called on the poll thread; must not block. Only for messages with a key and a value and of at
 * most 64 KiB; all others are dead letters unasked. The reason that it gives must depend on the
 * message alone. */
typedef enum decode_answer (*decode_message)(void *context, const struct encoded_message *message,
                                             void *record, struct error *error);

/* Called on the poll thread for messages that cannot be taken yet (one before them waits, or the
 * queue is full), before `decode` is asked about them: what they need can be fetched meanwhile.
 * Must not block. */
typedef void (*expect_message)(void *context, const struct encoded_message *message);

/* As store_write. Called on a writer thread, which is number `writer` (0 up): one call at a time
 * for each number. It may block for a request's time-out. */
typedef bool (*write_records)(void *context, int writer, const struct record_set *records,
                              struct rejected_list *rejected, struct error *error);

/* Whether the store is still the one that was written to. Called on a writer thread that has had
 * nothing to write for some seconds, as write_records is and never beside it. False: the member is
 * unhealthy with the error's text until a later look, or a write, goes well. */
typedef bool (*look_at_records)(void *context, int writer, struct error *error);

/* What happened to the assignment; for the page's timeline and metrics. */
enum assignment_event_kind { ASSIGNMENT_ASSIGNED, ASSIGNMENT_REVOKED, ASSIGNMENT_LOST };
struct assignment_event {
    int64_t time_ns; /* wall clock */
    enum assignment_event_kind kind;
    const char *member;        /* the client id */
    const int32_t *partitions; /* borrowed for the call */
    size_t count;
    int64_t committed; /* when assigned: messages of theirs before the group's offsets, of this
                          topic; with those that the log has forgotten */
};

struct consumer_config {
    struct kafka_settings kafka;
    const char *topic;
    const char *group;
    enum strategy strategy;

    const struct record_kind *kind; /* what the topic carries */
    decode_message decode;
    expect_message expect; /* may be NULL */
    write_records write;
    look_at_records look; /* may be NULL */
    void *context;        /* of all four; borrowed until destroy */
    int writers;          /* 1 to 16 */

    size_t batch_ticks;      /* a batch closes at so many ticks: 5,000 */
    size_t batch_bytes;      /* or so many bytes of messages: 4 MiB */
    int batch_age_ms;        /* or when it is so old (250); sooner when no other is on its way and
                                nothing more comes */
    size_t queue_batches;    /* closed batches that may wait or be in flight: 8; then all partitions
                                pause, until half */
    int drain_timeout_ms;    /* on revoke (but at most half of max.poll.interval.ms), and for all of
                                consumer_destroy: 8,000 */
    struct stop *write_stop; /* borrowed, this consumer's only; may be NULL. Requested when
                                consumer_destroy's drain is over: have it end writes under way, as
                                destroy waits for them */

    struct producer *dead_letters; /* borrowed; shared by members. Its on_delivery must be
                                      consumer_dead_letter_delivered */
    const char *dead_letter_topic;

    void (*on_assignment)(
        void *context, const struct assignment_event *event); /* on the poll thread; may be NULL */
    void (*on_commit)(void *context, int32_t partition,
                      int64_t next_offset); /* after a commit; may be NULL */
    void *event_context;
};

enum { CONSUMER_REASONS_MAX = 8 };
struct consumer_stats {
    int64_t consumed;      /* messages taken from the log; = written + dead_lettered + given_back +
                              queued_ticks */
    int64_t written;       /* ticks the store has */
    int64_t dead_lettered; /* acknowledged by the dead-letter topic */
    int64_t given_back;    /* not written when their partition went away: they come again */
    int64_t batches;       /* finished */
    int64_t write_retries;
    int64_t rebalances;        /* assignments received */
    int64_t gap_messages;      /* messages that the log no longer had when they were asked for */
    int64_t topics_made_again; /* how often it found another topic of that name */
    int64_t queued_ticks;      /* in open and waiting batches, dead letters on their way included */
    int64_t held_messages; /* read, but not taken: they wait for room or a schema; bounded by what
                              one poll gives (1,000), by 2,000 of each partition that waits for a
                              schema, and a pause of the partition */
    int64_t last_write_ns; /* wall clock; 0: none */
    bool paused;           /* all partitions: the queue is full */
    bool healthy;
    bool fatal; /* it cannot go on (reason says why): only consumer_destroy is left */
    char reason[256];
    size_t owned_count; /* partitions */
};

/* One that the member owns. Offsets are -1 where nobody told them yet. */
struct owned_partition {
    int32_t partition;
    int64_t committed; /* by the group */
    int64_t log_end;   /* as the newest fetch told it */
    int64_t lag;       /* log end less committed (of a group that has nothing: less the log's
                          begin); -1: not known */
};

/* Times, and what has labels: for /metrics. */
struct consumer_measures {
    /* From the moment when the member is told that the group takes partitions from it (writing and
     * committing what it has of them is a part of it) to the moment when the assignment that ends
     * this has been taken over; a revocation within is no new begin. The first one begins when the
     * member is made, and so holds the join, and a wait for brokers or for the topic. An assignment
     * that nothing was taken for is none, nor is leaving. Where the broker assigns (strategy
     * consumer) a revocation that leaves partitions to the member ends by itself. */
    struct histogram rebalance;
    struct histogram batch; /* from its first message to done: stored and its letters acknowledged,
                               or dropped because its partitions went away */
    struct histogram write; /* one call of `write`, also one that failed */
    struct histogram exchange_to_store;  /* of each tick stored: from its message's timestamp, the
                                            wall clock at produce, to the end of the write. Again
                                            when it is stored again */
    int64_t dead_lettered[LETTER_KINDS]; /* by reason; together consumer_stats' */
    struct round_trips round_trips;
    const char *topic;                  /* borrowed for the consumer's life */
    struct owned_partition *partitions; /* all, ascending; NULL too where memory is short */
    size_t partition_count;
};

/* Subscribes and starts the threads. All text is copied. NULL: ERROR_USAGE for a configuration that
 * cannot be. */
NODISCARD struct consumer *consumer_create(const struct consumer_config *config,
                                           struct error *error);

/* The delivery report of a dead letter: pass it as the on_delivery of the producer given above,
 * which must outlive the consumer. */
void consumer_dead_letter_delivered(void *context, void *token, int32_t partition, int64_t offset,
                                    const struct error *error);

/* Any thread. */
void consumer_stats(struct consumer *consumer, struct consumer_stats *stats);

/* Any thread. To be given to consumer_measures_free(). */
void consumer_measure(struct consumer *consumer, struct consumer_measures *measures);
void consumer_measures_free(struct consumer_measures *measures);

/* As configured. Borrowed for the consumer's life. */
const char *consumer_client_id(const struct consumer *consumer);

/* The id that the group knows the member by, written to `id`; "" before it joined. Any thread. */
void consumer_member_id(struct consumer *consumer, char *id, size_t size);

/* Stops intake, drains, commits, leaves the group, all within drain_timeout_ms and half a second
 * (and the write under way: see write_stop); then frees. What was not written is not committed, and
 * logged. `stats`, when not NULL, gets the final figures. NULL is allowed. */
void consumer_destroy(struct consumer *consumer, struct consumer_stats *stats);

#endif
