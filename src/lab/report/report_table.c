/* Formats a scenario's table, and what is wrong with its runs. */
#include <string.h>

#include "lab/model/plan.h"
#include "lab/report/report.h"

enum { CELL_LIMIT = 4096, SHARES_SHOWN = 3 };

/* Appends the members' numbers of partitions, "2/2/2"; "-" for an absent member. */
static void append_shares(const struct lab_result *result, int step,
                          const struct lab_placement *placement, struct strbuf *text)
{
    for (int i = 0; i < result->group.member_count; i++) {
        int count = lab_placement_count(&result->group, placement, i);
        bool present = i < result->scenario->start;
        for (int k = 1; k <= step; k++) {
            const struct lab_change *change = &result->marks[k].change;
            present = change->member == i ? lab_change_adds(change->kind) : present;
        }
        strbuf_append_text(text, i > 0 ? "/" : "");
        if (present || count > 0) {
            strbuf_append_format(text, "%d", count);
        } else {
            strbuf_append_char(text, '-');
        }
    }
}

enum when { BEFORE, AFTER, PREDICTED };

/* Appends the shares of all repeats, each different one once. */
static void append_all_shares(const struct lab_report *report, const struct lab_scenario *scenario,
                              const char *strategy, int step, enum when when, struct strbuf *all)
{
    int shown = 0;
    for (size_t i = 0; i < report->count; i++) {
        const struct lab_result *result = report->results[i];
        if (result->scenario != scenario || strcmp(result->strategy, strategy) != 0 ||
            step >= result->step_count) {
            continue;
        }
        const struct lab_measure *measure = &result->measures[step];
        struct strbuf one = strbuf_new(CELL_LIMIT);
        const struct lab_placement *placement = when == BEFORE  ? &measure->before
                                                : when == AFTER ? &measure->after
                                                                : &measure->predicted;
        append_shares(result, when == BEFORE ? step - 1 : step, placement, &one);
        if (strstr(strbuf_text(all), strbuf_text(&one)) == NULL && shown++ < SHARES_SHOWN) {
            strbuf_append_text(all, all->length > 0 ? " or " : "");
            strbuf_append_str(all, strbuf_str(&one));
        }
        strbuf_free(&one);
    }
    strbuf_append_text(all, shown > SHARES_SHOWN ? " or …" : "");
}

static void cell_shares(struct table *table, const struct lab_report *report,
                        const struct lab_scenario *scenario, const char *strategy, int step,
                        enum when when)
{
    struct strbuf all = strbuf_new(CELL_LIMIT);
    if (step > 0 || when != BEFORE) { /* there is no group before the start */
        append_all_shares(report, scenario, strategy, step, when, &all);
    }
    table_cell(table, "%s", strbuf_text(&all));
    strbuf_free(&all);
}

static void cell_spread(struct table *table, struct lab_spread spread, int digits)
{
    struct strbuf text = strbuf_new(CELL_LIMIT);
    lab_spread_append(spread, digits, &text);
    table_cell(table, "%s", strbuf_text(&text));
    strbuf_free(&text);
}

/* Adds the prediction, and how often the outcome differed. That must be said, because different
 * partitions can look like equal shares. */
static void cell_predicted(struct table *table, const struct lab_report *report,
                           const struct lab_scenario *scenario, const char *strategy, int step)
{
    struct strbuf text = strbuf_new(CELL_LIMIT);
    int differing = 0;
    bool known = true;
    for (size_t i = 0; i < report->count; i++) {
        const struct lab_result *result = report->results[i];
        if (result->scenario == scenario && strcmp(result->strategy, strategy) == 0 &&
            step < result->step_count) {
            differing += result->measures[step].agrees ? 0 : 1;
            known = known && result->measures[step].predicted_known;
        }
    }
    if (known) {
        append_all_shares(report, scenario, strategy, step, PREDICTED, &text);
        strbuf_append_text(&text, differing > 0 ? ", DIFFERS" : ", the same");
    } else {
        strbuf_append_text(&text, "by the brokers");
    }
    table_cell(table, "%s", strbuf_text(&text));
    strbuf_free(&text);
}

static void cell_needed(struct table *table, const struct lab_result *result, int step)
{
    int needed = result->measures[step].cost.needed;
    if (needed >= 0) {
        table_cell(table, "%d", needed);
    } else {
        table_cell(table, "-");
    }
}

static void head(struct table *table, bool times)
{
    static const char *const names[] = {"strategy", "step",     "before", "after",   "predicted",
                                        "moved",    "needless", "needed", "revoked", "lost"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        table_cell(table, "%s", names[i]);
    }
    if (times) {
        table_cell(table, "no owner p·s");
        table_cell(table, "longest gap s");
        table_cell(table, "all read after s");
    }
    table_cell(table, "read twice");
    table_cell(table, "missing");
}

