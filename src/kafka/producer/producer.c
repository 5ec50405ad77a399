#include "kafka/producer/producer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text/str.h"
#include "base/waiting.h"
#include "kafka/producer/producer_internal.h"

enum {
    ROOM_WAIT_MS = 10,  /* how often to check the stop while the queue is full */
    FLUSH_STEP_MS = 50, /* how often to check the deadline of a flush */
};

/* Returns a limit of the configuration, whether from this program or from -X, in `unit`s; INT64_MAX
 * if it is 0, which means no limit. */
static int64_t limit_of(const rd_kafka_conf_t *conf, const char *name, int64_t unit)
{
    char text[32] = "";
    size_t size = sizeof text;
    int64_t value = 0;
    if (rd_kafka_conf_get(conf, name, text, &size) != RD_KAFKA_CONF_OK ||
        !str_to_int64(str_from(text), &value) || value <= 0) {
        return INT64_MAX;
    }
    return value * unit;
}

/* Creates the locks. `gate` prefers writers, so that a steady flow of senders cannot keep the
 * thread from replacing the client. */
static bool init_locks(struct producer *producer, struct error *error)
{
    pthread_rwlockattr_t preference;
    waiting_init(&producer->changed);
    if (pthread_rwlockattr_init(&preference) != 0 ||
        pthread_rwlockattr_setkind_np(&preference, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) !=
            0 ||
        pthread_rwlock_init(&producer->gate, &preference) != 0 ||
        !record_pool_init(&producer->pool) || pthread_mutex_init(&producer->lock, NULL) != 0) {
        return error_set(error, ERROR_FATAL, "producer: the system has no locks left");
    }
    return true;
}

static void free_producer(struct producer *producer)
{
    producer_close_client(producer);
    for (size_t i = 0; i < producer->topic_count; i++) {
        free(producer->topics[i].name);
    }
    if (producer->conf != NULL) {
        rd_kafka_conf_destroy(producer->conf);
    }
    free(producer);
}

struct producer *producer_create(const struct producer_config *config, struct error *error)
{
    struct producer *producer = calloc(1, sizeof *producer);
    if (producer == NULL) {
        (void)error_set(error, ERROR_FATAL, "producer: out of memory");
        return NULL;
    }
    producer->config = *config;
    atomic_init(&producer->direct, true);
    producer->progress_ns = clock_monotonic_ns();
    producer->backoff = backoff_usual();
    producer->conf = kafka_producer_conf(&config->kafka, error);
    if (producer->conf == NULL || !round_trips_ask(producer->conf, error)) {
        goto fail;
    }
    rd_kafka_conf_set_events(producer->conf,
                             RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS);
    producer->limit_records = limit_of(producer->conf, "queue.buffering.max.messages", 1);
    producer->limit_bytes = limit_of(producer->conf, "queue.buffering.max.kbytes", 1024);
    if (!init_locks(producer, error) || !producer_open_client(producer, error)) {
        goto fail;
    }
    if (pthread_create(&producer->thread, NULL, producer_thread, producer) != 0) {
        (void)error_set(error, ERROR_FATAL, "producer: the system has no threads left");
        goto fail;
    }
    return producer;
fail:
    free_producer(producer);
    return NULL;
}

static bool stop_seen(const struct producer *producer)
{
    return producer->config.stop != NULL && stop_requested(producer->config.stop);
}

/* Waits until the thread has handled an event, at most `ms`. */
static void wait_for_change(struct producer *producer, int ms)
{
    int64_t until_ns = clock_monotonic_ns() + ms * NS_PER_MS;
    pthread_mutex_lock(&producer->lock);
    producer->waiters++;
    waiting_until(&producer->changed, &producer->lock, until_ns);
    producer->waiters--;
    pthread_mutex_unlock(&producer->lock);
}

/* Finds the topic's index in the table, or adds the topic. The table only grows, so an index stays
 * valid. */
static bool find_topic(struct producer *producer, const char *name, uint32_t *index,
                       struct error *error)
{
    for (;;) {
        uint32_t i = 0;
        pthread_rwlock_rdlock(&producer->gate);
        while (i < producer->topic_count && strcmp(producer->topics[i].name, name) != 0) {
            i++;
        }
        bool found = i < producer->topic_count;
        pthread_rwlock_unlock(&producer->gate);
        if (found) {
            *index = i;
            return true;
        }
        pthread_rwlock_wrlock(&producer->gate);
        bool added = producer_add_topic(producer, name, error);
        pthread_rwlock_unlock(&producer->gate);
        if (!added) {
            return false;
        }
    }
}

enum answer { TAKEN, FULL, REFUSED };

/* Appends the record to `waiting`, as is done with all records while the producer recovers. */
static enum answer send_waiting(struct producer *producer, struct record *record, size_t size)
{
    int64_t bytes = atomic_load(&producer->sent_bytes) - atomic_load(&producer->done_bytes);
    if (producer_queued(producer) >= producer->limit_records ||
        bytes + (int64_t)size > producer->limit_bytes) {
        return FULL;
    }
    atomic_fetch_add(&producer->sent, 1);
    atomic_fetch_add(&producer->sent_bytes, (int64_t)size);
    producer_enqueue(producer, record);
    return TAKEN;
}

/* Passes the record to librdkafka. On success librdkafka owns it at once: the delivery report can
 * free it before this function returns, so do not touch it afterwards. */
