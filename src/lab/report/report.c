#include "lab/report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static const char *const order[] = {"range", "roundrobin", "sticky", "consumer"};

const char lab_embedded_note[] =
    "On librdkafka's in-process cluster: moves and balance only. Its pauses are its own timers, so "
    "they are left out; its member ids are memory addresses, so the order of range and roundrobin "
    "is "
    "by chance. The prediction is made with the ids seen.";

const char lab_brokers_note[] =
    "On real brokers: sessions last 6 s, those of static members 20 s, and heartbeats come every "
    "0.5 s, but with consumer (KIP-848), where both are the brokers' to set, by default 45 s and "
    "5 s: its pauses compare with its own.";

const char *lab_assignor_name(const char *strategy)
{
    return strcmp(strategy, "sticky") == 0     ? "cooperative-sticky"
           : strcmp(strategy, "consumer") == 0 ? "KIP-848, uniform"
                                               : strategy;
}

void lab_report_free(struct lab_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        lab_result_free(report->results[i]);
        free(report->results[i]);
    }
    free(report->results);
    *report = (struct lab_report){0};
}

struct lab_result *lab_report_add(struct lab_report *report)
{
    struct lab_result **results =
        array_room(report->results, report->count, &report->capacity, sizeof *results);
    if (results == NULL) {
        return NULL;
    }
    report->results = results;
    struct lab_result *result = calloc(1, sizeof *result);
    if (result != NULL) {
        report->results[report->count++] = result;
    }
    return result;
}

void lab_report_skip(struct lab_report *report, const struct lab_scenario *scenario,
                     const char *strategy, const char *reason)
{
    for (int i = 0; i < report->skip_count; i++) {
        const struct lab_skip *skip = &report->skips[i];
        if (skip->scenario == scenario && strcmp(skip->strategy, strategy) == 0) {
            return;
        }
    }
    if (report->skip_count < LAB_SKIPS_MAX) {
        report->skips[report->skip_count++] =
            (struct lab_skip){.scenario = scenario, .strategy = strategy, .reason = reason};
    }
}

bool lab_report_good(const struct lab_report *report)
{
    bool good = report->count > 0 && report->broken_off[0] == '\0';
    for (size_t i = 0; i < report->count; i++) {
        good = good && lab_result_good(report->results[i]);
    }
    return good;
}

double lab_figure_of(const struct lab_result *result, int step, enum lab_figure figure)
{
    const struct lab_measure *measure = &result->measures[step];
    switch (figure) {
    case LAB_FIGURE_MOVED:
        return measure->cost.moved;
    case LAB_FIGURE_NEEDLESS:
        return measure->cost.needless;
    case LAB_FIGURE_REVOKED:
        return measure->cost.revoked;
    case LAB_FIGURE_LOST:
        return measure->lost;
    case LAB_FIGURE_UNEVEN:
        return measure->cost.most - measure->cost.least;
    case LAB_FIGURE_UNOWNED_S:
        return measure->unowned_s;
    case LAB_FIGURE_GAP_S:
        return measure->gap_s;
    case LAB_FIGURE_AGAIN_S:
        return measure->again_s;
    case LAB_FIGURE_TWICE:
        return (double)result->ticks.twice;
    case LAB_FIGURE_MISSING:
        return (double)result->ticks.missing;
    }
    return 0;
}

static double figure_of_run(const struct lab_result *result, enum lab_figure figure)
{
    if (figure == LAB_FIGURE_TWICE || figure == LAB_FIGURE_MISSING) {
        return lab_figure_of(result, 0, figure);
    }
    bool uneven = figure == LAB_FIGURE_UNEVEN;
    double value = 0;
    for (int i = uneven ? 0 : 1; i < result->step_count; i++) {
        double one = lab_figure_of(result, i, figure);
        value = !uneven ? value + one : one > value ? one : value;
    }
    return value;
}

static bool is_of(const struct lab_result *result, const struct lab_scenario *scenario,
                  const char *strategy)
{
    return result->scenario == scenario && strcmp(result->strategy, strategy) == 0;
}

static int compare_numbers(const void *left, const void *right)
{
    double one = *(const double *)left;
    double two = *(const double *)right;
    return one < two ? -1 : one > two;
}

struct lab_spread lab_report_spread(const struct lab_report *report,
                                    const struct lab_scenario *scenario, const char *strategy,
                                    int step, enum lab_figure figure)
{
    struct lab_spread spread = {0};
    double *values = calloc(report->count + 1, sizeof *values);
    for (size_t i = 0; values != NULL && i < report->count; i++) {
        const struct lab_result *result = report->results[i];
        if (is_of(result, scenario, strategy) && step < result->step_count) {
            values[spread.count++] =
                step >= 0 ? lab_figure_of(result, step, figure) : figure_of_run(result, figure);
        }
    }
    if (spread.count > 0) {
        qsort(values, (size_t)spread.count, sizeof *values, compare_numbers);
        int middle = spread.count / 2;
        spread.median =
            spread.count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
        spread.least = values[0];
        spread.most = values[spread.count - 1];
    }
    free(values);
    return spread;
}

static double as_printed(double value, int digits)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%.*f", digits, value);
    return strtod(text, NULL);
}

void lab_spread_append(struct lab_spread spread, int digits, struct strbuf *text)
{
    bool half = digits == 0 && spread.median != (double)(int64_t)spread.median;
    strbuf_append_format(text, "%.*f", half ? 1 : digits, spread.median);
    if (as_printed(spread.least, digits) < as_printed(spread.most, digits)) {
        strbuf_append_format(text, " (%.*f to %.*f)", digits, spread.least, digits, spread.most);
    }
}

bool lab_spread_below(struct lab_spread left, struct lab_spread right, int digits)
{
    return as_printed(left.most, digits) < as_printed(right.least, digits);
}

const struct lab_result *lab_report_newest(const struct lab_report *report,
                                           const struct lab_scenario *scenario,
                                           const char *strategy)
{
    for (size_t i = report->count; i > 0; i--) {
        if (is_of(report->results[i - 1], scenario, strategy)) {
            return report->results[i - 1];
        }
    }
    return NULL;
}

void lab_report_drop_newest(struct lab_report *report)
{
    struct lab_result *newest = report->results[--report->count];
    lab_result_free(newest);
    free(newest);
}

void lab_report_free_old_logs(struct lab_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        struct lab_result *result = report->results[i];
        if (result != lab_report_newest(report, result->scenario, result->strategy)) {
            lab_log_free(&result->log);
        }
    }
}

int lab_report_strategies(const struct lab_report *report, const struct lab_scenario *scenario,
                          const char *names[LAB_NAMES_MAX])
{
    int count = 0;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (lab_report_newest(report, scenario, order[i]) != NULL) {
            names[count++] = order[i];
        }
    }
    return count;
}
