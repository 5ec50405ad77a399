#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watermark_fixture.h"

/* A batch of one partition's messages of [begin, end), in the queue. */
static struct batch *push(struct watermark *watermark, int32_t partition, int64_t begin,
                          int64_t end)
{
    struct batch *batch = new_batch();
    for (int64_t offset = begin; offset < end; offset++) {
        add(batch, watermark, partition, offset);
    }
    watermark_push(watermark, batch);
    return batch;
}

static void finish(struct watermark *watermark, struct batch *batch)
{
    batch->state = BATCH_WRITTEN;
    pop_all(watermark);
}

static void release_all(struct watermark *watermark)
{
    for (struct batch *batch = watermark->head; batch != NULL; batch = batch->next) {
        batch->state = BATCH_WRITTEN;
        batch->letters_left = 0;
    }
    pop_all(watermark);
    watermark_free(watermark);
}

/* The partition's offset that may be committed now; NO_OFFSET: none. */
static int64_t ready(const struct watermark *watermark, int32_t partition)
{
    struct commit_item items[16];
    size_t count = watermark_ready(watermark, items, 16);
    for (size_t i = 0; i < count; i++) {
        if (items[i].where.partition == partition) {
            return items[i].next_offset;
        }
    }
    return NO_OFFSET;
}

static void watermark_nothing_owned_nothing_ready(void **state)
{
    (void)state;
    struct watermark watermark = {0};
    struct commit_item item;
    assert_int_equal(watermark_ready(&watermark, &item, 1), 0);
    assert_null(watermark_take(&watermark));
    assert_null(watermark_pop(&watermark));
    assert_false(watermark_pending(&watermark, AT(3)));
    assert_int_equal(watermark_epoch(&watermark, AT(3)), 0);
    watermark_release(&watermark, AT(3));
    watermark_release(&watermark, AT(-1));
    assert_false(watermark_assign(&watermark, AT(-1), NO_OFFSET));
    release_all(&watermark);
}

static void watermark_only_the_head_counts(void **state)
{
    (void)state;
    struct watermark watermark = {0};
    assert_true(watermark_assign(&watermark, AT(0), 10));
    assert_true(watermark_assign(&watermark, AT(1), NO_OFFSET));
    struct batch *first = push(&watermark, 0, 10, 20);
    struct batch *second = push(&watermark, 0, 20, 30);
    struct batch *third = push(&watermark, 1, 0, 5);
    assert_ptr_equal(watermark_take(&watermark), first);
    assert_ptr_equal(watermark_take(&watermark), second);
    assert_ptr_equal(watermark_take(&watermark), third);
    assert_null(watermark_take(&watermark));

    finish(&watermark, third);
    finish(&watermark, second);
    assert_int_equal(ready(&watermark, 0), NO_OFFSET);
    assert_int_equal(ready(&watermark, 1), NO_OFFSET);
    assert_int_equal(watermark.count, 3);
    finish(&watermark, first);
    assert_int_equal(ready(&watermark, 0), 30);
    assert_int_equal(ready(&watermark, 1), 5);
    assert_int_equal(watermark.count, 0);

    const struct commit_item item = {.epoch = watermark_epoch(&watermark, AT(0)),
                                     .next_offset = 30};
    watermark_committed(&watermark, &item);
    assert_int_equal(ready(&watermark, 0), NO_OFFSET);
    assert_int_equal(ready(&watermark, 1), 5);
    release_all(&watermark);
}

static void watermark_letters_gate_the_batch(void **state)
{
    (void)state;
    struct watermark watermark = {0};
    assert_true(watermark_assign(&watermark, AT(0), 0));
    struct batch *batch = push(&watermark, 0, 0, 3);
    batch->letters_left = 2;
    finish(&watermark, batch);
    assert_int_equal(ready(&watermark, 0), NO_OFFSET);
    batch->letters_left = 0;
    finish(&watermark, batch);
    assert_int_equal(ready(&watermark, 0), 3);
    release_all(&watermark);
}

