/*
 * The sticky assignor. Its placement is as even as the subscriptions allow; within that, owners
 * keep their partitions. Many placements satisfy that. Which one results depends on the order in
 * which partitions and members are visited, so every order here is librdkafka's (sources: see
 * model.h), where the functions are sortPartitions, maybeAssignPartition, balance,
 * performReassignments, isBalanced and PartitionMovements_*.
 *
 * Not modelled: partitions that two members claim from different generations. They never occur in a
 * classic group whose members drop the partitions they lose.
 */
#include "lab/model/sticky.h"

#include <stdlib.h>

struct sticky {
    const struct lab_group *group;
    int members[LAB_MEMBERS_MAX]; /* the members' indexes in the group, sorted by id; everywhere
                                     else in this file a member is its index in this list (its
                                     rank) */
    int member_count;
    int owner[LAB_SLOTS_MAX]; /* the owners' ranks */
    int count[LAB_MEMBERS_MAX];
    int wanted[LAB_MEMBERS_MAX];    /* how many slots the member's topics have */
    int subscribers[LAB_SLOTS_MAX]; /* how many members subscribe to the slot's topic */
    bool fixed[LAB_MEMBERS_MAX];    /* the member's slots can neither be taken from it nor become
                                       more */
    bool revocation_required;
    /* The moves of this assignment. A slot moved from `source` to its owner; `moved` is the number
     * of the move, counted from 1; 0: the slot did not move. */
    int source[LAB_SLOTS_MAX];
    int moved[LAB_SLOTS_MAX];
    int moves;
};

struct slot_list {
    int slots[LAB_SLOTS_MAX];
    int count;
};

static bool takes(const struct sticky *sticky, int rank, int slot)
{
    return lab_member_subscribes(sticky->group, sticky->members[rank], slot);
}

static void give(struct sticky *sticky, int slot, int rank)
{
    if (sticky->owner[slot] != LAB_NOBODY) {
        sticky->count[sticky->owner[slot]]--;
    }
    sticky->owner[slot] = rank;
    sticky->count[rank]++;
}

/* Returns the member with the fewest slots of those that may own this one; of equals, the first by
 * id. */
static int neediest(const struct sticky *sticky, int slot)
{
    int best = LAB_NOBODY;
    for (int rank = 0; rank < sticky->member_count; rank++) {
        if (!sticky->fixed[rank] && takes(sticky, rank, slot) &&
            (best == LAB_NOBODY || sticky->count[rank] < sticky->count[best])) {
            best = rank;
        }
    }
    return best;
}

static void take_over_owners(struct sticky *sticky, const struct lab_placement *before)
{
    for (int slot = 0; slot < sticky->group->slot_count; slot++) {
        sticky->owner[slot] = LAB_NOBODY;
        for (int rank = 0; rank < sticky->member_count; rank++) {
            bool owns = before->owner[slot] == sticky->members[rank];
            if (takes(sticky, rank, slot)) {
                sticky->subscribers[slot]++;
                sticky->wanted[rank]++;
                if (owns) {
                    give(sticky, slot, rank);
                }
            } else if (owns) {
                sticky->revocation_required = true;
            }
        }
    }
}

/* Lists the slots that somebody may own, by topic name and partition. */
static void list_by_name(const struct sticky *sticky, struct slot_list *list)
{
    int topics[LAB_TOPICS_MAX];
    lab_topics_sorted(sticky->group, topics);
    list->count = 0;
    for (int t = 0; t < sticky->group->topic_count; t++) {
        const struct lab_topic *topic = &sticky->group->topics[topics[t]];
        for (int slot = topic->first; slot < topic->first + topic->partitions; slot++) {
            if (sticky->subscribers[slot] > 0) {
                list->slots[list->count++] = slot;
            }
        }
    }
}

/* Lists the slots, first those that the fewest members may own. */
static void list_by_subscribers(const struct sticky *sticky, struct slot_list *list)
{
    struct slot_list named;
    list_by_name(sticky, &named);
    list->count = 0;
    for (int subscribers = 1; subscribers <= sticky->member_count; subscribers++) {
        for (int i = 0; i < named.count; i++) {
            if (sticky->subscribers[named.slots[i]] == subscribers) {
                list->slots[list->count++] = named.slots[i];
            }
        }
    }
}

