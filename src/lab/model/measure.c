#include "lab/model/measure.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static bool in_window(const struct lab_mark *mark, const struct lab_event *event)
{
    return event->clock_ns >= mark->from_ns && event->clock_ns <= mark->to_ns;
}

/* The group's generations that members reported, ascending. */
struct round_list {
    int generations[LAB_GENERATIONS_MAX];
    int count;
};

/* Adds a generation. When the list is full, it keeps the newest ones. */
static void add_round(struct round_list *list, int generation)
{
    int at = list->count;
    while (at > 0 && list->generations[at - 1] > generation) {
        at--;
    }
    if (at > 0 && list->generations[at - 1] == generation) {
        return;
    }
    if (list->count == LAB_GENERATIONS_MAX) {
        if (at == 0) {
            return;
        }
        at--;
        memmove(list->generations, list->generations + 1, (size_t)at * sizeof *list->generations);
    } else {
        memmove(list->generations + at + 1, list->generations + at,
                (size_t)(list->count - at) * sizeof *list->generations);
        list->count++;
    }
    list->generations[at] = generation;
}

/* Returns whether the generation is older than the change: a static member that returns is assigned
 * its partitions again in the same generation. */
static bool seen_before(const struct lab_log *log, const struct lab_mark *mark, int generation)
{
    for (size_t i = 0; i < log->count; i++) {
        const struct lab_event *event = &log->events[i];
        if (event->kind == LAB_ASSIGNED && event->generation == generation &&
            event->clock_ns < mark->from_ns) {
            return true;
        }
    }
    return false;
}

static void list_rounds(const struct lab_log *log, const struct lab_mark *mark,
                        struct round_list *list)
{
    list->count = 0;
    for (size_t i = 0; i < log->count; i++) {
        const struct lab_event *event = &log->events[i];
        if (event->kind == LAB_ASSIGNED && event->generation >= 0 && in_window(mark, event) &&
            !seen_before(log, mark, event->generation)) {
            add_round(list, event->generation);
        }
    }
}

/* A round as its members reported it. */
struct seen_round {
    struct lab_placement before; /* what they owned when it began */
    struct lab_placement after;  /* what each owned after its assignment of the round */
    uint32_t members;
};

/* Updates the slots that a member owns by one of its events. */
static void hold(const struct lab_event *event, bool held[LAB_SLOTS_MAX])
{
    for (int slot = 0; event->kind == LAB_GONE && slot < LAB_SLOTS_MAX; slot++) {
        held[slot] = false;
    }
    for (int k = 0; event->kind != LAB_READ && k < event->slot_count; k++) {
        held[event->slots[k]] = event->kind == LAB_ASSIGNED;
    }
}

/* Adds what one member owned at its first event of the round, and after its assignment. */
static void see_member(const struct lab_event *const *sorted, size_t count,
                       const struct lab_mark *mark, int member, int generation,
                       struct seen_round *seen)
{
    bool held[LAB_SLOTS_MAX] = {false};
    bool begun = false;
    for (size_t i = 0; i < count && sorted[i]->clock_ns <= mark->to_ns; i++) {
        const struct lab_event *event = sorted[i];
        if (event->member != member || event->kind == LAB_READ) {
            continue;
        }
        for (int slot = 0; !begun && event->generation == generation && slot < LAB_SLOTS_MAX;
             slot++) {
            seen->before.owner[slot] = held[slot] ? member : seen->before.owner[slot];
        }
        begun = begun || event->generation == generation;
        hold(event, held);
        if (event->kind == LAB_ASSIGNED && event->generation == generation) {
            for (int slot = 0; slot < LAB_SLOTS_MAX; slot++) {
                seen->after.owner[slot] = held[slot] ? member : seen->after.owner[slot];
            }
            seen->members |= UINT32_C(1) << member;
            return;
        }
    }
}

static void set_ids(const struct lab_event *const *sorted, size_t count, int generation,
                    struct lab_group *group)
{
    for (size_t i = 0; i < count; i++) {
        const struct lab_event *event = sorted[i];
        if (event->kind == LAB_ASSIGNED && event->generation == generation) {
            (void)str_copy(str_from(event->id), group->members[event->member].id, LAB_NAME_SIZE);
        }
    }
}

static uint32_t present_members(const struct lab_group *group)
{
    uint32_t members = 0;
    for (int i = 0; i < group->member_count; i++) {
        members |= group->members[i].present ? UINT32_C(1) << i : 0;
    }
    return members;
}

/* Compares the latest prediction with what was observed. */
static void compare(const struct lab_group *group, int generation,
                    const struct lab_placement *observed, struct lab_measure *measure)
{
    if (measure->agrees && !lab_placement_equal(group, &measure->predicted, observed)) {
        measure->agrees = false;
        measure->differs = (struct lab_difference){generation, measure->predicted, *observed};
    }
}

