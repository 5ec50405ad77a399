/* What holds of every group, over many random ones: the seed of one that breaks a rule is printed.
 */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "cmocka_all.h"
#include "lab/model/model.h"

enum { GROUPS = 3000, STEPS = 8 };

static int below(struct random *random, int limit)
{
    return (int)(random_next(random) % (uint64_t)limit);
}

static void add_topics(struct random *random, struct lab_group *group)
{
    struct error error = {0};
    int topics = 1 + below(random, 6);
    for (int i = 0; i < topics; i++) {
        char name[] = {(char)('a' + (i * 5 + 3) % 26), '\0'};
        assert_true(lab_group_add_topic(group, str_from(name), 1 + below(random, 7), &error));
    }
}

/* Ids whose order is not that of the names. */
static void add_members(struct random *random, bool uniform, struct lab_group *group)
{
    struct error error = {0};
    int members = 1 + below(random, 7);
    for (int i = 0; i < members; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "C%d", i);
        assert_true(lab_group_add_member(group, str_from(name), &error));
        struct lab_member *member = &group->members[i];
        (void)snprintf(member->id, sizeof member->id, "%016llx-%d",
                       (unsigned long long)random_next(random), i);
        uint32_t all = (UINT32_C(1) << group->topic_count) - 1;
        uint32_t some = (uint32_t)random_next(random) & all;
        member->topics = uniform || some == 0 ? all : some;
        member->present = below(random, 3) > 0;
    }
}

/* Each partition that somebody subscribes to has one owner, who subscribes to it; no other has. */
static bool owned_by_subscribers(const struct lab_group *group, const struct lab_placement *after)
{
    for (int slot = 0; slot < group->slot_count; slot++) {
        bool any = false;
        for (int i = 0; i < group->member_count; i++) {
            any = any || lab_member_subscribes(group, i, slot);
        }
        int owner = after->owner[slot];
        if (any != (owner != LAB_NOBODY) || (any && !lab_member_subscribes(group, owner, slot))) {
            return false;
        }
    }
    return true;
}

/* In each topic the owners come in blocks by id, and the first blocks are the longer ones. */
static bool range_is_contiguous(const struct lab_group *group, const struct lab_placement *after)
{
    for (int t = 0; t < group->topic_count; t++) {
        const struct lab_topic *topic = &group->topics[t];
        int longest = LAB_SLOTS_MAX;
        int block = 0;
        for (int slot = topic->first; slot < topic->first + topic->partitions; slot++) {
            int owner = after->owner[slot];
            bool last = slot + 1 == topic->first + topic->partitions;
            int next = last ? LAB_NOBODY : after->owner[slot + 1];
            block++;
            if (owner == LAB_NOBODY || next == owner) {
                continue;
            }
            if (block > longest ||
                (!last && strcmp(group->members[owner].id, group->members[next].id) > 0)) {
                return false;
            }
            longest = block;
            block = 0;
        }
    }
    return true;
}

/* No single partition could go to somebody who has at least two less. */
static bool balanced(const struct lab_group *group, const struct lab_placement *after)
{
    for (int slot = 0; slot < group->slot_count; slot++) {
        int owner = after->owner[slot];
        for (int i = 0; owner != LAB_NOBODY && i < group->member_count; i++) {
            if (lab_member_subscribes(group, i, slot) &&
                lab_placement_count(group, after, i) + 1 <
                    lab_placement_count(group, after, owner)) {
                return false;
            }
        }
    }
    return true;
}

/* All that somebody subscribes to has an owner who is there, and it is as even as can be. */
static bool needs_no_move(const struct lab_group *group, const struct lab_placement *before)
{
    for (int slot = 0; slot < group->slot_count; slot++) {
        int owner = before->owner[slot];
        bool kept = owner != LAB_NOBODY && group->members[owner].present;
        for (int i = 0; !kept && i < group->member_count; i++) {
            if (lab_member_subscribes(group, i, slot)) {
                return false;
            }
        }
    }
    return balanced(group, before);
}

static struct lab_change random_change(struct random *random, const struct lab_group *group)
{
    int member = below(random, group->member_count);
    enum lab_change_kind away = below(random, 2) == 0 ? LAB_LEAVE : LAB_CRASH;
    return (struct lab_change){group->members[member].present ? away : LAB_JOIN, member};
}

