/* The result of one run of a scenario with a strategy. */
#ifndef CANDLEWICK_LAB_MODEL_RESULT_H
#define CANDLEWICK_LAB_MODEL_RESULT_H

#include "lab/model/measure.h"
#include "lab/model/scenario.h"

struct lab_result {
    const struct lab_scenario *scenario;
    const char *strategy;                       /* its name */
    int repeat;                                 /* counted from 1 */
    struct lab_group group;                     /* at the end, with the members' last ids */
    struct lab_mark marks[LAB_CHANGES_MAX + 1]; /* the start, then the scenario's changes */
    struct lab_measure measures[LAB_CHANGES_MAX + 1];
    int step_count;
    struct lab_ticks ticks;
    struct lab_log log;
};

void lab_result_free(struct lab_result *result);

/* Returns whether the predictions agree, each partition had one owner and no tick is missing. */
bool lab_result_good(const struct lab_result *result);

#endif
