#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rig.h"

static const enum strategy classic[] = {STRATEGY_RANGE, STRATEGY_ROUNDROBIN, STRATEGY_STICKY};
enum { CLASSIC = sizeof classic / sizeof *classic, MEMBERS = 3 };

/* A member with what the group knows it by, for the order that the assignors use. */
struct placed {
    struct rig_member *member;
    char id[160];
};

static int compare(const void *left, const void *right)
{
    return strcmp(((const struct placed *)left)->id, ((const struct placed *)right)->id);
}

static void sort_members(struct rig_member *const *members, size_t count, struct placed *placed)
{
    for (size_t i = 0; i < count; i++) {
        placed[i].member = members[i];
        consumer_member_id(members[i]->consumer, placed[i].id, sizeof placed[i].id);
        assert_true(strlen(placed[i].id) > 0);
    }
    qsort(placed, count, sizeof *placed, compare);
}

/* The rules, as Kafka describes them, for one topic. */
static size_t owner_by_rule(enum strategy strategy, int32_t partition, size_t members)
{
    size_t p = (size_t)partition;
    return strategy == STRATEGY_RANGE ? p / (RIG_PARTITIONS / members) : p % members;
}

static void consumer_range_and_roundrobin_place_by_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct rig *rig = rig_create();
        struct rig_member members[MEMBERS] = {0};
        struct rig_member *joined[MEMBERS];
        for (size_t count = 1; count <= MEMBERS; count++) {
            char name[8];
            (void)snprintf(name, sizeof name, "m%zu", count);
            rig_join(rig, &members[count - 1], name, classic[i]);
            joined[count - 1] = &members[count - 1];
            rig_wait_owned(joined, count, 20000);
            struct placed placed[MEMBERS];
            sort_members(joined, count, placed);
            for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
                size_t want = owner_by_rule(classic[i], p, count);
                if (!rig_owns(placed[want].member, p)) {
                    fail_msg("%s, %zu members: partition %d is not with member %zu",
                             strategy_names[classic[i]], count, p, want);
                }
            }
        }
        for (size_t n = 0; n < MEMBERS; n++) {
            rig_leave(&members[n]);
        }
        rig_destroy(rig);
    }
}

static void owned_set(struct rig_member *member, bool owned[RIG_PARTITIONS])
{
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        owned[p] = rig_owns(member, p);
    }
}

static size_t count_set(const bool owned[RIG_PARTITIONS])
{
    size_t count = 0;
    for (int p = 0; p < RIG_PARTITIONS; p++) {
        count += owned[p] ? 1 : 0;
    }
    return count;
}

static void consumer_sticky_moves_only_what_it_must(void **state)
{
    (void)state;
    struct rig *rig = rig_create();
    struct rig_member members[MEMBERS] = {0};
    struct rig_member *joined[MEMBERS];
    bool before[MEMBERS][RIG_PARTITIONS] = {0};
    for (size_t count = 1; count <= MEMBERS; count++) {
        char name[8];
        (void)snprintf(name, sizeof name, "m%zu", count);
        rig_join(rig, &members[count - 1], name, STRATEGY_STICKY);
        joined[count - 1] = &members[count - 1];
        rig_wait_owned(joined, count, 30000);
        for (size_t n = 0; n < count; n++) {
            bool now[RIG_PARTITIONS];
            owned_set(&members[n], now);
            assert_int_equal(count_set(now), RIG_PARTITIONS / count);
            for (int p = 0; p < RIG_PARTITIONS && n + 1 < count; p++) {
                assert_true(!now[p] || before[n][p]); /* an old member only gave away */
            }
            memcpy(before[n], now, sizeof now);
        }
    }
    /* And nobody gave more than that: 6 -> 3 -> 2 partitions. */
    assert_int_equal(members[0].lost + members[1].lost + members[2].lost, 0);

    rig_leave(&members[0]);
    rig_wait_owned(joined + 1, 2, 30000);
    for (size_t n = 1; n < MEMBERS; n++) {
        bool now[RIG_PARTITIONS];
        owned_set(&members[n], now);
        for (int p = 0; p < RIG_PARTITIONS; p++) {
            assert_true(now[p] || !before[n][p]); /* those who stay keep theirs */
        }
        rig_leave(&members[n]);
    }
    rig_destroy(rig);
}

static void produce_everywhere(struct rig *rig, int count)
{
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        rig_produce(rig, p, count);
    }
}

/* A third member comes and goes while slow writes are in flight. The rig sees to it that no commit
 * passes what is durable and that no point changes. */
