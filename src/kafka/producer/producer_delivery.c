/* The producer's thread: handles delivery reports and errors, and gives up what is left at the
 * end. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka/producer/producer_internal.h"

enum {
    POLL_MS = 100,
    POLL_RECOVERING_MS = 10,
    SILENCE_S = 5,       /* without an acknowledgement for this long the producer is unhealthy */
    END_DRAIN_MS = 5000, /* librdkafka returns purged messages soon */
};

void producer_set_reason(struct producer *producer, const char *text)
{
    pthread_mutex_lock(&producer->lock);
    (void)str_copy(str_from(text), producer->reason, sizeof producer->reason);
    pthread_mutex_unlock(&producer->lock);
}

void producer_wake_waiters(struct producer *producer)
{
    pthread_mutex_lock(&producer->lock);
    if (producer->waiters > 0) {
        pthread_cond_broadcast(&producer->changed);
    }
    pthread_mutex_unlock(&producer->lock);
}

static void report(struct producer *producer, const struct record *record, int32_t partition,
                   int64_t offset, const struct error *error)
{
    if (producer->config.on_delivery != NULL) {
        producer->config.on_delivery(producer->config.context, record->token, partition, offset,
                                     error);
    }
}

void producer_give_up(struct producer *producer, struct record *record, enum error_kind kind,
                      const char *why)
{
    struct error error;
    (void)error_set(&error, kind, "topic %.100s: %s", producer->topics[record->topic].name, why);
    report(producer, record, record->partition, -1, &error);
    atomic_fetch_add(&producer->done_bytes, (int64_t)record_size(record));
    atomic_fetch_add(&producer->failed, 1);
    record_destroy(&producer->pool, record);
}

struct delivered {
    struct record_list records;
    int64_t bytes;
};

static void acknowledge(struct producer *producer, struct record *record,
                        const rd_kafka_message_t *message, struct delivered *delivered)
{
    /* If the broker's acknowledgement was lost, and it then answered the repeated message with
     * "duplicate", librdkafka knows no offset. The message is persisted, so report 0 as its
     * offset. */
    int64_t offset = message->offset >= 0 ? message->offset : 0;
    report(producer, record, message->partition, offset, NULL);
    delivered->bytes += (int64_t)record_size(record);
    record_list_append(&delivered->records, record);
}

/* Returns whether the record was purged, or returned after a fatal error: it has not failed
 * itself. */
static bool is_purge(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

static void fail(struct producer *producer, struct record *record, rd_kafka_resp_err_t code)
{
    bool reject = record_is_bad(record, code);
    if (reject && record->suspect) {
        producer->refused_alone = true;
        producer_give_up(producer, record, ERROR_REJECT, rd_kafka_err2str(code));
        return;
    }
    if (record->once && !reject && !is_purge(code)) {
        producer_give_up(producer, record, ERROR_RETRY, rd_kafka_err2str(code));
        return;
    }
    if (!is_purge(code)) {
        producer_set_reason(producer, rd_kafka_err2str(code));
        producer->unhealthy = true;
    }
    /* A broker rejects a whole batch because of one message, or because the batch is too large. So
     * each record of the batch is only a suspect, and will be sent alone. */
    record->suspect = record->suspect || reject;
    record_list_append(&producer->failed_records, record);
}

void producer_settled(struct producer *producer)
{
    backoff_reset(&producer->backoff);
    if (producer->unhealthy) {
        producer->unhealthy = false;
        producer_set_reason(producer, "");
    }
}

static void take_reports(struct producer *producer, rd_kafka_event_t *event)
{
    struct delivered delivered = {0};
    const rd_kafka_message_t *message;
    while ((message = rd_kafka_event_message_next(event)) != NULL) {
        struct record *record = message->_private;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            acknowledge(producer, record, message, &delivered);
        } else {
            fail(producer, record, message->err);
        }
    }
    if (delivered.records.count > 0) {
        atomic_fetch_add(&producer->done_bytes, delivered.bytes);
        atomic_fetch_add(&producer->acknowledged, (int64_t)delivered.records.count);
        record_destroy_all(&producer->pool, &delivered.records);
        producer->progress_ns = clock_monotonic_ns();
        if (producer->stage == STAGE_DIRECT) {
            producer_settled(producer);
        }
    }
}

