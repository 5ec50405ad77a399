/* A sequence of changes to a group, and the model's prediction for each. */
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

/* Parses "+C2,-C1,~C0": C2 joins, C1 leaves, C0 crashes; each is a member of `group`. At the start
 * all members are present except those whose first change is to join; sets `present` accordingly.
 * "none" means that all start together without further changes; NULL that the first member starts
 * alone and the others join one by one. Fails with ERROR_USAGE. */
NODISCARD bool lab_plan_parse(struct lab_group *group, const char *text, struct lab_plan *plan,
                              struct error *error);

/* Parses "range,sticky" into `strategies`, each at most once. Fails with ERROR_USAGE. */
NODISCARD bool lab_strategies_parse(const char *text, enum lab_strategy strategies[LAB_STRATEGIES],
                                    int *count, struct error *error);

/* Appends "start", "C2 joins", "C1 leaves" or "C0 crashes". */
void lab_change_append(const struct lab_group *group, struct lab_change change,
                       struct strbuf *text);
/* Appends what a member owns, "a:0,1 b:0"; "-" for nothing. */
void lab_owned_append(const struct lab_group *group, const struct lab_placement *placement,
                      int member, struct strbuf *text);
/* Appends the same as JSON: "C0":["a:0","a:1","b:0"], without braces around it. */
void lab_owned_append_json(const struct lab_group *group, const struct lab_placement *placement,
                           int member, struct strbuf *json);

/* Predicts the plan for each strategy and appends the result. A table is for a terminal of width
 * `columns`; with 0 lines have any length. `group` is as lab_plan_parse() left it. */
void lab_predict_append(const struct lab_group *group, const struct lab_plan *plan,
                        const enum lab_strategy *strategies, int strategy_count,
                        enum output_format format, int columns, struct strbuf *text);

#endif
