#include "kafka/consumer/watermark.h"

#include <stdlib.h>
#include <string.h>

void watermark_free(struct watermark *watermark)
{
    free(watermark->marks);
    *watermark = (struct watermark){0};
}

static bool make_room(struct watermark *watermark, size_t count)
{
    if (count <= watermark->mark_count) {
        return true;
    }
    struct mark *marks = realloc(watermark->marks, count * sizeof *marks);
    if (marks == NULL) {
        return false;
    }
    for (size_t i = watermark->mark_count; i < count; i++) {
        marks[i] = (struct mark){.done = NO_OFFSET, .committed = NO_OFFSET};
    }
    watermark->marks = marks;
    watermark->mark_count = count;
    return true;
}

/* Returns NULL if the partition was never assigned. */
static struct mark *find_mark(const struct watermark *watermark, int32_t partition)
{
    bool known = partition >= 0 && (size_t)partition < watermark->mark_count;
    return known ? &watermark->marks[partition] : NULL;
}

bool watermark_assign(struct watermark *watermark, int32_t partition, int64_t committed)
{
    if (partition < 0 || !make_room(watermark, (size_t)partition + 1)) {
        return false;
    }
    struct mark *mark = &watermark->marks[partition];
    mark->owned = true;
    mark->epoch++;
    mark->done = NO_OFFSET;
    mark->committed = committed;
    mark->metadata = (struct commit_metadata){.former = 0};
    mark->label_anew = false;
    mark->end = NO_OFFSET;
    return true;
}

void watermark_label(struct watermark *watermark, int32_t partition,
                     const struct commit_metadata *metadata, bool anew)
{
    struct mark *mark = find_mark(watermark, partition);
    if (mark != NULL && mark->owned) {
        mark->metadata = *metadata;
        mark->label_anew = anew;
    }
}

/* Returns how many offsets of the mark's topic are committed, or may be by now. */
static int64_t committed_of(const struct mark *mark)
{
    int64_t read = mark->done > mark->committed ? mark->done : mark->committed;
    return read > 0 ? read : 0;
}

void watermark_release(struct watermark *watermark, int32_t partition)
{
    struct mark *mark = find_mark(watermark, partition);
    if (mark != NULL) {
        if (mark->owned) {
            mark->before = mark->metadata;
            mark->before_read = committed_of(mark);
        }
        mark->owned = false;
        mark->done = NO_OFFSET;
        mark->committed = NO_OFFSET;
    }
}

int64_t watermark_former(const struct watermark *watermark, int32_t partition,
                         const struct topic_id *now)
{
    const struct mark *mark = find_mark(watermark, partition);
    if (mark == NULL || !topic_id_known(now)) {
        return 0;
    }
    return commit_metadata_next(&mark->before, mark->before_read, now).former;
}

uint64_t watermark_epoch(const struct watermark *watermark, int32_t partition)
{
    const struct mark *mark = find_mark(watermark, partition);
    return mark != NULL ? mark->epoch : 0;
}

/* Returns the mark that the span's batch may advance; NULL if the span belongs to an earlier
 * epoch. */
static struct mark *current_mark(const struct watermark *watermark, const struct span *span)
{
    struct mark *mark = find_mark(watermark, span->partition);
    return mark != NULL && mark->owned && mark->epoch == span->epoch ? mark : NULL;
}

void watermark_push(struct watermark *watermark, struct batch *batch)
{
    batch->state = batch->count > 0 ? BATCH_WAITING : BATCH_WRITTEN;
    batch->next = NULL;
    if (watermark->tail != NULL) {
        watermark->tail->next = batch;
    } else {
        watermark->head = batch;
    }
    watermark->tail = batch;
    watermark->count++;
}

struct batch *watermark_take(struct watermark *watermark)
{
    for (struct batch *batch = watermark->head; batch != NULL; batch = batch->next) {
        if (batch->state == BATCH_WAITING) {
            batch->state = BATCH_TAKEN;
            return batch;
        }
    }
    return NULL;
}

struct batch *watermark_pop(struct watermark *watermark)
{
    struct batch *batch = watermark->head;
    if (batch == NULL || batch->state != BATCH_WRITTEN || batch->letters_left > 0) {
        return NULL;
    }
    watermark->head = batch->next;
    if (watermark->head == NULL) {
        watermark->tail = NULL;
    }
    watermark->count--;
    batch->next = NULL;
    for (size_t i = 0; i < batch->span_count; i++) {
        struct mark *mark = current_mark(watermark, &batch->spans[i]);
        if (mark != NULL) {
            mark->done = batch->spans[i].next_offset;
        }
    }
    return batch;
}

