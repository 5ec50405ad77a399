/*
 * A batch of records on its way from the log to the store. It keeps the records in one array, as a
 * store expects them. For each record it also keeps the place in the log and the message's original
 * bytes, in case the record becomes a dead letter. For each partition it keeps up to which offset
 * it contains all messages: that offset can be committed once the batch is done.
 *
 * Not thread-safe: one thread uses a batch at a time. Exception: `state` and `letters_left`, which
 * the lock of the queue's owner protects.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_BATCH_H
#define CANDLEWICK_KAFKA_CONSUMER_BATCH_H

#include "base/text/strbuf.h"
#include "kafka/consumer/dead_letter.h"
#include "record/kind.h"

/* A Kafka message as it was read. */
struct source_message {
    struct place place;
    uint64_t epoch; /* the assignment of the partition under which the message was read; see
                       commit_queue.h */
    struct encoded_message encoded;
    int64_t arrived_ns; /* the time in the message's ARRIVED_HEADER; 0: it has none */
};

/* The messages of one partition and one assignment: the batch contains every message from where the
 * previous batch ended up to `next_offset`. The offsets between the batch's last message and
 * `next_offset` contain nothing for consumers, only transaction markers and messages of aborted
 * transactions. */
struct span {
    int32_t partition;
    uint64_t epoch;
    int64_t next_offset;
    size_t stored; /* how many of its records are stored: all but those that
                      batch_refuse() was told of */
};

enum batch_state {
    BATCH_OPEN,    /* messages are being added */
    BATCH_WAITING, /* closed; waits for a writer */
    BATCH_TAKEN,   /* a writer is writing it */
    BATCH_WRITTEN, /* the store has its records; the batch is done once its dead letters are
                      acknowledged too */
};

struct batch {
    struct batch *next; /* links batches in the queue, or in the list of spare ones */
    size_t records_limit;
    size_t bytes_limit;

    int stream; /* number of the stream of all its messages; set by the code that creates the
                   batch */
    const struct record_kind *kind;
    void *records;           /* an array with room for records_limit */
    struct text_arena texts; /* their long texts */
    size_t texts_kept;       /* length of the texts of records that were added; after them
                                `texts` may contain those of a record that was not added */
    struct origin *origins;  /* origins[i] is where records[i] came from */
    size_t count;

    struct dead_letter_list letters; /* dead letters of messages that can never be records;
                                        batch_take_letters() moves them out */
    size_t letter_count;             /* number of all dead letters that were added */

    struct strbuf bytes; /* the messages' bytes: key, value, schema header of each in turn */
    struct span *spans;
    size_t span_count, span_capacity, newest_span;
    int64_t opened_ns;        /* monotonic time of its first message */
    struct topic_id topic_id; /* the id of the topic of all its messages, copied into their dead
                                 letters; set by the code that fills the batch */

    /* These belong to the queue; the lock of the queue's owner protects them. */
    enum batch_state state;
    size_t letters_left; /* dead letters that are not acknowledged yet */
};

/* Returns NULL if out of memory. */
NODISCARD struct batch *batch_create(const struct record_kind *kind, size_t records_limit,
                                     size_t bytes_limit);
void batch_destroy(struct batch *batch); /* NULL is allowed */
/* Empties the batch and opens it again. It keeps its memory unless that is far above
 * bytes_limit. */
void batch_reset(struct batch *batch);

/* Returns whether nothing was added since the batch was opened. */
bool batch_empty(const struct batch *batch);
/* Returns whether records_limit or bytes_limit is reached; then nothing more may be added. Long
 * texts count twice, because the batch also keeps them decoded. */
bool batch_full(const struct batch *batch);

/* Returns the memory into which to decode the next record; the batch must not be full. Long texts
 * are decoded into batch->texts. Without a call of batch_add_record() the next message overwrites
 * the record. */
void *batch_slot(struct batch *batch);

/* These functions copy the message and add it to the batch: batch_add_record() with the record that
 * was decoded into batch_slot(), batch_add_letter() as a dead letter. They return false if out of
 * memory; nothing is added then. */
NODISCARD bool batch_add_record(struct batch *batch, const struct source_message *message);
NODISCARD bool batch_add_letter(struct batch *batch, const struct source_message *message,
                                enum dead_letter_kind kind, const char *reason);

/* Notes that the partition has no more messages below `next_offset`, so that its span ends there.
 * Returns false if the batch contains nothing of the partition in that epoch. */
bool batch_reach(struct batch *batch, int32_t partition, uint64_t epoch, int64_t next_offset);

/* Returns a dead letter for a record that the store rejected; NULL if out of memory. */
NODISCARD struct dead_letter *batch_refused_letter(struct batch *batch, size_t index,
                                                   const char *reason);

/* `letters` are those of the records that the store has rejected: no longer counts these records in
 * their spans' `stored`. Call it once, when all letters are made. */
void batch_refuse(struct batch *batch, const struct dead_letter_list *letters);

/* Returns the batch's dead letters; the caller owns them. Their bytes are borrowed from the batch
 * until it is reset. The batch must be closed. */
struct dead_letter_list batch_take_letters(struct batch *batch);

#endif
