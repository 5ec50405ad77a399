#include <stdlib.h>

#include "page/board_parts.h"
#include "page/metrics.h"
#include "web/metrics.h"

static void forget(struct live_figures *figures)
{
    if (figures != NULL) {
        live_figures_clear(figures);
    }
    free(figures);
}

static struct live_figures *ask_live(struct board *board)
{
    struct live_figures *figures = calloc(1, sizeof *figures);
    if (figures != NULL && board->config.live != NULL) {
        board->config.live(board->config.live_context, figures);
    }
    return figures;
}

static bool judge(struct board *board, const struct live_figures *figures, char reason[256])
{
    bool healthy = metrics_healthy(figures, reason);
    if (healthy) {
        pthread_mutex_lock(&board->status_lock);
        if (board->status_error[0] != '\0') {
            healthy = false;
            (void)str_copy(str_from(board->status_error), reason, 256);
        }
        pthread_mutex_unlock(&board->status_lock);
    }
    return healthy;
}

/* Appends a gauge; leaves out the sample when `value` is -1. */
static void append_known(const char *name, const char *help, int64_t value, struct strbuf *text)
{
    metrics_family(text, name, METRIC_GAUGE, help);
    if (value >= 0) {
        metrics_int(text, name, METRIC_NO_LABELS, value);
    }
}

void board_metrics(void *context, struct strbuf *text)
{
    char reason[256];
    struct board *board = context;
    struct live_figures *figures = ask_live(board);
    if (figures != NULL) {
        metrics_append(figures, judge(board, figures, reason), text);
    }
    forget(figures);
    pthread_mutex_lock(&board->status_lock);
    int64_t lag = board->lag_total, end = board->end_total;
    pthread_mutex_unlock(&board->status_lock);
    append_known("candlewick_group_lag_messages",
                 "Messages in the topic that the group has not committed; absent while Kafka does "
                 "not say.",
                 lag, text);
    append_known("candlewick_topic_end_offset_messages",
                 "Sum of the topic's end offsets; absent while Kafka does not say.", end, text);
}

bool board_healthy(void *context, char reason[256])
{
    struct board *board = context;
    struct live_figures *figures = ask_live(board);
    bool healthy = figures != NULL && judge(board, figures, reason);
    if (figures == NULL) {
        (void)str_copy(str_from("out of memory"), reason, 256);
    }
    forget(figures);
    return healthy;
}
