/*
 * Decides which offsets may be committed; no other code does (at-least-once: promise P3 in
 * docs/architecture.md). Closed batches of all streams are queued in the order in which they were
 * closed. Writers finish them in any order, but an offset advances only when the first batch of its
 * stream is finished; a batch that cannot be finished holds up no other stream. A partition that is
 * revoked and assigned again has a new epoch: what was read in an older epoch never changes its
 * offset.
 *
 * It has no lock and does not talk to Kafka: every caller holds the lock of the consumer that owns
 * it.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_COMMIT_QUEUE_H
#define CANDLEWICK_KAFKA_CONSUMER_COMMIT_QUEUE_H

#include "kafka/client/commit_metadata.h"
#include "kafka/consumer/batch.h"
#include "record/stream.h"

enum { NO_OFFSET = -1 };

/* The state of one partition. */
struct mark {
    bool owned;
    uint64_t epoch;    /* counts the partition's assignments to this member */
    int64_t done;      /* all messages below are durable; NO_OFFSET if none was finished in this
                          epoch */
    int64_t committed; /* the group's committed offset; NO_OFFSET if there is none */
    struct commit_metadata metadata; /* written with every commit of the epoch */
    struct commit_metadata before;   /* `metadata` at the end of the last epoch */
    int64_t before_read;             /* how many messages of the topic in `before` were committed
                                        by the end of the last epoch */
    bool label_uncommitted;          /* `metadata` must be committed even if the offset does not
                                 change */
    int64_t end; /* log end offset if the member has read up to it; otherwise NO_OFFSET */
};

/* The marks of one stream, by partition. */
struct stream_marks {
    struct mark *items;
    size_t count;
    size_t batches; /* the stream's batches in the queue */
};

/* All zero is an empty queue. */
struct commit_queue {
    struct batch *head, *tail;
    size_t count;     /* batches in the queue */
    size_t unwritten; /* how many of them are still to be written: not BATCH_WRITTEN */
    struct stream_marks streams[STREAMS_MAX];
};

/* Iterates over the marks of all streams: advances `where` and returns the mark there; NULL after
 * the last one. COMMIT_QUEUE_FIRST is before the first one. A stream has a mark for each partition
 * number up to the highest that was ever assigned, so a mark may belong to a partition that never
 * was assigned. */
struct mark *commit_queue_next(const struct commit_queue *queue, struct stream_partition *where);
#define COMMIT_QUEUE_FIRST ((struct stream_partition){0, -1})

/* Frees the marks. It does not free the batches in the queue: the caller does. */
void commit_queue_free(struct commit_queue *queue);

/* Begins a new epoch of the partition; `committed` is the offset from which it is read (NO_OFFSET
 * if unknown). Returns false if out of memory. */
NODISCARD bool commit_queue_assign(struct commit_queue *queue, struct stream_partition where,
                                   int64_t committed);
/* Sets the metadata that every commit of the partition writes in this epoch; does nothing if the
 * partition is not owned. `uncommitted`: commit it even if the offset does not change (with offset
 * 0 if the group has none). */
void commit_queue_label(struct commit_queue *queue, struct stream_partition where,
                        const struct commit_metadata *metadata, bool uncommitted);
/* Ends the partition's epoch: nothing more of it will be committed. */
void commit_queue_release(struct commit_queue *queue, struct stream_partition where);
/* Returns how many messages of former topics, those before `now`, were committed up to the end of
 * the partition's last epoch, as far as is known. The brokers do not keep that number: they delete
 * offsets with their topic. */
int64_t commit_queue_former(const struct commit_queue *queue, struct stream_partition where,
                            const struct topic_id *now);
/* Returns the epoch to note with messages that are read now. */
uint64_t commit_queue_epoch(const struct commit_queue *queue, struct stream_partition where);

/* Appends a closed batch to the queue. A batch without records, with dead letters only, counts as
 * written. */
void commit_queue_push(struct commit_queue *queue, struct batch *batch);
/* Returns the first batch that no writer has taken, for the caller to write; NULL if there is
 * none. */
struct batch *commit_queue_take(struct commit_queue *queue);
/* Marks the batch as written. It stays in the queue until commit_queue_pop() removes it. */
void commit_queue_written(struct commit_queue *queue, struct batch *batch);
/* Removes a batch that is done and is the first of its stream, and advances its partitions'
 * offsets. The caller owns the result. Returns NULL if no stream's first batch is done. */
struct batch *commit_queue_pop(struct commit_queue *queue);

/* Returns whether one more batch of the stream may be queued: all streams together have fewer than
 * `limit` batches that are still to be written, and this stream has fewer than `limit` batches in
 * the queue. So a slow store holds up all streams, but dead letters that are not acknowledged hold
 * up only their own. */
bool commit_queue_has_room(const struct commit_queue *queue, int stream, size_t limit);

/* Notes that the partition was read up to `next_offset` in that epoch, and that all its messages
 * below were put into the queue. The offsets after the last message (see struct span) become part
 * of the newest batch with messages of the partition; if there is none, they are finished at once.
 * An offset never moves back. */
void commit_queue_reach(struct commit_queue *queue, struct stream_partition where, uint64_t epoch,
                        int64_t next_offset);

/* Notes that the member has read up to the log's end, `end`, in that epoch; NO_OFFSET: it has not,
 * or there are new messages. */
void commit_queue_at_end(struct commit_queue *queue, struct stream_partition where, uint64_t epoch,
                         int64_t end);

/* Returns whether all partitions of the batch have been revoked since it was filled. Nothing of it
 * can be committed then, so it need not be written: the next owner reads its messages again. */
bool commit_queue_stale(const struct commit_queue *queue, const struct batch *batch);
/* Marks stale batches that no writer has taken as written. Returns the number of their records. */
size_t commit_queue_drop_stale(struct commit_queue *queue);

/* Returns whether a batch in the queue contains messages of the partition's current epoch. */
bool commit_queue_pending(const struct commit_queue *queue, struct stream_partition where);

/* An offset to commit. commit_queue_ready() fills in those of owned partitions and returns how
 * many, at most `limit`. */
struct commit_item {
    struct stream_partition where;
    uint64_t epoch;
    int64_t next_offset;
    struct commit_metadata metadata;
};
size_t commit_queue_ready(const struct commit_queue *queue, struct commit_item *items,
                          size_t limit);
/* Called after the stream's topic was deleted and created again with the id `now`: begins a new
 * epoch of each owned partition and fills in, for at most `limit` of them, offset 0 with the new
 * metadata. Returns how many were filled in. */
size_t commit_queue_begin_anew(struct commit_queue *queue, int stream, const struct topic_id *now,
                               struct commit_item *items, size_t limit);
/* Notes that the group has committed the item. */
void commit_queue_committed(struct commit_queue *queue, const struct commit_item *item);

#endif