static void move_under_load(enum strategy strategy)
{
    struct rig *rig = rig_create();
    struct rig_member members[MEMBERS] = {0};
    struct rig_member *const two[] = {&members[0], &members[1]};
    rig->config.batch_ticks = 50;
    atomic_store(&rig->store_delay_ms, 150);
    atomic_store(&rig->store_rejects_every, 97);
    rig_join(rig, &members[0], "m1", strategy);
    rig_join(rig, &members[1], "m2", strategy);
    rig_wait_owned(two, 2, 30000);
    for (int round = 0; round < 2; round++) {
        produce_everywhere(rig, 700);
        rig_wait_until(rig_points(rig) > 700 * 6 * round + 300, 10000);
        rig_join(rig, &members[2], "m3", strategy);
        rig_wait_until(members[2].assigned > round && rig_stats(&members[2]).owned_count > 0,
                       30000);
        produce_everywhere(rig, 300);
        rig_sleep_ms(100);
        rig_leave(&members[2]);
        rig_wait_owned(two, 2, 30000);
    }
    rig_wait_durable(rig, 40000);
    rig_wait_committed(rig, 20000);
    struct consumer_stats stats[2] = {rig_stats(&members[0]), rig_stats(&members[1])};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(stats[i].consumed, stats[i].written + stats[i].dead_lettered +
                                                stats[i].dropped_on_revoke + stats[i].queued_ticks);
        assert_int_equal(stats[i].queued_ticks, 0);
        assert_int_equal(stats[i].gap_messages, 0);
        assert_true(stats[i].rebalances >= 3);
        rig_leave(&members[i]);
    }
    for (int32_t p = 0; p < RIG_PARTITIONS; p++) {
        assert_int_equal(rig_group_offset(rig, p), rig->next_offset[p]);
    }
    rig_destroy(rig);
}

static void consumer_range_moves_under_load_lose_nothing(void **state)
{
    (void)state;
    move_under_load(STRATEGY_RANGE);
}

static void consumer_roundrobin_moves_under_load_lose_nothing(void **state)
{
    (void)state;
    move_under_load(STRATEGY_ROUNDROBIN);
}

static void consumer_sticky_moves_under_load_lose_nothing(void **state)
{
    (void)state;
    move_under_load(STRATEGY_STICKY);
}

static void consumer_kip848_moves_under_load_lose_nothing(void **state)
{
    (void)state;
    move_under_load(STRATEGY_CONSUMER);
}

/* In the group's eyes the partitions go only when all of them that was read is written. */
static void consumer_revoke_waits_for_the_writes(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLASSIC; i++) {
        struct rig *rig = rig_create();
        struct rig_member members[2] = {0};
        struct rig_member *const both[] = {&members[0], &members[1]};
        members[0].may_not_hold = true;
        rig->config.queue_batches = 100;
        rig->config.batch_ticks = 50;
        atomic_store(&rig->store_delay_ms, 40);
        rig_join(rig, &members[0], "m1", classic[i]);
        rig_wait_owned(both, 1, 20000);
        produce_everywhere(rig, 10); /* of each partition there is something to wait for */
        rig_wait_durable(rig, 20000);
        rig_join(rig, &members[1], "m2", classic[i]);
        for (int n = 0; n < 50 && members[0].revoked == 0; n++) {
            produce_everywhere(rig, 10);
            rig_sleep_ms(20);
        }
        rig_wait_owned(both, 2, 30000);
        /* One revoke at least: where the members are slow to answer, the in-process cluster lets
         * the group rebalance again. Each was looked at: what was not durable is a violation. */
        assert_true(members[0].revoked >= 1);
        assert_int_equal(members[0].lost, 0);
        assert_true(members[0].drained >= 3);
        rig_wait_durable(rig, 20000);
        rig_wait_committed(rig, 10000);
        rig_leave(&members[0]);
        rig_leave(&members[1]);
        rig_destroy(rig);
    }
}

/* A clean hand-over: all that the first member took is committed when the second starts. */
static void consumer_clean_leave_redelivers_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLASSIC; i++) {
        struct rig *rig = rig_create();
        struct rig_member first = {0}, second = {0};
        atomic_store(&rig->store_delay_ms, 20);
        produce_everywhere(rig, 1000);
        rig_join(rig, &first, "first", classic[i]);
        rig_wait_until(rig_points(rig) > 1000, 20000);
        rig_leave(&first);
        int64_t taken = rig_points(rig);
        assert_true(taken < 6000);
        rig_join(rig, &second, "second", classic[i]);
        rig_wait_durable(rig, 20000);
        rig_wait_committed(rig, 10000);
        assert_int_equal(rig_stats(&second).consumed, 6000 - taken);
        rig_leave(&second);
        for (int p = 0; p < RIG_PARTITIONS; p++) {
            for (int offset = 0; offset < 1000; offset++) {
                assert_int_equal(rig->stored[p][offset], 1);
            }
        }
        rig_destroy(rig);
    }
}

static void *leave(void *member)
{
    rig_leave(member);
    return NULL;
}

