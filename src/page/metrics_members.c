#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "page/metrics_parts.h"
#include "web/metrics.h"

/* A figure that is reported for each member; `offset` is the place of its int64_t in struct
 * consumer_stats. */
struct member_metric {
    const char *name;
    enum metric_type type;
    const char *help;
    size_t offset;
};

#define FIGURE(field) offsetof(struct consumer_stats, field)
static const struct member_metric member_metrics[] = {
    {"candlewick_messages_consumed_total", METRIC_COUNTER, "Messages taken from the log.",
     FIGURE(consumed)},
    {"candlewick_ticks_written_total", METRIC_COUNTER, "Ticks that the store has taken.",
     FIGURE(written)},
    {"candlewick_batches_total", METRIC_COUNTER, "Batches written.", FIGURE(batches)},
    {"candlewick_write_retries_total", METRIC_COUNTER, "Writes that had to be tried again.",
     FIGURE(write_retries)},
    {"candlewick_rebalances_total", METRIC_COUNTER, "Assignments received.", FIGURE(rebalances)},
    {"candlewick_gap_messages_total", METRIC_COUNTER,
     "Offsets that the log no longer had when they were asked for.", FIGURE(gap_messages)},
    {"candlewick_topic_recreated_total", METRIC_COUNTER,
     "Times another topic was found under a topic's name, and read from its beginning.",
     FIGURE(topics_made_again)},
    {"candlewick_queued_ticks", METRIC_GAUGE, "Ticks in open and waiting batches.",
     FIGURE(queued_ticks)},
};

/* A histogram that is reported for each member; `offset` is the place of its struct histogram in
 * struct consumer_measures. */
struct member_histogram {
    const char *name;
    const char *help;
    size_t offset;
};

#define MEASURE(field) offsetof(struct consumer_measures, field)
static const struct member_histogram member_histograms[] = {
    {"candlewick_rebalance_duration_seconds",
     "From a revocation, or the join, to the assignment that ended it.", MEASURE(rebalance)},
    {"candlewick_batch_duration_seconds",
     "From a batch's first message to its last tick stored and dead letter acknowledged.",
     MEASURE(batch)},
    {"candlewick_store_write_duration_seconds",
     "One write of a batch to the store, failed ones included.", MEASURE(write)},
    {"candlewick_exchange_to_store_seconds",
     "From a tick's message timestamp, the wall clock when it was produced, to the store having "
     "it.",
     MEASURE(exchange_to_store)},
};

#define MEMBER_LABEL(figures, i)                                                                   \
    {                                                                                              \
        "member", (figures)->members[i].client_id                                                  \
    }

static void append_figures(const struct live_figures *figures, struct strbuf *text)
{
    for (size_t row = 0; row < sizeof member_metrics / sizeof member_metrics[0]; row++) {
        const struct member_metric *metric = &member_metrics[row];
        metrics_family(text, metric->name, metric->type, metric->help);
        for (size_t i = 0; i < figures->member_count; i++) {
            int64_t value;
            memcpy(&value, (const char *)&figures->members[i].stats + metric->offset, sizeof value);
            metrics_int(text, metric->name, METRIC_LABELS(MEMBER_LABEL(figures, i)), value);
        }
    }
}

void metrics_append_histogram(const char *name, struct metric_labels labels,
                              const struct histogram *histogram, struct strbuf *text)
{
    double bounds[HISTOGRAM_BOUNDS_MAX];
    if (histogram->bounds == NULL) {
        return;
    }
    for (size_t i = 0; i < histogram->bounds->count; i++) {
        bounds[i] = (double)histogram->bounds->us[i] / 1e6;
    }
    metrics_histogram(text, name, labels,
                      &(struct metric_histogram){.bounds = bounds,
                                                 .counts = histogram->counts,
                                                 .count = histogram->bounds->count,
                                                 .sum = histogram->sum_us / 1e6});
}

static void append_histograms(const struct live_figures *figures, struct strbuf *text)
{
    for (size_t row = 0; row < sizeof member_histograms / sizeof member_histograms[0]; row++) {
        const struct member_histogram *metric = &member_histograms[row];
        metrics_family(text, metric->name, METRIC_HISTOGRAM, metric->help);
        for (size_t i = 0; i < figures->member_count; i++) {
            const char *measures = (const char *)&figures->members[i].measures;
            struct histogram histogram;
            memcpy(&histogram, measures + metric->offset, sizeof histogram);
            metrics_append_histogram(metric->name, METRIC_LABELS(MEMBER_LABEL(figures, i)),
                                     &histogram, text);
        }
    }
}

static void append_dead_letters(const struct live_figures *figures, struct strbuf *text)
{
    static const char name[] = "candlewick_dead_letters_total";
    metrics_family(text, name, METRIC_COUNTER,
                   "Messages that the dead-letter topic has acknowledged, by reason.");
    for (size_t i = 0; i < figures->member_count; i++) {
        for (int kind = 0; kind < DEAD_LETTER_KINDS; kind++) {
            metrics_int(
                text, name,
                METRIC_LABELS(MEMBER_LABEL(figures, i), {"reason", dead_letter_kind_names[kind]}),
                figures->members[i].measures.dead_lettered[kind]);
        }
    }
}

