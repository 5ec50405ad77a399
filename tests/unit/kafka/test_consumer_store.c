#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "kafka/consumer/consumer_parts.h"
#include "record/ticker.h"
#include "rig.h"

static void produce_everywhere(struct rig *rig, int count)
{
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rig_produce(rig, p, count);
    }
}

static int64_t failed_calls(struct rig *rig)
{
    pthread_mutex_lock(&rig->lock);
    int64_t calls = rig->failed_calls;
    pthread_mutex_unlock(&rig->lock);
    return calls;
}

static int ms_since(int64_t begin_ns)
{
    return (int)((clock_monotonic_ns() - begin_ns) / NS_PER_MS);
}

static void assert_books_balance(const struct consumer_stats *stats)
{
    assert_int_equal(stats->consumed, stats->written + stats->dead_lettered +
                                          stats->dropped_on_revoke + stats->queued_ticks);
}

static void consumer_store_away_pauses_keeps_its_place_and_recovers(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rig->properties[rig->config.kafka.property_count++] =
        (struct kafka_property){"max.poll.interval.ms", "2500"};
    rig->config.queue_batches = 4;
    atomic_store(&rig->store_away, true);
    produce_everywhere(rig, 3000);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(rig_stats(&member).paused, 10000);
    rig_sleep_ms(6000); /* more than twice max.poll.interval.ms */
    struct consumer_stats stats = rig_stats(&member);
    assert_true(stats.paused);
    assert_false(stats.healthy);
    assert_string_equal(stats.reason, "store: the test's store is away");
    assert_int_equal(stats.written, 0);
    assert_true(stats.queued_ticks <= (4 + 1) * 100);
    assert_true(stats.held_messages <= POLL_MESSAGES);
    assert_true(stats.write_retries >= 3);
    assert_true(failed_calls(rig) < 60); /* three writers, each with backoff */
    assert_int_equal(member.lost + member.revoked, 0);
    assert_int_equal(member.assigned, 1);
    assert_int_equal(rig_group_offset(rig, 0), RD_KAFKA_OFFSET_INVALID);

    atomic_store(&rig->store_away, false);
    rig_wait_durable(rig, 30000);
    rig_wait_committed(rig, 10000);
    stats = rig_stats(&member);
    assert_true(stats.healthy);
    assert_false(stats.paused);
    assert_int_equal(stats.consumed, 18000);
    assert_int_equal(stats.written, 18000);
    assert_int_equal(stats.gap_messages, 0);
    assert_int_equal(member.lost + member.revoked, 0);
    rig_leave(&member);
    rig_destroy(rig);
}

static void consumer_slow_store_neither_loses_nor_repeats(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rig->config.queue_batches = 2;
    rig->config.writers = 1;
    atomic_store(&rig->store_delay_ms, 300); /* so that it pauses and resumes all the time */
    produce_everywhere(rig, 500);
    rig_join(rig, &member, "only", STRATEGY_STICKY);
    for (int i = 0; i < 2; i++) {
        rig_wait_until(rig_stats(&member).paused, 10000);
        assert_true(rig_stats(&member).held_messages <= POLL_MESSAGES);
        rig_wait_until(!rig_stats(&member).paused, 10000);
    }
    rig_wait_durable(rig, 30000);
    rig_wait_committed(rig, 10000);
    assert_int_equal(rig_stats(&member).consumed, 3000);
    assert_int_equal(rig_stats(&member).held_messages, 0);
    rig_leave(&member);
    rig_destroy(rig);
}

static void consumer_wait_that_the_store_asked_for_is_kept(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rig->config.writers = 1;
    atomic_store(&rig->store_away, true);
    atomic_store(&rig->store_retry_after_ms, 2000);
    rig_produce(rig, 0, 10);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(failed_calls(rig) == 1, 10000);
    rig_sleep_ms(1700);
    assert_int_equal(failed_calls(rig), 1);
    rig_wait_until(failed_calls(rig) == 2, 1500);
    atomic_store(&rig->store_away, false);
    rig_wait_committed(rig, 5000);
    rig_leave(&member);
    rig_destroy(rig);
}

