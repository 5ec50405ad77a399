/* The results of a lab run, read: tables, timelines, verdicts. */
#ifndef CANDLEWICK_LAB_REPORT_REPORT_H
#define CANDLEWICK_LAB_REPORT_REPORT_H

#include "base/text/table.h"
#include "lab/model/result.h"

enum { LAB_SKIPS_MAX = 64, LAB_NAMES_MAX = 8, LAB_REASON_SIZE = 256 };

struct lab_skip {
    const struct lab_scenario *scenario;
    const char *strategy, *reason;
};

struct lab_report {
    struct lab_result **results; /* owned */
    size_t count, capacity;
    struct lab_skip skips[LAB_SKIPS_MAX];
    int skip_count;
    bool embedded;                    /* on the in-process cluster: its times say nothing */
    char broken_off[LAB_REASON_SIZE]; /* why not all was run; "" when it was */
};

void lab_report_free(struct lab_report *report);

/* A new result, zero, that is the report's; NULL: no memory. */
NODISCARD struct lab_result *lab_report_add(struct lab_report *report);
/* Texts are borrowed; said once for each scenario and strategy. */
void lab_report_skip(struct lab_report *report, const struct lab_scenario *scenario,
                     const char *strategy, const char *reason);

/* Takes the newest result back: its run could not be carried out. */
void lab_report_drop_newest(struct lab_report *report);
/* Only the newest run of each scenario and strategy is drawn: frees the logs of the others. */
void lab_report_free_old_logs(struct lab_report *report);

/* What "sticky" and "consumer" are short for: "cooperative-sticky", "KIP-848, uniform"; others
 * are called as they are. */
const char *lab_assignor_name(const char *strategy);

/* What the times of the in-process cluster are worth, and those of real brokers. */
extern const char lab_embedded_note[];
extern const char lab_brokers_note[];

/* At least one run, all of them good, and none broken off. */
bool lab_report_good(const struct lab_report *report);

/* A figure of one step (or, for LAB_FIGURE_TWICE and _MISSING, of the run, whatever the step). */
enum lab_figure {
    LAB_FIGURE_MOVED,
    LAB_FIGURE_NEEDLESS,
    LAB_FIGURE_REVOKED,
    LAB_FIGURE_LOST,
    LAB_FIGURE_UNEVEN, /* most less least partitions of a member */
    LAB_FIGURE_UNOWNED_S,
    LAB_FIGURE_GAP_S,
    LAB_FIGURE_AGAIN_S,
    LAB_FIGURE_TWICE,
    LAB_FIGURE_MISSING,
};
double lab_figure_of(const struct lab_result *result, int step, enum lab_figure figure);

struct lab_spread {
    double median, least, most;
    int count; /* of repeats */
};
/* Over the repeats of a scenario with a strategy; `step` -1: the sum over all changes, of
 * LAB_FIGURE_UNEVEN the most over all steps. */
struct lab_spread lab_report_spread(const struct lab_report *report,
                                    const struct lab_scenario *scenario, const char *strategy,
                                    int step, enum lab_figure figure);

/* "2", "2.5 (2 to 3)": with so many decimals, but a half of counts as it is; least and most where
 * they are printed differently. */
void lab_spread_append(struct lab_spread spread, int digits, struct strbuf *text);
/* All of `left` is less than all of `right`, as they are printed. */
bool lab_spread_below(struct lab_spread left, struct lab_spread right, int digits);

/* The strategies that the scenario was run with, in the order range, roundrobin, sticky, consumer.
 */
int lab_report_strategies(const struct lab_report *report, const struct lab_scenario *scenario,
                          const char *names[LAB_NAMES_MAX]);
/* The newest result of a scenario with a strategy; NULL: there is none. */
const struct lab_result *lab_report_newest(const struct lab_report *report,
                                           const struct lab_scenario *scenario,
                                           const char *strategy);

/* The scenario's table, for people (and a terminal of so many columns, 0: lines as they come), or
 * as Markdown. */
void lab_report_table(const struct lab_report *report, const struct lab_scenario *scenario,
                      enum output_format format, int columns, struct strbuf *text);
/* What the figures say, in words; a paragraph. */
void lab_report_words(const struct lab_report *report, const struct lab_scenario *scenario,
                      struct strbuf *text);
/* A line for each goal. */
void lab_report_verdicts(const struct lab_report *report, const struct lab_scenario *scenario,
                         enum output_format format, struct strbuf *text);
/* Where prediction and observation differ, partitions had no single owner, or ticks are missing;
 * and who was skipped why. Nothing where all is well. */
void lab_report_troubles(const struct lab_report *report, const struct lab_scenario *scenario,
                         struct strbuf *text);

/* All runs, for programs: one JSON document, or CSV with one line a run and step. */
void lab_report_json(const struct lab_report *report, struct strbuf *text);
void lab_report_csv(const struct lab_report *report, struct strbuf *text);

/* Who owned what over the time of a run. On the terminal `columns` wide, in colours where it shows
 * them; or a picture of its own. */
void lab_timeline_text(const struct lab_result *result, int columns, bool colours,
                       struct strbuf *text);
void lab_timeline_svg(const struct lab_result *result, struct strbuf *text);

#endif
