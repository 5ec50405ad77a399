#include "app/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "web/metrics.h"
#include "web/server.h"

static void one(struct strbuf *text, const char *name, enum metric_type type, const char *help,
                int64_t value)
{
    metrics_family(text, name, type, help);
    metrics_int(text, name, METRIC_NO_LABELS, value);
}

static void append_feed(const struct feed_stats *feed, struct strbuf *text)
{
    const struct poller_stats *poller = &feed->poller;
    one(text, "candlewick_exchange_requests_total", METRIC_COUNTER,
        "Requests sent to the exchange.", poller->requests);
    one(text, "candlewick_exchange_request_errors_total", METRIC_COUNTER,
        "Requests to the exchange that brought no ticks.", poller->request_errors);
    one(text, "candlewick_exchange_late_rounds_total", METRIC_COUNTER,
        "Rounds that began later than the poll interval asks for.", poller->late_rounds);
    one(text, "candlewick_exchange_rows_total", METRIC_COUNTER, "Rows that the exchange sent.",
        poller->rows.rows);
    metrics_family(text, "candlewick_rows_rejected_total", METRIC_COUNTER,
                   "Rows that did not become ticks, by reason.");
    for (int i = 0; i < ROW_FAULTS; i++) {
        metrics_int(text, "candlewick_rows_rejected_total",
                    METRIC_LABELS({"reason", row_fault_names[i]}), poller->rows.rejected[i]);
    }
    one(text, "candlewick_ticks_dropped_total", METRIC_COUNTER,
        "Ticks that the producer did not take.", poller->dropped);
    one(text, "candlewick_ticks_held_back_total", METRIC_COUNTER,
        "Ticks not stamped because the clock had stepped back.", poller->held_back);
    metrics_family(text, "candlewick_exchange_last_success_timestamp_seconds", METRIC_GAUGE,
                   "When the exchange last answered, seconds since 1970; 0 when it has not.");
    metrics_double(text, "candlewick_exchange_last_success_timestamp_seconds", METRIC_NO_LABELS,
                   (double)poller->last_success_ns / (double)NS_PER_SECOND);
    one(text, "candlewick_ticks_sent_total", METRIC_COUNTER, "Ticks handed to the Kafka client.",
        feed->producer.sent);
    one(text, "candlewick_ticks_acknowledged_total", METRIC_COUNTER,
        "Ticks that Kafka has persisted.", feed->producer.acknowledged);
    one(text, "candlewick_ticks_undelivered_total", METRIC_COUNTER,
        "Ticks that were given up because Kafka can never take them.", feed->producer.failed);
    one(text, "candlewick_producer_recreated_total", METRIC_COUNTER,
        "Times the Kafka client was made anew after a fatal error.", feed->producer.recreated);
    one(text, "candlewick_producer_queue_messages", METRIC_GAUGE,
        "Messages sent and not yet acknowledged.", feed->producer.queued);
}

/* One figure of every member; `offset` is its int64_t in struct consumer_stats. */
struct member_metric {
    const char *name;
    enum metric_type type;
    const char *help;
    size_t offset;
};

#define MEMBER(field) offsetof(struct consumer_stats, field)
static const struct member_metric member_metrics[] = {
    {"candlewick_messages_consumed_total", METRIC_COUNTER, "Messages taken from the log.",
     MEMBER(consumed)},
    {"candlewick_ticks_written_total", METRIC_COUNTER, "Ticks that the store has taken.",
     MEMBER(written)},
    {"candlewick_dead_letters_total", METRIC_COUNTER,
     "Messages that the dead-letter topic has acknowledged.", MEMBER(dead_lettered)},
    {"candlewick_batches_total", METRIC_COUNTER, "Batches written.", MEMBER(batches)},
    {"candlewick_write_retries_total", METRIC_COUNTER, "Writes that had to be tried again.",
     MEMBER(write_retries)},
    {"candlewick_rebalances_total", METRIC_COUNTER, "Assignments and revocations seen.",
     MEMBER(rebalances)},
    {"candlewick_gap_messages_total", METRIC_COUNTER,
     "Offsets that the log no longer had when they were asked for.", MEMBER(gap_messages)},
    {"candlewick_queued_ticks", METRIC_GAUGE, "Ticks in open and waiting batches.",
     MEMBER(queued_ticks)},
};

static int64_t figure_of(const struct consumer_stats *stats, size_t offset)
{
    int64_t value;
    memcpy(&value, (const char *)stats + offset, sizeof value);
    return value;
}

