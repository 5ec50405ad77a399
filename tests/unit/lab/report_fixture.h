/* Made-up results of a lab run. */
#ifndef CANDLEWICK_TESTS_LAB_REPORT_FIXTURE_H
#define CANDLEWICK_TESTS_LAB_REPORT_FIXTURE_H

#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "lab/report/report.h"

static inline const struct lab_scenario *scenario_named(const char *name)
{
    struct error error = {0};
    int numbers[LAB_SCENARIOS_MAX];
    int count = 0;
    assert_true(lab_scenarios_parse(name, numbers, &count, &error));
    assert_int_equal(count, 1);
    return &lab_scenarios[numbers[0]];
}

/* A join in which so many partitions moved. */
static inline struct lab_result *add_join(struct lab_report *report, const char *strategy,
                                          int moved, double unowned_s)
{
    const struct lab_scenario *join = scenario_named("join");
    struct lab_result *result = lab_report_add(report);
    assert_non_null(result);
    result->scenario = join;
    result->strategy = strategy;
    result->repeat = 1;
    lab_scenario_group(join, &result->group);
    result->group.members[2].present = true;
    result->step_count = 2;
    for (int i = 0; i < 2; i++) {
        result->measures[i] = (struct lab_measure){.agrees = true,
                                                   .predicted_known = true,
                                                   .consistent = true,
                                                   .before = lab_placement_empty(),
                                                   .after = lab_placement_empty()};
        for (int slot = 0; slot < 6; slot++) {
            result->measures[i].after.owner[slot] = slot % (2 + i);
        }
    }
    result->measures[1].before = result->measures[0].after;
    result->marks[0] = (struct lab_mark){{LAB_START, 0}, 0, 5 * NS_PER_SECOND};
    result->marks[1] = (struct lab_mark){join->changes[0], 5 * NS_PER_SECOND, 10 * NS_PER_SECOND};
    result->measures[1].cost = (struct lab_cost){
        .moved = moved, .needless = moved, .needed = 2, .revoked = moved, .least = 2, .most = 2};
    result->measures[1].unowned_s = unowned_s;
    return result;
}

static inline void assert_says(const struct strbuf *text, const char *words)
{
    if (strstr(strbuf_text(text), words) == NULL) {
        fail_msg("\"%s\" is not in: %s", words, strbuf_text(text));
    }
}

#endif
