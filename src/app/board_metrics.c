#include <stdlib.h>

#include "app/board_parts.h"
#include "app/metrics.h"
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
    metrics_family(text, "candlewick_group_lag_messages", METRIC_GAUGE,
                   "Messages in the topic that the group has not committed.");
    metrics_int(text, "candlewick_group_lag_messages", METRIC_NO_LABELS, lag);
    metrics_family(text, "candlewick_topic_end_offset_messages", METRIC_GAUGE,
                   "Sum of the topic's end offsets.");
    metrics_int(text, "candlewick_topic_end_offset_messages", METRIC_NO_LABELS, end);
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
