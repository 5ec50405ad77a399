#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "kafka/consumer/batch.h"
#include "kafka/consumer/held_messages.h"
#include "record/ticker.h"
#include "texts/memo_kind.h"

static struct source_message message_at(int32_t partition, int64_t offset)
{
    return (struct source_message){
        .place = {partition, offset},
        .epoch = 1,
        .encoded = {.key = {"tBTCUSD", 7}, .value = {"value", 5}, .timestamp_ms = NO_TIMESTAMP},
    };
}

static void add_tick(struct batch *batch, int32_t partition, int64_t offset)
{
    struct source_message message = message_at(partition, offset);
    *(struct ticker *)batch_slot(batch) = (struct ticker){.seq = offset, .last_price = 1};
    assert_true(batch_add_record(batch, &message));
}

static void add_letter(struct batch *batch, int32_t partition, int64_t offset)
{
    struct source_message message = message_at(partition, offset);
    assert_true(batch_add_letter(batch, &message, DEAD_LETTER_BAD, "no frame"));
}

static void batch_new_one_is_empty(void **state)
{
    (void)state;
    struct batch *batch = batch_create(&ticker_kind, 4, 1000);
    assert_non_null(batch);
    assert_true(batch_empty(batch));
    assert_false(batch_full(batch));
    assert_null(batch_take_letters(batch).first);
    batch_destroy(batch);
    batch_destroy(NULL);
}

static void batch_full_by_ticks_letters_or_bytes(void **state)
{
    (void)state;
    static const struct {
        int ticks, letters;
        size_t bytes_limit;
        bool want;
    } cases[] = {
        {0, 0, 1000, false}, {3, 0, 1000, false}, {4, 0, 1000, true}, {0, 4, 1000, true},
        {2, 2, 1000, true},  {2, 1, 1000, false}, {1, 0, 12, true},   {1, 0, 13, false},
        {0, 1, 12, true},    {1, 1, 24, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch *batch = batch_create(&ticker_kind, 4, cases[i].bytes_limit);
        assert_non_null(batch);
        for (int n = 0; n < cases[i].ticks; n++) {
            add_tick(batch, 0, n);
        }
        for (int n = 0; n < cases[i].letters; n++) {
            add_letter(batch, 0, cases[i].ticks + n);
        }
        if (batch_full(batch) != cases[i].want) {
            fail_msg("case %zu", i);
        }
        batch_destroy(batch);
    }
}

static void batch_slot_not_added_is_overwritten(void **state)
{
    (void)state;
    struct batch *batch = batch_create(&ticker_kind, 4, 1000);
    ((struct ticker *)batch_slot(batch))->seq = 77;
    add_letter(batch, 0, 0);
    add_tick(batch, 0, 1);
    assert_int_equal(batch->count, 1);
    assert_int_equal(((struct ticker *)batch->records)[0].seq, 1);
    assert_int_equal(batch->origins[0].place.offset, 1);
    batch_destroy(batch);
}

static void put_memo(struct batch *batch, size_t length)
{
    static const char text[LONG_TEXT_MAX];
    struct memo *memo = batch_slot(batch);
    *memo = (struct memo){.name = "a"};
    assert_true(text_arena_add(&batch->texts, (struct str){text, length}, &memo->body));
}

/* The message has 12 bytes. */
static void batch_long_texts_count_and_those_not_added_do_not(void **state)
{
    (void)state;
    struct batch *batch = batch_create(&memo_kind, 10, 1000);
    struct source_message message = message_at(0, 1);
    put_memo(batch, 5000);
    assert_false(batch_full(batch)); /* nothing is added yet */
    add_letter(batch, 0, 0);
    assert_false(batch_full(batch));
    put_memo(batch, 5000);
    put_memo(batch, 975);
    assert_true(batch_add_record(batch, &message));
    assert_false(batch_full(batch)); /* 24 + 975 bytes */
    put_memo(batch, 5000);
    assert_false(batch_full(batch));
    put_memo(batch, 1);
    assert_true(batch_add_record(batch, &message));
    assert_true(batch_full(batch));
    const struct memo *memos = batch->records;
    assert_int_equal(batch->count, 2);
    assert_int_equal(memos[0].body.offset, 0);
    assert_int_equal(memos[1].body.offset, 975);
    assert_int_equal(batch->texts.length, 976);
    batch_reset(batch);
    assert_true(batch_empty(batch) && !batch_full(batch));
    assert_int_equal(batch->texts.length, 0);
    assert_null(batch->texts.bytes); /* it had grown far above the limit */
    batch_destroy(batch);
}

static void batch_spans_end_after_the_newest_message_of_each_epoch(void **state)
{
    (void)state;
    static const struct {
        int32_t partition;
        uint64_t epoch;
        int64_t offset;
    } messages[] = {{0, 1, 10}, {0, 1, 11}, {5, 3, 7}, {0, 1, 14},
                    {0, 2, 12}, {5, 3, 8},  {5, 3, 3}};
    static const struct span want[] = {{0, 1, 15, 1}, {5, 3, 4, 1}, {0, 2, 13, 0}};
    struct batch *batch = batch_create(&ticker_kind, 10, 1000);
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        struct source_message message = message_at(messages[i].partition, messages[i].offset);
        message.epoch = messages[i].epoch;
        assert_true(i % 2 == 0 ? batch_add_record(batch, &message)
                               : batch_add_letter(batch, &message, DEAD_LETTER_BAD, ""));
    }
    struct dead_letter_list refused = {0};
    for (size_t i = 1; i <= 2; i++) { /* of partition 5, and of the newer epoch of partition 0 */
        dead_letter_list_append(&refused, batch_refused_letter(batch, i, "refused"));
    }
    batch_refuse(batch, &refused);
    dead_letter_list_free(&refused);
    assert_int_equal(batch->span_count, sizeof want / sizeof *want);
    for (size_t i = 0; i < batch->span_count; i++) {
        assert_int_equal(batch->spans[i].partition, want[i].partition);
        assert_int_equal(batch->spans[i].epoch, want[i].epoch);
        assert_int_equal(batch->spans[i].next_offset, want[i].next_offset);
        assert_int_equal(batch->spans[i].stored, want[i].stored);
    }
    batch_destroy(batch);
}