static void append_owned(const struct live_figures *figures, struct strbuf *text)
{
    metrics_family(text, "candlewick_partition_owned", METRIC_GAUGE,
                   "1 for each partition that the member owns.");
    for (size_t i = 0; i < figures->member_count; i++) {
        const struct consumer_stats *stats = &figures->members[i].stats;
        size_t room = sizeof stats->owned / sizeof stats->owned[0];
        for (size_t k = 0; k < stats->owned_count && k < room; k++) {
            char partition[16];
            (void)snprintf(partition, sizeof partition, "%d", (int)stats->owned[k]);
            metrics_int(
                text, "candlewick_partition_owned",
                METRIC_LABELS({"member", figures->members[i].client_id}, {"partition", partition}),
                1);
        }
    }
}

static void append_members(const struct live_figures *figures, struct strbuf *text)
{
    for (size_t row = 0; row < sizeof member_metrics / sizeof member_metrics[0]; row++) {
        const struct member_metric *metric = &member_metrics[row];
        metrics_family(text, metric->name, metric->type, metric->help);
        for (size_t i = 0; i < figures->member_count; i++) {
            metrics_int(text, metric->name,
                        METRIC_LABELS({"member", figures->members[i].client_id}),
                        figure_of(&figures->members[i].stats, metric->offset));
        }
    }
    metrics_family(text, "candlewick_batch_p99_seconds", METRIC_GAUGE,
                   "99th percentile of the newest batches' time from open to done.");
    for (size_t i = 0; i < figures->member_count; i++) {
        metrics_double(text, "candlewick_batch_p99_seconds",
                       METRIC_LABELS({"member", figures->members[i].client_id}),
                       (double)figures->members[i].stats.batch_p99_us / 1e6);
    }
    append_owned(figures, text);
}

void live_figures_add(struct live_figures *figures, struct member *member)
{
    if (figures->member_count == BOARD_MEMBERS_MAX) {
        return;
    }
    size_t i = figures->member_count++;
    member_stats(member, &figures->members[i].stats);
    (void)str_copy(str_from(member_client_id(member)), figures->members[i].client_id,
                   sizeof figures->members[i].client_id);
}

void metrics_append(const struct live_figures *figures, struct strbuf *text)
{
    char reason[256];
    metrics_family(text, "candlewick_info", METRIC_GAUGE, "The program's version.");
    metrics_int(text, "candlewick_info", METRIC_LABELS({"version", CANDLEWICK_VERSION}), 1);
    one(text, "candlewick_healthy", METRIC_GAUGE, "1 while nothing keeps ticks from flowing.",
        metrics_healthy(figures, reason) ? 1 : 0);
    if (figures->has_feed) {
        append_feed(&figures->feed, text);
    }
    if (figures->member_count > 0) {
        append_members(figures, text);
    }
}

static bool unhealthy(char reason[256], const char *why)
{
    (void)str_copy(str_from(why), reason, 256);
    return false;
}

bool metrics_healthy(const struct live_figures *figures, char reason[256])
{
    if (figures->has_feed) {
        const struct feed_stats *feed = &figures->feed;
        if (feed->waiting_for[0] != '\0') {
            return unhealthy(reason, feed->waiting_for);
        }
        if (!feed->poller.healthy) {
            return unhealthy(reason, feed->poller.reason);
        }
        if (!feed->producer.healthy) {
            return unhealthy(reason, feed->producer.reason);
        }
    }
    for (size_t i = 0; i < figures->member_count; i++) {
        if (!figures->members[i].stats.healthy) {
            return unhealthy(reason, figures->members[i].stats.reason);
        }
    }
    return true;
}

struct metrics_server {
    void (*live)(void *context, struct live_figures *figures);
    void *live_context;
    struct web_server *server;
};

static void serve_metrics(void *context, struct strbuf *text)
{
    const struct metrics_server *server = context;
    struct live_figures *figures = calloc(1, sizeof *figures);
    if (figures != NULL) {
        server->live(server->live_context, figures);
        metrics_append(figures, text);
    }
    free(figures);
}

static bool serve_health(void *context, char reason[256])
{
    const struct metrics_server *server = context;
    struct live_figures *figures = calloc(1, sizeof *figures);
    bool healthy = figures == NULL ? unhealthy(reason, "out of memory") : true;
    if (figures != NULL) {
        server->live(server->live_context, figures);
        healthy = metrics_healthy(figures, reason);
    }
    free(figures);
    return healthy;
}

bool metrics_serve(const char *listen, void (*live)(void *context, struct live_figures *figures),
                   void *live_context, struct metrics_server **server, struct error *error)
{
    *server = NULL;
    if (listen == NULL) {
        return true;
    }
    struct metrics_server *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    *made = (struct metrics_server){.live = live, .live_context = live_context};
    struct web_server_config config = {
        .listen = listen,
        .backend = {.context = made, .metrics = serve_metrics, .healthy = serve_health},
        .metrics_only = true,
    };
    made->server = web_server_create(&config, error);
    if (made->server == NULL) {
        free(made);
        return false;
    }
    *server = made;
    return true;
}

void metrics_server_destroy(struct metrics_server *server)
{
    if (server != NULL) {
        web_server_destroy(server->server);
        free(server);
    }
}