/* Predicts each round of which all members reported their assignment, from their ids and what they
 * owned before. The last round is always such a round. In any other, who took part is unknown: a
 * member may have missed its assignment and received the next round's. */
static void predict(const struct lab_group *group, const struct lab_event *const *sorted,
                    size_t count, const struct lab_mark *mark, const struct round_list *rounds,
                    enum lab_strategy strategy, struct lab_measure *measure)
{
    measure->predicted_known = true;
    measure->predicted = measure->before; /* it is the final prediction if there was no round */
    measure->agrees = true;
    for (int r = 0; r < rounds->count; r++) {
        int generation = rounds->generations[r];
        struct lab_group now = *group;
        struct seen_round seen = {.before = lab_placement_empty(), .after = lab_placement_empty()};
        for (int i = 0; i < group->member_count; i++) {
            see_member(sorted, count, mark, i, generation, &seen);
        }
        if (seen.members == present_members(group)) {
            set_ids(sorted, count, generation, &now);
            (void)lab_round(&now, strategy, &seen.before, &measure->predicted);
            compare(group, generation, &seen.after, measure);
        }
    }
    compare(group, -1, &measure->after, measure);
}

/* Counts the present members that own each slot at `to_ns`. A member that is frozen or killed owns
 * nothing. */
static void count_holders(const struct lab_group *group, const struct lab_event *const *sorted,
                          size_t count, int64_t to_ns, int holders[LAB_SLOTS_MAX])
{
    memset(holders, 0, LAB_SLOTS_MAX * sizeof *holders);
    for (int member = 0; member < group->member_count; member++) {
        bool held[LAB_SLOTS_MAX] = {false};
        for (size_t i = 0; i < count && sorted[i]->clock_ns <= to_ns; i++) {
            if (sorted[i]->member == member) {
                hold(sorted[i], held);
            }
        }
        for (int slot = 0; group->members[member].present && slot < group->slot_count; slot++) {
            holders[slot] += held[slot] ? 1 : 0;
        }
    }
}

static bool is_consistent(const struct lab_group *group, const struct lab_placement *after,
                          const int *holders)
{
    for (int slot = 0; slot < group->slot_count; slot++) {
        bool wanted = lab_slot_wanted(group, slot);
        int owner = after->owner[slot];
        if (wanted != (owner != LAB_NOBODY) || holders[slot] != (wanted ? 1 : 0) ||
            (owner != LAB_NOBODY && !lab_member_subscribes(group, owner, slot))) {
            return false;
        }
    }
    return true;
}

static double seconds(int64_t duration_ns)
{
    return (double)duration_ns / (double)NS_PER_SECOND;
}

/* The times within the window when a slot had no owner. */
struct outage {
    int64_t unowned_ns; /* sum of all such times */
    int64_t end_ns;     /* end of the last one; 0: the slot always had an owner */
};

/* Finds when the slot had no owner. `spans` must be sorted by their start. */
static struct outage find_outage(const struct lab_mark *mark, const struct lab_span *spans,
                                 size_t count, int slot)
{
    struct outage outage = {0};
    int64_t owned_to_ns = mark->from_ns;
    for (size_t i = 0; i < count; i++) {
        if (spans[i].slot != slot || spans[i].to_ns <= mark->from_ns ||
            spans[i].from_ns > mark->to_ns) {
            continue;
        }
        if (spans[i].from_ns > owned_to_ns) {
            outage.unowned_ns += spans[i].from_ns - owned_to_ns;
            outage.end_ns = spans[i].from_ns;
        }
        owned_to_ns = spans[i].to_ns > owned_to_ns ? spans[i].to_ns : owned_to_ns;
    }
    if (owned_to_ns < mark->to_ns) {
        outage.unowned_ns += mark->to_ns - owned_to_ns;
        outage.end_ns = mark->to_ns;
    }
    return outage;
}

/* Updates gap_s by the longest time between two reads of the slot that ends in the window, and
 * again_s by the first read after `since_ns` (0: not needed). */
