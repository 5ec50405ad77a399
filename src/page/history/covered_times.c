#include "page/history/covered_times.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"

#define SLACK_NS (2 * NS_PER_SECOND)

void covered_times_free(struct covered_times *times)
{
    free(times->items);
    times->items = NULL;
}

void covered_times_next_source(struct covered_times *times)
{
    times->joins = false;
}

/* Returns whether a span that begins at `from_ns` goes on from the last one. */
static bool goes_on(const struct covered_times *times, int64_t from_ns, int64_t interval_ms)
{
    const struct covered_time *last = times->joins ? &times->items[times->count - 1] : NULL;
    int64_t slack_ns = interval_ms * NS_PER_MS > SLACK_NS ? interval_ms * NS_PER_MS : SLACK_NS;
    return last != NULL && last->interval_ms == interval_ms && from_ns >= last->from_ns &&
           from_ns - slack_ns <= last->to_ns;
}

static struct covered_time *add_item(struct covered_times *times)
{
    if (times->count == COVERED_TIMES_MOST) {
        times->count--;
        memmove(times->items, times->items + 1, times->count * sizeof *times->items);
    }
    struct covered_time *items =
        array_room(times->items, times->count, &times->capacity, sizeof *items);
    if (items == NULL) {
        times->no_memory = true;
        return NULL;
    }
    times->items = items;
    return &times->items[times->count++];
}

bool covered_times_add(struct covered_times *times, const struct event *event)
{
    int64_t from_ns = event->begin_ns > times->from_ns ? event->begin_ns : times->from_ns;
    int64_t to_ns = event->end_ns < times->to_ns ? event->end_ns : times->to_ns;
    bool polled = event->has_number && event->number > 0 && event->number < NS_PER_DAY / NS_PER_MS;
    int64_t interval_ms = polled ? event->number : 0;
    if (!event->has_begin_ns || !event->has_end_ns || from_ns >= to_ns) {
        return true;
    }
    if (goes_on(times, from_ns, interval_ms)) {
        struct covered_time *last = &times->items[times->count - 1];
        last->to_ns = to_ns > last->to_ns ? to_ns : last->to_ns;
        return true;
    }
    struct covered_time *item = add_item(times);
    if (item != NULL) {
        *item =
            (struct covered_time){.from_ns = from_ns, .to_ns = to_ns, .interval_ms = interval_ms};
        memcpy(item->source, event->subject, sizeof item->source);
        times->joins = true;
    }
    return item != NULL;
}
