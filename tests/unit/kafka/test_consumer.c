#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rig.h"

static void produce_everywhere(struct rig *rig, int count)
{
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rig_produce(rig, p, count);
    }
}

/* Every message went one of the ways out, and only one. */
static void assert_books_balance(const struct consumer_stats *stats)
{
    assert_int_equal(stats->consumed, stats->written + stats->dead_lettered +
                                          stats->dropped_on_revoke + stats->queued_ticks);
}

static void consumer_reads_all_stores_once_commits_all(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    produce_everywhere(rig, 2500);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_durable(rig, 20000);
    rig_wait_committed(rig, 5000);
    struct consumer_stats stats = rig_stats(&member);
    assert_int_equal(stats.consumed, 15000);
    assert_int_equal(stats.written, 15000);
    assert_int_equal(stats.dead_lettered + stats.dropped_on_revoke + stats.queued_ticks, 0);
    assert_int_equal(stats.gap_messages, 0);
    assert_int_equal(stats.write_retries, 0);
    assert_int_equal(stats.rebalances, 1);
    assert_int_equal(stats.owned_count, RIG_PARTITIONS);
    assert_true(stats.batches >= 150);
    assert_true(stats.last_write_ns > 0);
    assert_true(stats.healthy);
    assert_string_equal(stats.reason, "");
    assert_false(stats.paused || stats.fatal);
    assert_int_equal(rig->points, 15000);
    rig_leave(&member);
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        assert_int_equal(rig_group_offset(rig, p), 2500);
    }
    assert_int_equal(member.assigned, 1);
    assert_int_equal(member.revoked, 1);
    assert_int_equal(member.lost, 0);
    rig_destroy(rig);
}

/* A commit is a replicated write: the queue's being empty for a moment does not cause one. */
static void consumer_commits_at_a_pace(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rig_produce(rig, 0, RIG_OFFSETS);
    int64_t begin_ns = clock_monotonic_ns();
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_durable(rig, 20000);
    rig_wait_committed(rig, 5000);
    int64_t took_ms = (clock_monotonic_ns() - begin_ns) / NS_PER_MS;
    rig_leave(&member);
    assert_in_range(rig->commits, 1, took_ms / 50 + 2);
    rig_destroy(rig);
}

static void consumer_batches_close_by_ticks_bytes_or_age(void **state)
{
    (void)state;
    static const struct {
        size_t ticks, bytes;
        int age_ms, messages;
        size_t want_max; /* ticks of the largest batch */
    } cases[] = {
        {70, 1 << 20, 10000, 700, 70},
        {100000, 200, 10000, 680, 25}, /* 8 bytes each or more */
        {1, 1 << 20, 10000, 30, 1},
        {100000, 1 << 20, 60, 90, 90}, /* all within one age, or in parts */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig *rig = rig_create();
        struct rig_member member = {0};
        rig->config.batch_ticks = cases[i].ticks;
        rig->config.batch_bytes = cases[i].bytes;
        rig->config.batch_age_ms = cases[i].age_ms;
        rig_produce(rig, 1, cases[i].messages);
        rig_join(rig, &member, "only", STRATEGY_RANGE);
        rig_wait_until(rig_points(rig) >= cases[i].messages, 10000);
        if (rig->batch_max > cases[i].want_max || rig->batch_max == 0) {
            fail_msg("case %zu: a batch of %zu", i, rig->batch_max);
        }
        rig_leave(&member);
        assert_int_equal(rig_points(rig), cases[i].messages);
        rig_destroy(rig);
    }
}

static void consumer_lone_message_is_written_and_committed_by_age(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rig->config.batch_age_ms = 100;
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(rig_stats(&member).owned_count == RIG_PARTITIONS, 10000);
    for (int i = 0; i < 3; i++) {
        rig_produce(rig, 4, 1);
        rig_wait_committed(rig, 2000);
    }
    rig_leave(&member);
    rig_destroy(rig);
}

