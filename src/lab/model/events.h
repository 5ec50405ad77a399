/*
 * The events that members of a lab run report, one JSON object per line:
 *
 *     {"event":"assigned","time":…,"clock":…,"generation":3,"id":"C0-…","partitions":
 *     [{"topic":"a","partition":0},…]}
 *     {"event":"revoked",…}, {"event":"lost",…}: with the same members
 *     {"event":"read","time":…,"clock":…,"topic":"a","partition":0,"first":10,"last":12}
 *
 * "time" is the wall clock, "clock" the machine's monotonic one, both in ns; "first" and "last" are
 * offsets. An assignment or revocation takes effect at its line's time. A member that is killed or
 * frozen reports nothing: the code that kills or freezes it adds LAB_GONE.
 */
#ifndef CANDLEWICK_LAB_MODEL_EVENTS_H
#define CANDLEWICK_LAB_MODEL_EVENTS_H

#include "lab/model/group.h"

enum lab_event_kind { LAB_ASSIGNED, LAB_REVOKED, LAB_LOST, LAB_READ, LAB_GONE };

struct lab_event {
    enum lab_event_kind kind;
    int member;
    int64_t clock_ns;
    int generation;      /* -1 for LAB_READ and LAB_GONE */
    int64_t first, last; /* for LAB_READ, whose slot is slots[0] */
    int slot_count;
    short *slots;           /* owned by the log */
    char id[LAB_NAME_SIZE]; /* the member's id in the group */
};

/* All events of a run in the order of arrival; those of one member are in the order in which they
 * happened. */
struct lab_log {
    struct lab_event *events;
    size_t count, capacity;
};

void lab_log_free(struct lab_log *log);

/* Adds the event in `line`, which `member` wrote. A topic's name in the line is `prefix` plus its
 * name in `group`. Fails with ERROR_REJECT (the line is not an event, or is about another topic)
 * and ERROR_FATAL (no memory). */
NODISCARD bool lab_log_add_line(struct lab_log *log, const struct lab_group *group,
                                const char *prefix, int member, struct str line,
                                struct error *error);
/* Adds LAB_GONE: the member has been out of the group since `clock_ns`. */
NODISCARD bool lab_log_add_gone(struct lab_log *log, int member, int64_t clock_ns,
                                struct error *error);

#endif
