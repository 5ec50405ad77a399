/* Explains figures in words, with a verdict for each goal. */
#include <string.h>

#include "lab/model/plan.h"
#include "lab/report/report.h"

static void words_of_step(const struct lab_report *report, const struct lab_result *result,
                          int step, struct strbuf *text)
{
    const struct lab_measure *measure = &result->measures[step];
    const struct lab_scenario *scenario = result->scenario;
    struct lab_spread moved =
        lab_report_spread(report, scenario, result->strategy, step, LAB_FIGURE_MOVED);
    struct lab_spread revoked =
        lab_report_spread(report, scenario, result->strategy, step, LAB_FIGURE_REVOKED);
    strbuf_append_text(text, step > 1 ? "; when " : "when ");
    lab_change_append(&result->group, result->marks[step].change, text);
    strbuf_append_text(text, ", ");
    lab_spread_append(moved, 0, text);
    strbuf_append_format(text, " of %d partitions move, ", result->group.slot_count);
    lab_spread_append(revoked, 0, text);
    strbuf_append_format(text, " are taken away meanwhile, and members end with %d to %d",
                         measure->cost.least, measure->cost.most);
    if (!report->embedded) {
        struct lab_spread unowned =
            lab_report_spread(report, scenario, result->strategy, step, LAB_FIGURE_UNOWNED_S);
        strbuf_append_text(text, ", after ");
        lab_spread_append(unowned, 1, text);
        strbuf_append_text(text, " partition-seconds without an owner");
    }
}

void lab_report_words(const struct lab_report *report, const struct lab_scenario *scenario,
                      struct strbuf *text)
{
    const char *names[LAB_NAMES_MAX];
    int count = lab_report_strategies(report, scenario, names);
    strbuf_append_text(text, scenario->lesson);
    for (int i = 0; i < count; i++) {
        const struct lab_result *result = lab_report_newest(report, scenario, names[i]);
        const char *assignor = lab_assignor_name(names[i]);
        bool same = strcmp(assignor, names[i]) == 0;
        strbuf_append_format(text, " With %s%s%s%s: ", names[i], same ? "" : " (",
                             same ? "" : assignor, same ? "" : ")");
        if (result->step_count == 1) {
            strbuf_append_format(text, "members have %d to %d partitions",
                                 result->measures[0].cost.least, result->measures[0].cost.most);
        }
        for (int step = 1; step < result->step_count; step++) {
            words_of_step(report, result, step, text);
        }
        strbuf_append_char(text, '.');
    }
    strbuf_append_char(text, '\n');
}

struct goal {
    const char *name;
    enum lab_figure figure;
    const char *unit;
    int digits;
};

/* Finds the best strategies: the smallest set whose spreads are all below all spreads outside it.
 * If there is no such set, all strategies are the best. */
static int find_best(const struct lab_spread *spreads, int count, int digits, bool *best)
{
    int lowest = 0;
    int winners = 1;
    for (int i = 0; i < count; i++) {
        lowest = spreads[i].median < spreads[lowest].median ? i : lowest;
        best[i] = false;
    }
    best[lowest] = true;
    for (bool grows = true; grows;) {
        grows = false;
        for (int i = 0; i < count; i++) {
            for (int k = 0; best[i] && k < count; k++) {
                if (!best[k] && !lab_spread_below(spreads[i], spreads[k], digits)) {
                    best[k] = true;
                    grows = true;
                    winners++;
                }
            }
        }
    }
    return winners;
}

static void append_names(const char *const *names, const struct lab_spread *spreads,
                         const bool *best, bool wanted, int count, const struct goal *goal,
                         struct strbuf *text)
{
    bool any = false;
    for (int i = 0; i < count; i++) {
        if (best[i] == wanted) {
            strbuf_append_format(text, "%s%s ", any ? ", " : "", names[i]);
            lab_spread_append(spreads[i], goal->digits, text);
            any = true;
        }
    }
}

static void verdict(const struct lab_report *report, const struct lab_scenario *scenario,
                    const struct goal *goal, const char *bullet, struct strbuf *text)
{
    const char *names[LAB_NAMES_MAX];
    struct lab_spread spreads[LAB_NAMES_MAX];
    bool best[LAB_NAMES_MAX];
    int count = lab_report_strategies(report, scenario, names);
    /* Leave the pauses of consumer out of the comparison: they are not comparable. It is the last
     * name. */
    bool apart = goal->figure == LAB_FIGURE_UNOWNED_S && count > 0 &&
                 strcmp(names[count - 1], "consumer") == 0;
    count -= apart ? 1 : 0;
    for (int i = 0; i < count; i++) {
        spreads[i] = lab_report_spread(report, scenario, names[i], -1, goal->figure);
    }
    if (count < 2) {
        return;
    }
    int winners = find_best(spreads, count, goal->digits, best);
    strbuf_append_format(text, "%s%s (%s): ", bullet, goal->name, goal->unit);
    if (winners == count) {
        strbuf_append_text(text, "none is better: ");
        append_names(names, spreads, best, true, count, goal, text);
    } else {
        append_names(names, spreads, best, true, count, goal, text);
        strbuf_append_text(text, winners > 1 ? " are better than " : " is better than ");
        append_names(names, spreads, best, false, count, goal, text);
    }
    strbuf_append_text(text, spreads[0].count == 1 ? "; one run each, so no spread" : "");
    strbuf_append_text(
        text, apart ? "; consumer is left out: its session and heartbeats are the brokers'" : "");
    strbuf_append_char(text, '\n');
}

void lab_report_verdicts(const struct lab_report *report, const struct lab_scenario *scenario,
                         enum output_format format, struct strbuf *text)
{
    static const struct goal goals[] = {
        {"balance", LAB_FIGURE_UNEVEN, "partitions between the fullest and the emptiest member", 0},
        {"fewest moves", LAB_FIGURE_MOVED, "partitions, all changes together", 0},
        {"shortest pause", LAB_FIGURE_UNOWNED_S, "partition-seconds without an owner", 1},
    };
    const char *bullet = format == FORMAT_MARKDOWN ? "- " : "verdict, ";
    verdict(report, scenario, &goals[0], bullet, text);
    if (scenario->change_count > 0) {
        verdict(report, scenario, &goals[1], bullet, text);
        if (!report->embedded) {
            verdict(report, scenario, &goals[2], bullet, text);
        }
    }
}
