#include "kafka/consumer/commit_queue.h"

#include <stdlib.h>
#include <string.h>

void commit_queue_free(struct commit_queue *queue)
{
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        free(queue->streams[i].items);
    }
    *queue = (struct commit_queue){0};
}

static bool make_room(struct stream_marks *marks, size_t count)
{
    if (count <= marks->count) {
        return true;
    }
    struct mark *items = realloc(marks->items, count * sizeof *items);
    if (items == NULL) {
        return false;
    }
    for (size_t i = marks->count; i < count; i++) {
        items[i] = (struct mark){.done = NO_OFFSET, .committed = NO_OFFSET};
    }
    marks->items = items;
    marks->count = count;
    return true;
}

/* Returns NULL if the partition was never assigned. */
static struct mark *find_mark(const struct commit_queue *queue, struct stream_partition where)
{
    const struct stream_marks *marks = &queue->streams[where.stream];
    bool known = where.partition >= 0 && (size_t)where.partition < marks->count;
    return known ? &marks->items[where.partition] : NULL;
}

struct mark *commit_queue_next(const struct commit_queue *queue, struct stream_partition *where)
{
    where->partition++;
    while (where->stream < STREAMS_MAX) {
        struct mark *mark = find_mark(queue, *where);
        if (mark != NULL) {
            return mark;
        }
        *where = (struct stream_partition){.stream = where->stream + 1};
    }
    return NULL;
}

bool commit_queue_assign(struct commit_queue *queue, struct stream_partition where,
                         int64_t committed)
{
    if (where.partition < 0 ||
        !make_room(&queue->streams[where.stream], (size_t)where.partition + 1)) {
        return false;
    }
    struct mark *mark = find_mark(queue, where);
    mark->owned = true;
    mark->epoch++;
    mark->done = NO_OFFSET;
    mark->committed = committed;
    mark->metadata = (struct commit_metadata){.former = 0};
    mark->label_uncommitted = false;
    mark->end = NO_OFFSET;
    return true;
}

void commit_queue_label(struct commit_queue *queue, struct stream_partition where,
                        const struct commit_metadata *metadata, bool uncommitted)
{
    struct mark *mark = find_mark(queue, where);
    if (mark != NULL && mark->owned) {
        mark->metadata = *metadata;
        mark->label_uncommitted = uncommitted;
    }
}

/* Returns how many offsets of the mark's topic are committed, or may be by now. Includes what was
 * committed before the last epoch ended, even if the group no longer has that offset: the brokers
 * delete it with the topic, perhaps before this member learns that the topic was created again. */
static int64_t committed_of(const struct mark *mark)
{
    int64_t read = mark->done > mark->committed ? mark->done : mark->committed;
    bool same_topic = strcmp(mark->metadata.topic.text, mark->before.topic.text) == 0;
    int64_t before = same_topic ? mark->before_read : 0;
    return read > before ? read : before;
}

void commit_queue_release(struct commit_queue *queue, struct stream_partition where)
{
    struct mark *mark = find_mark(queue, where);
    if (mark != NULL) {
        if (mark->owned) {
            mark->before_read = committed_of(mark);
            mark->before = mark->metadata;
        }
        mark->owned = false;
        mark->done = NO_OFFSET;
        mark->committed = NO_OFFSET;
    }
}

int64_t commit_queue_former(const struct commit_queue *queue, struct stream_partition where,
                            const struct topic_id *now)
{
    const struct mark *mark = find_mark(queue, where);
    if (mark == NULL || !topic_id_known(now)) {
        return 0;
    }
    return commit_metadata_next(&mark->before, mark->before_read, now).former;
}

uint64_t commit_queue_epoch(const struct commit_queue *queue, struct stream_partition where)
{
    const struct mark *mark = find_mark(queue, where);
    return mark != NULL ? mark->epoch : 0;
}

/* Returns the partition's mark; NULL if `epoch` is not its current one. */
static struct mark *current_mark(const struct commit_queue *queue, struct stream_partition where,
                                 uint64_t epoch)
{
    struct mark *mark = find_mark(queue, where);
    return mark != NULL && mark->owned && mark->epoch == epoch ? mark : NULL;
}

/* Returns the mark that the batch may advance by its span; NULL if the span belongs to an earlier
 * epoch. */
static struct mark *span_mark(const struct commit_queue *queue, const struct batch *batch,
                              const struct span *span)
{
    return current_mark(queue, (struct stream_partition){batch->stream, span->partition},
                        span->epoch);
}

void commit_queue_push(struct commit_queue *queue, struct batch *batch)
{
    batch->state = batch->count > 0 ? BATCH_WAITING : BATCH_WRITTEN;
    batch->next = NULL;
    if (queue->tail != NULL) {
        queue->tail->next = batch;
    } else {
        queue->head = batch;
    }
    queue->tail = batch;
    queue->count++;
    queue->streams[batch->stream].batches++;
    queue->unwritten += batch->state != BATCH_WRITTEN ? 1 : 0;
}

struct batch *commit_queue_take(struct commit_queue *queue)
{
    for (struct batch *batch = queue->head; batch != NULL; batch = batch->next) {
        if (batch->state == BATCH_WAITING) {
            batch->state = BATCH_TAKEN;
            return batch;
        }
    }
    return NULL;
}

void commit_queue_written(struct commit_queue *queue, struct batch *batch)
{
    queue->unwritten -= batch->state != BATCH_WRITTEN ? 1 : 0;
    batch->state = BATCH_WRITTEN;
}

bool commit_queue_has_room(const struct commit_queue *queue, int stream, size_t limit)
{
    return queue->unwritten < limit && queue->streams[stream].batches < limit;
}

