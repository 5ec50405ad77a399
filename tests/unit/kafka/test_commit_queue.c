#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commit_queue_fixture.h"

/* A batch of one partition's messages of [begin, end), in the queue. */
static struct batch *push(struct commit_queue *queue, int32_t partition, int64_t begin, int64_t end)
{
    struct batch *batch = new_batch();
    for (int64_t offset = begin; offset < end; offset++) {
        add(batch, queue, partition, offset);
    }
    commit_queue_push(queue, batch);
    return batch;
}

static void finish(struct commit_queue *queue, struct batch *batch)
{
    batch->state = BATCH_WRITTEN;
    pop_all(queue);
}

static void release_all(struct commit_queue *queue)
{
    for (struct batch *batch = queue->head; batch != NULL; batch = batch->next) {
        batch->state = BATCH_WRITTEN;
        batch->letters_left = 0;
    }
    pop_all(queue);
    commit_queue_free(queue);
}

/* The partition's offset that may be committed now; NO_OFFSET: none. */
static int64_t ready(const struct commit_queue *queue, int32_t partition)
{
    struct commit_item items[16];
    size_t count = commit_queue_ready(queue, items, 16);
    for (size_t i = 0; i < count; i++) {
        if (items[i].where.partition == partition) {
            return items[i].next_offset;
        }
    }
    return NO_OFFSET;
}

static void commit_queue_nothing_owned_nothing_ready(void **state)
{
    (void)state;
    struct commit_queue queue = {0};
    struct commit_item item;
    assert_int_equal(commit_queue_ready(&queue, &item, 1), 0);
    assert_null(commit_queue_take(&queue));
    assert_null(commit_queue_pop(&queue));
    assert_false(commit_queue_pending(&queue, AT(3)));
    assert_int_equal(commit_queue_epoch(&queue, AT(3)), 0);
    commit_queue_release(&queue, AT(3));
    commit_queue_release(&queue, AT(-1));
    assert_false(commit_queue_assign(&queue, AT(-1), NO_OFFSET));
    release_all(&queue);
}

static void commit_queue_only_the_head_counts(void **state)
{
    (void)state;
    struct commit_queue queue = {0};
    assert_true(commit_queue_assign(&queue, AT(0), 10));
    assert_true(commit_queue_assign(&queue, AT(1), NO_OFFSET));
    struct batch *first = push(&queue, 0, 10, 20);
    struct batch *second = push(&queue, 0, 20, 30);
    struct batch *third = push(&queue, 1, 0, 5);
    assert_ptr_equal(commit_queue_take(&queue), first);
    assert_ptr_equal(commit_queue_take(&queue), second);
    assert_ptr_equal(commit_queue_take(&queue), third);
    assert_null(commit_queue_take(&queue));

    finish(&queue, third);
    finish(&queue, second);
    assert_int_equal(ready(&queue, 0), NO_OFFSET);
    assert_int_equal(ready(&queue, 1), NO_OFFSET);
    assert_int_equal(queue.count, 3);
    finish(&queue, first);
    assert_int_equal(ready(&queue, 0), 30);
    assert_int_equal(ready(&queue, 1), 5);
    assert_int_equal(queue.count, 0);

    const struct commit_item item = {.epoch = commit_queue_epoch(&queue, AT(0)), .next_offset = 30};
    commit_queue_committed(&queue, &item);
    assert_int_equal(ready(&queue, 0), NO_OFFSET);
    assert_int_equal(ready(&queue, 1), 5);
    release_all(&queue);
}

static void commit_queue_letters_gate_the_batch(void **state)
{
    (void)state;
    struct commit_queue queue = {0};
    assert_true(commit_queue_assign(&queue, AT(0), 0));
    struct batch *batch = push(&queue, 0, 0, 3);
    batch->letters_left = 2;
    finish(&queue, batch);
    assert_int_equal(ready(&queue, 0), NO_OFFSET);
    batch->letters_left = 0;
    finish(&queue, batch);
    assert_int_equal(ready(&queue, 0), 3);
    release_all(&queue);
}