/* The store has nothing else to do: no reason to let a tick wait for company. */
static void consumer_lone_message_does_not_wait_for_its_batch_to_age(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rig->config.batch_age_ms = 30000;
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(rig_stats(&member).owned_count == RIG_PARTITIONS, 10000);
    for (int i = 0; i < 3; i++) {
        rig_produce(rig, 4, 1);
        rig_wait_committed(rig, 5000);
    }
    rig_leave(&member);
    rig_destroy(rig);
}

static void assert_bytes(struct str have, struct str want)
{
    assert_int_equal(have.data == NULL, want.data == NULL);
    assert_int_equal(have.length, want.length);
    if (want.length > 0) {
        assert_memory_equal(have.data, want.data, want.length);
    }
}

static void assert_letter(const struct found_letter *letter, const char *partition,
                          const char *offset, const char *kind, const char *reason)
{
    assert_string_equal(letter->topic, RIG_TOPIC);
    assert_string_equal(letter->partition, partition);
    assert_string_equal(letter->offset, offset);
    assert_string_equal(letter->kind, kind);
    assert_string_equal(letter->reason, reason);
    struct topic_id id = topic_id_parse(str_from(letter->topic_id));
    assert_true(topic_id_known(&id));
    assert_int_equal(letter->header_count, 7); /* with the timestamp */
}

static void consumer_message_that_is_no_tick_becomes_a_letter(void **state)
{
    (void)state;
    static char large[70000];
    memset(large, 'T', sizeof large);
    static const struct {
        struct str key, value;
        const char *kind, *reason;
    } cases[] = {
        {{"coin", 4}, {"\xff\x00\x01", 3}, "undecodable", "no tick: it begins with \xff"},
        {{NULL, 0}, {"T 2 0", 5}, "no_key", "the message has no key"},
        {{"coin", 4}, {NULL, 0}, "tombstone", "the message has no value (a tombstone)"},
        {{"coin", 4}, {"", 0}, "undecodable", NULL},
        {{"coin", 4}, {"A", 1}, "ahead", "of tomorrow"},
        {{"", 0}, {"T 2 0", 5}, "undecodable", NULL},
        {{"coin", 4},
         {large, sizeof large},
         "too_large",
         "the message has 70004 bytes; a tick has at most 65536"},
        {{NULL, 0}, {NULL, 0}, "no_key", "the message has no key"},
    };
    enum { CASES = sizeof cases / sizeof *cases };
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rig_produce(rig, 2, 5);
    for (size_t i = 0; i < CASES; i++) {
        rig_produce_raw(rig, 2, cases[i].key, cases[i].value);
    }
    rig_produce(rig, 2, 5);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_durable(rig, 10000);
    rig_wait_committed(rig, 5000);
    struct consumer_stats stats = rig_stats(&member);
    assert_int_equal(stats.dead_lettered, CASES);
    assert_int_equal(stats.written, 10);
    assert_books_balance(&stats);
    rig_leave(&member);
    struct found_letter letters[CASES];
    rig_read_letters(rig, letters, CASES);
    for (size_t i = 0; i < CASES; i++) {
        char offset[16];
        (void)snprintf(offset, sizeof offset, "%zu", 5 + i);
        assert_letter(&letters[i], "2", offset, cases[i].kind,
                      cases[i].reason != NULL ? cases[i].reason : letters[i].reason);
        assert_bytes(letters[i].key, cases[i].key);
        assert_bytes(letters[i].value, cases[i].value);
    }
    rig_free_letters(letters, CASES);
    rig_destroy(rig);
}

static void consumer_refused_ticks_and_only_these_become_letters(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    atomic_store(&rig->store_rejects_every, 100);
    rig_produce(rig, 0, 1000);
    rig_produce(rig, 3, 1000);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_durable(rig, 10000);
    rig_wait_committed(rig, 5000);
    struct consumer_stats stats = rig_stats(&member);
    assert_int_equal(stats.dead_lettered, 20);
    assert_int_equal(stats.written, 1980);
    assert_books_balance(&stats);
    rig_leave(&member);
    assert_int_equal(rig->points, 1980);
    struct found_letter letters[20];
    rig_read_letters(rig, letters, 20);
    for (int i = 0; i < 20; i++) {
        char offset[16], value[32];
        (void)snprintf(offset, sizeof offset, "%d", i % 10 * 100);
        (void)snprintf(value, sizeof value, "T %d %s", i < 10 ? 0 : 3, offset);
        assert_letter(&letters[i], i < 10 ? "0" : "3", offset, "refused", "field type clash");
        assert_bytes(letters[i].key, str_from("key"));
        assert_bytes(letters[i].value, str_from(value));
    }
    rig_free_letters(letters, 20);
    rig_destroy(rig);
}