static const char *broken_rule(const struct lab_group *group, enum lab_strategy strategy,
                               const struct lab_step *step)
{
    bool sticky = strategy == LAB_STICKY || strategy == LAB_EAGER_STICKY;
    bool uniform = lab_group_uniform(group);
    if (!owned_by_subscribers(group, &step->after)) {
        return "each partition has one owner, who subscribes";
    }
    if (strategy == LAB_RANGE && !range_is_contiguous(group, &step->after)) {
        return "range gives blocks";
    }
    if (step->rounds > (strategy == LAB_STICKY ? 2 : 1)) {
        return "two rounds at most";
    }
    if ((sticky || strategy == LAB_ROUNDROBIN) && uniform && step->cost.needed >= 0 &&
        step->cost.most - step->cost.least > 1) {
        return "as even as can be";
    }
    if (sticky && uniform && step->cost.needed >= 0 && step->cost.needless != step->cost.needed) {
        return "sticky moves what it must and nothing else";
    }
    if (sticky && !balanced(group, &step->after)) {
        return "no single move would make it more even";
    }
    /* What has lost its owner is given out one by one, which can make a move needful later: so no
     * more is promised where subscriptions differ. */
    if (sticky && needs_no_move(group, &step->before) && step->cost.moved > 0) {
        return "sticky moves nothing where balance asks for nothing";
    }
    if (strategy == LAB_STICKY && step->change.kind == LAB_CRASH && uniform &&
        step->cost.revoked != 0) {
        return "after a crash sticky takes nothing from anybody";
    }
    return NULL;
}

static void run_group(uint64_t seed, enum lab_strategy strategy, bool uniform)
{
    struct random random = random_seeded(seed);
    struct lab_group group = {0};
    struct lab_step step = {.after = lab_placement_empty()};
    add_topics(&random, &group);
    add_members(&random, uniform, &group);
    struct lab_change change = {LAB_START, 0};
    for (int i = 0; i < STEPS; i++) {
        const struct lab_placement before = step.after;
        lab_step_predict(&group, strategy, change, &before, &step);
        const char *rule = broken_rule(&group, strategy, &step);
        if (rule != NULL) {
            fail_msg("seed %llu, %s, step %d: not so: %s", (unsigned long long)seed,
                     lab_strategy_names[strategy], i, rule);
        }
        change = random_change(&random, &group);
    }
}

static void rules_hold_for_equal_subscriptions(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= GROUPS; seed++) {
        run_group(seed, (enum lab_strategy)(seed % LAB_STRATEGIES), true);
    }
}

static void rules_hold_for_unequal_subscriptions(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= GROUPS; seed++) {
        run_group(seed + GROUPS, (enum lab_strategy)(seed % LAB_STRATEGIES), false);
    }
}

/* From nothing, where the subscriptions differ too, no single move makes it more even. */
static void sticky_starts_balanced(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= GROUPS; seed++) {
        struct random random = random_seeded(seed);
        struct lab_group group = {0};
        struct lab_placement empty = lab_placement_empty();
        struct lab_placement after;
        add_topics(&random, &group);
        add_members(&random, false, &group);
        lab_assign(&group, LAB_STICKY, &empty, &after);
        if (!balanced(&group, &after)) {
            fail_msg("seed %llu: one move would make it more even", (unsigned long long)seed);
        }
    }
}

/* An assignment that nothing has changed for changes nothing. */
static void sticky_rests(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= GROUPS; seed++) {
        struct random random = random_seeded(seed);
        struct lab_group group = {0};
        struct lab_placement empty = lab_placement_empty();
        struct lab_placement once;
        struct lab_placement twice;
        add_topics(&random, &group);
        add_members(&random, seed % 2 == 0, &group);
        lab_assign(&group, LAB_STICKY, &empty, &once);
        lab_assign(&group, LAB_STICKY, &once, &twice);
        assert_true(lab_placement_equal(&group, &once, &twice));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_hold_for_equal_subscriptions),
        cmocka_unit_test(rules_hold_for_unequal_subscriptions),
        cmocka_unit_test(sticky_starts_balanced),
        cmocka_unit_test(sticky_rests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
