/* A member that reads two streams: what is of one stream holds up, moves and loses nothing of the
 * other. The rig sees to it that no commit passes what is durable and that no point changes. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "kafka/admin/topics.h"
#include "kafka/client/commit_metadata.h"
#include "kafka/consumer/consumer_parts.h"
#include "rig.h"

#define FOREIGN "AAECAwQFBgcICQoLDA0ODw"
enum { TICKS = 0, BARS = RIG_PARTITIONS }; /* the first slot of each stream */

static void produce_everywhere(struct rig *rig, int count)
{
    for (int32_t slot = 0; slot < RIG_SLOTS; slot++) {
        rig_produce(rig, slot, count);
    }
}

/* Members notice soon that a topic has come or gone. */
static struct rig *quick_rig(void)
{
    struct rig *rig = rig_create();
    rig->properties[2] = (struct kafka_property){"topic.metadata.refresh.interval.ms", "1000"};
    rig->config.kafka.property_count = 3;
    return rig;
}

static struct rig *rig_of_both(void)
{
    struct rig *rig = quick_rig();
    rig_add_bars(rig);
    return rig;
}

/* Each kind has a struct of its own size, so no batch may hold both. */
static void both_streams_are_stored_and_committed(void **state)
{
    (void)state;
    struct rig *rig = rig_of_both();
    struct rig_member member = {0};
    produce_everywhere(rig, 700);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_durable(rig, 20000);
    rig_wait_committed(rig, 10000);
    struct consumer_stats stats = rig_stats(&member);
    assert_true(stats.healthy);
    assert_int_equal(stats.written, 700 * RIG_SLOTS);
    assert_int_equal(stats.consumed, stats.written);
    assert_int_equal(stats.owned_count, RIG_SLOTS);
    assert_int_equal(stats.gap_messages, 0);

    struct consumer_measures measures;
    consumer_measure(member.consumer, &measures);
    assert_int_equal(measures.partition_count, RIG_SLOTS);
    for (int32_t slot = 0; slot < RIG_SLOTS; slot++) {
        const struct owned_partition *owned = &measures.partitions[slot];
        assert_string_equal(owned->topic, slot < BARS ? RIG_TOPIC : RIG_BARS);
        assert_int_equal(owned->partition, slot % RIG_PARTITIONS);
        assert_int_equal(owned->committed, 700);
        assert_int_equal(owned->lag, 0);
    }
    consumer_measures_free(&measures);
    rig_leave(&member);
    rig_destroy(rig);
}

static void assert_letter(const struct found_letter *letter, const char *topic, const char *kind,
                          const char *offset)
{
    assert_string_equal(letter->topic, topic);
    assert_string_equal(letter->kind, kind);
    assert_string_equal(letter->offset, offset);
    assert_true(letter->topic_id[0] != '\0');
}

/* At the same partition and offset of both topics. */
static void dead_letters_go_to_the_topic_of_their_stream(void **state)
{
    (void)state;
    struct rig *rig = rig_of_both();
    struct rig_member member = {0};
    atomic_store(&rig->store_rejects_every, 97);
    rig_produce(rig, TICKS, 97);
    rig_produce(rig, BARS, 98);
    rig_produce_raw(rig, TICKS, str_from("k"), str_from("poison"));
    rig_produce_raw(rig, BARS, str_from("k"), (struct str){0});
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_durable(rig, 20000);
    rig_wait_committed(rig, 10000);
    assert_int_equal(rig_stats(&member).dead_lettered, 5);
    rig_leave(&member);

    struct found_letter ticks[2], bars[3];
    rig_read_letters_of(rig, RIG_LETTERS, ticks, 2);
    assert_letter(&ticks[0], RIG_TOPIC, "refused", "0");
    assert_letter(&ticks[1], RIG_TOPIC, "undecodable", "97");
    rig_read_letters_of(rig, RIG_BAR_LETTERS, bars, 3);
    assert_letter(&bars[0], RIG_BARS, "refused", "0");
    assert_letter(&bars[1], RIG_BARS, "refused", "97");
    assert_letter(&bars[2], RIG_BARS, "tombstone", "98");
    assert_string_not_equal(ticks[0].topic_id, bars[0].topic_id);
    rig_free_letters(ticks, 2);
    rig_free_letters(bars, 3);
    rig_destroy(rig);
}

