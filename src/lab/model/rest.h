/* When a group of real members has come to rest after a change, seen from what they told. */
#ifndef CANDLEWICK_LAB_MODEL_REST_H
#define CANDLEWICK_LAB_MODEL_REST_H

#include "lab/model/measure.h"

struct lab_rest {
    const struct lab_group *group; /* with the members present as after the change */
    const struct lab_log *log;
    struct lab_change change;
    int64_t from_ns;      /* when it was made */
    int generation;       /* the newest before it */
    int64_t settle_ns;    /* nothing has changed hands for so long */
    bool told_one_by_one; /* KIP-848: there are no rounds that all members are in */
};

/* All members have what is theirs, each partition is read by its owner, and all is quiet. */
bool lab_at_rest(const struct lab_rest *rest, int64_t now_ns);

/* The newest that any member told of; -1: none. */
int lab_newest_generation(const struct lab_log *log);
/* The member's newest assignment; NULL: it had none yet. */
const struct lab_event *lab_newest_assignment(const struct lab_log *log, int member);

#endif
