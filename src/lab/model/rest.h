/* Decides when a group of real members is at rest after a change, from what they reported. */
#ifndef CANDLEWICK_LAB_MODEL_REST_H
#define CANDLEWICK_LAB_MODEL_REST_H

#include "lab/model/measure.h"

struct lab_rest {
    const struct lab_group *group; /* has the members that are present after the change */
    const struct lab_log *log;
    struct lab_change change;
    int64_t from_ns;     /* when the change was made */
    int generation;      /* the newest one before the change */
    int64_t settle_ns;   /* for how long ownership must have stayed the same */
    bool without_rounds; /* KIP-848: each member gets its assignment by itself, not in a round
                             of all members */
};

/* Returns whether all members have their partitions, each partition is read by its owner, and
 * nothing has changed for settle_ns. */
bool lab_at_rest(const struct lab_rest *rest, int64_t now_ns);

/* Returns the newest generation that a member reported; -1: none. */
int lab_newest_generation(const struct lab_log *log);
/* Returns the member's newest assignment, or NULL when it has had none. */
const struct lab_event *lab_newest_assignment(const struct lab_log *log, int member);

#endif
