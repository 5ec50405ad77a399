#include "base/clock.h"
#include "base/log.h"
#include "base/waiting.h"
#include "kafka/consumer/consumer_parts.h"

enum {
    ROOM_WAIT_MS = 20,
    SCHEMA_WAIT_MS = 5,
    DRAIN_STEP_MS = 50, /* time between commits during the final drain */
    LEAVE_STEP_MS = 20,
};

bool consumer_stopping(struct consumer *consumer)
{
    pthread_mutex_lock(&consumer->lock);
    bool stopping = consumer->stopping;
    pthread_mutex_unlock(&consumer->lock);
    return stopping;
}

int64_t consumer_deadline_ns(struct consumer *consumer, int wait_ms)
{
    int64_t deadline_ns = clock_monotonic_ns() + wait_ms * NS_PER_MS;
    pthread_mutex_lock(&consumer->lock);
    if (consumer->stopping && consumer->end_ns < deadline_ns) {
        deadline_ns = consumer->end_ns;
    }
    pthread_mutex_unlock(&consumer->lock);
    return deadline_ns;
}

void consumer_note_failure(struct consumer *consumer, const char *reason)
{
    pthread_mutex_lock(&consumer->lock);
    struct obstacles *obstacles = &consumer->obstacles;
    bool first = obstacles->fatal[0] == '\0';
    if (first) {
        (void)str_copy(str_from(reason), obstacles->fatal, sizeof obstacles->fatal);
    }
    pthread_mutex_unlock(&consumer->lock);
    if (first) {
        log_error("consumer_failed", log_text("member", consumer->client_id),
                  log_text("reason", reason));
    }
}

void consumer_fail(struct consumer *consumer, const char *reason)
{
    consumer->intake.failed = true;
    consumer_note_failure(consumer, reason);
}

/* Returns whether the message shows that the topic can be read: it is a good message, or a
 * partition's end. */
static bool is_answer(const rd_kafka_message_t *message)
{
    return message->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
           message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
}

static void forget_trouble(struct consumer *consumer, struct consumer_stream *stream)
{
    stream->trouble_noted = false;
    pthread_mutex_lock(&consumer->lock);
    stream->trouble[0] = '\0';
    pthread_mutex_unlock(&consumer->lock);
}

/* Clears the client's error, because messages arrive again. */
static void forget_kafka_error(struct consumer *consumer)
{
    consumer->kafka_noted = false;
    pthread_mutex_lock(&consumer->lock);
    consumer->obstacles.kafka[0] = '\0';
    pthread_mutex_unlock(&consumer->lock);
}

static int64_t sooner(int64_t left_ms, int64_t wait_ms)
{
    return left_ms > 0 && left_ms < wait_ms ? left_ms : wait_ms;
}

/* Returns how long a poll may wait: at most until an open batch can be closed, or a held message is
 * retried. */
static int poll_wait_ms(const struct consumer *consumer, int64_t now_ns)
{
    const struct intake *intake = &consumer->intake;
    int64_t wait_ms = POLL_WAIT_MS;
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        const struct consumer_stream *stream = &consumer->streams[i];
        if (stream->open != NULL && !batch_empty(stream->open)) {
            int64_t open_ms = (now_ns - stream->open->opened_ns) / NS_PER_MS;
            wait_ms = sooner(consumer->config.batch_age_ms - open_ms, wait_ms);
            wait_ms = sooner(QUIET_MS - (now_ns - intake->newest_ns) / NS_PER_MS, wait_ms);
        }
        for (size_t k = 0; k < stream->partition_count && intake->held_count > 0; k++) {
            const struct intake_partition *partition = &stream->partitions[k];
            int64_t left_ns = partition->wants_schema ? partition->ask_at_ns - now_ns : 0;
            wait_ms = sooner((left_ns + NS_PER_MS - 1) / NS_PER_MS, wait_ms);
        }
    }
    return (int)wait_ms;
}

static void poll_log(struct consumer *consumer, int64_t now_ns)
{
    struct intake *intake = &consumer->intake;
    ssize_t count = rd_kafka_consume_batch_queue(consumer->queue, poll_wait_ms(consumer, now_ns),
                                                 intake->messages, POLL_MESSAGES);
    now_ns = clock_monotonic_ns();
    bool good = false;
    /* Messages arrive in runs of one topic, so search the stream only when the topic's handle
     * changes. The handle is compared only within this loop: after a client's end another topic may
     * get the same address. */
    const rd_kafka_topic_t *topic = NULL;
    struct consumer_stream *stream = NULL;
    for (ssize_t i = 0; i < count; i++) {
        rd_kafka_message_t *message = intake->messages[i];
        if (message->rkt != topic) {
            topic = message->rkt;
            stream =
                topic != NULL ? consumer_stream_of(consumer, rd_kafka_topic_name(topic)) : NULL;
        }
        good = good || message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
        if (stream != NULL && stream->trouble_noted && is_answer(message)) {
            forget_trouble(consumer, stream);
        }
        intake_message(consumer, stream, message, now_ns);
    }
    consumer->intake.newest_ns = good ? now_ns : consumer->intake.newest_ns;
    if (good && consumer->kafka_noted) {
        forget_kafka_error(consumer);
    }
}