/* Returns the newest batch with messages of that partition and epoch; NULL if there is none. */
static struct batch *newest_batch_of(const struct watermark *watermark, const struct span *wanted)
{
    struct batch *newest = NULL;
    for (struct batch *batch = watermark->head; batch != NULL; batch = batch->next) {
        for (size_t i = 0; i < batch->span_count; i++) {
            if (batch->spans[i].partition == wanted->partition &&
                batch->spans[i].epoch == wanted->epoch) {
                newest = batch;
            }
        }
    }
    return newest;
}

void watermark_reach(struct watermark *watermark, int32_t partition, uint64_t epoch,
                     int64_t next_offset)
{
    const struct span reached = {partition, epoch, next_offset};
    struct mark *mark = current_mark(watermark, &reached);
    struct batch *batch = newest_batch_of(watermark, &reached);
    if (batch != NULL) {
        (void)batch_reach(batch, partition, epoch, next_offset);
    } else if (mark != NULL && next_offset > mark->done && next_offset > mark->committed) {
        mark->done = next_offset;
    }
}

void watermark_at_end(struct watermark *watermark, int32_t partition, uint64_t epoch, int64_t end)
{
    const struct span place = {partition, epoch, end};
    struct mark *mark = current_mark(watermark, &place);
    if (mark != NULL) {
        mark->end = end;
    }
}

bool watermark_stale(const struct watermark *watermark, const struct batch *batch)
{
    for (size_t i = 0; i < batch->span_count; i++) {
        if (current_mark(watermark, &batch->spans[i]) != NULL) {
            return false;
        }
    }
    return true;
}

size_t watermark_drop_stale(struct watermark *watermark)
{
    size_t ticks = 0;
    for (struct batch *batch = watermark->head; batch != NULL; batch = batch->next) {
        if (batch->state == BATCH_WAITING && watermark_stale(watermark, batch)) {
            batch->state = BATCH_WRITTEN;
            ticks += batch->count;
        }
    }
    return ticks;
}

bool watermark_pending(const struct watermark *watermark, int32_t partition)
{
    for (const struct batch *batch = watermark->head; batch != NULL; batch = batch->next) {
        for (size_t i = 0; i < batch->span_count; i++) {
            if (batch->spans[i].partition == partition &&
                current_mark(watermark, &batch->spans[i]) != NULL) {
                return true;
            }
        }
    }
    return false;
}

size_t watermark_ready(const struct watermark *watermark, struct commit_item *items, size_t limit)
{
    size_t count = 0;
    for (size_t i = 0; i < watermark->mark_count && count < limit; i++) {
        const struct mark *mark = &watermark->marks[i];
        int64_t next_offset = mark->done != NO_OFFSET ? mark->done : mark->committed;
        if (mark->owned && (next_offset != mark->committed || mark->label_anew)) {
            next_offset = next_offset != NO_OFFSET ? next_offset : 0;
            items[count++] =
                (struct commit_item){(int32_t)i, mark->epoch, next_offset, mark->metadata};
        }
    }
    return count;
}

size_t watermark_begin_anew(struct watermark *watermark, const struct topic_id *now,
                            struct commit_item *items, size_t limit)
{
    size_t count = 0;
    for (size_t i = 0; i < watermark->mark_count; i++) {
        struct mark *mark = &watermark->marks[i];
        if (!mark->owned || strcmp(mark->metadata.topic.text, now->text) == 0) {
            continue;
        }
        mark->metadata = commit_metadata_next(&mark->metadata, committed_of(mark), now);
        mark->epoch++;
        mark->done = NO_OFFSET;
        mark->committed = NO_OFFSET;
        mark->end = NO_OFFSET;
        if (count < limit) {
            items[count++] = (struct commit_item){(int32_t)i, mark->epoch, 0, mark->metadata};
        }
    }
    return count;
}

void watermark_committed(struct watermark *watermark, const struct commit_item *item)
{
    struct mark *mark = find_mark(watermark, item->partition);
    if (mark != NULL && mark->owned && mark->epoch == item->epoch) {
        mark->committed = item->next_offset;
        mark->label_anew = false;
    }
}
