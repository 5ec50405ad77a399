/* Sorts events, and derives from them which member owned what when. */
#include <stdlib.h>

#include "base/array.h"
#include "lab/model/measure.h"

static int compare_events(const void *left, const void *right)
{
    const struct lab_event *one = *(const struct lab_event *const *)left;
    const struct lab_event *two = *(const struct lab_event *const *)right;
    if (one->clock_ns != two->clock_ns) {
        return one->clock_ns < two->clock_ns ? -1 : 1;
    }
    return one < two ? -1 : one > two;
}

const struct lab_event **lab_log_sorted(const struct lab_log *log)
{
    const struct lab_event **sorted = malloc((log->count + 1) * sizeof *sorted);
    for (size_t i = 0; sorted != NULL && i < log->count; i++) {
        sorted[i] = &log->events[i];
    }
    if (sorted != NULL) {
        qsort(sorted, log->count, sizeof *sorted, compare_events);
    }
    return sorted;
}

struct span_list {
    struct lab_span *spans;
    size_t count, capacity;
    size_t open[LAB_SLOTS_MAX]; /* index + 1 of the slot's open span; 0: the slot has no owner */
};

static void close_span(struct span_list *list, int slot, int member, int64_t clock_ns)
{
    size_t open = list->open[slot];
    if (open > 0 && list->spans[open - 1].member == member) {
        list->spans[open - 1].to_ns = clock_ns;
        list->open[slot] = 0;
    }
}

static bool open_span(struct span_list *list, int slot, int member, int64_t clock_ns)
{
    if (list->open[slot] > 0) {
        struct lab_span *old = &list->spans[list->open[slot] - 1];
        if (old->member == member) {
            return true;
        }
        old->to_ns = clock_ns; /* the old owner does not know yet that it has lost the slot */
    }
    struct lab_span *spans = array_room(list->spans, list->count, &list->capacity, sizeof *spans);
    if (spans == NULL) {
        return false;
    }
    list->spans = spans;
    list->spans[list->count++] =
        (struct lab_span){.slot = slot, .member = member, .from_ns = clock_ns, .to_ns = INT64_MAX};
    list->open[slot] = list->count;
    return true;
}

static bool apply(struct span_list *list, const struct lab_event *event)
{
    bool good = true;
    if (event->kind == LAB_GONE) {
        for (int slot = 0; slot < LAB_SLOTS_MAX; slot++) {
            close_span(list, slot, event->member, event->clock_ns);
        }
    }
    for (int i = 0; good && event->kind == LAB_ASSIGNED && i < event->slot_count; i++) {
        good = open_span(list, event->slots[i], event->member, event->clock_ns);
    }
    bool ends = event->kind == LAB_REVOKED || event->kind == LAB_LOST;
    for (int i = 0; ends && i < event->slot_count; i++) {
        close_span(list, event->slots[i], event->member, event->clock_ns);
    }
    return good;
}

bool lab_spans(const struct lab_log *log, struct lab_span **spans, size_t *count)
{
    struct span_list list = {.count = 0};
    const struct lab_event **sorted = lab_log_sorted(log);
    bool good = sorted != NULL;
    for (size_t i = 0; good && i < log->count; i++) {
        good = apply(&list, sorted[i]);
    }
    free((void *)sorted);
    if (!good) {
        free(list.spans);
        list = (struct span_list){.count = 0};
    }
    *spans = list.spans;
    *count = list.count;
    return good;
}

bool lab_placement_at(const struct lab_log *log, int64_t clock_ns, struct lab_placement *placement)
{
    struct lab_span *spans;
    size_t count;
    *placement = lab_placement_empty();
    if (!lab_spans(log, &spans, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (spans[i].from_ns <= clock_ns && clock_ns < spans[i].to_ns) {
            placement->owner[spans[i].slot] = spans[i].member;
        }
    }
    free(spans);
    return true;
}
