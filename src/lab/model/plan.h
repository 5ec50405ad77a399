/* What happens to a group, change by change, and what the model says comes of it. */
#ifndef CANDLEWICK_LAB_MODEL_PLAN_H
#define CANDLEWICK_LAB_MODEL_PLAN_H

#include "base/text/table.h"
#include "lab/model/model.h"

enum { LAB_STEPS_MAX = 64 };

/* The first change is always LAB_START. */
struct lab_plan {
    struct lab_change changes[LAB_STEPS_MAX];
    int count;
};

/* "+C2,-C1,~C0": C2 joins, C1 leaves, C0 crashes; each of them a member of `group`. At the start
 * all members are there but those whose first change is to join: their `present` is set so. "none":
 * they start together, and that is all. NULL: the first member starts alone, the others join one by
 * one. False: ERROR_USAGE. */
NODISCARD bool lab_plan_parse(struct lab_group *group, const char *text, struct lab_plan *plan,
                              struct error *error);

/* "range,sticky", into `strategies`; each once. False: ERROR_USAGE. */
NODISCARD bool lab_strategies_parse(const char *text, enum lab_strategy strategies[LAB_STRATEGIES],
                                    int *count, struct error *error);

/* "start", "C2 joins", "C1 leaves", "C0 crashes". */
void lab_change_append(const struct lab_group *group, struct lab_change change,
                       struct strbuf *text);
/* "a:0,1 b:0": what a member has; "-" for nothing. */
void lab_owned_append(const struct lab_group *group, const struct lab_placement *placement,
                      int member, struct strbuf *text);
/* The same for programs: "C0":["a:0","a:1","b:0"], without braces around it. */
void lab_owned_append_json(const struct lab_group *group, const struct lab_placement *placement,
                           int member, struct strbuf *json);

/* Runs the plan for each strategy and writes it down; as a table for a terminal of so many columns,
 * 0: lines as they come. `group` is as lab_plan_parse left it. */
void lab_predict_append(const struct lab_group *group, const struct lab_plan *plan,
                        const enum lab_strategy *strategies, int strategy_count,
                        enum output_format format, int columns, struct strbuf *text);

#endif
