#include "lab/model/rest.h"

#include <stdlib.h>

const struct lab_event *lab_newest_assignment(const struct lab_log *log, int member)
{
    for (size_t i = log->count; i > 0; i--) {
        const struct lab_event *event = &log->events[i - 1];
        if (event->kind == LAB_ASSIGNED && event->member == member) {
            return event;
        }
    }
    return NULL;
}

int lab_newest_generation(const struct lab_log *log)
{
    int newest = -1;
    for (size_t i = 0; i < log->count; i++) {
        newest = log->events[i].generation > newest ? log->events[i].generation : newest;
    }
    return newest;
}

/* Returns whether the member started, or restarted, with the change. */
static bool is_new(const struct lab_rest *rest, int member)
{
    return rest->change.kind == LAB_START || rest->change.member == member;
}

/* Returns whether all present members have the newest generation (new ones since the change), and
 * it is newer than that before the change. A static member that returns in time causes no new
 * one. */
static bool in_one_round(const struct lab_rest *rest)
{
    int newest = lab_newest_generation(rest->log);
    for (int i = 0; i < rest->group->member_count; i++) {
        const struct lab_member *member = &rest->group->members[i];
        const struct lab_event *event = lab_newest_assignment(rest->log, i);
        if (member->present && (event == NULL || event->generation != newest ||
                                (is_new(rest, i) && event->clock_ns < rest->from_ns))) {
            return false;
        }
    }
    bool unseen = rest->change.kind == LAB_RESTART &&
                  rest->group->members[rest->change.member].instance[0] != '\0';
    return unseen || newest > rest->generation;
}

static bool got_something(const struct lab_rest *rest, int member)
{
    for (size_t i = rest->log->count; i > 0; i--) {
        const struct lab_event *event = &rest->log->events[i - 1];
        if (event->kind == LAB_ASSIGNED && event->member == member && event->slot_count > 0 &&
            event->clock_ns >= rest->from_ns) {
            return true;
        }
    }
    return false;
}

/* If there are enough partitions for all members, returns whether each new member owns some.
 * Otherwise returns true, because nobody knows who will own none. */
static bool new_ones_got_something(const struct lab_rest *rest)
{
    const struct lab_group *group = rest->group;
    int members = 0;
    for (int i = 0; i < group->member_count; i++) {
        members += group->members[i].present ? 1 : 0;
    }
    if (!lab_group_uniform(group) || group->slot_count < members) {
        return true;
    }
    for (int i = 0; i < group->member_count; i++) {
        if (group->members[i].present && is_new(rest, i) && !got_something(rest, i)) {
            return false;
        }
    }
    return true;
}

static bool is_quiet(const struct lab_rest *rest, int64_t now_ns)
{
    int64_t newest_ns = rest->from_ns;
    for (size_t i = 0; i < rest->log->count; i++) {
        const struct lab_event *event = &rest->log->events[i];
        if (event->kind != LAB_READ && event->clock_ns > newest_ns) {
            newest_ns = event->clock_ns;
        }
    }
    return now_ns - newest_ns >= rest->settle_ns;
}

/* Returns whether each partition that somebody subscribes to has an owner that has read from it. */
static bool all_read(const struct lab_rest *rest, const struct lab_span *spans, size_t count)
{
    const struct lab_log *log = rest->log;
    bool read[LAB_SLOTS_MAX] = {false};
    for (size_t i = 0; i < count; i++) {
        if (spans[i].to_ns != INT64_MAX) {
            continue;
        }
        for (size_t k = log->count; k > 0 && !read[spans[i].slot]; k--) {
            const struct lab_event *event = &log->events[k - 1];
            read[spans[i].slot] = event->kind == LAB_READ && event->slots[0] == spans[i].slot &&
                                  event->member == spans[i].member &&
                                  event->clock_ns >= spans[i].from_ns;
        }
    }
    bool all = true;
    for (int slot = 0; all && slot < rest->group->slot_count; slot++) {
        all = read[slot] || !lab_slot_wanted(rest->group, slot);
    }
    return all;
}

bool lab_at_rest(const struct lab_rest *rest, int64_t now_ns)
{
    struct lab_span *spans = NULL;
    size_t count = 0;
    bool all_told = rest->without_rounds ? new_ones_got_something(rest) : in_one_round(rest);
    bool still = is_quiet(rest, now_ns) && all_told && lab_spans(rest->log, &spans, &count) &&
                 all_read(rest, spans, count);
    free(spans);
    return still;
}
