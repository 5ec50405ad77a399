/*
 * What members of a lab run tell of themselves, a JSON object a line:
 *
 *     {"event":"assigned","time":…,"clock":…,"generation":3,"id":"C0-…","partitions":
 *      [{"topic":"a","partition":0},…]}
 *     {"event":"revoked",…}, {"event":"lost",…}: the same
 *     {"event":"read","time":…,"clock":…,"topic":"a","partition":0,"first":10,"last":12}
 *
 * "time" is the wall clock, "clock" the machine's monotonic one, both ns; "first" and "last" are
 * offsets. What was taken or given up counts from the line on. A member that is killed or frozen
 * tells nothing: who does that to it adds LAB_GONE.
 */
#ifndef CANDLEWICK_LAB_MODEL_EVENTS_H
#define CANDLEWICK_LAB_MODEL_EVENTS_H

#include "lab/model/group.h"

enum lab_event_kind { LAB_ASSIGNED, LAB_REVOKED, LAB_LOST, LAB_READ, LAB_GONE };

struct lab_event {
    enum lab_event_kind kind;
    int member;
    int64_t clock_ns;
    int generation;      /* not of LAB_READ, LAB_GONE: -1 */
    int64_t first, last; /* of LAB_READ, whose slot is slots[0] */
    int slot_count;
    short *slots;           /* owned by the log */
    char id[LAB_NAME_SIZE]; /* the member's, by the group */
};

/* All events of a run in the order in which they came; by each member in its own order. */
struct lab_log {
    struct lab_event *events;
    size_t count, capacity;
};

void lab_log_free(struct lab_log *log);

/* Adds what `line` of `member` says. Topics are called `prefix` and the group's name for them.
 * False: ERROR_REJECT (no event, or of other topics), ERROR_FATAL (no memory). */
NODISCARD bool lab_log_add_line(struct lab_log *log, const struct lab_group *group,
                                const char *prefix, int member, struct str line,
                                struct error *error);
/* LAB_GONE: at `clock_ns` the member has stopped to be one. */
NODISCARD bool lab_log_add_gone(struct lab_log *log, int member, int64_t clock_ns,
                                struct error *error);

#endif
