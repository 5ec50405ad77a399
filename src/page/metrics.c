#include "page/metrics.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "page/metrics_parts.h"
#include "web/metrics.h"

static void one(struct strbuf *text, const char *name, enum metric_type type, const char *help,
                int64_t value)
{
    metrics_family(text, name, type, help);
    metrics_int(text, name, METRIC_NO_LABELS, value);
}

static void append_ingest(const struct ingest_stats *ingest, struct strbuf *text)
{
    const struct poller_stats *poller = &ingest->poller;
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
                   "When the exchange last answered, seconds since 1970; absent while it has not.");
    if (poller->last_success_ns > 0) {
        metrics_double(text, "candlewick_exchange_last_success_timestamp_seconds", METRIC_NO_LABELS,
                       (double)poller->last_success_ns / (double)NS_PER_SECOND);
    }
    one(text, "candlewick_ticks_sent_total", METRIC_COUNTER, "Ticks handed to the Kafka client.",
        ingest->producer.sent);
    one(text, "candlewick_ticks_acknowledged_total", METRIC_COUNTER,
        "Ticks that Kafka has persisted.", ingest->producer.acknowledged);
    one(text, "candlewick_ticks_undelivered_total", METRIC_COUNTER,
        "Ticks that were given up because Kafka can never take them.", ingest->producer.failed);
    one(text, "candlewick_producer_recreated_total", METRIC_COUNTER,
        "Times the Kafka client was made anew after a fatal error.", ingest->producer.recreated);
    one(text, "candlewick_producer_queue_messages", METRIC_GAUGE,
        "Messages sent and not yet acknowledged.", ingest->producer.queued);
    one(text, "candlewick_producer_overlap_coins", METRIC_GAUGE,
        "Coins that a producer which began before this one sends at the same time.",
        (int64_t)ingest->overlap_coins);
}

void live_figures_add(struct live_figures *figures, struct group_member *member)
{
    if (figures->member_count == PAGE_MEMBERS_MAX) {
        return;
    }
    size_t i = figures->member_count++;
    group_member_stats(member, &figures->members[i].stats);
    group_member_measure(member, &figures->members[i].measures);
    figures->members[i].store_emptied_ns = group_member_store_emptied_ns(member);
    (void)str_copy(str_from(group_member_client_id(member)), figures->members[i].client_id,
                   sizeof figures->members[i].client_id);
}

void live_figures_clear(struct live_figures *figures)
{
    for (size_t i = 0; i < figures->member_count; i++) {
        consumer_measures_free(&figures->members[i].measures);
    }
    figures->member_count = 0;
}

void metrics_append(const struct live_figures *figures, bool healthy, struct strbuf *text)
{
    metrics_family(text, "candlewick_info", METRIC_GAUGE, "The program's version.");
    metrics_int(text, "candlewick_info", METRIC_LABELS({"version", CANDLEWICK_VERSION}), 1);
    one(text, "candlewick_healthy", METRIC_GAUGE, "1 while nothing keeps ticks from flowing.",
        healthy ? 1 : 0);
    if (figures->has_ingest) {
        append_ingest(&figures->ingest, text);
    }
    if (figures->member_count > 0) {
        metrics_append_members(figures, text);
    }
    metrics_append_round_trips(figures, text);
}

static bool unhealthy(char reason[256], const char *why)
{
    (void)str_copy(str_from(why), reason, 256);
    return false;
}

bool metrics_healthy(const struct live_figures *figures, char reason[256])
{
    if (figures->has_ingest) {
        const struct ingest_stats *ingest = &figures->ingest;
        if (ingest->waiting_for[0] != '\0') {
            (void)snprintf(reason, 256, "waiting for %.240s", ingest->waiting_for);
            return false;
        }
        if (!ingest->poller.healthy) {
            return unhealthy(reason, ingest->poller.reason);
        }
        if (!ingest->producer.healthy) {
            return unhealthy(reason, ingest->producer.reason);
        }
    }
    for (size_t i = 0; i < figures->member_count; i++) {
        if (!figures->members[i].stats.healthy) {
            return unhealthy(reason, figures->members[i].stats.reason);
        }
    }
    const struct ingest_stats *ingest = &figures->ingest;
    const char *notice = ingest->overlap[0] != '\0' ? ingest->overlap : ingest->poller.notice;
    (void)str_copy(str_from(figures->has_ingest ? notice : ""), reason, 256);
    return true;
}