static void schema_of_one_stream_holds_nothing_of_the_other(void **state)
{
    (void)state;
    struct rig *rig = rig_of_both();
    struct rig_member member = {0};
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) { /* every partition of ticks waits */
        char value[32];
        int length = snprintf(value, sizeof value, "W %d 0", (int)p);
        rig_produce_raw(rig, TICKS + p, str_from("k"), (struct str){value, (size_t)length});
    }
    produce_everywhere(rig, 300);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(rig_points(rig) == 300 * RIG_PARTITIONS, 10000);
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rig_wait_until(rig_committed(rig, BARS + p) == 300, 5000);
        assert_int_equal(rig_committed(rig, TICKS + p), 0);
    }
    atomic_store(&rig->schema_known, true);
    rig_wait_durable(rig, 10000);
    rig_wait_committed(rig, 10000);
    rig_leave(&member);
    rig_destroy(rig);
}

static void store_that_is_away_holds_both_and_loses_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_of_both();
    struct rig_member member = {0};
    atomic_store(&rig->store_away, true);
    produce_everywhere(rig, 2000);
    rig_join(rig, &member, "only", STRATEGY_STICKY);
    rig_wait_until(rig_stats(&member).paused, 20000);
    for (int32_t slot = 0; slot < RIG_SLOTS; slot++) {
        assert_int_equal(rig_committed(rig, slot), 0);
    }
    atomic_store(&rig->store_away, false);
    rig_wait_durable(rig, 20000);
    rig_wait_committed(rig, 10000);
    struct consumer_stats stats = rig_stats(&member);
    assert_int_equal(stats.written, 2000 * RIG_SLOTS);
    assert_int_equal(stats.gap_messages, 0);
    rig_leave(&member);
    rig_destroy(rig);
}

/* A third member comes and goes while slow writes are in flight. */
static void move_under_load(enum strategy strategy)
{
    struct rig *rig = rig_of_both();
    struct rig_member members[3] = {{.may_not_hold = true}, {.may_not_hold = true}};
    struct rig_member *const two[] = {&members[0], &members[1]};
    rig->config.batch_ticks = 50;
    atomic_store(&rig->store_delay_ms, 20);
    atomic_store(&rig->store_rejects_every, 97);
    rig_join(rig, &members[0], "m1", strategy);
    rig_join(rig, &members[1], "m2", strategy);
    rig_wait_owned(two, 2, 30000);
    produce_everywhere(rig, 500);
    rig_wait_until(rig_points(rig) > 300, 10000);
    rig_join(rig, &members[2], "m3", strategy);
    rig_wait_until(rig_stats(&members[2]).owned_count > 0, 30000);
    produce_everywhere(rig, 300);
    rig_leave(&members[2]);
    rig_wait_owned(two, 2, 30000);
    rig_wait_durable(rig, 40000);
    rig_wait_committed(rig, 20000);
    for (int i = 0; i < 2; i++) {
        struct consumer_stats stats = rig_stats(&members[i]);
        assert_int_equal(stats.consumed,
                         stats.written + stats.dead_lettered + stats.dropped_on_revoke);
        assert_int_equal(stats.gap_messages, 0);
        rig_leave(&members[i]);
    }
    rig_destroy(rig);
}

static void eager_rebalances_of_both_lose_nothing(void **state)
{
    (void)state;
    move_under_load(STRATEGY_RANGE);
}

static void cooperative_rebalances_of_both_lose_nothing(void **state)
{
    (void)state;
    move_under_load(STRATEGY_STICKY);
}

/* As of the version before, which knows only ticks: bars all go to the other member. */
static void member_of_one_stream_gets_nothing_of_the_other(void **state)
{
    (void)state;
    static const enum strategy classic[] = {STRATEGY_RANGE, STRATEGY_ROUNDROBIN, STRATEGY_STICKY};
    for (size_t i = 0; i < sizeof classic / sizeof *classic; i++) {
        struct rig *rig = rig_of_both();
        struct rig_member old = {0}, new = {0};
        rig->config.stream_count = 1;
        rig_join(rig, &old, "old", classic[i]);
        rig->config.stream_count = 2;
        rig_join(rig, &new, "new", classic[i]);
        rig_wait_until(rig_stats(&old).owned_count + rig_stats(&new).owned_count == RIG_SLOTS,
                       20000);
        produce_everywhere(rig, 200);
        rig_wait_durable(rig, 20000);
        rig_wait_committed(rig, 10000);
        for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
            assert_true(rig_owns(&new, BARS + p));
            assert_false(rig_owns(&old, BARS + p));
            assert_true(rig_owns(&new, TICKS + p) != rig_owns(&old, TICKS + p));
        }
        rig_leave(&new); /* bars wait for a member that reads them */
        rig_wait_until(rig_stats(&old).owned_count == RIG_PARTITIONS, 20000);
        rig_leave(&old);
        rig_destroy(rig);
    }
}

