#include "kafka/consumer/consumer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/waiting.h"
#include "kafka/consumer/consumer_parts.h"

enum {
    WRITERS_MAX = 16,
    LEAVE_MIN_MS = 500, /* at least this much of consumer_destroy()'s time is reserved for the
                           last commit and for leaving, but at most half of it */
};

static bool check_streams(const struct consumer_config *config, struct error *error)
{
    if (config->streams == NULL || config->stream_count < 1 || config->stream_count > STREAMS_MAX) {
        return error_set(error, ERROR_USAGE, "consumer: %zu streams: 1 to %d are allowed",
                         config->stream_count, STREAMS_MAX);
    }
    for (size_t i = 0; i < config->stream_count; i++) {
        const struct stream *stream = &config->streams[i];
        if (stream->topic[0] == '\0' || stream->dead_letter_topic[0] == '\0' ||
            stream->kind == NULL) {
            return error_set(error, ERROR_USAGE, "consumer: no topic: name it with --topic");
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(stream->topic, config->streams[k].topic) == 0) {
                return error_set(error, ERROR_USAGE, "consumer: two streams have topic %.100s",
                                 stream->topic);
            }
        }
    }
    return true;
}

static bool check(const struct consumer_config *config, struct error *error)
{
    if (!check_streams(config, error)) {
        return false;
    }
    if (config->group == NULL || *config->group == '\0') {
        return error_set(error, ERROR_USAGE, "consumer: no group: name it with --group");
    }
    if (config->writers < 1 || config->writers > WRITERS_MAX) {
        return error_set(error, ERROR_USAGE, "consumer: %d writers: 1 to %d are allowed",
                         config->writers, WRITERS_MAX);
    }
    if (config->batch_ticks == 0 || config->batch_bytes == 0 || config->queue_batches == 0 ||
        config->batch_age_ms < 0 || config->drain_timeout_ms < 0) {
        return error_set(error, ERROR_USAGE,
                         "consumer: batches need ticks, bytes and a queue above 0, and no time "
                         "below 0");
    }
    if (config->decode == NULL || config->write == NULL || config->dead_letters == NULL) {
        return error_set(error, ERROR_USAGE, "consumer: nowhere to put messages");
    }
    return true;
}

static bool copy_text(char **to, const char *from, struct error *error)
{
    *to = strdup(from != NULL ? from : "");
    return *to != NULL || error_set(error, ERROR_FATAL, "consumer: out of memory");
}

/* Copies the configuration and its strings, so that the caller may free its own. */
static bool copy_config(struct consumer *consumer, const struct consumer_config *config,
                        struct error *error)
{
    struct consumer_config *own = &consumer->config;
    const char *id = config->kafka.client_id;
    *own = *config;
    if (!copy_text(&consumer->brokers, config->kafka.brokers, error) ||
        !copy_text(&consumer->client_id, id != NULL && *id != '\0' ? id : "candlewick", error)) {
        return false;
    }
    own->kafka = (struct kafka_settings){0}; /* needed only to create clients, so not kept */
    own->group = NULL;
    own->streams = consumer->named;
    for (size_t i = 0; i < config->stream_count; i++) {
        consumer->named[i] = config->streams[i];
        consumer->streams[i].number = (int)i;
        consumer->streams[i].named = &consumer->named[i];
    }
    return true;
}

struct consumer_stream *consumer_stream_of(struct consumer *consumer, const char *topic)
{
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        if (strcmp(consumer->streams[i].named->topic, topic) == 0) {
            return &consumer->streams[i];
        }
    }
    return NULL;
}

static bool create_letters(struct consumer *consumer, struct error *error)
{
    const struct dead_letters_config config = {
        .producer = consumer->config.dead_letters,
        .streams = consumer->named,
        .acknowledged = writers_letter_acknowledged,
        .context = consumer,
    };
    consumer->letters = dead_letters_create(&config, error);
    return consumer->letters != NULL;
}

/* Creates a watch for each topic, so that a late answer for one topic delays no other one. Called
 * before the client is created, so that the topics' ids are requested before the client fetches
 * anything. */
static bool create_watches(struct consumer *consumer, const struct consumer_config *config,
                           struct error *error)
{
    for (size_t i = 0; i < config->stream_count; i++) {
        struct consumer_stream *stream = &consumer->streams[i];
        stream->watch = topic_watch_create(&config->kafka, stream->named->topic, error);
        if (stream->watch == NULL) {
            return false;
        }
    }
    return true;
}

static bool create_stop(struct consumer *consumer, struct error *error)
{
    consumer->write_stop = consumer->config.write_stop;
    if (consumer->write_stop == NULL) {
        consumer->write_stop = stop_create(error);
        consumer->owns_write_stop = true;
    }
    return consumer->write_stop != NULL;
}

