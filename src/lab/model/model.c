#include "lab/model/model.h"

#include "lab/model/sticky.h"

const char *const lab_strategy_names[] = {"range", "roundrobin", "sticky", "eager-sticky", NULL};

bool lab_strategy_cooperative(enum lab_strategy strategy)
{
    return strategy == LAB_STICKY;
}

bool lab_change_adds(enum lab_change_kind kind)
{
    return kind == LAB_JOIN || kind == LAB_THAW || kind == LAB_RESTART;
}

/* Assigns each topic separately: contiguous blocks over its subscribers; the first subscribers get
 * one of the remaining partitions each. */
static void assign_range(const struct lab_group *group, struct lab_placement *after)
{
    int members[LAB_MEMBERS_MAX];
    int member_count = lab_members_sorted(group, true, members);
    for (int t = 0; t < group->topic_count; t++) {
        const struct lab_topic *topic = &group->topics[t];
        int subscribers = 0;
        for (int i = 0; i < member_count; i++) {
            subscribers += lab_member_subscribes(group, members[i], topic->first) ? 1 : 0;
        }
        int slot = topic->first;
        int left = topic->partitions;
        for (int i = 0; i < member_count && subscribers > 0; i++) {
            if (lab_member_subscribes(group, members[i], topic->first)) {
                int share = (left + subscribers - 1) / subscribers;
                for (int k = 0; k < share; k++) {
                    after->owner[slot++] = members[i];
                }
                left -= share;
                subscribers--;
            }
        }
    }
}

/* Assigns all partitions by topic name, cyclically over the members, skipping those that do not
 * subscribe. */
static void assign_roundrobin(const struct lab_group *group, struct lab_placement *after)
{
    int members[LAB_MEMBERS_MAX];
    int topics[LAB_TOPICS_MAX];
    int member_count = lab_members_sorted(group, true, members);
    int next = 0;
    lab_topics_sorted(group, topics);
    for (int t = 0; t < group->topic_count; t++) {
        const struct lab_topic *topic = &group->topics[topics[t]];
        for (int slot = topic->first; slot < topic->first + topic->partitions; slot++) {
            for (int tries = 0; tries < member_count; tries++) {
                int member = members[next++ % member_count];
                if (lab_member_subscribes(group, member, slot)) {
                    after->owner[slot] = member;
                    break;
                }
            }
        }
    }
}

void lab_assign(const struct lab_group *group, enum lab_strategy strategy,
                const struct lab_placement *before, struct lab_placement *after)
{
    struct lab_placement result = lab_placement_empty();
    if (strategy == LAB_RANGE) {
        assign_range(group, &result);
    } else if (strategy == LAB_ROUNDROBIN) {
        assign_roundrobin(group, &result);
    } else {
        lab_sticky_assign(group, before, &result);
    }
    *after = result;
}

bool lab_round(const struct lab_group *group, enum lab_strategy strategy,
               const struct lab_placement *before, struct lab_placement *after)
{
    struct lab_placement owned = *before;
    bool settled = true;
    lab_assign(group, strategy, &owned, after);
    for (int slot = 0; lab_strategy_cooperative(strategy) && slot < group->slot_count; slot++) {
        int owner = owned.owner[slot];
        if (owner != LAB_NOBODY && group->members[owner].present && after->owner[slot] != owner) {
            after->owner[slot] = LAB_NOBODY;
            settled = false;
        }
    }
    return settled;
}

/* Returns how many partitions must move. With equal subscriptions the sizes of a balanced placement
 * are known, and so is how many partitions each member has too many; of the members, those that now
 * own most may keep one more. */
static int moves_needed(const struct lab_group *group, const struct lab_placement *before,
                        int slots)
{
    int over[LAB_MEMBERS_MAX];
    int members = 0;
    for (int i = 0; i < group->member_count; i++) {
        if (group->members[i].present) {
            over[members++] = lab_placement_count(group, before, i);
        }
    }
    if (members == 0 || !lab_group_uniform(group)) {
        return -1;
    }
    int spare = slots % members; /* number of members that may have one more */
    int needed = 0;
    for (int i = 0; i < members; i++) {
        int extra = over[i] - slots / members;
        if (extra > 0 && spare > 0) {
            spare--;
            extra--;
        }
        needed += extra > 0 ? extra : 0;
    }
    return needed;
}

struct lab_cost lab_cost_of(const struct lab_group *group, const struct lab_placement *before,
                            const struct lab_placement *after, int revoked)
{
    struct lab_cost cost = {.revoked = revoked, .least = group->slot_count};
    int placed = 0;
    for (int slot = 0; slot < group->slot_count; slot++) {
        int old = before->owner[slot];
        bool moved =
            old != LAB_NOBODY && after->owner[slot] != LAB_NOBODY && after->owner[slot] != old;
        placed += after->owner[slot] != LAB_NOBODY ? 1 : 0;
        cost.moved += moved ? 1 : 0;
        cost.needless += moved && group->members[old].present ? 1 : 0;
    }
    for (int i = 0; i < group->member_count; i++) {
        if (group->members[i].present) {
            int count = lab_placement_count(group, after, i);
            cost.least = count < cost.least ? count : cost.least;
            cost.most = count > cost.most ? count : cost.most;
        }
    }
    cost.needed = moves_needed(group, before, placed);
    return cost;
}

/* Returns how many partitions the change itself revokes: all of the member that leaves, and under
 * the eager protocol also all of those that stay. */
static int revoked_at_once(const struct lab_group *group, enum lab_strategy strategy,
                           struct lab_change change, const struct lab_placement *before)
{
    int revoked = 0;
    for (int slot = 0; slot < group->slot_count; slot++) {
        int owner = before->owner[slot];
        if (owner == LAB_NOBODY) {
            continue;
        }
        bool leaves = change.kind == LAB_LEAVE && change.member == owner;
        bool stays = group->members[owner].present && !lab_strategy_cooperative(strategy);
        revoked += leaves || stays ? 1 : 0;
    }
    return revoked;
}

static int count_taken(const struct lab_group *group, const struct lab_placement *before,
                       const struct lab_placement *after)
{
    int taken = 0;
    for (int slot = 0; slot < group->slot_count; slot++) {
        taken += before->owner[slot] != LAB_NOBODY && after->owner[slot] == LAB_NOBODY ? 1 : 0;
    }
    return taken;
}

void lab_step_predict(struct lab_group *group, enum lab_strategy strategy, struct lab_change change,
                      const struct lab_placement *before, struct lab_step *step)
{
    *step = (struct lab_step){.change = change, .before = *before};
    if (change.kind != LAB_START) {
        group->members[change.member].present = lab_change_adds(change.kind);
    }
    int revoked = revoked_at_once(group, strategy, change, before);
    struct lab_placement owned = *before;
    for (int slot = 0; slot < group->slot_count; slot++) {
        int owner = owned.owner[slot];
        if (owner != LAB_NOBODY && !group->members[owner].present) {
            owned.owner[slot] = LAB_NOBODY;
        }
    }
    bool settled = false;
    for (; !settled && step->rounds < LAB_ROUNDS_MAX; step->rounds++) {
        settled = lab_round(group, strategy, &owned, &step->after);
        revoked += settled ? 0 : count_taken(group, &owned, &step->after);
        if (step->rounds == 0) {
            step->between = step->after;
        }
        owned = step->after;
    }
    step->cost = lab_cost_of(group, before, &step->after, revoked);
}