static void commit_queue_an_end_behind_markers_waits_for_the_messages_before_it(void **state)
{
    (void)state;
    enum { OLD, QUEUED, WRITTEN, COMMITTED, EMPTY };
    static const struct {
        int progress;
        int64_t committed, end;
        int64_t want, want_written; /* ready at once, and when all is written; NO_OFFSET: nothing */
    } cases[] = {
        {QUEUED, 10, 25, NO_OFFSET, 25},
        {QUEUED, 10, 15, NO_OFFSET, 20},
        {QUEUED, 10, 20, NO_OFFSET, 20},
        {WRITTEN, 10, 25, 25, 25},
        {WRITTEN, 10, 15, 20, 20},
        {COMMITTED, 10, 25, 25, 25},
        {COMMITTED, 10, 15, NO_OFFSET, NO_OFFSET},
        {EMPTY, 10, 12, 12, 12},
        {EMPTY, 10, 10, NO_OFFSET, NO_OFFSET},
        {EMPTY, 10, 9, NO_OFFSET, NO_OFFSET},
        {EMPTY, NO_OFFSET, 2, 2, 2},
        {OLD, 10, 25, NO_OFFSET, NO_OFFSET},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct commit_queue queue = {0};
        assert_true(commit_queue_assign(&queue, AT(0), 10));
        uint64_t epoch = commit_queue_epoch(&queue, AT(0));
        assert_true(commit_queue_assign(&queue, AT(0), cases[i].committed));
        epoch = cases[i].progress == OLD ? epoch : commit_queue_epoch(&queue, AT(0));
        struct batch *first = NULL, *batch = NULL;
        if (cases[i].progress != EMPTY && cases[i].progress != OLD) {
            first = push(&queue, 0, 10, 15);
            batch = push(&queue, 0, 15, 20);
            batch->state = BATCH_WRITTEN;
        }
        if (cases[i].progress == WRITTEN || cases[i].progress == COMMITTED) {
            finish(&queue, first);
        }
        if (cases[i].progress == COMMITTED) {
            const struct commit_item item = {.epoch = epoch, .next_offset = 20};
            commit_queue_committed(&queue, &item);
        }
        commit_queue_reach(&queue, AT(0), epoch, cases[i].end);
        assert_int_equal(ready(&queue, 0), cases[i].want);
        if (cases[i].progress == QUEUED) {
            finish(&queue, first);
        }
        assert_int_equal(ready(&queue, 0), cases[i].want_written);
        release_all(&queue);
    }
}

static void commit_queue_batch_of_letters_only_needs_no_writer(void **state)
{
    (void)state;
    struct commit_queue queue = {0};
    assert_true(commit_queue_assign(&queue, AT(0), 0));
    struct batch *batch = new_batch();
    const struct source_message message = {
        .place = {0, 0}, .epoch = commit_queue_epoch(&queue, AT(0)), .encoded.key = {"k", 1}};
    assert_true(batch_add_letter(batch, &message, DEAD_LETTER_TOMBSTONE, "no value"));
    batch->letters_left = 1;
    commit_queue_push(&queue, batch);
    assert_null(commit_queue_take(&queue));
    assert_null(commit_queue_pop(&queue));
    batch->letters_left = 0;
    pop_all(&queue);
    assert_int_equal(ready(&queue, 0), 1);
    release_all(&queue);
}

static void commit_queue_released_partition_is_never_ready(void **state)
{
    (void)state;
    struct commit_queue queue = {0};
    assert_true(commit_queue_assign(&queue, AT(0), 0));
    assert_true(commit_queue_assign(&queue, AT(1), 0));
    struct batch *first = push(&queue, 0, 0, 5);
    struct batch *both = new_batch();
    add(both, &queue, 0, 5);
    add(both, &queue, 1, 0);
    commit_queue_push(&queue, both);
    assert_true(commit_queue_pending(&queue, AT(0)));
    finish(&queue, first);
    assert_int_equal(ready(&queue, 0), 5);
    assert_true(commit_queue_pending(&queue, AT(0)));

    commit_queue_release(&queue, AT(0));
    assert_int_equal(ready(&queue, 0), NO_OFFSET);
    assert_false(commit_queue_pending(&queue, AT(0)));
    assert_true(commit_queue_pending(&queue, AT(1)));
    assert_false(commit_queue_stale(&queue, both));
    finish(&queue, both);
    assert_int_equal(ready(&queue, 0), NO_OFFSET);
    assert_int_equal(ready(&queue, 1), 1);
    release_all(&queue);
}