static bool start(struct consumer *consumer, struct error *error)
{
    if (!writers_start(consumer, error)) {
        return false;
    }
    if (pthread_create(&consumer->poll_thread, NULL, consumer_poll_main, consumer) != 0) {
        return error_set(error, ERROR_FATAL, "consumer: the system has no thread left");
    }
    consumer->poll_started = true;
    return true;
}

struct consumer *consumer_create(const struct consumer_config *config, struct error *error)
{
    if (!check(config, error)) {
        return NULL;
    }
    struct consumer *consumer = calloc(1, sizeof *consumer);
    if (consumer == NULL) {
        (void)error_set(error, ERROR_FATAL, "consumer: out of memory");
        return NULL;
    }
    pthread_mutex_init(&consumer->lock, NULL);
    pthread_rwlock_init(&consumer->client_lock, NULL);
    waiting_init(&consumer->work);
    waiting_init(&consumer->progress);
    measures_init(&consumer->measures, config->streams, config->stream_count);
    consumer->rebalancing_since_ns = clock_monotonic_ns();
    consumer->renewals = backoff_usual();
    if (copy_config(consumer, config, error) && create_stop(consumer, error) &&
        create_watches(consumer, config, error) && create_letters(consumer, error) &&
        consumer_client_create(consumer, config, error) && start(consumer, error)) {
        return consumer;
    }
    consumer_destroy(consumer, NULL);
    return NULL;
}

const char *consumer_client_id(const struct consumer *consumer)
{
    return consumer->client_id;
}

void consumer_member_id(struct consumer *consumer, char *id, size_t size)
{
    pthread_rwlock_rdlock(&consumer->client_lock);
    char *member = consumer->client != NULL ? rd_kafka_memberid(consumer->client) : NULL;
    (void)str_copy(str_from(member != NULL ? member : ""), id, size);
    if (member != NULL) {
        rd_kafka_mem_free(consumer->client, member);
    }
    pthread_rwlock_unlock(&consumer->client_lock);
}

/* Asks all threads to end, and joins them. */
static void end_threads(struct consumer *consumer)
{
    int total_ms = consumer->config.drain_timeout_ms;
    int leave_ms = total_ms / 8 > LEAVE_MIN_MS ? total_ms / 8 : LEAVE_MIN_MS;
    if (leave_ms > total_ms / 2) {
        leave_ms = total_ms / 2;
    }
    pthread_mutex_lock(&consumer->lock);
    consumer->stopping = true;
    consumer->end_ns = clock_monotonic_ns() + total_ms * NS_PER_MS;
    consumer->drain_end_ns = consumer->end_ns - leave_ms * NS_PER_MS;
    consumer->abandoned = consumer->abandoned || !consumer->poll_started;
    pthread_cond_broadcast(&consumer->work);
    pthread_cond_broadcast(&consumer->progress);
    if (consumer->queue != NULL) {
        rd_kafka_queue_yield(consumer->queue);
    }
    pthread_mutex_unlock(&consumer->lock);
    if (consumer->poll_started) {
        (void)pthread_join(consumer->poll_thread, NULL);
    }
    writers_join(consumer);
}

static void free_batches(struct batch *first)
{
    for (struct batch *batch = first, *next; batch != NULL; batch = next) {
        next = batch->next;
        batch_destroy(batch);
    }
}

static void free_streams(struct consumer *consumer)
{
    free_batches(consumer->commit_queue.head);
    commit_queue_free(&consumer->commit_queue);
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        struct consumer_stream *stream = &consumer->streams[i];
        intake_free(stream);
        free_batches(stream->spare);
        topic_watch_destroy(stream->watch);
    }
}

void consumer_destroy(struct consumer *consumer, struct consumer_stats *stats)
{
    if (consumer == NULL) {
        return;
    }
    end_threads(consumer);
    struct consumer_stats last = {0};
    if (consumer->letters != NULL) {
        consumer_stats(consumer, &last);
    }
    if (last.queued_ticks > 0) {
        log_warn("not_written", log_text("member", consumer->client_id),
                 log_int("messages", last.queued_ticks),
                 log_text("remedy", "none needed: not committed, the next member gets them"));
    }
    if (stats != NULL) {
        *stats = last;
    }
    dead_letters_close(consumer->letters);
    free_streams(consumer);
    consumer_client_end(consumer, consumer->end_ns);
    if (consumer->conf != NULL) {
        rd_kafka_conf_destroy(consumer->conf);
    }
    free(consumer->commit.items);
    free(consumer->writers);
    if (consumer->owns_write_stop) {
        stop_destroy(consumer->write_stop);
    }
    pthread_cond_destroy(&consumer->progress);
    pthread_cond_destroy(&consumer->work);
    pthread_rwlock_destroy(&consumer->client_lock);
    pthread_mutex_destroy(&consumer->lock);
    free(consumer->brokers);
    free(consumer->client_id);
    free(consumer);
}
