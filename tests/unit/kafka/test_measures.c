/* What a consumer measures: counted once each, and told for every partition that it owns. */
#include "base/clock.h"
#include "kafka/consumer/consumer_parts.h"
#include "record/ticker.h"
#include "rig.h"

static struct consumer_measures measure(struct rig_member *member)
{
    struct consumer_measures measures;
    consumer_measure(member->consumer, &measures);
    return measures;
}

static uint64_t rebalances_measured(struct rig_member *member)
{
    struct consumer_measures measures = measure(member);
    consumer_measures_free(&measures);
    return histogram_total(&measures.rebalance);
}

static int64_t lag_of(struct rig_member *member, int32_t partition)
{
    struct consumer_measures measures = measure(member);
    int64_t lag = -2;
    for (size_t i = 0; i < measures.partition_count; i++) {
        if (measures.partitions[i].partition == partition) {
            lag = measures.partitions[i].lag;
        }
    }
    consumer_measures_free(&measures);
    return lag;
}

static void every_tick_batch_write_and_join_is_measured_once(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    atomic_store(&rig->store_rejects_every, 100);
    atomic_store(&rig->store_delay_ms, 30);
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rig_produce(rig, p, 500);
    }
    rig_produce_raw(rig, 1, str_from("k"), str_from("poison"));
    rig_produce_raw(rig, 1, str_from("k"), (struct str){NULL, 0});
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_durable(rig, 20000);
    rig_wait_committed(rig, 5000);
    struct consumer_stats stats = rig_stats(&member);
    struct consumer_measures measures = measure(&member);
    assert_int_equal(histogram_total(&measures.exchange_to_store), stats.written);
    assert_string_equal(measures.truth_lag[0].stream, "ticker");
    assert_null(measures.truth_lag[1].stream);
    assert_int_equal(stats.written, 3000 - 30);
    assert_int_equal(histogram_total(&measures.batch), stats.batches);
    assert_in_range(histogram_total(&measures.write), 30, stats.batches);
    assert_int_equal(histogram_total(&measures.rebalance), 1);
    assert_int_equal(measures.dead_lettered[DEAD_LETTER_REFUSED], 30);
    assert_int_equal(measures.dead_lettered[DEAD_LETTER_BAD], 1);
    assert_int_equal(measures.dead_lettered[DEAD_LETTER_TOMBSTONE], 1);
    assert_int_equal(measures.dead_lettered[DEAD_LETTER_NO_KEY], 0);
    assert_int_equal(stats.dead_lettered, 32);

    /* A write took 30 ms, and nothing was stored before its write had ended. */
    double writes_us = (double)histogram_total(&measures.write) * 30000;
    assert_true(measures.write.sum_us >= writes_us);
    assert_true(measures.batch.sum_us >= writes_us);
    assert_true(measures.exchange_to_store.sum_us >= 30000.0 * (double)stats.written);
    assert_true(measures.exchange_to_store.sum_us < 30e6 * (double)stats.written);

    assert_int_equal(measures.partition_count, RIG_PARTITIONS);
    assert_string_equal(measures.partitions[0].topic, RIG_TOPIC);
    consumer_measures_free(&measures);
    rig_leave(&member);
    rig_destroy(rig);
}

static void failed_writes_are_measured_and_their_ticks_are_not_stored(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    atomic_store(&rig->store_away, true);
    rig_produce(rig, 0, 50);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(rig_stats(&member).write_retries >= 2, 10000);
    struct consumer_measures measures = measure(&member);
    assert_true(histogram_total(&measures.write) >= 2);
    assert_int_equal(histogram_total(&measures.exchange_to_store), 0);
    assert_int_equal(histogram_total(&measures.batch), 0);
    consumer_measures_free(&measures);
    rig_leave(&member);
    rig_destroy(rig);
}

static void lag_is_what_the_group_has_not_committed(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rig_produce(rig, 4, 70);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_committed(rig, 10000);
    rig_wait_until(lag_of(&member, 4) == 0, 10000);
    rig_wait_until(lag_of(&member, 0) == 0, 10000); /* empty: nothing committed, nothing behind */
    atomic_store(&rig->store_away, true);
    rig_produce(rig, 4, 30);
    rig_wait_until(lag_of(&member, 4) == 30, 10000);
    atomic_store(&rig->store_away, false);
    rig_wait_until(lag_of(&member, 4) == 0, 40000);
    rig_leave(&member);
    rig_destroy(rig);
}

