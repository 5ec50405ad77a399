#include "record/event_clock.h"

#include "base/clock.h"

enum { ORDERS_APART = 1000 }; /* distance between two possible first orders */

struct event_clock event_clock_random(uint64_t chance)
{
    int64_t first_order = (int64_t)(chance % (NS_PER_MS / ORDERS_APART)) * ORDERS_APART;
    return (struct event_clock){.first_order = first_order};
}

void event_clock_seen(struct event_clock *clock, int64_t time_ns)
{
    clock->newest_ns = time_ns > clock->newest_ns ? time_ns : clock->newest_ns;
}

int64_t event_clock_next(struct event_clock *clock, int64_t wall_ns)
{
    int64_t time_ns = wall_ns - wall_ns % NS_PER_MS + clock->first_order;
    clock->newest_ns = time_ns > clock->newest_ns ? time_ns : clock->newest_ns + 1;
    return clock->newest_ns;
}