/* Removes the batch from the queue; `before` is the batch before it (NULL: it is the head). */
static void unlink_batch(struct commit_queue *queue, struct batch *before, struct batch *batch)
{
    if (before != NULL) {
        before->next = batch->next;
    } else {
        queue->head = batch->next;
    }
    if (queue->tail == batch) {
        queue->tail = before;
    }
    queue->count--;
    queue->streams[batch->stream].batches--;
    batch->next = NULL;
}

/* Advances the marks of the batch's partitions to the ends of its spans. */
static void advance_marks(const struct commit_queue *queue, const struct batch *batch)
{
    for (size_t i = 0; i < batch->span_count; i++) {
        struct mark *mark = span_mark(queue, batch, &batch->spans[i]);
        if (mark != NULL) {
            mark->done = batch->spans[i].next_offset;
            mark->metadata.nothing_stored =
                mark->metadata.nothing_stored && batch->spans[i].stored == 0;
        }
    }
}

struct batch *commit_queue_pop(struct commit_queue *queue)
{
    bool held[STREAMS_MAX] = {false}; /* an earlier batch of that stream is not done */
    struct batch *before = NULL;
    for (struct batch *batch = queue->head; batch != NULL; batch = batch->next) {
        bool done = batch->state == BATCH_WRITTEN && batch->letters_left == 0;
        if (done && !held[batch->stream]) {
            unlink_batch(queue, before, batch);
            advance_marks(queue, batch);
            return batch;
        }
        held[batch->stream] = true;
        before = batch;
    }
    return NULL;
}

/* Returns the newest batch with messages of that partition and epoch; NULL if there is none. */
static struct batch *newest_batch_of(const struct commit_queue *queue,
                                     struct stream_partition where, uint64_t epoch)
{
    struct batch *newest = NULL;
    for (struct batch *batch = queue->head; batch != NULL; batch = batch->next) {
        for (size_t i = 0; i < batch->span_count && batch->stream == where.stream; i++) {
            if (batch->spans[i].partition == where.partition && batch->spans[i].epoch == epoch) {
                newest = batch;
            }
        }
    }
    return newest;
}

void commit_queue_reach(struct commit_queue *queue, struct stream_partition where, uint64_t epoch,
                        int64_t next_offset)
{
    struct mark *mark = current_mark(queue, where, epoch);
    struct batch *batch = newest_batch_of(queue, where, epoch);
    if (batch != NULL) {
        (void)batch_reach(batch, where.partition, epoch, next_offset);
    } else if (mark != NULL && next_offset > mark->done && next_offset > mark->committed) {
        mark->done = next_offset;
    }
}

void commit_queue_at_end(struct commit_queue *queue, struct stream_partition where, uint64_t epoch,
                         int64_t end)
{
    struct mark *mark = current_mark(queue, where, epoch);
    if (mark != NULL) {
        mark->end = end;
    }
}

bool commit_queue_stale(const struct commit_queue *queue, const struct batch *batch)
{
    for (size_t i = 0; i < batch->span_count; i++) {
        if (span_mark(queue, batch, &batch->spans[i]) != NULL) {
            return false;
        }
    }
    return true;
}

size_t commit_queue_drop_stale(struct commit_queue *queue)
{
    size_t ticks = 0;
    for (struct batch *batch = queue->head; batch != NULL; batch = batch->next) {
        if (batch->state == BATCH_WAITING && commit_queue_stale(queue, batch)) {
            commit_queue_written(queue, batch);
            ticks += batch->count;
        }
    }
    return ticks;
}

bool commit_queue_pending(const struct commit_queue *queue, struct stream_partition where)
{
    for (const struct batch *batch = queue->head; batch != NULL; batch = batch->next) {
        for (size_t i = 0; i < batch->span_count && batch->stream == where.stream; i++) {
            if (batch->spans[i].partition == where.partition &&
                span_mark(queue, batch, &batch->spans[i]) != NULL) {
                return true;
            }
        }
    }
    return false;
}

size_t commit_queue_ready(const struct commit_queue *queue, struct commit_item *items, size_t limit)
{
    size_t count = 0;
    struct stream_partition where = COMMIT_QUEUE_FIRST;
    const struct mark *mark;
    while (count < limit && (mark = commit_queue_next(queue, &where)) != NULL) {
        int64_t next_offset = mark->done != NO_OFFSET ? mark->done : mark->committed;
        if (mark->owned && (next_offset != mark->committed || mark->label_uncommitted)) {
            next_offset = next_offset != NO_OFFSET ? next_offset : 0;
            items[count++] = (struct commit_item){where, mark->epoch, next_offset, mark->metadata};
        }
    }
    return count;
}

size_t commit_queue_begin_anew(struct commit_queue *queue, int stream, const struct topic_id *now,
                               struct commit_item *items, size_t limit)
{
    size_t count = 0;
    const struct stream_marks *marks = &queue->streams[stream];
    for (size_t i = 0; i < marks->count; i++) {
        struct mark *mark = &marks->items[i];
        if (!mark->owned || strcmp(mark->metadata.topic.text, now->text) == 0) {
            continue;
        }
        mark->metadata = commit_metadata_next(&mark->metadata, committed_of(mark), now);
        mark->label_uncommitted = false;
        mark->epoch++;
        mark->done = NO_OFFSET;
        mark->committed = NO_OFFSET;
        mark->end = NO_OFFSET;
        if (count < limit) {
            items[count++] =
                (struct commit_item){{stream, (int32_t)i}, mark->epoch, 0, mark->metadata};
        }
    }
    return count;
}

void commit_queue_committed(struct commit_queue *queue, const struct commit_item *item)
{
    struct mark *mark = find_mark(queue, item->where);
    if (mark != NULL && mark->owned && mark->epoch == item->epoch) {
        mark->committed = item->next_offset;
        mark->label_uncommitted = false;
    }
}
