/* The sticky assignor, a part of model.c. */
#ifndef CANDLEWICK_LAB_MODEL_STICKY_H
#define CANDLEWICK_LAB_MODEL_STICKY_H

#include "lab/model/group.h"

/* Computes what lab_assign() does for LAB_STICKY. */
void lab_sticky_assign(const struct lab_group *group, const struct lab_placement *before,
                       struct lab_placement *after);

#endif