/* Adds the slots without an owner, the last one in the metadata first. */
static void add_without_owner(const struct sticky *sticky, struct slot_list *list)
{
    for (int t = sticky->group->topic_count - 1; t >= 0; t--) {
        const struct lab_topic *topic = &sticky->group->topics[sticky->group->listed[t]];
        for (int slot = topic->first + topic->partitions - 1; slot >= topic->first; slot--) {
            if (sticky->subscribers[slot] > 0 && sticky->owner[slot] == LAB_NOBODY) {
                list->slots[list->count++] = slot;
            }
        }
    }
}

/* Lists the owned slots: again and again one of the member that has the most slots not yet listed;
 * then the slots without an owner. */
static void list_by_load(const struct sticky *sticky, struct slot_list *list)
{
    struct slot_list named;
    int left[LAB_MEMBERS_MAX];
    int next[LAB_MEMBERS_MAX] = {0}; /* where to search `named` for the member's next slot */
    list_by_name(sticky, &named);
    list->count = 0;
    for (int rank = 0; rank < sticky->member_count; rank++) {
        left[rank] = sticky->count[rank];
    }
    for (;;) {
        int most = 0;
        for (int rank = 1; rank < sticky->member_count; rank++) {
            most = left[rank] >= left[most] ? rank : most;
        }
        if (left[most] == 0) {
            break;
        }
        while (sticky->owner[named.slots[next[most]]] != most) {
            next[most]++;
        }
        list->slots[list->count++] = named.slots[next[most]++];
        left[most]--;
    }
    if (list->count == 0) {
        *list = named;
        return;
    }
    add_without_owner(sticky, list);
}

static void keep_movable(const struct sticky *sticky, struct slot_list *list)
{
    int kept = 0;
    for (int i = 0; i < list->count; i++) {
        if (sticky->subscribers[list->slots[i]] >= 2) {
            list->slots[kept++] = list->slots[i];
        }
    }
    list->count = kept;
}

/* Returns whether the member owns all that it may own, and nobody else may own any of it. */
static bool is_fixed(const struct sticky *sticky, int rank)
{
    bool fixed = sticky->count[rank] >= sticky->wanted[rank];
    for (int slot = 0; fixed && slot < sticky->group->slot_count; slot++) {
        fixed = sticky->owner[slot] != rank || sticky->subscribers[slot] < 2;
    }
    return fixed;
}

static bool is_balanced(const struct sticky *sticky)
{
    int least = LAB_SLOTS_MAX;
    int most = 0;
    for (int rank = 0; rank < sticky->member_count; rank++) {
        if (!sticky->fixed[rank]) {
            least = sticky->count[rank] < least ? sticky->count[rank] : least;
            most = sticky->count[rank] > most ? sticky->count[rank] : most;
        }
    }
    if (least >= most - 1) {
        return true;
    }
    for (int slot = 0; slot < sticky->group->slot_count; slot++) {
        int owner = sticky->owner[slot];
        for (int rank = 0; owner != LAB_NOBODY && rank < sticky->member_count; rank++) {
            if (!sticky->fixed[rank] && rank != owner && takes(sticky, rank, slot) &&
                sticky->count[rank] < sticky->count[owner]) {
                return false;
            }
        }
    }
    return true;
}

/* Returns the oldest move from `to` to `from` within the topic, ignoring the move of slot `other`;
 * LAB_NOBODY: none. */
static int oldest_move(const struct sticky *sticky, const struct lab_topic *topic, int to, int from,
                       int other)
{
    int best = LAB_NOBODY;
    for (int slot = topic->first; slot < topic->first + topic->partitions; slot++) {
        if (slot != other && sticky->moved[slot] > 0 && sticky->source[slot] == to &&
            sticky->owner[slot] == from &&
            (best == LAB_NOBODY || sticky->moved[slot] < sticky->moved[best])) {
            best = slot;
        }
    }
    return best;
}

/* Returns the slot to move: `slot`, or one of the same topic that has moved the other way before
 * and is now moved back instead. That should be the slot of the oldest such move; but librdkafka
 * reads its list of moves again after it has removed the oldest one, so it ignores the oldest and
 * moves the next one back. (If there is no next one, it reads freed memory, which mostly crashes
 * the member; here the oldest one is moved back.) */