static void consumer_destroy_with_the_store_away_ends_in_time(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member first = {0}, second = {0};
    rig->config.drain_timeout_ms = 2000;
    rig->config.writers = 1; /* of several, one can be ahead of the batch that the others fail at */
    produce_everywhere(rig, 2000);
    rig_join(rig, &first, "first", STRATEGY_RANGE);
    rig_wait_until(rig_points(rig) > 500, 10000);
    atomic_store(&rig->store_away, true);
    atomic_store(&rig->store_retry_after_ms, 60000);
    produce_everywhere(rig, 2000);
    rig_wait_until(rig_stats(&first).paused, 10000);
    int64_t points = rig_points(rig);
    int64_t begin_ns = clock_monotonic_ns();
    struct consumer_stats last;
    consumer_destroy(first.consumer, &last);
    assert_in_range(ms_since(begin_ns), 1000, rig->config.drain_timeout_ms + RIG_LATE_MS);
    assert_true(last.queued_ticks > 0);
    assert_books_balance(&last);
    assert_int_equal(last.written, points);

    atomic_store(&rig->store_away, false);
    rig_join(rig, &second, "second", STRATEGY_RANGE);
    rig_wait_durable(rig, 20000);
    rig_wait_committed(rig, 10000);
    /* All that was written before was committed too: no point came twice. */
    assert_int_equal(rig_stats(&second).consumed, 24000 - points);
    rig_leave(&second);
    rig_destroy(rig);
}

/* A store that answers nothing, until it is told to stop. */
static bool hang(void *context, int writer, const struct record_set *records,
                 struct rejected_list *rejected, struct error *error)
{
    (void)writer;
    (void)records;
    (void)rejected;
    (void)stop_wait_ms(context, 60000);
    return error_set(error, ERROR_RETRY, "stopped");
}

static enum decode_answer decode_any(void *context, int stream,
                                     const struct encoded_message *message, void *record,
                                     struct text_arena *texts, struct error *error)
{
    (void)texts;
    (void)stream;
    struct ticker *tick = record;
    (void)context;
    (void)message;
    (void)error;
    memset(tick, 0, sizeof *tick);
    return DECODE_RECORD;
}

static void consumer_destroy_ends_a_write_that_hangs(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    struct error error = {0};
    rig->config.write_stop = stop_create(&error);
    rig->config.context = rig->config.write_stop;
    rig->config.write = hang;
    rig->config.decode = decode_any;
    rig->config.drain_timeout_ms = 1000;
    rig_produce(rig, 0, 500);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_until(rig_stats(&member).batches == 0 && rig_stats(&member).consumed == 500, 10000);
    int64_t begin_ns = clock_monotonic_ns();
    rig_leave(&member);
    assert_in_range(ms_since(begin_ns), 400, rig->config.drain_timeout_ms + RIG_LATE_MS);
    assert_true(stop_requested(rig->config.write_stop));
    stop_destroy(rig->config.write_stop);
    rig_destroy(rig);
}

static void consumer_whose_store_is_for_newer_programs_ends_without_it(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member member = {0};
    rig->config.drain_timeout_ms = 30000;
    produce_everywhere(rig, 500);
    rig_join(rig, &member, "only", STRATEGY_RANGE);
    rig_wait_committed(rig, 20000);
    atomic_store(&rig->store_newer, true);
    atomic_store(&rig->store_away, true);
    produce_everywhere(rig, 1000);
    rig_wait_until(rig_stats(&member).fatal, 10000);
    struct consumer_stats stats = rig_stats(&member);
    assert_false(stats.healthy);
    assert_string_equal(stats.reason, "the test's store is away");
    atomic_store(&rig->store_away, false); /* it must not be tried again */
    int64_t begin_ns = clock_monotonic_ns();
    consumer_destroy(member.consumer, &stats);
    assert_true(ms_since(begin_ns) < rig->config.drain_timeout_ms / 2);
    assert_true(failed_calls(rig) <= rig->config.writers);
    assert_true(stats.queued_ticks > 0);
    assert_books_balance(&stats);
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        assert_true(rig_group_offset(rig, p) <= rig->durable[p]);
    }
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(consumer_store_away_pauses_keeps_its_place_and_recovers),
        cmocka_unit_test(consumer_slow_store_neither_loses_nor_repeats),
        cmocka_unit_test(consumer_wait_that_the_store_asked_for_is_kept),
        cmocka_unit_test(consumer_destroy_with_the_store_away_ends_in_time),
        cmocka_unit_test(consumer_whose_store_is_for_newer_programs_ends_without_it),
        cmocka_unit_test(consumer_destroy_ends_a_write_that_hangs),
    };
    return run_side_by_side(tests);
}
