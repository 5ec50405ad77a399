#include "page/lag/lag_clock.h"

#include <stdbool.h>
#include <string.h>

static void drop_first(struct lag_clock *clock)
{
    clock->count--;
    memmove(clock->marks, clock->marks + 1, (size_t)clock->count * sizeof *clock->marks);
}

/* Makes room by a greater spacing. The first two marks stay: the oldest unread message came
 * between them, as long as the group does not read. */
static void thin(struct lag_clock *clock)
{
    const struct lag_mark *marks = clock->marks;
    int kept = 2;
    clock->spacing_ns = (marks[LAG_MARKS - 1].time_ns - marks[0].time_ns) / (LAG_MARKS / 2);
    for (int i = 2; i < LAG_MARKS; i++) {
        if (marks[i].time_ns - marks[kept - 1].time_ns >= clock->spacing_ns) {
            clock->marks[kept++] = marks[i];
        }
    }
    clock->count = kept;
}

/* The newest mark is moved on while it is nearer than the spacing to the one before it. */
static void add(struct lag_clock *clock, struct lag_mark mark)
{
    bool near = clock->count > 2 &&
                clock->marks[clock->count - 1].time_ns - clock->marks[clock->count - 2].time_ns <
                    clock->spacing_ns;
    if (near) {
        clock->count--;
    } else if (clock->count == LAG_MARKS) {
        thin(clock);
    }
    clock->marks[clock->count++] = mark;
}

int64_t lag_clock_sample(struct lag_clock *clock, int64_t next, int64_t end, int64_t now_ns)
{
    if (clock->count > 0 && end < clock->marks[clock->count - 1].end) {
        clock->count = 0;
    }
    if (clock->count == 0 || end > clock->marks[clock->count - 1].end) {
        add(clock, (struct lag_mark){.end = end, .time_ns = now_ns});
    }
    /* Of the marks that the group has passed, the newest is enough: the message at `next` came
     * after it. */
    while (clock->count > 1 && clock->marks[1].end <= next) {
        drop_first(clock);
    }
    if (clock->count == 1) {
        clock->spacing_ns = 0;
    }
    if (next >= end) {
        return 0;
    }
    return next >= clock->marks[0].end ? now_ns - clock->marks[1].time_ns : LAG_AGE_UNKNOWN;
}