static void watermark_an_end_behind_markers_waits_for_the_messages_before_it(void **state)
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
        struct watermark watermark = {0};
        assert_true(watermark_assign(&watermark, AT(0), 10));
        uint64_t epoch = watermark_epoch(&watermark, AT(0));
        assert_true(watermark_assign(&watermark, AT(0), cases[i].committed));
        epoch = cases[i].progress == OLD ? epoch : watermark_epoch(&watermark, AT(0));
        struct batch *first = NULL, *batch = NULL;
        if (cases[i].progress != EMPTY && cases[i].progress != OLD) {
            first = push(&watermark, 0, 10, 15);
            batch = push(&watermark, 0, 15, 20);
            batch->state = BATCH_WRITTEN;
        }
        if (cases[i].progress == WRITTEN || cases[i].progress == COMMITTED) {
            finish(&watermark, first);
        }
        if (cases[i].progress == COMMITTED) {
            const struct commit_item item = {.epoch = epoch, .next_offset = 20};
            watermark_committed(&watermark, &item);
        }
        watermark_reach(&watermark, AT(0), epoch, cases[i].end);
        assert_int_equal(ready(&watermark, 0), cases[i].want);
        if (cases[i].progress == QUEUED) {
            finish(&watermark, first);
        }
        assert_int_equal(ready(&watermark, 0), cases[i].want_written);
        release_all(&watermark);
    }
}

static void watermark_batch_of_letters_only_needs_no_writer(void **state)
{
    (void)state;
    struct watermark watermark = {0};
    assert_true(watermark_assign(&watermark, AT(0), 0));
    struct batch *batch = new_batch();
    const struct source_message message = {
        .place = {0, 0}, .epoch = watermark_epoch(&watermark, AT(0)), .encoded.key = {"k", 1}};
    assert_true(batch_add_letter(batch, &message, LETTER_TOMBSTONE, "no value"));
    batch->letters_left = 1;
    watermark_push(&watermark, batch);
    assert_null(watermark_take(&watermark));
    assert_null(watermark_pop(&watermark));
    batch->letters_left = 0;
    pop_all(&watermark);
    assert_int_equal(ready(&watermark, 0), 1);
    release_all(&watermark);
}

static void watermark_released_partition_is_never_ready(void **state)
{
    (void)state;
    struct watermark watermark = {0};
    assert_true(watermark_assign(&watermark, AT(0), 0));
    assert_true(watermark_assign(&watermark, AT(1), 0));
    struct batch *first = push(&watermark, 0, 0, 5);
    struct batch *both = new_batch();
    add(both, &watermark, 0, 5);
    add(both, &watermark, 1, 0);
    watermark_push(&watermark, both);
    assert_true(watermark_pending(&watermark, AT(0)));
    finish(&watermark, first);
    assert_int_equal(ready(&watermark, 0), 5);
    assert_true(watermark_pending(&watermark, AT(0)));

    watermark_release(&watermark, AT(0));
    assert_int_equal(ready(&watermark, 0), NO_OFFSET);
    assert_false(watermark_pending(&watermark, AT(0)));
    assert_true(watermark_pending(&watermark, AT(1)));
    assert_false(watermark_stale(&watermark, both));
    finish(&watermark, both);
    assert_int_equal(ready(&watermark, 0), NO_OFFSET);
    assert_int_equal(ready(&watermark, 1), 1);
    release_all(&watermark);
}

static void watermark_returned_partition_ignores_its_old_batches(void **state)
{
    (void)state;
    struct watermark watermark = {0};
    assert_true(watermark_assign(&watermark, AT(0), 0));
    struct batch *old = push(&watermark, 0, 0, 50);
    assert_ptr_equal(watermark_take(&watermark), old);
    watermark_release(&watermark, AT(0));
    assert_true(watermark_assign(&watermark, AT(0), 10));
    assert_true(watermark_stale(&watermark, old));
    assert_false(watermark_pending(&watermark, AT(0)));
    struct batch *new = push(&watermark, 0, 10, 12);
    finish(&watermark, old);
    assert_int_equal(ready(&watermark, 0), NO_OFFSET);
    finish(&watermark, new);
    assert_int_equal(ready(&watermark, 0), 12);

    /* An answer to a commit of the old time says nothing of the new. */
    const struct commit_item late = {.epoch = watermark_epoch(&watermark, AT(0)) - 1,
                                     .next_offset = 12};
    watermark_committed(&watermark, &late);
    assert_int_equal(ready(&watermark, 0), 12);
    release_all(&watermark);
}