static void consumer_two_leave_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLASSIC; i++) {
        struct rig *rig = rig_create();
        struct rig_member members[2] = {0};
        struct rig_member *const both[] = {&members[0], &members[1]};
        atomic_store(&rig->store_delay_ms, 50);
        rig_join(rig, &members[0], "m1", classic[i]);
        rig_join(rig, &members[1], "m2", classic[i]);
        rig_wait_owned(both, 2, 30000);
        produce_everywhere(rig, 200);
        rig_wait_until(rig_points(rig) > 0, 10000);
        int64_t begin_ns = clock_monotonic_ns();
        pthread_t threads[2];
        for (int n = 0; n < 2; n++) {
            assert_int_equal(pthread_create(&threads[n], NULL, leave, &members[n]), 0);
        }
        for (int n = 0; n < 2; n++) {
            assert_int_equal(pthread_join(threads[n], NULL), 0);
        }
        assert_true(clock_monotonic_ns() - begin_ns <
                    (rig->config.drain_timeout_ms + RIG_LATE_MS) * NS_PER_MS);
        rig_destroy(rig);
    }
}

/* The first one drains, and polls no more, when the group takes its partitions because the second
 * one left: leaving brings another revocation, and librdkafka takes one answer for both. */
static void consumer_leaves_in_the_midst_of_a_rebalance(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct rig *rig = rig_create();
        struct rig_member first = {0}, second = {0};
        struct rig_member *const both[] = {&first, &second};
        rig_join(rig, &first, "first", STRATEGY_RANGE);
        rig_wait_owned(both, 1, 20000);
        atomic_store(&rig->store_delay_ms, 500);
        produce_everywhere(rig, 50);
        rig_wait_until(rig_stats(&first).consumed == 300, 10000);
        rig_join(rig, &second, "second", STRATEGY_RANGE);
        rig_wait_owned(both, 2, 30000);
        rig_leave(&second);
        rig_sleep_ms(50 * i); /* any moment of it */
        int64_t begin_ns = clock_monotonic_ns();
        rig_leave(&first);
        assert_true(clock_monotonic_ns() - begin_ns <
                    (rig->config.drain_timeout_ms + RIG_LATE_MS) * NS_PER_MS);
        rig_destroy(rig);
    }
}

static void leave_at_any_moment_of_joining(enum strategy strategy)
{
    static const int moments_ms[] = {0, 1, 20, 150, 300, 400, 700};
    struct rig *rig = rig_create();
    rig_produce(rig, 0, 200);
    for (size_t n = 0; n < sizeof moments_ms / sizeof *moments_ms; n++) {
        struct rig_member member = {0};
        rig_join(rig, &member, "hasty", strategy);
        rig_sleep_ms(moments_ms[n]);
        int64_t begin_ns = clock_monotonic_ns();
        rig_leave(&member);
        int64_t took_ms = (clock_monotonic_ns() - begin_ns) / NS_PER_MS;
        if (took_ms > rig->config.drain_timeout_ms + RIG_LATE_MS) {
            fail_msg("after %d ms: %d ms to leave", moments_ms[n], (int)took_ms);
        }
    }
    struct rig_member last = {0};
    rig_join(rig, &last, "last", strategy);
    rig_wait_committed(rig,
                       20000); /* a hasty one may have left a ghost, whose session ends first */
    rig_leave(&last);
    rig_destroy(rig);
}

static void consumer_range_leaves_at_any_moment_of_joining(void **state)
{
    (void)state;
    leave_at_any_moment_of_joining(STRATEGY_RANGE);
}

static void consumer_roundrobin_leaves_at_any_moment_of_joining(void **state)
{
    (void)state;
    leave_at_any_moment_of_joining(STRATEGY_ROUNDROBIN);
}

static void consumer_sticky_leaves_at_any_moment_of_joining(void **state)
{
    (void)state;
    leave_at_any_moment_of_joining(STRATEGY_STICKY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(consumer_range_and_roundrobin_place_by_rule),
        cmocka_unit_test(consumer_sticky_moves_only_what_it_must),
        cmocka_unit_test(consumer_range_moves_under_load_lose_nothing),
        cmocka_unit_test(consumer_roundrobin_moves_under_load_lose_nothing),
        cmocka_unit_test(consumer_sticky_moves_under_load_lose_nothing),
        cmocka_unit_test(consumer_kip848_moves_under_load_lose_nothing),
        cmocka_unit_test(consumer_revoke_waits_for_the_writes),
        cmocka_unit_test(consumer_clean_leave_redelivers_nothing),
        cmocka_unit_test(consumer_two_leave_at_once),
        cmocka_unit_test(consumer_leaves_in_the_midst_of_a_rebalance),
        cmocka_unit_test(consumer_range_leaves_at_any_moment_of_joining),
        cmocka_unit_test(consumer_roundrobin_leaves_at_any_moment_of_joining),
        cmocka_unit_test(consumer_sticky_leaves_at_any_moment_of_joining),
    };
    return run_side_by_side(tests);
}