static void commit_queue_returned_partition_ignores_its_old_batches(void **state)
{
    (void)state;
    struct commit_queue queue = {0};
    assert_true(commit_queue_assign(&queue, AT(0), 0));
    struct batch *old = push(&queue, 0, 0, 50);
    assert_ptr_equal(commit_queue_take(&queue), old);
    commit_queue_release(&queue, AT(0));
    assert_true(commit_queue_assign(&queue, AT(0), 10));
    assert_true(commit_queue_stale(&queue, old));
    assert_false(commit_queue_pending(&queue, AT(0)));
    struct batch *new = push(&queue, 0, 10, 12);
    finish(&queue, old);
    assert_int_equal(ready(&queue, 0), NO_OFFSET);
    finish(&queue, new);
    assert_int_equal(ready(&queue, 0), 12);

    /* An answer to a commit of the old time says nothing of the new. */
    const struct commit_item late = {.epoch = commit_queue_epoch(&queue, AT(0)) - 1,
                                     .next_offset = 12};
    commit_queue_committed(&queue, &late);
    assert_int_equal(ready(&queue, 0), 12);
    release_all(&queue);
}

static void commit_queue_stale_batches_are_dropped_unless_a_writer_has_them(void **state)
{
    (void)state;
    struct commit_queue queue = {0};
    assert_true(commit_queue_assign(&queue, AT(0), 0));
    assert_true(commit_queue_assign(&queue, AT(1), 0));
    struct batch *taken = push(&queue, 0, 0, 7);
    assert_ptr_equal(commit_queue_take(&queue), taken);
    push(&queue, 0, 7, 12);
    struct batch *kept = push(&queue, 1, 0, 4);
    commit_queue_release(&queue, AT(0));
    assert_int_equal(commit_queue_drop_stale(&queue), 5);
    assert_int_equal(commit_queue_drop_stale(&queue), 0);
    pop_all(&queue);
    assert_int_equal(queue.count, 3);
    assert_ptr_equal(commit_queue_take(&queue), kept);
    finish(&queue, taken);
    assert_int_equal(queue.count, 1);
    release_all(&queue);
}

static void commit_queue_ready_gives_at_most_the_limit(void **state)
{
    (void)state;
    struct commit_queue queue = {0};
    for (int32_t partition = 0; partition < 10; partition++) {
        assert_true(commit_queue_assign(&queue, AT(partition), 0));
        finish(&queue, push(&queue, partition, 0, 2));
    }
    struct commit_item items[10];
    assert_int_equal(commit_queue_ready(&queue, items, 4), 4);
    assert_int_equal(commit_queue_ready(&queue, items, 10), 10);
    release_all(&queue);
}

#define OLD "AAECAwQFBgcICQoLDA0ODw"
#define NEW "BAECAwQFBgcICQoLDA0ODw"

static void commit_queue_an_offset_without_label_is_worth_committing_again(void **state)
{
    (void)state;
    struct commit_queue queue = {0};
    struct commit_item items[2];
    const struct commit_metadata label = {.topic = {OLD}, .former = 3};
    assert_true(commit_queue_assign(&queue, AT(0), 10));
    commit_queue_label(&queue, AT(0), &label, true);
    assert_int_equal(commit_queue_ready(&queue, items, 2), 1);
    assert_int_equal(items[0].next_offset, 10);
    assert_string_equal(items[0].metadata.topic.text, OLD);
    assert_int_equal(items[0].metadata.former, 3);
    commit_queue_committed(&queue, &items[0]);
    assert_int_equal(commit_queue_ready(&queue, items, 2), 0);
    assert_true(commit_queue_assign(&queue, AT(0), NO_OFFSET)); /* nothing is committed */
    commit_queue_label(&queue, AT(0), &label, false);
    assert_int_equal(commit_queue_ready(&queue, items, 2), 0);
    commit_queue_label(&queue, AT(0), &label, true);
    assert_int_equal(commit_queue_ready(&queue, items, 2), 1);
    assert_int_equal(items[0].next_offset, 0);
    commit_queue_free(&queue);
}

