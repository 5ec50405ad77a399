#include "pipeline/run_summary.h"

#include <stdio.h>

#include "base/log.h"
#include "record/event.h"

enum {
    NAME_SIZE = 40,
    FIELDS_MAX = 20 + ROW_FAULTS + SOURCE_FIGURES_MAX,
};

struct fields {
    struct log_field items[FIELDS_MAX];
    char names[ROW_FAULTS][NAME_SIZE];
    size_t count;
};

static void add(struct fields *fields, const char *name, int64_t value)
{
    fields->items[fields->count++] = log_int(name, value);
}

static void add_ingest(struct fields *fields, const struct ingest_stats *ingest)
{
    add(fields, "requests", ingest->poller.requests);
    add(fields, "rows", ingest->poller.rows.rows);
    add(fields, "produced", ingest->records.acknowledged);
    add(fields, "undelivered", ingest->records.sent - ingest->records.acknowledged);
    add(fields, "dropped", ingest->poller.dropped);
    add(fields, "held_back", ingest->poller.held_back);
    /* Records that the poller had read ahead when the run ended. A source whose records have their
     * own times returns them again in the next run. */
    add(fields, "not_taken",
        ingest->poller.rows.records - ingest->poller.produced - ingest->poller.dropped -
            ingest->poller.held_back);
    if (ingest->events.sent > 0 || ingest->poller.events_dropped > 0) {
        add(fields, "events", ingest->events.acknowledged);
        add(fields, "events_undelivered", ingest->events.sent - ingest->events.acknowledged);
        add(fields, "events_dropped", ingest->poller.events_dropped);
    }
    for (int i = 0; i < ROW_FAULTS; i++) {
        if (ingest->poller.rows.rejected[i] > 0) {
            (void)snprintf(fields->names[i], NAME_SIZE, "rejected_%s", row_fault_names[i]);
            add(fields, fields->names[i], ingest->poller.rows.rejected[i]);
        }
    }
}

/* Adds the figures of the source's own. */
static void add_figures(struct fields *fields, const struct ingest_stats *ingest)
{
    for (size_t i = 0; i < ingest->poller.figure_count; i++) {
        add(fields, ingest->poller.figures[i].name, ingest->poller.figures[i].value);
    }
}

static void add_members(struct fields *fields, const struct run_summary *summary)
{
    struct consumer_stats total = {0};
    for (size_t i = 0; i < summary->member_count; i++) {
        const struct consumer_stats *member = &summary->members[i];
        total.consumed += member->consumed;
        total.written += member->written;
        total.dead_lettered += member->dead_lettered;
        total.write_retries += member->write_retries;
        total.gap_messages += member->gap_messages;
        /* Each member counts every rebalance of the group, so show the largest number, not the
         * sum. */
        total.rebalances =
            member->rebalances > total.rebalances ? member->rebalances : total.rebalances;
    }
    add(fields, "consumed", total.consumed);
    add(fields, "written", total.written);
    add(fields, "dead_lettered", total.dead_lettered);
    add(fields, "write_retries", total.write_retries);
    add(fields, "gap_messages", total.gap_messages);
    add(fields, "rebalances", total.rebalances);
}

static void log_source(const struct ingest_stats *ingest)
{
    struct fields fields = {.count = 0};
    fields.items[fields.count++] = log_text("source", ingest->source);
    fields.items[fields.count++] = log_text("kind", ingest->kind->name);
    add_ingest(&fields, ingest);
    add_figures(&fields, ingest);
    log_write(LOG_INFO, "source_summary", fields.items, fields.count);
}

static void add_rows(struct poller_stats *sum, const struct poller_stats *poller)
{
    sum->requests += poller->requests;
    sum->produced += poller->produced;
    sum->dropped += poller->dropped;
    sum->held_back += poller->held_back;
    sum->events_dropped += poller->events_dropped;
    sum->rows.rows += poller->rows.rows;
    sum->rows.records += poller->rows.records;
    for (int i = 0; i < ROW_FAULTS; i++) {
        sum->rows.rejected[i] += poller->rows.rejected[i];
    }
}

static void add_counts(struct ingest_counts *sum, const struct ingest_counts *counts)
{
    sum->sent += counts->sent;
    sum->acknowledged += counts->acknowledged;
    sum->undelivered += counts->undelivered;
}

/* Adds the sums over all sources. */
static void add_ingests(struct fields *fields, const struct run_summary *summary)
{
    struct ingest_stats sum = {.kind = NULL};
    for (size_t i = 0; i < summary->ingest_count; i++) {
        const struct ingest_stats *ingest = &summary->ingests[i];
        add_rows(&sum.poller, &ingest->poller);
        add_counts(&sum.records, &ingest->records);
        add_counts(&sum.events, &ingest->events);
        if (summary->ingest_count > 1) {
            log_source(ingest);
        }
    }
    if (summary->ingest_count == 1) {
        fields->items[fields->count++] = log_text("kind", summary->ingests[0].kind->name);
    }
    add_ingest(fields, &sum);
    if (summary->ingest_count == 1) {
        add_figures(fields, &summary->ingests[0]);
    }
}

void run_summary_log(const struct run_summary *summary)
{
    struct fields fields = {.count = 0};
    if (summary->ingest_count > 0) {
        add_ingests(&fields, summary);
    }
    if (summary->member_count > 0) {
        add_members(&fields, summary);
    }
    if (summary->lag >= 0) {
        add(&fields, "lag", summary->lag);
    }
    log_write(LOG_INFO, "summary", fields.items, fields.count);
}

static bool is_complete(const struct ingest_stats *ingest, struct error *error)
{
    if (ingest->failed) {
        return error_set(error, ERROR_FATAL, "%s",
                         ingest->waiting_for[0] != '\0' ? ingest->waiting_for
                                                        : ingest->poller.reason);
    }
    int64_t records = ingest->records.sent - ingest->records.acknowledged;
    int64_t events = ingest->events.sent - ingest->events.acknowledged;
    if (records == 0 && events == 0) {
        return true;
    }
    return error_set(
        error, ERROR_FATAL, "%lld %s were not acknowledged by Kafka (%s); they are not in the log",
        (long long)(records > 0 ? records : events),
        records > 0 ? ingest->kind->records : event_kind.records, ingest->producer.reason);
}

bool run_summary_ingests_complete(const struct ingest_stats *ingests, size_t count,
                                  struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_complete(&ingests[i], error)) {
            return count > 1 ? error_prefix(error, "%s", ingests[i].source) : false;
        }
    }
    return true;
}
