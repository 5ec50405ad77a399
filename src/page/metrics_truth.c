#include "page/metrics_parts.h"

typedef void (*append_lag)(const char *name, struct metric_labels labels,
                           const struct truth_lag *lag, int step, struct strbuf *text);

static bool is_measured(const struct truth_lag *lag, int step)
{
    return lag->stream != NULL &&
           (histogram_total(&lag->steps[step]) > 0 || lag->negative[step] > 0);
}

/* Calls `append` for each stream and step that a member has measured. */
static void append_member(const char *client_id, const struct truth_lag lags[STREAMS_MAX],
                          const char *name, struct strbuf *text, append_lag append)
{
    for (size_t k = 0; k < STREAMS_MAX; k++) {
        for (int step = 0; step < TRUTH_STEPS; step++) {
            if (is_measured(&lags[k], step)) {
                append(name,
                       METRIC_LABELS({"member", client_id}, {"stream", lags[k].stream},
                                     {"step", truth_step_names[step]}),
                       &lags[k], step, text);
            }
        }
    }
}

/* Calls `append` for each stream and each step to the page, which no member measures. */
static void append_page(const struct truth_lag lags[STREAMS_MAX], const char *name,
                        struct strbuf *text, append_lag append)
{
    for (size_t k = 0; k < STREAMS_MAX; k++) {
        for (int step = TRUTH_KAFKA_TO_PAGE; step <= TRUTH_EXCHANGE_TO_PAGE; step++) {
            if (is_measured(&lags[k], step)) {
                append(name,
                       METRIC_LABELS({"stream", lags[k].stream}, {"step", truth_step_names[step]}),
                       &lags[k], step, text);
            }
        }
    }
}

static void for_each(const struct live_figures *figures, const char *name, struct strbuf *text,
                     append_lag append)
{
    for (size_t i = 0; i < figures->member_count; i++) {
        append_member(figures->members[i].client_id, figures->members[i].measures.truth_lag, name,
                      text, append);
    }
    append_page(figures->page_lag, name, text, append);
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
                   "From the exchange's own time of a record over the frame that brought it and "
                   "Kafka to the store and to the page, by step; without what was refilled.");
    for_each(figures, "candlewick_truth_lag_seconds", text, append_step);
    metrics_family(text, "candlewick_truth_lag_negative_total", METRIC_COUNTER,
                   "Steps that took less than no time, because two clocks disagree.");
    for_each(figures, "candlewick_truth_lag_negative_total", text, append_negative);
}
