#include <stdlib.h>
#include <string.h>

#include "page/metrics.h"
#include "page/page_model_parts.h"
#include "web/metrics.h"

static void forget(struct live_figures *figures)
{
    if (figures != NULL) {
        live_figures_clear(figures);
    }
    free(figures);
}

void page_model_figures(struct page_model *model, struct live_figures *figures)
{
    if (model->config.live != NULL) {
        model->config.live(model->config.live_context, figures);
    }
    pthread_mutex_lock(&model->status_lock);
    memcpy(figures->page_lag, model->page_lag, sizeof figures->page_lag);
    pthread_mutex_unlock(&model->status_lock);
}

static struct live_figures *ask_live(struct page_model *model)
{
    struct live_figures *figures = calloc(1, sizeof *figures);
    if (figures != NULL) {
        page_model_figures(model, figures);
    }
    return figures;
}

/* `lines` as in metrics_healthy(). */
static bool judge(struct page_model *model, const struct live_figures *figures,
                  struct strbuf *lines)
{
    pthread_mutex_lock(&model->status_lock);
    bool known = model->status_error[0] == '\0';
    if (!known && lines != NULL) {
        strbuf_append_format(lines, "not ready: %s\n", model->status_error);
    }
    pthread_mutex_unlock(&model->status_lock);
    return metrics_healthy(figures, lines) && known;
}

/* Appends a gauge; without a sample if `value` is -1. */
static void append_known(const char *name, const char *help, int64_t value, struct strbuf *text)
{
    metrics_family(text, name, METRIC_GAUGE, help);
    if (value >= 0) {
        metrics_int(text, name, METRIC_NO_LABELS, value);
    }
}

static void append_age(int64_t age_ns, struct strbuf *text)
{
    static const char name[] = "candlewick_group_lag_seconds";
    metrics_family(text, name, METRIC_GAUGE,
                   "For how long the oldest message that the group has not committed has been in "
                   "the log; 0 if there is none; absent while that is not known.");
    if (age_ns != LAG_AGE_UNKNOWN) {
        metrics_double(text, name, METRIC_NO_LABELS, (double)age_ns / NS_PER_SECOND);
    }
}

void page_model_metrics(void *context, struct strbuf *text)
{
    struct page_model *model = context;
    struct live_figures *figures = ask_live(model);
    if (figures != NULL) {
        metrics_append(figures, judge(model, figures, NULL), text);
    }
    forget(figures);
    pthread_mutex_lock(&model->status_lock);
    int64_t lag = model->lag_total, end = model->end_total;
    int64_t age_ns = page_model_group_age(model);
    pthread_mutex_unlock(&model->status_lock);
    append_known("candlewick_group_lag_messages",
                 "Messages in the topic that the group has not committed; absent while Kafka does "
                 "not say.",
                 lag, text);
    append_age(age_ns, text);
    append_known("candlewick_topic_end_offset_messages",
                 "Sum of the topic's end offsets; absent while Kafka does not say.", end, text);
}

bool page_model_healthy(void *context, struct strbuf *lines)
{
    struct page_model *model = context;
    struct live_figures *figures = ask_live(model);
    bool healthy = figures != NULL && judge(model, figures, lines);
    if (figures == NULL) {
        strbuf_append_text(lines, "not ready: out of memory\n");
    }
    forget(figures);
    return healthy;
}
