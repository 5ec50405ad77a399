/*
 * The queue against a model: every message of every partition is done or not, whoever wrote it;
 * the committed offset of the group may never pass one that is not. Random steps of two members
 * that share the group's offsets of two streams. Some offsets are markers, which no member is
 * given: they are done from the beginning. In every third run the dead letters of the second stream
 * are never acknowledged: the first one goes on all the same.
 *
 * What is called `slot` here is a partition of either stream.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "commit_queue_fixture.h"

enum { STREAMS = 2, SLOTS = 8, OFFSETS = 4000, STEPS = 40000, MEMBERS = 2, QUEUE = 6 };

struct model {
    bool done[SLOTS][OFFSETS];
    int64_t committed[SLOTS];
    int owner[SLOTS]; /* -1: none */
    struct commit_queue marks[MEMBERS];
    struct batch *open[MEMBERS][STREAMS];
    int64_t position[MEMBERS][SLOTS];
    struct random random;
    bool letters_stuck; /* those of the second stream */
    int commits, behind_markers;
};

static void release_all(struct commit_queue *queue)
{
    for (struct batch *batch = queue->head; batch != NULL; batch = batch->next) {
        batch->state = BATCH_WRITTEN;
        batch->letters_left = 0;
    }
    pop_all(queue);
    commit_queue_free(queue);
}

static size_t pick(struct model *model, size_t count)
{
    return (size_t)(random_next(&model->random) % count);
}

static struct stream_partition where_of(size_t slot)
{
    return (struct stream_partition){(int)(slot % STREAMS), (int32_t)(slot / STREAMS)};
}

static size_t slot_of(int stream, int32_t partition)
{
    return (size_t)partition * STREAMS + (size_t)stream;
}

/* Afterwards no stream's first batch is done. */
static void advance(struct commit_queue *queue)
{
    bool first[STREAMS] = {true, true};
    pop_all(queue);
    for (const struct batch *batch = queue->head; batch != NULL; batch = batch->next) {
        bool done = batch->state == BATCH_WRITTEN && batch->letters_left == 0;
        if (first[batch->stream] && done) {
            fail_msg("the first batch of stream %d is done, but stays", batch->stream);
        }
        first[batch->stream] = false;
    }
}

static bool is_marker(int64_t offset)
{
    return offset % 7 == 3 || offset % 50 > 44;
}

static void model_read(struct model *model, size_t member)
{
    size_t slot = pick(model, SLOTS);
    const struct stream_partition where = where_of(slot);
    struct batch **open = &model->open[member][where.stream];
    if (model->owner[slot] != (int)member) {
        return;
    }
    if (*open == NULL) {
        *open = new_batch();
        (*open)->stream = where.stream;
    }
    int64_t *position = &model->position[member][slot];
    for (size_t n = pick(model, 5) + 1; n > 0 && *position < OFFSETS; n--) {
        if (batch_full(*open)) {
            return;
        }
        if (!is_marker(*position)) {
            add(*open, &model->marks[member], where.partition, *position);
        }
        ++*position;
    }
}

/* The log ended where the member is, for now. */
static void model_end(struct model *model, size_t member)
{
    size_t slot = pick(model, SLOTS);
    const struct stream_partition where = where_of(slot);
    struct batch *open = model->open[member][where.stream];
    struct commit_queue *queue = &model->marks[member];
    int64_t position = model->position[member][slot];
    uint64_t epoch = commit_queue_epoch(queue, where);
    if (model->owner[slot] == (int)member &&
        (open == NULL || !batch_reach(open, where.partition, epoch, position))) {
        commit_queue_reach(queue, where, epoch, position);
    }
}

static void model_close(struct model *model, size_t member)
{
    int stream = (int)pick(model, STREAMS);
    struct batch **open = &model->open[member][stream];
    struct commit_queue *queue = &model->marks[member];
    if (*open != NULL && !batch_empty(*open) && commit_queue_has_room(queue, stream, QUEUE)) {
        commit_queue_push(queue, *open);
        *open = NULL;
        assert_true(queue->unwritten <= QUEUE && queue->count <= (size_t)QUEUE * STREAMS);
    }
}

static struct batch *random_batch(struct model *model, size_t member)
{
    struct commit_queue *queue = &model->marks[member];
    struct batch *batch = queue->head;
    for (size_t n = queue->count > 0 ? pick(model, queue->count) : 0; n > 0; n--) {
        batch = batch->next;
    }
    return batch;
}

static void model_take(struct model *model, size_t member)
{
    (void)commit_queue_take(&model->marks[member]);
}

