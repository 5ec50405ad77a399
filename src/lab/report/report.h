/* Evaluates the results of a lab run: tables, timelines, verdicts. */
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
    bool embedded;                    /* on the in-process cluster, whose times are meaningless */
    char broken_off[LAB_REASON_SIZE]; /* why the run was aborted; "" if it was not */
};

void lab_report_free(struct lab_report *report);

/* Adds a zeroed result, which the report owns. Returns NULL when memory runs out. */
NODISCARD struct lab_result *lab_report_add(struct lab_report *report);
/* Records that the scenario was not run with the strategy, and why; only once for such a pair.
 * Texts are borrowed. */
void lab_report_skip(struct lab_report *report, const struct lab_scenario *scenario,
                     const char *strategy, const char *reason);

/* Removes the newest result, whose run failed. */
void lab_report_drop_newest(struct lab_report *report);
/* Frees the logs of all runs except the newest of each scenario and strategy, the only one whose
 * timeline is drawn. */
void lab_report_free_old_logs(struct lab_report *report);

/* Returns what "sticky" and "consumer" are short for: "cooperative-sticky", "KIP-848, uniform";
 * other names unchanged. */
const char *lab_assignor_name(const char *strategy);

/* Explain what the times mean on the in-process cluster and on real brokers. */
extern const char lab_embedded_note[];
extern const char lab_brokers_note[];

/* Returns whether there is at least one run, all are good and none was aborted. */
bool lab_report_good(const struct lab_report *report);

/* A figure of one step; LAB_FIGURE_TWICE and _MISSING are of the whole run, whatever the step. */
enum lab_figure {
    LAB_FIGURE_MOVED,
    LAB_FIGURE_NEEDLESS,
    LAB_FIGURE_REVOKED,
    LAB_FIGURE_LOST,
    LAB_FIGURE_UNEVEN, /* partitions of the member with the most, less those of the member with
                          the fewest */
    LAB_FIGURE_UNOWNED_S,
    LAB_FIGURE_GAP_S,
    LAB_FIGURE_AGAIN_S,
    LAB_FIGURE_TWICE,
    LAB_FIGURE_MISSING,
};
double lab_figure_of(const struct lab_result *result, int step, enum lab_figure figure);

struct lab_spread {
    double median, least, most;
    int count; /* number of repeats */
};
/* Computes a figure's spread over the repeats of a scenario with a strategy. `step` -1 means the
 * sum over all changes; for LAB_FIGURE_UNEVEN the maximum of all steps. */
struct lab_spread lab_report_spread(const struct lab_report *report,
                                    const struct lab_scenario *scenario, const char *strategy,
                                    int step, enum lab_figure figure);

/* Appends a spread with `digits` decimals: "2", or "2.5 (2 to 3)" with least and most if these are
 * printed differently. If the median of counts ends in .5, that is always printed. */
void lab_spread_append(struct lab_spread spread, int digits, struct strbuf *text);
/* Returns whether even the greatest value of `left` is below the least of `right`, both rounded to
 * `digits` decimals. */
bool lab_spread_below(struct lab_spread left, struct lab_spread right, int digits);

/* Lists the strategies with which the scenario was run, in the order range, roundrobin, sticky,
 * consumer. */
int lab_report_strategies(const struct lab_report *report, const struct lab_scenario *scenario,
                          const char *names[LAB_NAMES_MAX]);
/* Returns the newest result of a scenario with a strategy, or NULL when there is none. */
const struct lab_result *lab_report_newest(const struct lab_report *report,
                                           const struct lab_scenario *scenario,
                                           const char *strategy);

/* Appends the scenario's table as Markdown, or for a terminal of width `columns` (0: lines of any
 * length). */
void lab_report_table(const struct lab_report *report, const struct lab_scenario *scenario,
                      enum output_format format, int columns, struct strbuf *text);
/* Appends a paragraph that explains the figures. */
void lab_report_words(const struct lab_report *report, const struct lab_scenario *scenario,
                      struct strbuf *text);
/* Appends a line for each goal. */
void lab_report_verdicts(const struct lab_report *report, const struct lab_scenario *scenario,
                         enum output_format format, struct strbuf *text);
/* Lists where prediction and observation differ, partitions did not have exactly one owner or ticks
 * are missing, and what was skipped and why. Appends nothing if all is well. */
void lab_report_troubles(const struct lab_report *report, const struct lab_scenario *scenario,
                         struct strbuf *text);

/* Append all runs for programs: as one JSON document, or as CSV with one line per run and step. */
void lab_report_json(const struct lab_report *report, struct strbuf *text);
void lab_report_csv(const struct lab_report *report, struct strbuf *text);

/* Appends what the page shows of a run that ended at `time_ns`: {"time":…,"setting":text,
 * "in_process":bool,"good":bool,"broken_off":text or null,"scenarios":[{"scenario","question",
 * "strategies":[{"strategy","assignor","runs","moved":{"median","least","most"},…}]}]}. The figures
 * are those of lab_report_spread() over all changes; the times (unowned_s, longest_gap_s,
 * all_read_after_s) are left out for the in-process cluster. */
void lab_report_results(const struct lab_report *report, int64_t time_ns, const char *setting,
                        struct strbuf *text);

/* Draw who owned which partition during a run: on the terminal, `columns` wide and in colours if it
 * shows them, or as an SVG picture. */
void lab_timeline_text(const struct lab_result *result, int columns, bool colours,
                       struct strbuf *text);
void lab_timeline_svg(const struct lab_result *result, struct strbuf *text);

#endif
