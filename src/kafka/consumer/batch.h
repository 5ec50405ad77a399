/*
 * A batch of records on its way from the log to the store: the records in one array, as a store
 * wants them, and for each the place in the log and the message's original bytes, for a dead
 * letter. It knows up to which offset of each partition it holds the messages, so that their
 * offsets can be committed when it is done. No locks: one thread at a time, but for the last
 * members.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_BATCH_H
#define CANDLEWICK_KAFKA_CONSUMER_BATCH_H

#include "base/text/strbuf.h"
#include "kafka/consumer/letter.h"
#include "record/kind.h"

/* One message as it came. */
struct source_message {
    struct place place;
    uint64_t epoch; /* the partition's assignment that it came with; see watermark.h */
    struct encoded_message encoded;
};

/* Messages of one partition and one assignment: the batch holds all there were up to `next_offset`
 * since the batch before it. Between its last message and there only offsets without a message can
 * be: markers of transactions, and messages of aborted ones. */
struct span {
    int32_t partition;
    uint64_t epoch;
    int64_t next_offset;
};

enum batch_state {
    BATCH_OPEN,    /* being filled */
    BATCH_WAITING, /* closed, for a writer */
    BATCH_TAKEN,   /* a writer has it */
    BATCH_WRITTEN, /* the store has its records; done when its letters are acknowledged too */
};

struct batch {
    struct batch *next; /* in a queue or a list of spare ones */
    size_t records_limit;
    size_t bytes_limit;

    const struct record_kind *kind;
    void *records;          /* room for records_limit */
    struct origin *origins; /* of each record */
    size_t count;

    struct letter_list letters; /* messages that are no records, until they are handed over */
    size_t letter_count;        /* how many there were */

    struct strbuf bytes; /* of the messages: key, value, schema header, one after the other */
    struct span *spans;
    size_t span_count, span_capacity, newest_span;
    int64_t opened_ns;        /* of the first message */
    struct topic_id topic_id; /* of all messages, for their letters; unknown: its filler's to set */

    /* The queue's, under its owner's lock. */
    enum batch_state state;
    size_t letters_left; /* not yet acknowledged */
};

/* NULL: no memory. */
NODISCARD struct batch *batch_create(const struct record_kind *kind, size_t records_limit,
                                     size_t bytes_limit);
void batch_destroy(struct batch *batch); /* NULL is allowed */
/* Empty and open again; keeps the memory, but for what is far above its limit. */
void batch_reset(struct batch *batch);

/* No message at all. */
bool batch_empty(const struct batch *batch);
/* Nothing more may be added: by number, or the bytes limit was reached. */
bool batch_full(const struct batch *batch);

/* Where the next record is to be decoded to; not when full. batch_add_record keeps what stands
 * there, the others let it be overwritten. */
void *batch_slot(struct batch *batch);

/* Adds the slot's record, or a dead letter, of the message, which is copied. False: no memory, and
 * nothing was added. */
NODISCARD bool batch_add_record(struct batch *batch, const struct source_message *message);
NODISCARD bool batch_add_letter(struct batch *batch, const struct source_message *message,
                                enum letter_kind kind, const char *reason);

/* No message of the partition is left below `next_offset`: its span reaches there. False: the batch
 * holds nothing of the partition in that epoch. */
bool batch_reach(struct batch *batch, int32_t partition, uint64_t epoch, int64_t next_offset);

/* A dead letter for a record of the batch that the store refused. NULL: no memory. */
NODISCARD struct letter *batch_refused_letter(struct batch *batch, size_t index,
                                              const char *reason);

/* Hands over the letters, which borrow from the batch until it is reset. For a closed batch. */
struct letter_list batch_take_letters(struct batch *batch);

#endif