/* The drain belongs to the rebalance: a store that takes half a second keeps the group waiting. */
static void rebalance_lasts_from_the_revocation_to_the_assignment(void **state)
{
    (void)state;
    static const enum strategy strategies[] = {STRATEGY_RANGE, STRATEGY_STICKY, STRATEGY_CONSUMER};
    for (size_t i = 0; i < sizeof strategies / sizeof strategies[0]; i++) {
        struct rig *rig = rig_create();
        struct rig_member first = {0}, second = {0};
        struct rig_member *const both[] = {&first, &second};
        rig_join(rig, &first, "first", strategies[i]);
        rig_wait_owned(both, 1, 20000);
        rig_wait_until(rebalances_measured(&first) == 1, 5000);
        struct consumer_measures before = measure(&first);
        atomic_store(&rig->store_delay_ms, 500);
        for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
            rig_produce(rig, p, 50);
        }
        rig_wait_until(rig_stats(&first).consumed == 300, 10000);
        rig_join(rig, &second, "second", strategies[i]);
        rig_wait_owned(both, 2, 30000);
        rig_wait_until(rebalances_measured(&first) >= 2, 10000);
        struct consumer_measures after = measure(&first);
        assert_true(after.rebalance.sum_us - before.rebalance.sum_us < 20e6);
        rig_wait_until(rebalances_measured(&second) >= 1, 5000);
        consumer_measures_free(&before);
        consumer_measures_free(&after);
        rig_leave(&second);
        rig_leave(&first);
        rig_destroy(rig);
    }
}

static void a_thousand_partitions_are_all_told(void **state)
{
    (void)state;
    struct error error = {0};
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    const struct topic_spec wide = {.name = "wide", .partitions = 1000, .replication = 1};
    assert_true(embedded_kafka_create_topic(rig->kafka, &wide, &error));
    (void)str_copy(str_from("wide"), rig->streams[0].topic, STREAM_TOPIC_SIZE);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(rig_stats(&member).owned_count == 1000, 30000);
    struct consumer_measures measures = measure(&member);
    assert_int_equal(measures.partition_count, 1000);
    for (int32_t p = 0; p < 1000; p++) {
        assert_int_equal(measures.partitions[p].partition, p);
    }
    consumer_measures_free(&measures);
    rig_leave(&member);
    rig_destroy(rig);
}

/* Pure: which ticks of a batch count, and as how old. */
static void ages_leave_out_what_was_refused_or_has_no_time(void **state)
{
    (void)state;
    static const int64_t stamps_ms[] = {1000, 900, -1, 500, 2000};
    struct batch *batch = batch_create(&ticker_kind, 10, 1000);
    struct rejected_list rejected = {0};
    for (size_t i = 0; i < sizeof stamps_ms / sizeof stamps_ms[0]; i++) {
        const struct source_message message = {
            .place = {0, (int64_t)i},
            .encoded = {.timestamp_ms = stamps_ms[i], .value = str_from("x")}};
        *(struct ticker *)batch_slot(batch) = (struct ticker){.last_price = 1};
        assert_true(batch_add_record(batch, &message));
    }
    assert_true(rejected_list_add(&rejected, 1, "no"));
    struct histogram ages = measures_ages(batch, &rejected, 1100);
    assert_int_equal(histogram_total(&ages), 3);
    assert_true(ages.sum_us == 100e3 + 600e3); /* the last is from a clock that is ahead */
    rejected_list_free(&rejected);
    batch_destroy(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ages_leave_out_what_was_refused_or_has_no_time),
        cmocka_unit_test(every_tick_batch_write_and_join_is_measured_once),
        cmocka_unit_test(failed_writes_are_measured_and_their_ticks_are_not_stored),
        cmocka_unit_test(lag_is_what_the_group_has_not_committed),
        cmocka_unit_test(rebalance_lasts_from_the_revocation_to_the_assignment),
        cmocka_unit_test(a_thousand_partitions_are_all_told),
    };
    return run_side_by_side(tests);
}
