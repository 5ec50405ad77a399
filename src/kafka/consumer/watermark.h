/*
 * What may be committed: the whole of promise P3 (docs/architecture.md). Closed batches stand in
 * one queue in the order they were opened; writers finish them in any order; only what is finished
 * at the queue's head counts. A partition that went away and came back has another epoch: what was
 * read in an older one never moves its offset.
 *
 * Pure: no locks, no Kafka. The owner's lock is around every call.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_WATERMARK_H
#define CANDLEWICK_KAFKA_CONSUMER_WATERMARK_H

#include "kafka/client/commit_metadata.h"
#include "kafka/consumer/batch.h"

enum { NO_OFFSET = -1 };

/* One partition. */
struct mark {
    bool owned;
    uint64_t epoch;    /* counts its assignments to this member */
    int64_t done;      /* all before it is durable; NO_OFFSET: nothing done in this epoch */
    int64_t committed; /* what the group has; NO_OFFSET: nothing */
    struct commit_metadata metadata; /* goes with every commit of the epoch */
    struct commit_metadata before;   /* `metadata` as of the newest release, */
    int64_t before_read;             /* and how much of that topic was committed by then */
    bool label_anew;                 /* `metadata` is worth a commit of its own */
    int64_t end; /* of the log, where its reader stands now; NO_OFFSET: more comes */
};

/* All zero is the empty one. */
struct watermark {
    struct batch *head, *tail;
    size_t count; /* batches in the queue */
    struct mark *marks;
    size_t mark_count;
};

/* Frees the marks; the queue must be empty or its batches be freed by the caller. */
void watermark_free(struct watermark *watermark);

/* The partition is ours from now on, `committed` is where it starts (NO_OFFSET: unknown). False: no
 * memory. */
NODISCARD bool watermark_assign(struct watermark *watermark, int32_t partition, int64_t committed);
/* What goes with every commit of the partition's epoch, which must own it. `anew`: it is worth a
 * commit of its own, of the offset that the group has, or of 0 where it has none. */
void watermark_label(struct watermark *watermark, int32_t partition,
                     const struct commit_metadata *metadata, bool anew);
/* It is no longer ours: nothing of it will be committed. */
void watermark_release(struct watermark *watermark, int32_t partition);
/* How many messages are known to have been committed of topics before `now`, from before the
 * partition was released: the brokers forget an offset together with its topic. */
int64_t watermark_former(const struct watermark *watermark, int32_t partition,
                         const struct topic_id *now);
/* The epoch that messages of the partition are to carry now. */
uint64_t watermark_epoch(const struct watermark *watermark, int32_t partition);

/* Puts a closed batch at the end. One without ticks counts as written. */
void watermark_push(struct watermark *watermark, struct batch *batch);
/* The first that no writer has; NULL: none. It is the caller's to write. */
struct batch *watermark_take(struct watermark *watermark);
/* Takes the head off when it is done, and moves the marks of its partitions. NULL: it is not, or
 * there is none. */
struct batch *watermark_pop(struct watermark *watermark);

/* The partition was read up to `next_offset` in that epoch, and all its messages below are in the
 * queue or were: what comes behind the last of them (see struct span) goes with the batch that has
 * it, or is done at once. Never moves anything back. */
void watermark_reach(struct watermark *watermark, int32_t partition, uint64_t epoch,
                     int64_t next_offset);

/* The reader stands at the log's end, `end`, in that epoch; NO_OFFSET: no longer. */
void watermark_at_end(struct watermark *watermark, int32_t partition, uint64_t epoch, int64_t end);

/* Nothing of it can ever be committed: all its partitions went away since. It need not be written:
 * its messages come again, here or elsewhere. */
bool watermark_stale(const struct watermark *watermark, const struct batch *batch);
/* Marks stale batches that no writer has as written. Gives the number of their ticks. */
size_t watermark_drop_stale(struct watermark *watermark);

/* Some batch in the queue holds messages of the partition's epoch. */
bool watermark_pending(const struct watermark *watermark, int32_t partition);

/* What is worth committing of owned partitions; returns how many, at most `limit`. */
struct commit_item {
    int32_t partition;
    uint64_t epoch;
    int64_t next_offset;
    struct commit_metadata metadata;
};
size_t watermark_ready(const struct watermark *watermark, struct commit_item *items, size_t limit);
/* The topic is another one, `now`: begins a new epoch of each partition that is owned, and gives
 * the offset 0 of each (at most `limit`) to be committed, labelled with it. */
size_t watermark_begin_anew(struct watermark *watermark, const struct topic_id *now,
                            struct commit_item *items, size_t limit);
/* The group took it. */
void watermark_committed(struct watermark *watermark, const struct commit_item *item);

#endif