static void take_error(struct producer *producer, rd_kafka_event_t *event)
{
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    const char *text = rd_kafka_event_error_string(event);
    bool fatal = rd_kafka_event_error_is_fatal(event);
    if (client_error_is_one_brokers(code)) {
        (void)str_copy(str_from(text), producer->trouble, sizeof producer->trouble);
        producer->trouble_ns = clock_monotonic_ns();
        return; /* librdkafka logs this error itself */
    }
    bool away = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
    producer_set_reason(producer, away ? "no broker answers" : text);
    producer->unhealthy = true;
    if (fatal) {
        producer_begin_recovery(producer, true);
    } else {
        client_errors_add(&producer->errors, producer->client, code, text);
    }
}

/* Only this thread changes round_trips, so it reads them without the lock; the lock is for readers
 * on other threads. */
static void take_statistics(struct producer *producer, const char *json)
{
    struct round_trips trips = producer->round_trips;
    if (round_trips_read(&trips, json, strlen(json))) {
        pthread_mutex_lock(&producer->lock);
        producer->round_trips = trips;
        pthread_mutex_unlock(&producer->lock);
    }
}

static void serve(struct producer *producer, int timeout_ms)
{
    if (producer->events == NULL) { /* a new client could not be created yet */
        nanosleep(&(struct timespec){.tv_nsec = timeout_ms * NS_PER_MS}, NULL);
        return;
    }
    rd_kafka_event_t *event = rd_kafka_queue_poll(producer->events, timeout_ms);
    for (; event != NULL; event = rd_kafka_queue_poll(producer->events, 0)) {
        switch (rd_kafka_event_type(event)) {
        case RD_KAFKA_EVENT_DR:
            take_reports(producer, event);
            break;
        case RD_KAFKA_EVENT_ERROR:
            take_error(producer, event);
            break;
        case RD_KAFKA_EVENT_STATS:
            take_statistics(producer, rd_kafka_event_stats(event));
            break;
        default:
            break;
        }
        rd_kafka_event_destroy(event);
        producer_wake_waiters(producer);
    }
}

/* Makes the producer unhealthy when acknowledgements are missing for too long. Nothing else shows
 * errors that librdkafka retries internally (too few in-sync replicas, a frozen broker). */
static void watch_silence(struct producer *producer)
{
    int64_t now_ns = clock_monotonic_ns();
    int64_t queued = producer_queued(producer);
    if (queued == 0) {
        producer->progress_ns = now_ns;
    } else if (!producer->unhealthy && now_ns - producer->progress_ns > SILENCE_S * NS_PER_SECOND) {
        bool troubled = producer->trouble_ns > producer->progress_ns;
        char text[sizeof producer->reason];
        (void)snprintf(text, sizeof text,
                       "no acknowledgement for %d s, %" PRId64 " messages wait: %.180s", SILENCE_S,
                       queued, troubled ? producer->trouble : "too few replicas in sync?");
        producer_set_reason(producer, text);
        producer->unhealthy = true;
    }
}

/* Gives up all records that are not acknowledged, and reports them. */
static void end(struct producer *producer)
{
    int64_t deadline_ns = clock_monotonic_ns() + END_DRAIN_MS * NS_PER_MS;
    while (producer->client != NULL && rd_kafka_outq_len(producer->client) > 0 &&
           clock_monotonic_ns() < deadline_ns) {
        (void)rd_kafka_purge(producer->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                                   RD_KAFKA_PURGE_F_NON_BLOCKING);
        serve(producer, POLL_RECOVERING_MS);
    }
    struct record_list *lists[] = {&producer->failed_records, &producer->waiting};
    for (size_t i = 0; i < 2; i++) {
        struct record *record;
        while ((record = record_list_take(lists[i])) != NULL) {
            producer_give_up(producer, record, ERROR_RETRY, "not acknowledged before the end");
        }
    }
}

void *producer_thread(void *context)
{
    struct producer *producer = context;
    while (!atomic_load(&producer->ending)) {
        serve(producer, producer->stage == STAGE_DIRECT ? POLL_MS : POLL_RECOVERING_MS);
        if (producer->stage != STAGE_DIRECT) {
            producer_recover(producer);
        } else if (producer->failed_records.first != NULL || !atomic_load(&producer->direct)) {
            producer_begin_recovery(producer, false);
        }
        watch_silence(producer);
    }
    end(producer);
    return NULL;
}
