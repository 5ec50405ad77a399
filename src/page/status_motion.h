/* How the figures of a group's partitions move from one look to the next: rates, and whether the
 * lag grows. */
#ifndef CANDLEWICK_PAGE_STATUS_MOTION_H
#define CANDLEWICK_PAGE_STATUS_MOTION_H

#include "kafka/admin/group.h"
#include "page/lag/lag_trend.h"

struct motion {
    struct lag_trend lag;
    double in_per_s, out_per_s; /* messages that come to the log, and that the group commits; NAN:
                                   not known yet */
};

struct status_motion;

/* Returns NULL when memory runs out. */
struct status_motion *status_motion_create(void);
void status_motion_destroy(struct status_motion *motion); /* NULL is allowed */

/* Takes the statuses of the next look, at a monotonic time. What finds no memory is not known. */
void status_motion_take(struct status_motion *motion, const struct group_status *statuses,
                        size_t count, int64_t now_ns);

/* Returns the motion of a partition at the last look; with `partition` -1 that of the whole
 * topic. `motion` NULL, or a partition that was not seen: all is unknown. */
struct motion status_motion_of(const struct status_motion *motion, const char *topic,
                               int32_t partition);

#endif
