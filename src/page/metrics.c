#include "page/metrics.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "page/metrics_parts.h"
#include "web/metrics.h"

enum { LINE_LIMIT = ERROR_REASON_SIZE + 100 };

static void one(struct strbuf *text, const char *name, enum metric_type type, const char *help,
                int64_t value)
{
    metrics_family(text, name, type, help);
    metrics_int(text, name, METRIC_NO_LABELS, value);
}

/* A metric of which each source has a value. */
struct source_metric {
    const char *name;
    enum metric_type type;
    const char *help;
    size_t offset; /* offset of the value, an int64_t, in struct ingest_stats */
};

#define FIGURE(field) offsetof(struct ingest_stats, field)
static const struct source_metric source_metrics[] = {
    {"candlewick_exchange_requests_total", METRIC_COUNTER, "Requests sent to the exchange.",
     FIGURE(poller.requests)},
    {"candlewick_exchange_request_errors_total", METRIC_COUNTER,
     "Requests to the exchange that brought no ticks.", FIGURE(poller.request_errors)},
    {"candlewick_exchange_late_rounds_total", METRIC_COUNTER,
     "Rounds that began later than the poll interval asks for.", FIGURE(poller.late_rounds)},
    {"candlewick_exchange_rows_total", METRIC_COUNTER, "Rows that the exchange sent.",
     FIGURE(poller.rows.rows)},
    {"candlewick_ticks_dropped_total", METRIC_COUNTER, "Ticks that the producer did not take.",
     FIGURE(poller.dropped)},
    {"candlewick_ticks_held_back_total", METRIC_COUNTER,
     "Ticks not stamped because the clock had stepped back.", FIGURE(poller.held_back)},
    {"candlewick_ticks_sent_total", METRIC_COUNTER, "Ticks handed to the Kafka client.",
     FIGURE(records.sent)},
    {"candlewick_ticks_acknowledged_total", METRIC_COUNTER, "Ticks that Kafka has persisted.",
     FIGURE(records.acknowledged)},
    {"candlewick_ticks_undelivered_total", METRIC_COUNTER,
     "Ticks that were given up because Kafka can never take them.", FIGURE(records.undelivered)},
    {"candlewick_source_events_sent_total", METRIC_COUNTER,
     "Events of the source handed to the Kafka client.", FIGURE(events.sent)},
    {"candlewick_source_events_acknowledged_total", METRIC_COUNTER,
     "Events of the source that Kafka has persisted.", FIGURE(events.acknowledged)},
    {"candlewick_source_events_undelivered_total", METRIC_COUNTER,
     "Events of the source that were given up because Kafka can never take them.",
     FIGURE(events.undelivered)},
    {"candlewick_producer_recreated_total", METRIC_COUNTER,
     "Times the Kafka client was made anew after a fatal error.", FIGURE(producer.recreated)},
    {"candlewick_producer_queue_messages", METRIC_GAUGE, "Messages sent and not yet acknowledged.",
     FIGURE(producer.queued)},
    {"candlewick_producer_overlap_coins", METRIC_GAUGE,
     "Coins that a producer which began before this one sends at the same time.",
     FIGURE(overlap_coins)},
};

/* Appends the sample of one source; if there are several sources, a label names it. */
static void append_of(const struct live_figures *figures, size_t i, const char *name, int64_t value,
                      struct strbuf *text)
{
    struct metric_labels labels = METRIC_LABELS({"source", figures->ingests[i].source});
    metrics_int(text, name, figures->ingest_count > 1 ? labels : METRIC_NO_LABELS, value);
}

static void append_rejected(const struct live_figures *figures, struct strbuf *text)
{
    static const char name[] = "candlewick_rows_rejected_total";
    metrics_family(text, name, METRIC_COUNTER, "Rows that did not become ticks, by reason.");
    for (size_t i = 0; i < figures->ingest_count; i++) {
        for (int fault = 0; fault < ROW_FAULTS; fault++) {
            struct metric_labels labels = METRIC_LABELS({"reason", row_fault_names[fault]},
                                                        {"source", figures->ingests[i].source});
            labels.count = figures->ingest_count > 1 ? 2 : 1;
            metrics_int(text, name, labels, figures->ingests[i].poller.rows.rejected[fault]);
        }
    }
}

static void append_last_success(const struct live_figures *figures, struct strbuf *text)
{
    static const char name[] = "candlewick_exchange_last_success_timestamp_seconds";
    metrics_family(text, name, METRIC_GAUGE,
                   "When the exchange last answered, seconds since 1970; absent while it has not.");
    for (size_t i = 0; i < figures->ingest_count; i++) {
        struct metric_labels labels = METRIC_LABELS({"source", figures->ingests[i].source});
        int64_t last_ns = figures->ingests[i].poller.last_success_ns;
        if (last_ns > 0) {
            metrics_double(text, name, figures->ingest_count > 1 ? labels : METRIC_NO_LABELS,
                           (double)last_ns / (double)NS_PER_SECOND);
        }
    }
}

/* Returns the source's own figure of that name; NULL if it has none. */
static const struct source_figure *find_figure(const struct poller_stats *poller, const char *name)
{
    for (size_t i = 0; i < poller->figure_count; i++) {
        if (strcmp(poller->figures[i].name, name) == 0) {
            return &poller->figures[i];
        }
    }
    return NULL;
}

/* Appends one of the figures that sources define themselves, with a sample for each source that has
 * it. */
