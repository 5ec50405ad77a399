#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka/consumer/consumer_parts.h"

enum { MS = 1000, S = 1000 * MS };

/* The bounds are close together around the normal case: a batch is open for 250 ms, and InfluxDB
 * acknowledges a write when it flushes its write-ahead log, once a second. */
static const struct histogram_bounds batch_bounds = {
    16,
    {5 * MS, 10 * MS, 25 * MS, 50 * MS, 100 * MS, 200 * MS, 300 * MS, 500 * MS, 750 * MS, 1 * S,
     1500 * MS, 2500 * MS, 5 * S, 10 * S, 30 * S, 60 * S},
};
static const struct histogram_bounds write_bounds = {
    16,
    {1 * MS, 2500, 5 * MS, 10 * MS, 25 * MS, 50 * MS, 100 * MS, 250 * MS, 500 * MS, 750 * MS, 1 * S,
     1500 * MS, 2500 * MS, 5 * S, 10 * S, 30 * S},
};
/* The bounds reach up to an hour, because a member may have to catch up with a long lag. */
static const struct histogram_bounds exchange_to_store_bounds = {
    18,
    {10 * MS, 25 * MS, 50 * MS, 100 * MS, 250 * MS, 500 * MS, 750 * MS, 1 * S, 1250 * MS, 1500 * MS,
     2 * S, 3 * S, 5 * S, 10 * S, 30 * S, 60 * S, 300 * S, 3600LL * S},
};
/* A cooperative rebalance takes milliseconds; an eager one up to the slowest member's drain (8 s).
 * If a member is lost, it takes that member's session time-out (10 s; with KIP-848 the brokers'
 * setting, 45 s by default). */
static const struct histogram_bounds rebalance_bounds = {
    14,
    {10 * MS, 50 * MS, 100 * MS, 250 * MS, 500 * MS, 1 * S, 2 * S, 3 * S, 5 * S, 10 * S, 20 * S,
     30 * S, 60 * S, 120 * S},
};

void measures_init(struct consumer_measures *measures, const struct stream *streams, size_t count)
{
    measures->batch = histogram_new(&batch_bounds);
    measures->write = histogram_new(&write_bounds);
    measures->exchange_to_store = histogram_new(&exchange_to_store_bounds);
    measures->rebalance = histogram_new(&rebalance_bounds);
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        measures->truth_lag[i] = truth_lag_new(i < count ? streams[i].kind->name : NULL);
    }
}

struct histogram measures_ages(const struct batch *batch, const struct rejected_list *rejected,
                               int64_t now_ms)
{
    struct histogram ages = histogram_new(&exchange_to_store_bounds);
    size_t next_rejected = 0; /* rejected indices are in ascending order */
    for (size_t i = 0; i < batch->count; i++) {
        int64_t timestamp_ms = batch->origins[i].timestamp_ms;
        if (next_rejected < rejected->count && rejected->items[next_rejected].index == i) {
            next_rejected++;
        } else if (timestamp_ms >= 0) {
            histogram_add(&ages, (now_ms - timestamp_ms) * MS);
        }
    }
    return ages;
}

/* Returns the truth lags of the batch's records, except for the rejected ones. */
static struct truth_lag measures_truth(const struct batch *batch,
                                       const struct rejected_list *rejected, int64_t now_ms)
{
    struct truth_lag lag = truth_lag_new(batch->kind->name);
    size_t next_rejected = 0; /* rejected indices are in ascending order */
    for (size_t i = 0; i < batch->count; i++) {
        if (next_rejected < rejected->count && rejected->items[next_rejected].index == i) {
            next_rejected++;
            continue;
        }
        const struct truth_times times = {.arrived_ns = batch->origins[i].arrived_ns,
                                          .timestamp_ms = batch->origins[i].timestamp_ms,
                                          .done_ms = now_ms};
        const char *record = (const char *)batch->records + i * batch->kind->size;
        truth_lag_add(&lag, batch->kind, record, &times);
    }
    return lag;
}

/* Logs when a step of the stream takes a negative time for the first time. The caller does not hold
 * the lock. */
