/* The sticky assignor; for model.c. */
#ifndef CANDLEWICK_LAB_MODEL_STICKY_H
#define CANDLEWICK_LAB_MODEL_STICKY_H

#include "lab/model/group.h"

/* As lab_assign. */
void lab_sticky_assign(const struct lab_group *group, const struct lab_placement *before,
                       struct lab_placement *after);

/* The present members' numbers by id, ascending; how many. `by_instance`: static members by their
 * instance id among themselves, as range and roundrobin sort. */
int lab_members_sorted(const struct lab_group *group, bool by_instance,
                       int members[static LAB_MEMBERS_MAX]);
/* The topics' numbers by name. */
void lab_topics_sorted(const struct lab_group *group, int topics[static LAB_TOPICS_MAX]);

#endif
