/* The experiments of the lab. */
#ifndef CANDLEWICK_LAB_MODEL_SCENARIO_H
#define CANDLEWICK_LAB_MODEL_SCENARIO_H

#include "lab/model/model.h"

enum { LAB_CHANGES_MAX = 8, LAB_SCENARIOS_MAX = 16 };

struct lab_scenario {
    const char *name;
    const char *topics, *members; /* as lab_group_parse_*() accept them */
    const char *subscriptions;    /* NULL: all members subscribe to all topics */
    int start;           /* this many of the members, the first ones, are present at the start */
    bool static_members; /* each member has a group.instance.id */
    struct lab_change changes[LAB_CHANGES_MAX];
    int change_count;
    const char *question; /* one line */
    const char *lesson;   /* what to look at, in a sentence or two */
};

extern const struct lab_scenario lab_scenarios[];
extern const int lab_scenario_count;

/* Parses "all" or "join,crash" into indexes of lab_scenarios, each at most once, in the table's
 * order. Fails with ERROR_USAGE. */
NODISCARD bool lab_scenarios_parse(const char *text, int numbers[LAB_SCENARIOS_MAX], int *count,
                                   struct error *error);

/* Fills in the scenario's topics and members; those of the start are present. */
void lab_scenario_group(const struct lab_scenario *scenario, struct lab_group *group);

#endif