static void measure_reads(const struct lab_event *const *sorted, size_t count,
                          const struct lab_mark *mark, int slot, int64_t since_ns,
                          struct lab_measure *measure)
{
    int64_t before_ns = 0;
    bool again = since_ns == 0;
    for (size_t i = 0; i < count && sorted[i]->clock_ns <= mark->to_ns; i++) {
        const struct lab_event *event = sorted[i];
        if (event->kind != LAB_READ || event->slots[0] != slot) {
            continue;
        }
        if (before_ns > 0 && event->clock_ns >= mark->from_ns) {
            double gap_s = seconds(event->clock_ns - before_ns);
            measure->gap_s = gap_s > measure->gap_s ? gap_s : measure->gap_s;
        }
        if (!again && event->clock_ns >= since_ns) {
            double again_s = seconds(event->clock_ns - mark->from_ns);
            measure->again_s = again_s > measure->again_s ? again_s : measure->again_s;
            again = true;
        }
        before_ns = event->clock_ns;
    }
}

static bool measure_times(const struct lab_group *group, const struct lab_log *log,
                          const struct lab_event *const *sorted, const struct lab_mark *mark,
                          struct lab_measure *measure)
{
    struct lab_span *spans;
    size_t count;
    if (!lab_spans(log, &spans, &count)) {
        return false;
    }
    for (int slot = 0; slot < group->slot_count; slot++) {
        struct outage outage = find_outage(mark, spans, count, slot);
        measure->unowned_s += seconds(outage.unowned_ns);
        measure_reads(sorted, log->count, mark, slot, outage.end_ns, measure);
    }
    free(spans);
    return true;
}

bool lab_measure(const struct lab_group *group, const struct lab_log *log,
                 const struct lab_mark *mark, const enum lab_strategy *strategy,
                 struct lab_measure *measure)
{
    struct round_list rounds;
    int holders[LAB_SLOTS_MAX];
    int revoked = 0;
    *measure = (struct lab_measure){.agrees = true};
    if (!lab_placement_at(log, mark->from_ns - 1, &measure->before) ||
        !lab_placement_at(log, mark->to_ns, &measure->after)) {
        return false;
    }
    for (size_t i = 0; i < log->count; i++) {
        const struct lab_event *event = &log->events[i];
        if (in_window(mark, event)) {
            revoked += event->kind == LAB_REVOKED ? event->slot_count : 0;
            measure->lost += event->kind == LAB_LOST ? event->slot_count : 0;
        }
    }
    measure->cost = lab_cost_of(group, &measure->before, &measure->after, revoked);
    list_rounds(log, mark, &rounds);
    measure->rounds = rounds.count;
    const struct lab_event **sorted = lab_log_sorted(log);
    if (sorted == NULL) {
        return false;
    }
    count_holders(group, sorted, log->count, mark->to_ns, holders);
    measure->consistent = is_consistent(group, &measure->after, holders);
    if (strategy != NULL) {
        predict(group, sorted, log->count, mark, &rounds, *strategy, measure);
    }
    bool done = measure_times(group, log, sorted, mark, measure);
    free((void *)sorted);
    return done;
}

struct range {
    int64_t first, last;
};

static int compare_ranges(const void *left, const void *right)
{
    const struct range *one = left;
    const struct range *two = right;
    return one->first < two->first ? -1 : one->first > two->first;
}

/* Counts the ticks of one slot; `ranges` has room for all events. */
static void count_slot(const struct lab_log *log, int slot, int64_t acknowledged,
                       struct range *ranges, struct lab_ticks *ticks)
{
    size_t count = 0;
    for (size_t i = 0; i < log->count; i++) {
        const struct lab_event *event = &log->events[i];
        if (event->kind == LAB_READ && event->slots[0] == slot) {
            ranges[count++] = (struct range){event->first, event->last};
        }
    }
    qsort(ranges, count, sizeof *ranges, compare_ranges);
    int64_t next = 0; /* all lower offsets are counted */
    for (size_t i = 0; i < count; i++) {
        int64_t hole_end = ranges[i].first < acknowledged ? ranges[i].first : acknowledged;
        ticks->missing += hole_end > next ? hole_end - next : 0;
        int64_t fresh = ranges[i].first > next ? ranges[i].first : next;
        int64_t length = ranges[i].last - ranges[i].first + 1;
        int64_t new_ones = ranges[i].last >= fresh ? ranges[i].last - fresh + 1 : 0;
        ticks->read += new_ones;
        ticks->twice += length - new_ones;
        next = ranges[i].last >= next ? ranges[i].last + 1 : next;
    }
    ticks->missing += acknowledged > next ? acknowledged - next : 0;
}

bool lab_count_ticks(const struct lab_group *group, const struct lab_log *log,
                     const int64_t *acknowledged, struct lab_ticks *ticks)
{
    struct range *ranges = malloc((log->count + 1) * sizeof *ranges);
    *ticks = (struct lab_ticks){0};
    for (int slot = 0; ranges != NULL && slot < group->slot_count; slot++) {
        count_slot(log, slot, acknowledged[slot], ranges, ticks);
    }
    free(ranges);
    return ranges != NULL;
}