/* Returns a stream that is not paused although the queue has no room for its full batch; NULL if
 * there is none. */
static const struct consumer_stream *find_full(const struct consumer *consumer)
{
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        if (consumer->streams[i].full_since_ns != 0 && !consumer->streams[i].paused) {
            return &consumer->streams[i];
        }
    }
    return NULL;
}

/* Waits briefly for room in the queue, because a pause would discard what librdkafka has
 * prefetched. */
static void wait_for_room(struct consumer *consumer, const struct consumer_stream *stream)
{
    pthread_mutex_lock(&consumer->lock);
    if (!commit_queue_has_room(&consumer->commit_queue, stream->number,
                               consumer->config.queue_batches) &&
        !consumer->stopping) {
        waiting_until(&consumer->progress, &consumer->lock,
                      clock_monotonic_ns() + ROOM_WAIT_MS * NS_PER_MS);
    }
    pthread_mutex_unlock(&consumer->lock);
}

/* Waits briefly for a schema, because a registry usually answers within milliseconds; librdkafka
 * keeps what arrives meanwhile. */
static void wait_for_schema(struct consumer *consumer)
{
    pthread_mutex_lock(&consumer->lock);
    if (!consumer->stopping) {
        waiting_until(&consumer->progress, &consumer->lock,
                      clock_monotonic_ns() + SCHEMA_WAIT_MS * NS_PER_MS);
    }
    pthread_mutex_unlock(&consumer->lock);
}

static void work_once(struct consumer *consumer)
{
    rebalance_serve(consumer);
    topic_change_tend(consumer);
    consumer_renew_failed(consumer, clock_monotonic_ns());
    int64_t now_ns = clock_monotonic_ns();
    intake_held(consumer, now_ns);
    intake_tend(consumer, now_ns);
    pausing_tend(consumer, now_ns);
    const struct consumer_stream *full = find_full(consumer);
    if (full != NULL) {
        wait_for_room(consumer, full);
    } else if (intake_waits_for_schema(consumer, now_ns)) {
        wait_for_schema(consumer);
    } else {
        poll_log(consumer, now_ns);
    }
    commit_serve(consumer, now_ns);
}

/* Commits what is finished. Returns whether the final drain is over: the queue is empty, its
 * deadline has passed, or the writers were told to drop their batches (`abandoned`). */
static bool drain_step(struct consumer *consumer)
{
    pthread_mutex_lock(&consumer->lock);
    int64_t now_ns = clock_monotonic_ns();
    bool over = consumer->commit_queue.count == 0 || consumer->abandoned ||
                now_ns >= consumer->drain_end_ns;
    if (!over) {
        int64_t step_ns = now_ns + DRAIN_STEP_MS * NS_PER_MS;
        waiting_until(&consumer->progress, &consumer->lock,
                      step_ns < consumer->drain_end_ns ? step_ns : consumer->drain_end_ns);
    }
    pthread_mutex_unlock(&consumer->lock);
    commit_serve(consumer, now_ns);
    return over;
}

/* Makes the writers drop their batches and end. */
static void abandon(struct consumer *consumer)
{
    consumer->drained = true;
    pthread_mutex_lock(&consumer->lock);
    consumer->abandoned = true;
    pthread_cond_broadcast(&consumer->work);
    pthread_mutex_unlock(&consumer->lock);
    stop_request(consumer->write_stop);
}

/* Returns the deadline for the last commit: half of the time that is left, because leaving the
 * group needs the other half. */
static int64_t commit_deadline_ns(struct consumer *consumer)
{
    int64_t now_ns = clock_monotonic_ns();
    int64_t end_ns = consumer_deadline_ns(consumer, consumer->config.drain_timeout_ms);
    return now_ns + (end_ns - now_ns) / 2;
}

void consumer_leave(struct consumer *consumer)
{
    struct intake *intake = &consumer->intake;
    consumer->leaving = true;
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(consumer->client, consumer->closing);
    if (error != NULL) {
        log_info("close_failed", log_text("member", consumer->client_id),
                 log_text("reason", rd_kafka_error_string(error)));
        rd_kafka_error_destroy(error);
        return;
    }
    int64_t end_ns = consumer_deadline_ns(consumer, consumer->config.drain_timeout_ms);
    while (!rd_kafka_consumer_closed(consumer->client) && clock_monotonic_ns() < end_ns) {
        ssize_t count = rd_kafka_consume_batch_queue(consumer->closing, LEAVE_STEP_MS,
                                                     intake->messages, POLL_MESSAGES);
        for (ssize_t i = 0; i < count; i++) {
            rd_kafka_message_destroy(intake->messages[i]);
        }
        rebalance_serve(consumer);
    }
}

void *consumer_poll_main(void *argument)
{
    struct consumer *consumer = argument;
    while (!consumer_stopping(consumer)) {
        work_once(consumer);
    }
    rebalance_serve(consumer);
    intake_close_batches(consumer);
    writers_retry_now(consumer);
    while (!drain_step(consumer)) {
    }
    abandon(consumer);
    commit_finish(consumer, commit_deadline_ns(consumer));
    consumer_leave(consumer);
    return NULL;
}