static void row(struct table *table, const struct lab_report *report,
                const struct lab_result *newest, int step)
{
    const struct lab_scenario *scenario = newest->scenario;
    const char *strategy = newest->strategy;
    static const enum lab_figure counts[] = {LAB_FIGURE_MOVED, LAB_FIGURE_NEEDLESS};
    static const enum lab_figure more[] = {LAB_FIGURE_REVOKED, LAB_FIGURE_LOST};
    static const enum lab_figure times[] = {LAB_FIGURE_UNOWNED_S, LAB_FIGURE_GAP_S,
                                            LAB_FIGURE_AGAIN_S};
    static const enum lab_figure ticks[] = {LAB_FIGURE_TWICE, LAB_FIGURE_MISSING};
    struct strbuf name = strbuf_new(CELL_LIMIT);
    lab_change_append(&newest->group, newest->marks[step].change, &name);
    table_cell(table, "%s", step == 0 ? strategy : "");
    table_cell(table, "%s", strbuf_text(&name));
    strbuf_free(&name);
    cell_shares(table, report, scenario, strategy, step, BEFORE);
    cell_shares(table, report, scenario, strategy, step, AFTER);
    cell_predicted(table, report, scenario, strategy, step);
    for (int i = 0; i < 2; i++) {
        cell_spread(table, lab_report_spread(report, scenario, strategy, step, counts[i]), 0);
    }
    cell_needed(table, newest, step);
    for (int i = 0; i < 2; i++) {
        cell_spread(table, lab_report_spread(report, scenario, strategy, step, more[i]), 0);
    }
    for (int i = 0; !report->embedded && i < 3; i++) {
        if (step == 0) {
            table_cell(table, "%s", ""); /* there is no group before the start, so nothing pauses */
        } else {
            cell_spread(table, lab_report_spread(report, scenario, strategy, step, times[i]), 1);
        }
    }
    for (int i = 0; i < 2; i++) {
        if (step + 1 < newest->step_count) {
            table_cell(table, "%s", "");
        } else {
            cell_spread(table, lab_report_spread(report, scenario, strategy, -1, ticks[i]), 0);
        }
    }
}

void lab_report_table(const struct lab_report *report, const struct lab_scenario *scenario,
                      enum output_format format, int columns, struct strbuf *text)
{
    const char *names[LAB_NAMES_MAX];
    int count = lab_report_strategies(report, scenario, names);
    struct table table = table_new(report->embedded ? 12 : 15);
    table.keys = 2; /* strategy and step */
    head(&table, !report->embedded);
    for (int i = 0; i < count; i++) {
        const struct lab_result *newest = lab_report_newest(report, scenario, names[i]);
        for (int step = 0; step < newest->step_count; step++) {
            row(&table, report, newest, step);
        }
    }
    if (count > 0 && format == FORMAT_TABLE) {
        table_append_within(&table, columns, text);
    } else if (count > 0) {
        table_append(&table, format, text);
    }
    table_free(&table);
}

static void append_owned(const struct lab_group *group, const struct lab_placement *placement,
                         struct strbuf *text)
{
    for (int i = 0; i < group->member_count; i++) {
        if (lab_placement_count(group, placement, i) > 0) {
            strbuf_append_format(text, " %s(%s)", group->members[i].name, group->members[i].id);
            strbuf_append_char(text, '=');
            lab_owned_append(group, placement, i, text);
        }
    }
}

static void append_difference(const struct lab_result *result, int step, struct strbuf *text)
{
    const struct lab_difference *differs = &result->measures[step].differs;
    strbuf_append_format(text, "%s, run %d, step %d", result->strategy, result->repeat, step);
    if (differs->generation >= 0) {
        strbuf_append_format(text, ", generation %d", differs->generation);
    }
    strbuf_append_text(text, " differs from the prediction: predicted");
    append_owned(&result->group, &differs->predicted, text);
    strbuf_append_text(text, "; observed");
    append_owned(&result->group, &differs->observed, text);
    strbuf_append_char(text, '\n');
}

static void troubles_of(const struct lab_result *result, struct strbuf *text)
{
    for (int step = 0; step < result->step_count; step++) {
        if (!result->measures[step].agrees) {
            append_difference(result, step, text);
        }
        if (!result->measures[step].consistent) {
            strbuf_append_format(text, "%s, run %d, step %d: not every partition has one owner\n",
                                 result->strategy, result->repeat, step);
        }
    }
    if (result->ticks.missing > 0) {
        strbuf_append_format(text, "%s, run %d: %lld ticks were never read\n", result->strategy,
                             result->repeat, (long long)result->ticks.missing);
    }
}

void lab_report_troubles(const struct lab_report *report, const struct lab_scenario *scenario,
                         struct strbuf *text)
{
    for (size_t i = 0; i < report->count; i++) {
        if (report->results[i]->scenario == scenario) {
            troubles_of(report->results[i], text);
        }
    }
    for (int i = 0; i < report->skip_count; i++) {
        const struct lab_skip *skip = &report->skips[i];
        if (skip->scenario == scenario) {
            strbuf_append_format(text, "%s was skipped: %s\n", skip->strategy, skip->reason);
        }
    }
}