static void append_own(const struct live_figures *figures, const struct source_figure *figure,
                       struct strbuf *text)
{
    char name[128];
    (void)snprintf(name, sizeof name, "candlewick_source_%.80s%s", figure->name,
                   figure->grows ? "_total" : "");
    metrics_family(text, name, figure->grows ? METRIC_COUNTER : METRIC_GAUGE, figure->help);
    for (size_t i = 0; i < figures->ingest_count; i++) {
        const struct source_figure *own = find_figure(&figures->ingests[i].poller, figure->name);
        if (own != NULL) {
            metrics_int(text, name, METRIC_LABELS({"source", figures->ingests[i].source}),
                        own->value);
        }
    }
}

/* Appends all figures that sources define themselves, each name once. */
static void append_own_figures(const struct live_figures *figures, struct strbuf *text)
{
    for (size_t i = 0; i < figures->ingest_count; i++) {
        const struct poller_stats *poller = &figures->ingests[i].poller;
        for (size_t k = 0; k < poller->figure_count; k++) {
            bool before = false;
            for (size_t other = 0; other < i && !before; other++) {
                before = find_figure(&figures->ingests[other].poller, poller->figures[k].name);
            }
            if (!before) {
                append_own(figures, &poller->figures[k], text);
            }
        }
    }
}

static void append_ingests(const struct live_figures *figures, struct strbuf *text)
{
    for (size_t row = 0; row < sizeof source_metrics / sizeof source_metrics[0]; row++) {
        const struct source_metric *metric = &source_metrics[row];
        metrics_family(text, metric->name, metric->type, metric->help);
        for (size_t i = 0; i < figures->ingest_count; i++) {
            int64_t value;
            memcpy(&value, (const char *)&figures->ingests[i] + metric->offset, sizeof value);
            append_of(figures, i, metric->name, value, text);
        }
    }
    append_rejected(figures, text);
    append_last_success(figures, text);
    append_own_figures(figures, text);
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

void live_figures_add_events(struct live_figures *figures, struct event_log *events)
{
    figures->has_events = events != NULL;
    if (events != NULL) {
        event_log_stats(events, &figures->events);
    }
}

static void append_events(const struct event_log_stats *events, struct strbuf *text)
{
    one(text, "candlewick_events_written_total", METRIC_COUNTER,
        "Events of this program: assignments, brokers and members away and back.", events->written);
    one(text, "candlewick_events_given_up_total", METRIC_COUNTER,
        "Of these, events that are not in the log: too many waited, or Kafka can never take them.",
        events->given_up);
    one(text, "candlewick_events_waiting", METRIC_GAUGE,
        "Of these, events that Kafka has not acknowledged yet.", events->waiting);
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
    if (figures->ingest_count > 0) {
        append_ingests(figures, text);
    }
    if (figures->member_count > 0) {
        metrics_append_members(figures, text);
    }
    if (figures->member_count > 0 || figures->page_lag[0].stream != NULL) {
        metrics_append_truth_lag(figures, text);
    }
    if (figures->has_events) {
        append_events(&figures->events, text);
    }
    metrics_append_round_trips(figures, text);
}

/* The answer of /healthz while it is collected. */
struct health {
    const struct live_figures *figures;
    struct strbuf *lines; /* NULL: not wanted */
    bool healthy;
};

/* Appends a line, unless `lines` already has it. */
static void add_line(struct health *health, const struct strbuf *line)
{
    struct str rest = health->lines != NULL ? strbuf_str(health->lines) : str_from(""), before;
    bool has = health->lines == NULL;
    while (!has && str_split(&rest, '\n', &before)) {
        has = str_equal(before, strbuf_str(line));
    }
    if (!has) {
        strbuf_append_str(health->lines, strbuf_str(line));
        strbuf_append_char(health->lines, '\n');
    }
}

/* Appends "WHAT: SOURCE: TEXT", or "WHAT: TEXT" if `source` is NULL or there is only one source. */
static void say(struct health *health, const char *what, const char *source, const char *text)
{
    struct strbuf line = strbuf_new(LINE_LIMIT);
    bool named = source != NULL && health->figures->ingest_count > 1;
    strbuf_append_format(&line, "%s: %s%s%s", what, named ? source : "", named ? ": " : "", text);
    add_line(health, &line);
    strbuf_free(&line);
}

static void say_trouble(struct health *health, const char *source, const char *text)
{
    health->healthy = false;
    say(health, "not ready", source, text);
}

/* Says what keeps the ingest from delivering to Kafka what its source yields. */
static void judge_ingest(struct health *health, const struct ingest_stats *ingest)
{
    char text[ERROR_REASON_SIZE + sizeof "waiting for "];
    if (ingest->waiting_for[0] != '\0') {
        (void)snprintf(text, sizeof text, "waiting for %s", ingest->waiting_for);
        say_trouble(health, ingest->source, text);
        return;
    }
    if (!ingest->poller.healthy) {
        say_trouble(health, ingest->source, ingest->poller.reason);
    }
    if (!ingest->producer.healthy) {
        say_trouble(health, ingest->source, ingest->producer.reason);
    }
}

static void say_notice(struct health *health, const char *source, const char *text)
{
    if (text[0] != '\0') {
        say(health, "notice", source, text);
    }
}

bool metrics_healthy(const struct live_figures *figures, struct strbuf *lines)
{
    struct health health = {figures, lines, true};
    for (size_t i = 0; i < figures->ingest_count; i++) {
        judge_ingest(&health, &figures->ingests[i]);
    }
    for (size_t i = 0; i < figures->member_count; i++) {
        if (!figures->members[i].stats.healthy) {
            say_trouble(&health, NULL, figures->members[i].stats.reason);
        }
    }
    for (size_t i = 0; i < figures->ingest_count; i++) {
        const struct ingest_stats *ingest = &figures->ingests[i];
        say_notice(&health, ingest->source, ingest->overlap);
        say_notice(&health, ingest->source, ingest->poller.notice);
    }
    return health.healthy;
}