static void commit_queue_another_topic_begins_at_its_beginning_and_counts_the_old_one(void **state)
{
    (void)state;
    struct commit_queue queue = {0};
    struct commit_item items[3];
    const struct commit_metadata label = {.topic = {OLD}, .former = 3};
    const struct topic_id now = {NEW};
    assert_true(commit_queue_assign(&queue, AT(0), 10));
    assert_true(commit_queue_assign(&queue, AT(1), NO_OFFSET));
    assert_true(commit_queue_assign(&queue, AT(2), 5));
    commit_queue_label(&queue, AT(0), &label, false);
    commit_queue_label(&queue, AT(1), &label, false);
    commit_queue_release(&queue, AT(2));
    uint64_t epoch = commit_queue_epoch(&queue, AT(0));
    assert_int_equal(commit_queue_begin_anew(&queue, 0, &now, items, 3), 2);
    static const int64_t former[] = {13, 3};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(items[i].where.partition, i);
        assert_int_equal(items[i].next_offset, 0);
        assert_string_equal(items[i].metadata.topic.text, NEW);
        assert_int_equal(items[i].metadata.former, former[i]);
    }
    assert_true(commit_queue_epoch(&queue, AT(0)) > epoch);
    assert_int_equal(commit_queue_begin_anew(&queue, 0, &now, items, 3), 0);
    commit_queue_free(&queue);
}

static void commit_queue_what_was_committed_before_a_release_is_remembered(void **state)
{
    (void)state;
    struct commit_queue queue = {0};
    const struct commit_metadata label = {.topic = {OLD}, .former = 3};
    const struct topic_id old = {OLD}, now = {NEW}, unknown = {""};
    assert_true(commit_queue_assign(&queue, AT(0), 10));
    commit_queue_label(&queue, AT(0), &label, false);
    commit_queue_release(&queue, AT(0));
    commit_queue_release(&queue, AT(0)); /* twice is once */
    assert_int_equal(commit_queue_former(&queue, AT(0), &now), 13);
    assert_int_equal(commit_queue_former(&queue, AT(0), &old), 3);
    assert_int_equal(commit_queue_former(&queue, AT(0), &unknown), 0);
    assert_int_equal(commit_queue_former(&queue, AT(7), &now), 0);
    commit_queue_free(&queue);
}

/* The brokers deleted the old topic and its offsets, and the member is assigned the partition again
 * while it still knows only the old topic's id; it then learns the new one in either way. */
static void commit_queue_what_was_committed_is_remembered_without_the_groups_offset(void **state)
{
    (void)state;
    const struct topic_id now = {NEW};
    const struct commit_metadata first = {.topic = {OLD}, .former = 3};
    const struct commit_metadata again = {.topic = {OLD}, .nothing_stored = true};
    for (int released = 0; released < 2; released++) {
        struct commit_queue queue = {0};
        struct commit_item items[1];
        assert_true(commit_queue_assign(&queue, AT(0), 10));
        commit_queue_label(&queue, AT(0), &first, false);
        commit_queue_release(&queue, AT(0));
        assert_true(commit_queue_assign(&queue, AT(0), NO_OFFSET));
        struct commit_metadata label = again;
        label.former = commit_queue_former(&queue, AT(0), &again.topic);
        commit_queue_label(&queue, AT(0), &label, false);
        if (released == 1) {
            commit_queue_release(&queue, AT(0));
            assert_int_equal(commit_queue_former(&queue, AT(0), &now), 13);
        } else {
            assert_int_equal(commit_queue_begin_anew(&queue, 0, &now, items, 1), 1);
            assert_int_equal(items[0].metadata.former, 13);
        }
        commit_queue_free(&queue);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commit_queue_nothing_owned_nothing_ready),
        cmocka_unit_test(commit_queue_only_the_head_counts),
        cmocka_unit_test(commit_queue_letters_gate_the_batch),
        cmocka_unit_test(commit_queue_an_end_behind_markers_waits_for_the_messages_before_it),
        cmocka_unit_test(commit_queue_batch_of_letters_only_needs_no_writer),
        cmocka_unit_test(commit_queue_released_partition_is_never_ready),
        cmocka_unit_test(commit_queue_returned_partition_ignores_its_old_batches),
        cmocka_unit_test(commit_queue_stale_batches_are_dropped_unless_a_writer_has_them),
        cmocka_unit_test(commit_queue_ready_gives_at_most_the_limit),
        cmocka_unit_test(commit_queue_an_offset_without_label_is_worth_committing_again),
        cmocka_unit_test(commit_queue_another_topic_begins_at_its_beginning_and_counts_the_old_one),
        cmocka_unit_test(commit_queue_what_was_committed_before_a_release_is_remembered),
        cmocka_unit_test(commit_queue_what_was_committed_is_remembered_without_the_groups_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