static void batch_many_partitions_each_has_its_span(void **state)
{
    (void)state;
    enum { PARTITIONS = 100 };
    struct batch *batch = batch_create(&ticker_kind, 1000, 100000);
    for (int round = 0; round < 3; round++) {
        for (int32_t partition = 0; partition < PARTITIONS; partition++) {
            add_tick(batch, partition, 10 * partition + round);
        }
    }
    assert_int_equal(batch->span_count, PARTITIONS);
    for (size_t i = 0; i < batch->span_count; i++) {
        assert_int_equal(batch->spans[i].next_offset, 10 * batch->spans[i].partition + 3);
    }
    batch_destroy(batch);
}

static void assert_bytes(struct str have, struct str want)
{
    assert_int_equal(have.data == NULL, want.data == NULL);
    assert_int_equal(have.length, want.length);
    if (want.length > 0) {
        assert_memory_equal(have.data, want.data, want.length);
    }
}

static void batch_letters_keep_the_original_bytes(void **state)
{
    (void)state;
    static const struct {
        struct str key, value;
        enum dead_letter_kind kind;
        const char *reason;
    } cases[] = {
        {{NULL, 0}, {"v", 1}, DEAD_LETTER_NO_KEY, "no key"},
        {{"k", 1}, {NULL, 0}, DEAD_LETTER_TOMBSTONE, "no value"},
        {{"", 0}, {"", 0}, DEAD_LETTER_BAD, "both empty"},
        {{"a\0b", 3}, {"\xff\x00\x01", 3}, DEAD_LETTER_BAD, "zero bytes"},
        {{NULL, 0}, {NULL, 0}, DEAD_LETTER_NO_KEY, "nothing"},
    };
    enum { COUNT = sizeof cases / sizeof *cases };
    struct batch *batch = batch_create(&ticker_kind, COUNT, 1000);
    for (int i = 0; i < COUNT; i++) {
        struct source_message message = message_at(2, i);
        message.encoded.key = cases[i].key;
        message.encoded.value = cases[i].value;
        assert_true(batch_add_letter(batch, &message, cases[i].kind, cases[i].reason));
    }
    struct dead_letter_list letters = batch_take_letters(batch);
    for (int i = 0; i < COUNT; i++) {
        struct dead_letter *letter = dead_letter_list_take(&letters);
        assert_non_null(letter);
        assert_ptr_equal(letter->batch, batch);
        assert_int_equal(letter->origin.place.partition, 2);
        assert_int_equal(letter->origin.place.offset, i);
        assert_int_equal(letter->kind, cases[i].kind);
        assert_string_equal(letter->reason, cases[i].reason);
        assert_bytes(letter->encoded.key, cases[i].key);
        assert_bytes(letter->encoded.value, cases[i].value);
        free(letter);
    }
    assert_null(dead_letter_list_take(&letters));
    assert_null(batch_take_letters(batch).first);
    batch_destroy(batch);
}

