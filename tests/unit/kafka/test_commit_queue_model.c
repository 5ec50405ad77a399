/*
 * The queue against a model: every message of every partition is done or not, whoever wrote it;
 * the committed offset of the group may never pass one that is not. Random steps of two members
 * that share the group's offsets. Some offsets are markers, which no member is given: they are done
 * from the beginning.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "commit_queue_fixture.h"

enum { PARTITIONS = 4, OFFSETS = 4000, STEPS = 20000, MEMBERS = 2, QUEUE = 6 };

struct model {
    bool done[PARTITIONS][OFFSETS];
    int64_t committed[PARTITIONS];
    int owner[PARTITIONS]; /* -1: none */
    struct commit_queue marks[MEMBERS];
    struct batch *open[MEMBERS];
    int64_t position[MEMBERS][PARTITIONS];
    struct random random;
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

static bool is_marker(int64_t offset)
{
    return offset % 7 == 3 || offset % 50 > 44;
}

static void model_read(struct model *model, size_t member)
{
    size_t partition = pick(model, PARTITIONS);
    if (model->owner[partition] != (int)member) {
        return;
    }
    if (model->open[member] == NULL) {
        model->open[member] = new_batch();
    }
    int64_t *position = &model->position[member][partition];
    for (size_t n = pick(model, 5) + 1; n > 0 && *position < OFFSETS; n--) {
        if (batch_full(model->open[member])) {
            return;
        }
        if (!is_marker(*position)) {
            add(model->open[member], &model->marks[member], (int32_t)partition, *position);
        }
        ++*position;
    }
}

/* The log ended where the member is, for now. */
static void model_end(struct model *model, size_t member)
{
    size_t partition = pick(model, PARTITIONS);
    struct batch *open = model->open[member];
    struct commit_queue *queue = &model->marks[member];
    int64_t position = model->position[member][partition];
    uint64_t epoch = commit_queue_epoch(queue, AT((int32_t)partition));
    if (model->owner[partition] == (int)member &&
        (open == NULL || !batch_reach(open, (int32_t)partition, epoch, position))) {
        commit_queue_reach(queue, AT((int32_t)partition), epoch, position);
    }
}

static void model_close(struct model *model, size_t member)
{
    if (model->open[member] != NULL && !batch_empty(model->open[member]) &&
        model->marks[member].count < QUEUE) {
        commit_queue_push(&model->marks[member], model->open[member]);
        model->open[member] = NULL;
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
        model->done[place->partition][place->offset] |= !letter;
    }
    batch->state = BATCH_WRITTEN;
    pop_all(&model->marks[member]);
}

static void model_acknowledge(struct model *model, size_t member)
{
    struct batch *batch = random_batch(model, member);
    if (batch == NULL || batch->state != BATCH_WRITTEN || batch->letters_left == 0) {
        return;
    }
    const struct place *place = &batch->origins[0].place;
    model->done[place->partition][place->offset] = true;
    batch->letters_left = 0;
    pop_all(&model->marks[member]);
}

static void model_commit(struct model *model, size_t member)
{
    struct commit_item items[PARTITIONS];
    size_t count = commit_queue_ready(&model->marks[member], items, PARTITIONS);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(model->owner[items[i].where.partition], member);
        for (int64_t offset = 0; offset < items[i].next_offset; offset++) {
            if (!model->done[items[i].where.partition][offset]) {
                fail_msg("partition %d: %lld committed, %lld is not done",
                         (int)items[i].where.partition, (long long)items[i].next_offset,
                         (long long)offset);
            }
        }
        model->committed[items[i].where.partition] = items[i].next_offset;
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
    size_t partition = pick(model, PARTITIONS);
    if (model->owner[partition] == (int)member) {
        commit_queue_release(&model->marks[member], AT((int32_t)partition));
        model->owner[partition] = -1;
        struct batch *open = model->open[member];
        if (open != NULL && commit_queue_stale(&model->marks[member], open)) {
            batch_reset(open);
        }
        (void)commit_queue_drop_stale(&model->marks[member]);
        pop_all(&model->marks[member]);
    }
    if (model->owner[partition] == -1) {
        size_t next = pick(model, MEMBERS);
        int64_t committed = model->committed[partition];
        model->owner[partition] = (int)next;
        assert_true(commit_queue_assign(&model->marks[next], AT((int32_t)partition), committed));
        model->position[next][partition] = committed;
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

static void commit_queue_random_steps_commit_only_what_is_done(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct model *model = calloc(1, sizeof *model);
        assert_non_null(model);
        model->random = random_seeded(seed);
        memset(model->owner, -1, sizeof model->owner);
        for (size_t i = 0; i < PARTITIONS * OFFSETS; i++) {
            model->done[i / OFFSETS][i % OFFSETS] = is_marker((int64_t)(i % OFFSETS));
        }
        for (int step = 0; step < STEPS; step++) {
            model_step(model);
        }
        int64_t moved = 0;
        for (size_t i = 0; i < PARTITIONS; i++) {
            moved += model->committed[i];
        }
        if (model->commits < 100 || moved < 100 || model->behind_markers < 10) {
            fail_msg("seed %d: only %d commits, %d of them behind a marker, up to %d", (int)seed,
                     model->commits, model->behind_markers, (int)moved);
        }
        for (size_t i = 0; i < MEMBERS; i++) {
            batch_destroy(model->open[i]);
            release_all(&model->marks[i]);
        }
        free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commit_queue_random_steps_commit_only_what_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
