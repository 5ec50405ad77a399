/* A lab run's results, written to the terminal or into files. */
#ifndef CANDLEWICK_LAB_RUN_RUN_LAB_REPORT_H
#define CANDLEWICK_LAB_RUN_RUN_LAB_REPORT_H

#include "cli/options.h"
#include "lab/report/report.h"

/* What is said of the run as a whole. */
struct lab_setting {
    const char *brokers; /* of real ones; NULL: the in-process cluster */
    int broker_count;
    int64_t seed;
    int repeat, per_second;
};

/* "seed 7, 3 runs each, …", one line. */
void lab_setting_append(const struct lab_setting *setting, struct strbuf *text);

/* One scenario for people: table, timelines, words, verdicts; for a terminal of so many columns, 0:
 * there is none. `colours`: standard output shows them. */
void lab_scenario_append(const struct lab_report *report, const struct lab_scenario *scenario,
                         int columns, bool colours, struct strbuf *text);

/* All of it as Markdown; pictures, when `stem` is not NULL, are named "STEM-SCENARIO-STRATEGY.svg".
 */
void lab_markdown_append(const struct lab_report *report, const struct lab_setting *setting,
                         const char *stem, struct strbuf *text);

/* Whether there can be such a file; nothing is left of the attempt. False: ERROR_USAGE. */
NODISCARD bool lab_report_check(const char *path, struct error *error);

/* The Markdown and its pictures beside it. False: ERROR_FATAL. */
NODISCARD bool lab_report_write(const struct lab_report *report, const struct lab_setting *setting,
                                const char *path, struct error *error);

#endif