/* The store has the batch: its messages are done, whether the partitions are still ours or not. */
static void model_write(struct model *model, size_t member)
{
    struct batch *batch = random_batch(model, member);
    if (batch == NULL || batch->state != BATCH_TAKEN) {
        return;
    }
    batch->letters_left = pick(model, 4) == 0 ? 1 : 0;
    for (size_t i = 0; i < batch->count; i++) {
        const struct place *place = &batch->origins[i].place;
        bool letter = i == 0 && batch->letters_left > 0;
        model->done[slot_of(batch->stream, place->partition)][place->offset] |= !letter;
    }
    commit_queue_written(&model->marks[member], batch);
    advance(&model->marks[member]);
}

static void model_acknowledge(struct model *model, size_t member)
{
    struct batch *batch = random_batch(model, member);
    if (batch == NULL || batch->state != BATCH_WRITTEN || batch->letters_left == 0 ||
        (model->letters_stuck && batch->stream == 1)) {
        return;
    }
    const struct place *place = &batch->origins[0].place;
    model->done[slot_of(batch->stream, place->partition)][place->offset] = true;
    batch->letters_left = 0;
    advance(&model->marks[member]);
}

static void model_commit(struct model *model, size_t member)
{
    struct commit_item items[SLOTS];
    size_t count = commit_queue_ready(&model->marks[member], items, SLOTS);
    for (size_t i = 0; i < count; i++) {
        size_t slot = slot_of(items[i].where.stream, items[i].where.partition);
        assert_int_equal(model->owner[slot], member);
        for (int64_t offset = 0; offset < items[i].next_offset; offset++) {
            if (!model->done[slot][offset]) {
                fail_msg("slot %d: %lld committed, %lld is not done", (int)slot,
                         (long long)items[i].next_offset, (long long)offset);
            }
        }
        model->committed[slot] = items[i].next_offset;
        model->commits++;
        model->behind_markers += is_marker(items[i].next_offset - 1) ? 1 : 0;
        if (pick(model, 4) > 0) { /* else the answer is lost */
            commit_queue_committed(&model->marks[member], &items[i]);
        }
    }
}

/* The partition goes, with or without a drain before, and comes to whoever. */
static void model_move(struct model *model, size_t member)
{
    size_t slot = pick(model, SLOTS);
    const struct stream_partition where = where_of(slot);
    if (model->owner[slot] == (int)member) {
        commit_queue_release(&model->marks[member], where);
        model->owner[slot] = -1;
        struct batch *open = model->open[member][where.stream];
        if (open != NULL && commit_queue_stale(&model->marks[member], open)) {
            batch_reset(open);
        }
        (void)commit_queue_drop_stale(&model->marks[member]);
        advance(&model->marks[member]);
    }
    if (model->owner[slot] == -1) {
        size_t next = pick(model, MEMBERS);
        int64_t committed = model->committed[slot];
        model->owner[slot] = (int)next;
        assert_true(commit_queue_assign(&model->marks[next], where, committed));
        model->position[next][slot] = committed;
    }
}

static void model_step(struct model *model)
{
    static void (*const steps[])(struct model *, size_t) = {
        model_read, model_read,  model_read,  model_end,         model_close,
        model_take, model_write, model_write, model_acknowledge, model_commit,
    };
    size_t member = pick(model, MEMBERS);
    if (pick(model, 60) == 0) {
        model_move(model, member);
    } else {
        steps[pick(model, sizeof steps / sizeof *steps)](model, member);
    }
}

/* Returns how many offsets of the stream are committed. */
static int64_t moved_of(const struct model *model, int stream)
{
    int64_t moved = 0;
    for (size_t slot = 0; slot < SLOTS; slot++) {
        moved += where_of(slot).stream == stream ? model->committed[slot] : 0;
    }
    return moved;
}

static struct model *create_model(uint64_t seed)
{
    struct model *model = calloc(1, sizeof *model);
    assert_non_null(model);
    model->random = random_seeded(seed);
    model->letters_stuck = seed % 3 == 0;
    memset(model->owner, -1, sizeof model->owner);
    for (size_t i = 0; i < SLOTS * OFFSETS; i++) {
        model->done[i / OFFSETS][i % OFFSETS] = is_marker((int64_t)(i % OFFSETS));
    }
    return model;
}

static void free_model(struct model *model)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        for (size_t stream = 0; stream < STREAMS; stream++) {
            batch_destroy(model->open[i][stream]);
        }
        release_all(&model->marks[i]);
    }
    free(model);
}

static void commit_queue_random_steps_commit_only_what_is_done(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct model *model = create_model(seed);
        for (int step = 0; step < STEPS; step++) {
            model_step(model);
        }
        int64_t first = moved_of(model, 0), second = moved_of(model, 1);
        if (model->commits < 100 || first < 1000 || (second < 1000 && !model->letters_stuck) ||
            model->behind_markers < 10) {
            fail_msg("seed %d: only %d commits, %d of them behind a marker, up to %d and %d",
                     (int)seed, model->commits, model->behind_markers, (int)first, (int)second);
        }
        free_model(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commit_queue_random_steps_commit_only_what_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