static rd_kafka_resp_err_t send_direct(struct producer *producer, struct record *record,
                                       size_t size)
{
    atomic_fetch_add(&producer->sent, 1);
    atomic_fetch_add(&producer->sent_bytes, (int64_t)size);
    rd_kafka_resp_err_t code =
        record_produce(record, producer->client, producer->topics[record->topic].handle);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        atomic_fetch_sub(&producer->sent, 1);
        atomic_fetch_sub(&producer->sent_bytes, (int64_t)size);
    }
    return code;
}

static enum answer try_send(struct producer *producer, struct record *record, struct error *error)
{
    size_t size = record_size(record);
    enum answer answer = TAKEN;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    pthread_rwlock_rdlock(&producer->gate);
    record->seq = atomic_fetch_add(&producer->next_seq, 1);
    if (atomic_load(&producer->direct)) {
        code = send_direct(producer, record, size);
    } else {
        answer = send_waiting(producer, record, size);
    }
    pthread_rwlock_unlock(&producer->gate);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return answer;
    }
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        return FULL;
    }
    if (record_is_bad(record, code)) {
        (void)error_set(error, ERROR_REJECT, "%s", rd_kafka_err2str(code));
        return REFUSED;
    }
    if (record->once) {
        (void)error_set(error, ERROR_RETRY, "%s", rd_kafka_err2str(code));
        return REFUSED;
    }
    /* The client is dead or the topic is missing: this record, too, has to wait for the
     * recovery. */
    pthread_rwlock_wrlock(&producer->gate);
    atomic_store(&producer->direct, false);
    answer = send_waiting(producer, record, size);
    pthread_rwlock_unlock(&producer->gate);
    producer_set_reason(producer, rd_kafka_err2str(code));
    return answer;
}

bool producer_send(struct producer *producer, const struct producer_message *message,
                   struct error *error)
{
    uint32_t topic = 0;
    if (!find_topic(producer, message->topic, &topic, error)) {
        return false;
    }
    size_t bytes = message->key.length + message->value.length;
    if (bytes > INT32_MAX) {
        return error_set(error, ERROR_REJECT, "topic %.100s: a message of %zu bytes is too large",
                         message->topic, bytes);
    }
    struct record *record = record_create(&producer->pool, message, topic);
    if (record == NULL) {
        return error_set(error, ERROR_RETRY, "producer: out of memory");
    }
    for (;;) {
        switch (try_send(producer, record, error)) {
        case TAKEN:
            return true;
        case REFUSED:
            record_destroy(&producer->pool, record);
            return error_prefix(error, "topic %.100s, message of %zu bytes", message->topic, bytes);
        case FULL:
            break;
        }
        if (message->no_wait || stop_seen(producer)) {
            record_destroy(&producer->pool, record);
            return error_set(error, ERROR_RETRY, "the queue to Kafka is full");
        }
        wait_for_change(producer, ROOM_WAIT_MS);
    }
}

int64_t producer_queued(const struct producer *producer)
{
    /* Read the finished ones first, so that their number never exceeds the number sent. */
    int64_t done = atomic_load(&producer->acknowledged) + atomic_load(&producer->failed);
    return atomic_load(&producer->sent) - done;
}

bool producer_flush(struct producer *producer, int timeout_ms)
{
    int64_t deadline_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    for (;;) {
        int64_t left_ms = (deadline_ns - clock_monotonic_ns()) / NS_PER_MS;
        if (producer_queued(producer) == 0) {
            return true;
        }
        if (left_ms <= 0) {
            return false;
        }
        int step_ms = left_ms < FLUSH_STEP_MS ? (int)left_ms : FLUSH_STEP_MS;
        pthread_rwlock_rdlock(&producer->gate);
        bool direct = atomic_load(&producer->direct);
        if (direct) {
            /* Ignore the result: rd_kafka_flush() is called only because it makes librdkafka send
             * without waiting for linger.ms. */
            (void)rd_kafka_flush(producer->client, step_ms);
        }
        pthread_rwlock_unlock(&producer->gate);
        if (!direct || producer_queued(producer) > 0) {
            wait_for_change(producer, direct ? 1 : step_ms);
        }
    }
}

void producer_stats(struct producer *producer, struct producer_stats *stats)
{
    *stats = (struct producer_stats){
        .acknowledged = atomic_load(&producer->acknowledged),
        .failed = atomic_load(&producer->failed),
        .recreated = atomic_load(&producer->recreated),
    };
    stats->sent = atomic_load(&producer->sent);
    stats->queued = stats->sent - stats->acknowledged - stats->failed;
    pthread_mutex_lock(&producer->lock);
    memcpy(stats->reason, producer->reason, sizeof stats->reason);
    stats->round_trips = producer->round_trips;
    pthread_mutex_unlock(&producer->lock);
    stats->healthy = stats->reason[0] == '\0';
}

void producer_destroy(struct producer *producer, int timeout_ms)
{
    if (producer == NULL) {
        return;
    }
    if (!producer_flush(producer, timeout_ms)) {
        log_warn("producer_left", log_int("messages", producer_queued(producer)),
                 log_text("reason", "not acknowledged before the deadline"));
    }
    atomic_store(&producer->ending, true);
    pthread_join(producer->thread, NULL);
    record_pool_free(&producer->pool);
    pthread_mutex_destroy(&producer->lock);
    pthread_cond_destroy(&producer->changed);
    pthread_rwlock_destroy(&producer->gate);
    free_producer(producer);
}