static void topic_that_is_missing_is_told_and_holds_up_nothing(void **state)
{
    (void)state;
    struct rig *rig = quick_rig();
    struct rig_member member = {0};
    rig->config.stream_count = 2; /* but there are no bars */
    rig_produce(rig, TICKS, 200);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(rig_committed(rig, TICKS) == 200, 20000);
    rig_wait_until(strstr(rig_stats(&member).reason, "there is no topic " RIG_BARS) != NULL, 10000);
    assert_false(rig_stats(&member).healthy);
    rig_produce(rig, TICKS, 200);
    rig_wait_until(rig_committed(rig, TICKS) == 400, 10000);

    rig_add_bars(rig);
    rig_produce(rig, BARS, 100);
    rig_wait_durable(rig, 30000);
    rig_wait_committed(rig, 10000);
    rig_wait_until(rig_stats(&member).healthy, 10000);
    rig_leave(&member);
    rig_destroy(rig);
}

/* The error comes once, and ticks arrive all the time. */
static void topic_that_may_not_be_read_is_told_while_the_other_is_read(void **state)
{
    (void)state;
    struct rig *rig = rig_of_both();
    struct rig_member member = {0};
    rd_kafka_mock_cluster_t *mock = embedded_kafka_mock(rig->kafka);
    rd_kafka_mock_topic_set_error(mock, RIG_BARS, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(strstr(rig_stats(&member).reason, "authorization failed") != NULL, 20000);
    rig_wait_until(rig_stats(&member).owned_count == RIG_PARTITIONS, 20000);
    rig_produce(rig, TICKS, 200);
    rig_wait_until(rig_committed(rig, TICKS) == 200, 20000);
    assert_non_null(strstr(rig_stats(&member).reason, "authorization failed"));
    assert_non_null(strstr(rig_stats(&member).reason, RIG_BARS));
    assert_false(rig_stats(&member).healthy);

    rd_kafka_mock_topic_set_error(mock, RIG_BARS, RD_KAFKA_RESP_ERR_NO_ERROR);
    rig_produce(rig, BARS, 100);
    rig_wait_durable(rig, 30000);
    rig_wait_committed(rig, 10000);
    rig_wait_until(rig_stats(&member).healthy, 10000);
    rig_leave(&member);
    rig_destroy(rig);
}

static void answer_bar_letters(struct rig *rig, rd_kafka_resp_err_t answer)
{
    rd_kafka_mock_topic_set_error(embedded_kafka_mock(rig->kafka), RIG_BAR_LETTERS, answer);
}

static bool tells_of_bar_letters(struct rig_member *member)
{
    const struct consumer_stats stats = rig_stats(member);
    return !stats.healthy && strstr(stats.reason, "dead letters to topic " RIG_BAR_LETTERS) != NULL;
}

/* Produces ticks and waits until they are committed. */
static void flow_ticks(struct rig *rig, int count)
{
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rig_produce(rig, TICKS + p, count);
    }
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rig_wait_until(rig_committed(rig, TICKS + p) == rig->next_offset[TICKS + p], 10000);
    }
}

static size_t batches_kept(struct rig_member *member, size_t *of_bars)
{
    struct consumer *consumer = member->consumer;
    pthread_mutex_lock(&consumer->lock);
    size_t kept = consumer->commit_queue.count;
    for (size_t i = 0; i < 2; i++) {
        kept += consumer->streams[i].spare_count;
    }
    *of_bars = consumer->commit_queue.streams[1].batches;
    pthread_mutex_unlock(&consumer->lock);
    return kept;
}