static void batch_refused_tick_gives_its_message(void **state)
{
    (void)state;
    struct batch *batch = batch_create(&ticker_kind, 500, 1000000);
    for (int i = 0; i < 500; i++) {
        char value[32];
        struct source_message message = message_at(1, 100 + i);
        message.encoded.value.data = value;
        message.encoded.value.length = (size_t)snprintf(value, sizeof value, "value %d", i);
        assert_true(batch_add_record(batch, &message));
    }
    struct dead_letter *letter = batch_refused_letter(batch, 321, "field type clash");
    assert_non_null(letter);
    assert_int_equal(letter->kind, DEAD_LETTER_REFUSED);
    assert_int_equal(letter->origin.place.offset, 421);
    assert_bytes(letter->encoded.key, str_from("tBTCUSD"));
    assert_bytes(letter->encoded.value, str_from("value 321"));
    assert_string_equal(letter->reason, "field type clash");
    free(letter);
    batch_destroy(batch);
}

static void batch_reaches_only_forward_and_only_where_it_holds_something(void **state)
{
    (void)state;
    struct batch *batch = batch_create(&ticker_kind, 4, 1000);
    assert_false(batch_reach(batch, 0, 1, 7));
    assert_true(batch_empty(batch));
    add_tick(batch, 0, 1);
    uint64_t epoch = batch->spans[0].epoch;
    assert_false(batch_reach(batch, 1, epoch, 7));
    assert_false(batch_reach(batch, 0, epoch + 1, 7));
    assert_int_equal(batch->spans[0].next_offset, 2);
    assert_true(batch_reach(batch, 0, epoch, 7));
    assert_true(batch_reach(batch, 0, epoch, 5));
    assert_int_equal(batch->spans[0].next_offset, 7);
    assert_int_equal(batch->span_count, 1);
    batch_destroy(batch);
}

static void batch_reset_forgets_all(void **state)
{
    (void)state;
    struct batch *batch = batch_create(&ticker_kind, 2, 1000);
    add_tick(batch, 0, 1);
    add_letter(batch, 0, 2);
    batch->opened_ns = 5;
    batch->state = BATCH_WRITTEN;
    batch_reset(batch);
    assert_true(batch_empty(batch));
    assert_false(batch_full(batch));
    assert_int_equal(batch->state, BATCH_OPEN);
    assert_int_equal(batch->count + batch->letter_count + batch->bytes.length, 0);
    assert_null(batch_take_letters(batch).first);
    add_tick(batch, 3, 9);
    assert_int_equal(batch->spans[0].partition, 3);
    assert_int_equal(batch->span_count, 1);
    batch_destroy(batch);
}

static void letter_long_reason_is_cut(void **state)
{
    (void)state;
    char reason[400];
    memset(reason, 'x', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    const struct origin origin = {.place = {1, 2}};
    struct dead_letter *letter = dead_letter_create(NULL, &origin, DEAD_LETTER_BAD, reason);
    assert_non_null(letter);
    assert_int_equal(strlen(letter->reason), sizeof letter->reason - 1);
    free(letter);
}

/* Holding keeps messages, orders them, and counts their bytes. */
static void held_messages_keep_the_order(void **state)
{
    (void)state;
    static rd_kafka_message_t messages[50 * 6 * 20];
    struct held_messages held = {0};
    assert_null(held_messages_oldest(&held));
    size_t next_in = 0, next_out = 0;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < round % 7 * 20; i++) {
            messages[next_in].key_len = 2;
            messages[next_in].len = 3;
            assert_true(held_messages_add(&held, &messages[next_in++]));
        }
        for (int i = 0; i < round % 5 * 25 && held.count > 0; i++) {
            assert_ptr_equal(held_messages_oldest(&held), &messages[next_out++]);
            /* As held_messages_drop_oldest, which would destroy the message. */
            held.first++;
            held.count--;
            held.bytes -= 5;
        }
        assert_int_equal(held.count, next_in - next_out);
        assert_int_equal(held.bytes, 5 * held.count);
    }
    held.count = 0;
    held_messages_free(&held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_new_one_is_empty),
        cmocka_unit_test(batch_full_by_ticks_letters_or_bytes),
        cmocka_unit_test(batch_slot_not_added_is_overwritten),
        cmocka_unit_test(batch_long_texts_count_and_those_not_added_do_not),
        cmocka_unit_test(batch_spans_end_after_the_newest_message_of_each_epoch),
        cmocka_unit_test(batch_many_partitions_each_has_its_span),
        cmocka_unit_test(batch_letters_keep_the_original_bytes),
        cmocka_unit_test(batch_refused_tick_gives_its_message),
        cmocka_unit_test(batch_reaches_only_forward_and_only_where_it_holds_something),
        cmocka_unit_test(batch_reset_forgets_all),
        cmocka_unit_test(letter_long_reason_is_cut),
        cmocka_unit_test(held_messages_keep_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
