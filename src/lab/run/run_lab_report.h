/* Writes a lab run's results to the terminal or into files. */
#ifndef CANDLEWICK_LAB_RUN_RUN_LAB_REPORT_H
#define CANDLEWICK_LAB_RUN_RUN_LAB_REPORT_H

#include "cli/options.h"
#include "lab/report/report.h"

/* The settings of the run as a whole. */
struct lab_setting {
    const char *brokers; /* the real brokers; NULL: the in-process cluster */
    int broker_count;
    int64_t seed;
    int repeat, per_second;
};

/* Appends one line: "seed 7, 3 runs each, …". */
void lab_setting_append(const struct lab_setting *setting, struct strbuf *text);

/* Appends one scenario for people: table, timelines, words, verdicts. `columns` is the terminal's
 * width, 0: no terminal. `colours`: standard output shows colours. */
void lab_scenario_append(const struct lab_report *report, const struct lab_scenario *scenario,
                         int columns, bool colours, struct strbuf *text);

/* Appends all scenarios as Markdown. If `stem` is not NULL, pictures are referred to as
 * "STEM-SCENARIO-STRATEGY.svg". */
void lab_markdown_append(const struct lab_report *report, const struct lab_setting *setting,
                         const char *stem, struct strbuf *text);

/* Checks that the file can be created, and leaves nothing behind. Fails with ERROR_USAGE. */
NODISCARD bool lab_report_check(const char *path, struct error *error);

/* Writes the file that the page shows; creates its folder. Fails with ERROR_FATAL. */
NODISCARD bool lab_results_write(const struct lab_report *report, const struct lab_setting *setting,
                                 const char *path, struct error *error);

/* Writes the Markdown and its pictures beside it. Fails with ERROR_FATAL. */
NODISCARD bool lab_report_write(const struct lab_report *report, const struct lab_setting *setting,
                                const char *path, struct error *error);

#endif