/* One bar is no bar, and its topic of dead letters may not be written to: bars stop at what memory
 * may hold, and no tick stops. */
static void dead_letter_that_is_refused_holds_up_only_its_stream(void **state)
{
    (void)state;
    struct rig *rig = rig_of_both();
    struct rig_member member = {0};
    answer_bar_letters(rig, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    rig_produce_raw(rig, BARS, str_from("k"), str_from("poison"));
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rig_produce(rig, BARS + p, 2000);
    }
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(tells_of_bar_letters(&member), 20000);
    flow_ticks(rig, 1000);
    rig_wait_until(rig_stats(&member).paused, 20000);
    rig_produce_raw(rig, TICKS, str_from("k"), str_from("poison")); /* this letter gets through */
    flow_ticks(rig, 1000);
    assert_true(tells_of_bar_letters(&member));
    assert_int_equal(rig_committed(rig, BARS), 0);
    assert_int_equal(rig_stats(&member).dead_lettered, 1);
    size_t bars = 0;
    (void)batches_kept(&member, &bars);
    assert_int_equal(bars, rig->config.queue_batches);

    answer_bar_letters(rig, RD_KAFKA_RESP_ERR_NO_ERROR);
    rig_wait_durable(rig, 40000);
    rig_wait_committed(rig, 20000);
    rig_wait_until(rig_stats(&member).healthy, 10000);
    assert_false(rig_stats(&member).paused);
    assert_int_equal(rig_stats(&member).gap_messages, 0);
    assert_true(batches_kept(&member, &bars) <= rig->config.queue_batches + 2);
    rig_leave(&member);
    rig_destroy(rig);
}

/* Each drain ends at its limit, and what waits is read again. */
static void refused_letter_bounds_revoke_and_leave(enum strategy strategy)
{
    struct rig *rig = rig_of_both();
    struct rig_member first = {0}, second = {0};
    struct rig_member *const both[] = {&first, &second};
    rig->config.drain_timeout_ms = 1000;
    answer_bar_letters(rig, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rig_produce_raw(rig, BARS + p, str_from("k"), str_from("poison"));
        rig_produce(rig, BARS + p, 500);
    }
    rig_join(rig, &first, "first", strategy);
    rig_wait_until(tells_of_bar_letters(&first), 20000);
    flow_ticks(rig, 300);
    rig_join(rig, &second, "second", strategy);
    rig_wait_owned(both, 2, 30000);
    flow_ticks(rig, 300);
    int64_t begin_ns = clock_monotonic_ns();
    rig_leave(&first);
    assert_true(clock_monotonic_ns() - begin_ns < rig_most_ns(2000));
    rig_wait_owned(&both[1], 1, 30000);
    flow_ticks(rig, 300);
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        assert_int_equal(rig_committed(rig, BARS + p), 0);
    }
    answer_bar_letters(rig, RD_KAFKA_RESP_ERR_NO_ERROR);
    rig_wait_durable(rig, 40000);
    rig_wait_committed(rig, 20000);
    rig_leave(&second);
    rig_destroy(rig);
}

static void eager_revoke_with_a_refused_letter_is_bounded_and_loses_nothing(void **state)
{
    (void)state;
    refused_letter_bounds_revoke_and_leave(STRATEGY_RANGE);
}

static void cooperative_revoke_with_a_refused_letter_is_bounded_and_loses_nothing(void **state)
{
    (void)state;
    refused_letter_bounds_revoke_and_leave(STRATEGY_STICKY);
}

/* The member believes from now on that it reads other bars than there are. */
static void mistake_bars(struct consumer *consumer)
{
    struct commit_metadata foreign = commit_metadata_parse(str_from("topic=" FOREIGN));
    pthread_mutex_lock(&consumer->lock);
    consumer->commit_queue.streams[1].items[0].metadata.topic = foreign.topic;
    pthread_mutex_unlock(&consumer->lock);
}