static void warn_skew(const struct consumer *consumer, const struct batch *batch,
                      const struct truth_lag *before, const struct truth_lag *fresh)
{
    for (int i = 0; i < TRUTH_STEPS; i++) {
        if (fresh->negative[i] > 0 && before->negative[i] == 0) {
            log_warn("clocks_disagree", log_text("member", consumer->client_id),
                     log_text("stream", batch->kind->name), log_text("step", truth_step_names[i]),
                     log_text("meaning", "a step took less than no time: one machine's clock is "
                                         "wrong, and the lags of that step are not to be trusted"));
        }
    }
}

void measures_stored(struct consumer *consumer, const struct batch *batch,
                     const struct rejected_list *rejected, int64_t now_ms)
{
    struct histogram ages = measures_ages(batch, rejected, now_ms);
    struct truth_lag fresh = measures_truth(batch, rejected, now_ms);
    struct truth_lag *lag = &consumer->measures.truth_lag[batch->stream];
    pthread_mutex_lock(&consumer->lock);
    const struct truth_lag before = *lag;
    histogram_merge(&consumer->measures.exchange_to_store, &ages);
    truth_lag_merge(lag, &fresh);
    pthread_mutex_unlock(&consumer->lock);
    warn_skew(consumer, batch, &before, &fresh);
}

void measures_rebalance_begins(struct consumer *consumer, int64_t notified_ns)
{
    if (consumer->rebalancing_since_ns == 0) {
        consumer->rebalancing_since_ns = notified_ns;
    }
}

void measures_rebalance_ends(struct consumer *consumer)
{
    int64_t since_ns = consumer->rebalancing_since_ns;
    if (since_ns == 0) {
        return;
    }
    consumer->rebalancing_since_ns = 0;
    int64_t duration_us = (clock_monotonic_ns() - since_ns) / NS_PER_US;
    pthread_mutex_lock(&consumer->lock);
    histogram_add(&consumer->measures.rebalance, duration_us);
    pthread_mutex_unlock(&consumer->lock);
}

/* The caller holds the lock. */
static void list_owned(const struct consumer *consumer, struct consumer_measures *measures)
{
    const struct commit_queue *commit_queue = &consumer->commit_queue;
    size_t count = 0;
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        count += commit_queue->streams[i].count;
    }
    measures->partitions = calloc(count + 1, sizeof *measures->partitions);
    measures->partition_count = 0;
    struct stream_partition where = COMMIT_QUEUE_FIRST;
    const struct mark *mark;
    while (measures->partitions != NULL &&
           (mark = commit_queue_next(commit_queue, &where)) != NULL) {
        if (mark->owned) {
            measures->partitions[measures->partition_count++] = (struct owned_partition){
                .stream = where.stream,
                .topic = consumer->named[where.stream].topic,
                .partition = where.partition,
                .committed = mark->committed >= 0 ? mark->committed : -1,
                .log_end = mark->end,
                .lag = -1,
            };
        }
    }
}

/* Fills in log ends and lags from librdkafka's cache of fetch responses, without a request. During
 * an open transaction the cached end is too high; the last stable offset, which the poll thread has
 * noted, is then used instead. */
static void look_up_ends(struct consumer *consumer, struct consumer_measures *measures)
{
    for (size_t i = 0; i < measures->partition_count; i++) {
        struct owned_partition *owned = &measures->partitions[i];
        int64_t begin = -1, end = -1;
        if (rd_kafka_get_watermark_offsets(consumer->client, owned->topic, owned->partition, &begin,
                                           &end) != RD_KAFKA_RESP_ERR_NO_ERROR ||
            end < 0) {
            continue;
        }
        end = owned->log_end >= 0 ? owned->log_end : end;
        int64_t from = owned->committed >= 0 ? owned->committed : begin;
        owned->log_end = end;
        if (from >= 0) {
            owned->lag = end > from ? end - from : 0;
        }
    }
}

void consumer_measure(struct consumer *consumer, struct consumer_measures *measures)
{
    pthread_mutex_lock(&consumer->lock);
    *measures = consumer->measures;
    list_owned(consumer, measures);
    pthread_mutex_unlock(&consumer->lock);
    pthread_rwlock_rdlock(&consumer->client_lock);
    if (consumer->client != NULL) {
        look_up_ends(consumer, measures);
    }
    pthread_rwlock_unlock(&consumer->client_lock);
}

void consumer_measures_free(struct consumer_measures *measures)
{
    free(measures->partitions);
    measures->partitions = NULL;
    measures->partition_count = 0;
}