static void watermark_stale_batches_are_dropped_unless_a_writer_has_them(void **state)
{
    (void)state;
    struct watermark watermark = {0};
    assert_true(watermark_assign(&watermark, AT(0), 0));
    assert_true(watermark_assign(&watermark, AT(1), 0));
    struct batch *taken = push(&watermark, 0, 0, 7);
    assert_ptr_equal(watermark_take(&watermark), taken);
    push(&watermark, 0, 7, 12);
    struct batch *kept = push(&watermark, 1, 0, 4);
    watermark_release(&watermark, AT(0));
    assert_int_equal(watermark_drop_stale(&watermark), 5);
    assert_int_equal(watermark_drop_stale(&watermark), 0);
    pop_all(&watermark);
    assert_int_equal(watermark.count, 3);
    assert_ptr_equal(watermark_take(&watermark), kept);
    finish(&watermark, taken);
    assert_int_equal(watermark.count, 1);
    release_all(&watermark);
}

static void watermark_ready_gives_at_most_the_limit(void **state)
{
    (void)state;
    struct watermark watermark = {0};
    for (int32_t partition = 0; partition < 10; partition++) {
        assert_true(watermark_assign(&watermark, AT(partition), 0));
        finish(&watermark, push(&watermark, partition, 0, 2));
    }
    struct commit_item items[10];
    assert_int_equal(watermark_ready(&watermark, items, 4), 4);
    assert_int_equal(watermark_ready(&watermark, items, 10), 10);
    release_all(&watermark);
}

#define OLD "AAECAwQFBgcICQoLDA0ODw"
#define NEW "BAECAwQFBgcICQoLDA0ODw"

static void watermark_an_offset_without_label_is_worth_committing_again(void **state)
{
    (void)state;
    struct watermark watermark = {0};
    struct commit_item items[2];
    const struct commit_metadata label = {.topic = {OLD}, .former = 3};
    assert_true(watermark_assign(&watermark, AT(0), 10));
    watermark_label(&watermark, AT(0), &label, true);
    assert_int_equal(watermark_ready(&watermark, items, 2), 1);
    assert_int_equal(items[0].next_offset, 10);
    assert_string_equal(items[0].metadata.topic.text, OLD);
    assert_int_equal(items[0].metadata.former, 3);
    watermark_committed(&watermark, &items[0]);
    assert_int_equal(watermark_ready(&watermark, items, 2), 0);
    assert_true(watermark_assign(&watermark, AT(0), NO_OFFSET)); /* nothing is committed */
    watermark_label(&watermark, AT(0), &label, false);
    assert_int_equal(watermark_ready(&watermark, items, 2), 0);
    watermark_label(&watermark, AT(0), &label, true);
    assert_int_equal(watermark_ready(&watermark, items, 2), 1);
    assert_int_equal(items[0].next_offset, 0);
    watermark_free(&watermark);
}

