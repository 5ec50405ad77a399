/* The recovery: collects the records that are not acknowledged, and sends them again. */
#include "base/clock.h"
#include "base/log.h"
#include "kafka/producer/producer_internal.h"

enum {
    PURGE_EVERY_MS = 200,
    FATAL_DRAIN_MS = 5000, /* a dead client's requests in flight may still be answered by the
                              brokers */
    SEND_RECORDS = 1000,   /* how many records are passed on before delivery reports are handled
                              again */
    AT_ONCE_MS = 2,
};

void producer_begin_recovery(struct producer *producer, bool fatal)
{
    producer->fatal = producer->fatal || fatal;
    if (producer->stage == STAGE_DRAIN) {
        return;
    }
    pthread_rwlock_wrlock(&producer->gate);
    atomic_store(&producer->direct, false);
    pthread_rwlock_unlock(&producer->gate);
    producer->unhealthy = true;
    producer->stage = STAGE_DRAIN;
    producer->stage_ns = clock_monotonic_ns();
    producer->purged_ns = 0;
    pthread_mutex_lock(&producer->lock);
    char reason[sizeof producer->reason];
    (void)str_copy(str_from(producer->reason), reason, sizeof reason);
    pthread_mutex_unlock(&producer->lock);
    log_warn("producer_recovers", log_text("reason", reason), log_int("fatal", producer->fatal),
             log_int("queued", producer_queued(producer)));
}

/* Purges librdkafka's queue; called repeatedly, because requests in flight end by themselves and
 * put what failed back into the queue. Requests in flight are not purged: if the broker has their
 * messages already, they would be written twice. They are purged only for a dead client whose
 * brokers do not answer. */
static void purge(struct producer *producer, int64_t now_ns)
{
    if (now_ns - producer->purged_ns < PURGE_EVERY_MS * NS_PER_MS) {
        return;
    }
    int flags = RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING;
    if (producer->fatal && now_ns - producer->stage_ns > FATAL_DRAIN_MS * NS_PER_MS) {
        flags |= RD_KAFKA_PURGE_F_INFLIGHT;
    }
    (void)rd_kafka_purge(producer->client, flags);
    producer->purged_ns = now_ns;
}

static bool reopen(struct producer *producer)
{
    struct error error = {0};
    pthread_rwlock_wrlock(&producer->gate);
    producer_close_client(producer);
    bool opened = producer_open_client(producer, &error);
    pthread_rwlock_unlock(&producer->gate);
    if (!opened) {
        producer_set_reason(producer, error.text);
        log_error("producer_not_recreated", log_text("reason", error.text));
        return false;
    }
    atomic_fetch_add(&producer->recreated, 1);
    producer->fatal = false;
    return true;
}

static void drain(struct producer *producer, int64_t now_ns)
{
    if (producer->client != NULL) {
        purge(producer, now_ns);
        if (rd_kafka_outq_len(producer->client) > 0) {
            return;
        }
    } else if (now_ns < producer->resume_ns) {
        return;
    }
    /* A dead client may return its records before it reports the fatal error. */
    producer->fatal = producer->fatal || producer->client == NULL ||
                      rd_kafka_fatal_error(producer->client, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
    /* After a suspect was refused alone there is nothing to wait for: the refusal is already
     * reported. */
    int wait_ms = producer->refused_alone ? 0 : backoff_next_ms(&producer->backoff, 0);
    producer->refused_alone = false;
    producer->resume_ns = now_ns + wait_ms * NS_PER_MS;
    if (producer->fatal && !reopen(producer)) {
        return;
    }
    pthread_mutex_lock(&producer->lock);
    struct record *record;
    while ((record = record_list_take(&producer->failed_records)) != NULL) {
        record_list_append(&producer->waiting, record);
    }
    record_list_sort(&producer->waiting);
    pthread_mutex_unlock(&producer->lock);
    producer->stage = STAGE_SEND;
    producer->alone = false;
}

void producer_enqueue(struct producer *producer, struct record *record)
{
    pthread_mutex_lock(&producer->lock);
    record_list_append(&producer->waiting, record);
    pthread_mutex_unlock(&producer->lock);
}

static void put_back(struct producer *producer, struct record *record)
{
    pthread_mutex_lock(&producer->lock);
    record_list_prepend(&producer->waiting, record);
    pthread_mutex_unlock(&producer->lock);
}

/* Lets senders pass records to librdkafka again, unless one has added a record to `waiting`
 * meanwhile. */
static void finish(struct producer *producer)
{
    pthread_rwlock_wrlock(&producer->gate);
    bool empty = producer->waiting.first == NULL;
    if (empty) {
        atomic_store(&producer->direct, true);
    }
    pthread_rwlock_unlock(&producer->gate);
    if (empty) {
        producer->stage = STAGE_DIRECT;
        log_info("producer_recovered", log_int("queued", producer_queued(producer)),
                 log_int("recreated", atomic_load(&producer->recreated)));
        if (producer_queued(producer) == 0) {
            producer_settled(producer);
        }
    }
}

/* Makes librdkafka send what it has, without waiting for linger.ms. */
static void send_at_once(struct producer *producer)
{
    (void)rd_kafka_flush(producer->client, AT_ONCE_MS);
}

/* Returns the next record to send; NULL if there is none now. A suspect has to wait until no other
 * record is in flight; these are then sent without waiting for linger.ms. */
static struct record *take_next(struct producer *producer)
{
    pthread_mutex_lock(&producer->lock);
    struct record *record = producer->waiting.first;
    bool has_to_wait = record != NULL && record->suspect && rd_kafka_outq_len(producer->client) > 0;
    record = has_to_wait ? NULL : record_list_take(&producer->waiting);
    pthread_mutex_unlock(&producer->lock);
    if (has_to_wait) {
        send_at_once(producer);
    }
    return record;
}

/* Sends one record again. Returns false if no more may be sent for now. */
static bool resend_next(struct producer *producer)
{
    struct record *record = take_next(producer);
    if (record == NULL) {
        return false;
    }
    bool suspect = record->suspect;
    rd_kafka_resp_err_t code =
        record_produce(record, producer->client, producer->topics[record->topic].handle);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        producer->alone = suspect;
        if (suspect) {
            send_at_once(producer); /* send the batch now, so that no other record is added to it */
        }
        return !suspect;
    }
    if (record_is_bad(record, code)) {
        producer_give_up(producer, record, ERROR_REJECT, rd_kafka_err2str(code));
        return true;
    }
    if (record->once && code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        producer_give_up(producer, record, ERROR_RETRY, rd_kafka_err2str(code));
        return true;
    }
    put_back(producer, record);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        producer_set_reason(producer, rd_kafka_err2str(code));
        producer_begin_recovery(producer, false);
    }
    return false;
}

static void resend_waiting(struct producer *producer, int64_t now_ns)
{
    if (producer->failed_records.first != NULL) {
        producer_begin_recovery(producer, false);
        return;
    }
    if (now_ns < producer->resume_ns) {
        return;
    }
    if (producer->alone && rd_kafka_outq_len(producer->client) > 0) {
        return;
    }
    producer->alone = false;
    int sent = 0;
    while (sent < SEND_RECORDS && resend_next(producer)) {
        sent++;
    }
    if (sent < SEND_RECORDS && !producer->alone && producer->stage == STAGE_SEND) {
        finish(producer);
    }
}

void producer_recover(struct producer *producer)
{
    int64_t now_ns = clock_monotonic_ns();
    if (producer->stage == STAGE_DRAIN) {
        drain(producer, now_ns);
    } else {
        resend_waiting(producer, now_ns);
    }
}