static void consumer_only_bad_messages_are_committed_without_a_write(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    for (int i = 0; i < 3000; i++) {
        rig_produce_raw(rig, 5, str_from("k"), str_from("poison"));
    }
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_committed(rig, 20000);
    assert_int_equal(rig_stats(&member).dead_lettered, 3000);
    assert_int_equal(rig->calls, 0);
    rig_leave(&member);
    rig_destroy(rig);
}

static atomic_int expected;

static void count_expected(void *context, int stream, const struct encoded_message *message)
{
    (void)stream;
    (void)context;
    assert_non_null(message->value.data);
    atomic_fetch_add(&expected, 1);
}

static void consumer_schema_not_known_holds_only_its_partition(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    rig->config.expect = count_expected;
    struct rig_member member = {0};
    produce_everywhere(rig, 50);
    rig_produce_raw(rig, 2, str_from("k"), str_from("W 2 50"));
    produce_everywhere(rig, 500);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    /* All but those from the waiting message on. */
    rig_wait_until(rig_points(rig) == 5 * 550 + 50, 10000);
    produce_everywhere(rig, 100);
    rig_wait_until(rig_points(rig) == 5 * 650 + 50, 10000);
    rig_wait_until(rig_committed(rig, 1) == 650, 5000);
    /* It and all behind it are held. Each was expected once, others too that found no room for a
     * while. */
    rig_wait_until(rig_stats(&member).held_messages == 601, 10000);
    assert_int_equal(rig_committed(rig, 2), 50);
    assert_in_range(atomic_load(&expected), 601, 6 * 650 + 1);
    rig_wait_until(!rig_stats(&member).healthy, 10000);
    assert_string_equal(rig_stats(&member).reason, "registry: schema 7 is being fetched");

    atomic_store(&rig->schema_known, true);
    rig_wait_durable(rig, 10000);
    rig_wait_committed(rig, 5000);
    struct consumer_stats stats = rig_stats(&member);
    assert_true(stats.healthy);
    assert_int_equal(stats.consumed, stats.written);
    assert_int_equal(stats.gap_messages, 0);
    rig_leave(&member);
    for (int offset = 0; offset < 651; offset++) {
        assert_int_equal(rig->stored[2][offset], 1);
    }
    rig_destroy(rig);
}

/* As in a flood of ids that are unknown: each is answered soon, but only then is the next one asked
 * for. Asked for ten times a second, these would take a minute. */
static void consumer_schemas_that_are_told_one_by_one_cost_milliseconds_each(void **state)
{
    (void)state;
    enum { MESSAGES = 600 };
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    char value[32];
    for (int i = 0; i < MESSAGES; i++) {
        int length = snprintf(value, sizeof value, "S 2 %d", i);
        rig_produce_raw(rig, 2, str_from("k"), (struct str){value, (size_t)length});
    }
    atomic_store(&rig->asked_for, -1);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(rig_points(rig) == MESSAGES, 30000);
    rig_leave(&member);
    rig_destroy(rig);
}

/* Messages of 2,000 bytes, that wait for a schema. */
static void produce_large(struct rig *rig, int32_t partition, int count)
{
    char key[2000], value[32];
    memset(key, 'k', sizeof key);
    for (int i = 0; i < count; i++) {
        int length = snprintf(value, sizeof value, "W %d %lld", (int)partition,
                              (long long)rig->next_offset[partition]);
        rig_produce_raw(rig, partition, (struct str){key, sizeof key},
                        (struct str){value, (size_t)length});
    }
}