static void topic_made_again_loses_nothing_of_the_other(void **state)
{
    (void)state;
    struct rig *rig = rig_of_both();
    struct rig_member member = {0};
    struct rig_member *const members[] = {&member};
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_owned(members, 1, 20000);
    produce_everywhere(rig, 300);
    rig_wait_committed(rig, 20000);
    atomic_store(&rig->store_delay_ms, 50);
    produce_everywhere(rig, 300);
    mistake_bars(member.consumer);
    rig_wait_until(member.lost > 0, 20000);
    produce_everywhere(rig, 300);
    rig_wait_durable(rig, 30000);
    rig_wait_committed(rig, 20000);
    struct consumer_stats stats = rig_stats(&member);
    assert_int_equal(stats.topics_made_again, 1);
    assert_int_equal(stats.gap_messages, 0);
    /* Ticks that were committed are not read again. */
    pthread_mutex_lock(&rig->lock);
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        assert_int_equal(rig->stored[TICKS + p][0], 1);
        assert_int_equal(rig->stored[BARS + p][0], p == 0 ? 2 : 1);
    }
    pthread_mutex_unlock(&rig->lock);
    rig_leave(&member);
    rig_destroy(rig);
}

#if RD_KAFKA_VERSION >= 0x020f0000 /* the first whose in-process cluster deletes topics */
static void delete_bars(struct rig *rig)
{
    assert_int_equal(rd_kafka_mock_topic_delete(embedded_kafka_mock(rig->kafka), RIG_BARS),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
}

/* The log of bars begins again, so what was stored of the former one is no longer asked for. */
static void forget_bars(struct rig *rig)
{
    pthread_mutex_lock(&rig->lock);
    for (int32_t slot = BARS; slot < RIG_SLOTS; slot++) {
        rig->next_offset[slot] = 0;
        rig->committed[slot] = 0;
        rig->durable[slot] = 0;
        memset(rig->stored[slot], 0, sizeof rig->stored[slot]);
    }
    pthread_mutex_unlock(&rig->lock);
}

/* The brokers take the offsets of ticks and refuse those of bars, in one answer. */
static void topic_that_is_deleted_holds_up_no_commit_of_the_other(void **state)
{
    (void)state;
    struct rig *rig = rig_of_both();
    struct rig_member member = {0};
    struct rig_member *const members[] = {&member};
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_owned(members, 1, 20000);
    atomic_store(&rig->store_away, true);
    produce_everywhere(rig, 20);
    rig_wait_until(rig_stats(&member).consumed == 20 * RIG_SLOTS, 20000);
    delete_bars(rig);
    atomic_store(&rig->store_away, false);
    rig_wait_durable(rig, 20000);
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rig_wait_until(rig_committed(rig, TICKS + p) == 20, 10000);
    }
    rig_wait_until(strstr(rig_stats(&member).reason, "there is no topic " RIG_BARS) != NULL, 10000);
    assert_false(rig_stats(&member).healthy);
    rig_wait_until(rig_stats(&member).owned_count == RIG_PARTITIONS, 20000);

    forget_bars(rig);
    rig_add_bars(rig);
    produce_everywhere(rig, 50);
    rig_wait_durable(rig, 40000);
    rig_wait_committed(rig, 20000);
    assert_int_equal(rig_stats(&member).topics_made_again, 1);
    rig_leave(&member);
    rig_destroy(rig);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_streams_are_stored_and_committed),
        cmocka_unit_test(dead_letters_go_to_the_topic_of_their_stream),
        cmocka_unit_test(schema_of_one_stream_holds_nothing_of_the_other),
        cmocka_unit_test(store_that_is_away_holds_both_and_loses_nothing),
        cmocka_unit_test(eager_rebalances_of_both_lose_nothing),
        cmocka_unit_test(cooperative_rebalances_of_both_lose_nothing),
        cmocka_unit_test(member_of_one_stream_gets_nothing_of_the_other),
        cmocka_unit_test(topic_that_is_missing_is_told_and_holds_up_nothing),
        cmocka_unit_test(topic_that_may_not_be_read_is_told_while_the_other_is_read),
        cmocka_unit_test(dead_letter_that_is_refused_holds_up_only_its_stream),
        cmocka_unit_test(eager_revoke_with_a_refused_letter_is_bounded_and_loses_nothing),
        cmocka_unit_test(cooperative_revoke_with_a_refused_letter_is_bounded_and_loses_nothing),
        cmocka_unit_test(topic_made_again_loses_nothing_of_the_other),
#if RD_KAFKA_VERSION >= 0x020f0000
        cmocka_unit_test(topic_that_is_deleted_holds_up_no_commit_of_the_other),
#endif
    };
    return run_side_by_side(tests);
}
