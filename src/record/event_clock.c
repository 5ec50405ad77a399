#include "record/event_clock.h"

enum {
    MS_NS = 1000000,
    ORDERS = 1000, /* orders in one millisecond, and the distance between two possible first
                      orders */
};

struct event_clock event_clock_new(uint64_t chance)
{
    int64_t first = (int64_t)(chance % (MS_NS / ORDERS)) * ORDERS;
    return (struct event_clock){.last_ms = INT64_MIN, .first_order = first, .order = first};
}

int64_t event_clock_next(struct event_clock *clock, int64_t wall_ns)
{
    int64_t now_ms = wall_ns / MS_NS;
    if (now_ms > clock->last_ms) {
        clock->last_ms = now_ms;
        clock->order = clock->first_order;
    } else if (clock->order == clock->first_order + ORDERS) {
        clock->last_ms++; /* all orders of this millisecond are used: take them from the next
                             one, ahead of the wall clock */
        clock->order = clock->first_order;
    }
    return clock->last_ms * MS_NS + clock->order++;
}