static void consumer_schema_not_known_holds_only_so_many_bytes(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rig->config.batch_bytes = 32768;
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    for (int round = 1; round <= 6; round++) {
        produce_large(rig, 2, 100);
        rig_produce(rig, 1, 20);
        rig_wait_until(rig_points(rig) == 20 * round, 10000);
    }
    assert_in_range(rig_stats(&member).held_messages, 17, 300);
    atomic_store(&rig->schema_known, true);
    rig_wait_durable(rig, 10000);
    rig_leave(&member);
    rig_destroy(rig);
}

static void consumer_held_messages_go_to_the_next_owner(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member first = {0}, second = {0};
    rig_produce(rig, 0, 10);
    rig_produce_raw(rig, 0, str_from("k"), str_from("W 0 10"));
    rig_produce(rig, 0, 10);
    rig_join(rig, &first, "first", STRATEGY_RANGE);
    rig_wait_until(rig_committed(rig, 0) == 10, 10000);
    struct consumer_stats last;
    consumer_destroy(first.consumer, &last);
    assert_int_equal(last.consumed, 10); /* what was held was never taken */
    atomic_store(&rig->schema_known, true);
    rig_join(rig, &second, "second", STRATEGY_RANGE);
    rig_wait_committed(rig, 10000);
    rig_leave(&second);
    rig_destroy(rig);
}

/* The in-process cluster keeps 5 MiB a partition: what was committed before is gone. */
static void consumer_retention_passed_the_committed_offset_counts_the_gap(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    static char large[1000];
    memset(large, 'x', sizeof large);
    rig->config.batch_ticks = 2000;
    rig_produce(rig, 0, 100);
    rig_join(rig, &member, "first", STRATEGY_RANGE);
    rig_wait_committed(rig, 10000);
    rig_leave(&member);

    for (int i = 0; i < 12000; i++) {
        rig_produce_raw(rig, 0, str_from("k"), (struct str){large, sizeof large});
    }
    assert_int_equal(rd_kafka_flush(rig->log, 20000), RD_KAFKA_RESP_ERR_NO_ERROR);
    int64_t low = 0, high = 0;
    assert_int_equal(rd_kafka_query_watermark_offsets(rig->log, RIG_TOPIC, 0, &low, &high, 10000),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_true(low > 100);
    assert_int_equal(high, 12100);
    for (int64_t offset = 100; offset < low; offset++) {
        rig->lettered[0][offset] = 1; /* gone, and counted */
    }

    rig_join(rig, &member, "second", STRATEGY_RANGE);
    rig_wait_committed(rig, 20000);
    struct consumer_stats stats = rig_stats(&member);
    assert_int_equal(stats.gap_messages, low - 100);
    assert_int_equal(stats.consumed, high - low);
    rig_leave(&member);
    rig_destroy(rig);
}

static void consumer_kip848_reads_all(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    produce_everywhere(rig, 300);
    rig_join(rig, &member, "only", STRATEGY_CONSUMER);
    rig_wait_durable(rig, 20000);
    rig_wait_committed(rig, 5000);
    rig_leave(&member);
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(consumer_reads_all_stores_once_commits_all),
        cmocka_unit_test(consumer_commits_at_a_pace),
        cmocka_unit_test(consumer_batches_close_by_ticks_bytes_or_age),
        cmocka_unit_test(consumer_lone_message_is_written_and_committed_by_age),
        cmocka_unit_test(consumer_lone_message_does_not_wait_for_its_batch_to_age),
        cmocka_unit_test(consumer_message_that_is_no_tick_becomes_a_letter),
        cmocka_unit_test(consumer_refused_ticks_and_only_these_become_letters),
        cmocka_unit_test(consumer_only_bad_messages_are_committed_without_a_write),
        cmocka_unit_test(consumer_schema_not_known_holds_only_its_partition),
        cmocka_unit_test(consumer_schema_not_known_holds_only_so_many_bytes),
        cmocka_unit_test(consumer_schemas_that_are_told_one_by_one_cost_milliseconds_each),
        cmocka_unit_test(consumer_held_messages_go_to_the_next_owner),
        cmocka_unit_test(consumer_retention_passed_the_committed_offset_counts_the_gap),
        cmocka_unit_test(consumer_kip848_reads_all),
    };
    return run_side_by_side(tests);
}
