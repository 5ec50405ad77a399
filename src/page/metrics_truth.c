#include "page/metrics_parts.h"

/* Calls `append` for each step of each stream of each member that has measured anything of it. */
static void for_each(const struct live_figures *figures, const char *name, struct strbuf *text,
                     void (*append)(const char *name, struct metric_labels labels,
                                    const struct truth_lag *lag, int step, struct strbuf *text))
{
    for (size_t i = 0; i < figures->member_count; i++) {
        for (size_t k = 0; k < STREAMS_MAX; k++) {
            const struct truth_lag *lag = &figures->members[i].measures.truth_lag[k];
            for (int step = 0; step < TRUTH_STEPS && lag->stream != NULL; step++) {
                if (histogram_total(&lag->steps[step]) > 0 || lag->negative[step] > 0) {
                    append(name,
                           METRIC_LABELS({"member", figures->members[i].client_id},
                                         {"stream", lag->stream}, {"step", truth_step_names[step]}),
                           lag, step, text);
                }
            }
        }
    }
}

static void append_step(const char *name, struct metric_labels labels, const struct truth_lag *lag,
                        int step, struct strbuf *text)
{
    metrics_append_histogram(name, labels, &lag->steps[step], text);
}

static void append_negative(const char *name, struct metric_labels labels,
                            const struct truth_lag *lag, int step, struct strbuf *text)
{
    metrics_int(text, name, labels, lag->negative[step]);
}

void metrics_append_truth_lag(const struct live_figures *figures, struct strbuf *text)
{
    metrics_family(text, "candlewick_truth_lag_seconds", METRIC_HISTOGRAM,
                   "From the exchange's own time of a stored record over the frame that brought it "
                   "and Kafka to the store, by step; without what was refilled.");
    for_each(figures, "candlewick_truth_lag_seconds", text, append_step);
    metrics_family(text, "candlewick_truth_lag_negative_total", METRIC_COUNTER,
                   "Steps that took less than no time, because two clocks disagree.");
    for_each(figures, "candlewick_truth_lag_negative_total", text, append_negative);
}