static void watermark_another_topic_begins_at_its_beginning_and_counts_the_old_one(void **state)
{
    (void)state;
    struct watermark watermark = {0};
    struct commit_item items[3];
    const struct commit_metadata label = {.topic = {OLD}, .former = 3};
    const struct topic_id now = {NEW};
    assert_true(watermark_assign(&watermark, AT(0), 10));
    assert_true(watermark_assign(&watermark, AT(1), NO_OFFSET));
    assert_true(watermark_assign(&watermark, AT(2), 5));
    watermark_label(&watermark, AT(0), &label, false);
    watermark_label(&watermark, AT(1), &label, false);
    watermark_release(&watermark, AT(2));
    uint64_t epoch = watermark_epoch(&watermark, AT(0));
    assert_int_equal(watermark_begin_anew(&watermark, 0, &now, items, 3), 2);
    static const int64_t former[] = {13, 3};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(items[i].where.partition, i);
        assert_int_equal(items[i].next_offset, 0);
        assert_string_equal(items[i].metadata.topic.text, NEW);
        assert_int_equal(items[i].metadata.former, former[i]);
    }
    assert_true(watermark_epoch(&watermark, AT(0)) > epoch);
    assert_int_equal(watermark_begin_anew(&watermark, 0, &now, items, 3), 0);
    watermark_free(&watermark);
}

static void watermark_what_was_committed_before_a_release_is_remembered(void **state)
{
    (void)state;
    struct watermark watermark = {0};
    const struct commit_metadata label = {.topic = {OLD}, .former = 3};
    const struct topic_id old = {OLD}, now = {NEW}, unknown = {""};
    assert_true(watermark_assign(&watermark, AT(0), 10));
    watermark_label(&watermark, AT(0), &label, false);
    watermark_release(&watermark, AT(0));
    watermark_release(&watermark, AT(0)); /* twice is once */
    assert_int_equal(watermark_former(&watermark, AT(0), &now), 13);
    assert_int_equal(watermark_former(&watermark, AT(0), &old), 3);
    assert_int_equal(watermark_former(&watermark, AT(0), &unknown), 0);
    assert_int_equal(watermark_former(&watermark, AT(7), &now), 0);
    watermark_free(&watermark);
}

/* The brokers deleted the old topic and its offsets, and the member is assigned the partition again
 * while it still knows only the old topic's id; it then learns the new one in either way. */
static void watermark_what_was_committed_is_remembered_without_the_groups_offset(void **state)
{
    (void)state;
    const struct topic_id now = {NEW};
    const struct commit_metadata first = {.topic = {OLD}, .former = 3};
    const struct commit_metadata again = {.topic = {OLD}, .nothing_stored = true};
    for (int released = 0; released < 2; released++) {
        struct watermark watermark = {0};
        struct commit_item items[1];
        assert_true(watermark_assign(&watermark, AT(0), 10));
        watermark_label(&watermark, AT(0), &first, false);
        watermark_release(&watermark, AT(0));
        assert_true(watermark_assign(&watermark, AT(0), NO_OFFSET));
        struct commit_metadata label = again;
        label.former = watermark_former(&watermark, AT(0), &again.topic);
        watermark_label(&watermark, AT(0), &label, false);
        if (released == 1) {
            watermark_release(&watermark, AT(0));
            assert_int_equal(watermark_former(&watermark, AT(0), &now), 13);
        } else {
            assert_int_equal(watermark_begin_anew(&watermark, 0, &now, items, 1), 1);
            assert_int_equal(items[0].metadata.former, 13);
        }
        watermark_free(&watermark);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(watermark_nothing_owned_nothing_ready),
        cmocka_unit_test(watermark_only_the_head_counts),
        cmocka_unit_test(watermark_letters_gate_the_batch),
        cmocka_unit_test(watermark_an_end_behind_markers_waits_for_the_messages_before_it),
        cmocka_unit_test(watermark_batch_of_letters_only_needs_no_writer),
        cmocka_unit_test(watermark_released_partition_is_never_ready),
        cmocka_unit_test(watermark_returned_partition_ignores_its_old_batches),
        cmocka_unit_test(watermark_stale_batches_are_dropped_unless_a_writer_has_them),
        cmocka_unit_test(watermark_ready_gives_at_most_the_limit),
        cmocka_unit_test(watermark_an_offset_without_label_is_worth_committing_again),
        cmocka_unit_test(watermark_another_topic_begins_at_its_beginning_and_counts_the_old_one),
        cmocka_unit_test(watermark_what_was_committed_before_a_release_is_remembered),
        cmocka_unit_test(watermark_what_was_committed_is_remembered_without_the_groups_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