static void append_last_write(const struct live_figures *figures, struct strbuf *text)
{
    static const char name[] = "candlewick_last_write_timestamp_seconds";
    metrics_family(text, name, METRIC_GAUGE,
                   "When the store last took ticks, seconds since 1970; absent while it has not.");
    for (size_t i = 0; i < figures->member_count; i++) {
        int64_t last_ns = figures->members[i].stats.last_write_ns;
        if (last_ns > 0) {
            metrics_double(text, name, METRIC_LABELS(MEMBER_LABEL(figures, i)),
                           (double)last_ns / (double)NS_PER_SECOND);
        }
    }
}

static void append_store_emptied(const struct live_figures *figures, struct strbuf *text)
{
    static const char name[] = "candlewick_store_emptied_timestamp_seconds";
    metrics_family(text, name, METRIC_GAUGE,
                   "When the store was last found without what it had held (file or database "
                   "deleted), seconds since 1970; absent while it has not.");
    for (size_t i = 0; i < figures->member_count; i++) {
        int64_t emptied_ns = figures->members[i].store_emptied_ns;
        if (emptied_ns > 0) {
            metrics_double(text, name, METRIC_LABELS(MEMBER_LABEL(figures, i)),
                           (double)emptied_ns / (double)NS_PER_SECOND);
        }
    }
}

/* Appends one figure for each partition that a member owns; a figure of -1 is unknown and left
 * out. */
static void append_partitions(const struct live_figures *figures, const char *name,
                              const char *help, int64_t (*value)(const struct owned_partition *),
                              struct strbuf *text)
{
    metrics_family(text, name, METRIC_GAUGE, help);
    for (size_t i = 0; i < figures->member_count; i++) {
        const struct consumer_measures *measures = &figures->members[i].measures;
        for (size_t k = 0; k < measures->partition_count; k++) {
            char partition[16];
            int64_t known = value(&measures->partitions[k]);
            (void)snprintf(partition, sizeof partition, "%d",
                           (int)measures->partitions[k].partition);
            if (known >= 0) {
                metrics_int(text, name,
                            METRIC_LABELS(MEMBER_LABEL(figures, i),
                                          {"topic", measures->partitions[k].topic},
                                          {"partition", partition}),
                            known);
            }
        }
    }
}

static int64_t owned(const struct owned_partition *partition)
{
    (void)partition;
    return 1;
}

static int64_t lag(const struct owned_partition *partition)
{
    return partition->lag;
}

void metrics_append_members(const struct live_figures *figures, struct strbuf *text)
{
    append_figures(figures, text);
    append_dead_letters(figures, text);
    append_last_write(figures, text);
    append_store_emptied(figures, text);
    append_histograms(figures, text);
    append_partitions(figures, "candlewick_partition_owned",
                      "1 for each partition that the member owns.", owned, text);
    append_partitions(figures, "candlewick_partition_lag_messages",
                      "Log end less committed offset of each partition that the member owns.", lag,
                      text);
}

static void append_client(const char *client, const struct round_trips *trips, struct strbuf *text)
{
    for (size_t i = 0; i < trips->count; i++) {
        const struct broker_round_trips *trip = &trips->brokers[i];
        bool known = trip->newest_requests > 0;
        const struct metric_quantile quantiles[] = {
            {0.5, known ? (double)trip->p50_us / 1e6 : (double)NAN},
            {0.99, known ? (double)trip->p99_us / 1e6 : (double)NAN},
        };
        char broker[16];
        (void)snprintf(broker, sizeof broker, "%d", (int)trip->broker);
        metrics_summary(text, "candlewick_broker_round_trip_seconds",
                        METRIC_LABELS({"client", client}, {"broker", broker}),
                        &(struct metric_summary){.quantiles = quantiles,
                                                 .quantile_count = 2,
                                                 .sum = (double)trip->sum_us / 1e6,
                                                 .count = (uint64_t)trip->requests});
    }
}

void metrics_append_round_trips(const struct live_figures *figures, struct strbuf *text)
{
    if (figures->ingest_count == 0 && figures->member_count == 0) {
        return;
    }
    metrics_family(text, "candlewick_broker_round_trip_seconds", METRIC_SUMMARY,
                   "From a request to the broker's answer, by its node id; quantiles of the last 5 "
                   "s. A consumer's fetches wait at the broker for messages, and count in full.");
    for (size_t i = 0; i < figures->ingest_count; i++) {
        append_client(figures->ingests[i].client_id, &figures->ingests[i].producer.round_trips,
                      text);
    }
    for (size_t i = 0; i < figures->member_count; i++) {
        append_client(figures->members[i].client_id, &figures->members[i].measures.round_trips,
                      text);
    }
}