static int slot_to_move(struct sticky *sticky, int slot, int to)
{
    const struct lab_topic *topic = &sticky->group->topics[lab_slot_topic(sticky->group, slot)];
    int from = sticky->owner[slot];
    int oldest = oldest_move(sticky, topic, to, from, LAB_NOBODY);
    int next = oldest != LAB_NOBODY ? oldest_move(sticky, topic, to, from, oldest) : LAB_NOBODY;
    if (next != LAB_NOBODY) {
        sticky->moved[oldest] = 0;
        return next;
    }
    return oldest != LAB_NOBODY ? oldest : slot;
}

static void move(struct sticky *sticky, int slot, int to)
{
    slot = slot_to_move(sticky, slot, to);
    int source = sticky->moved[slot] > 0 ? sticky->source[slot] : sticky->owner[slot];
    sticky->source[slot] = source;
    sticky->moved[slot] = source == to ? 0 : ++sticky->moves;
    give(sticky, slot, to);
}

/* Returns whether another member that may own the slot owns at least two slots less than its
 * owner. */
static bool has_better_place(const struct sticky *sticky, int slot)
{
    int owner = sticky->owner[slot];
    for (int rank = 0; rank < sticky->member_count; rank++) {
        if (rank != owner && takes(sticky, rank, slot) &&
            sticky->count[owner] > sticky->count[rank] + 1) {
            return true;
        }
    }
    return false;
}

static bool reassign(struct sticky *sticky, const struct slot_list *list)
{
    bool any = false;
    bool modified = true;
    while (modified) {
        modified = false;
        for (int i = 0; i < list->count && !is_balanced(sticky); i++) {
            if (has_better_place(sticky, list->slots[i])) {
                move(sticky, list->slots[i], neediest(sticky, list->slots[i]));
                modified = true;
                any = true;
            }
        }
    }
    return any;
}

/* Returns the sum of the differences between the loads of all pairs of members. */
static int unevenness(const struct sticky *sticky)
{
    int sum = 0;
    for (int i = 0; i < sticky->member_count; i++) {
        for (int k = i + 1; k < sticky->member_count; k++) {
            if (!sticky->fixed[i] && !sticky->fixed[k]) {
                sum += abs(sticky->count[i] - sticky->count[k]);
            }
        }
    }
    return sum;
}

static void balance(struct sticky *sticky, struct slot_list *all, struct slot_list *unowned)
{
    bool initializing = true;
    for (int rank = 0; rank < sticky->member_count; rank++) {
        initializing = initializing && sticky->count[rank] == 0;
    }
    for (int i = 0; i < unowned->count; i++) {
        give(sticky, unowned->slots[i], neediest(sticky, unowned->slots[i]));
    }
    keep_movable(sticky, all);
    keep_movable(sticky, unowned);
    for (int rank = 0; rank < sticky->member_count; rank++) {
        sticky->fixed[rank] = is_fixed(sticky, rank);
    }
    struct sticky saved = *sticky;
    if (!sticky->revocation_required && unowned->count > 0) {
        (void)reassign(sticky, unowned);
    }
    if (reassign(sticky, all) && !initializing && unevenness(sticky) >= unevenness(&saved)) {
        *sticky = saved;
    }
}

void lab_sticky_assign(const struct lab_group *group, const struct lab_placement *before,
                       struct lab_placement *after)
{
    struct sticky sticky = {.group = group};
    struct slot_list all;
    struct slot_list unowned = {.count = 0};
    sticky.member_count = lab_members_sorted(group, false, sticky.members);
    if (sticky.member_count == 0) {
        return;
    }
    take_over_owners(&sticky, before);
    if (lab_group_uniform(group)) {
        list_by_load(&sticky, &all);
    } else {
        list_by_subscribers(&sticky, &all);
    }
    for (int i = 0; i < all.count; i++) {
        if (sticky.owner[all.slots[i]] == LAB_NOBODY) {
            unowned.slots[unowned.count++] = all.slots[i];
        }
    }
    balance(&sticky, &all, &unowned);
    for (int slot = 0; slot < group->slot_count; slot++) {
        int rank = sticky.owner[slot];
        after->owner[slot] = rank == LAB_NOBODY ? LAB_NOBODY : sticky.members[rank];
    }
}
