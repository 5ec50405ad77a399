#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/waiting.h"
#include "kafka/consumer/consumer_parts.h"

/* How often a writer that has no batch checks its store. */
enum { CHECK_EVERY_MS = 5000 };

static void note_latency(struct consumer *consumer, const struct batch *batch)
{
    histogram_add(&consumer->measures.batch, (clock_monotonic_ns() - batch->opened_ns) / NS_PER_US);
}

/* Frees a spare batch of the stream that has the most, if all streams together have more batches
 * than they need (they need more only while dead letters are not acknowledged). The caller holds
 * the lock. */
static void limit_spare(struct consumer *consumer)
{
    size_t kept = consumer->commit_queue.count;
    struct consumer_stream *most = &consumer->streams[0];
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        struct consumer_stream *stream = &consumer->streams[i];
        kept += stream->spare_count;
        most = stream->spare_count > most->spare_count ? stream : most;
    }
    if (kept > consumer->config.queue_batches + consumer->config.stream_count) {
        struct batch *batch = most->spare;
        most->spare = batch->next;
        most->spare_count--;
        batch_destroy(batch);
    }
}

/* The caller holds the lock. */
static void keep_spare(struct consumer *consumer, struct batch *batch)
{
    struct consumer_stream *stream = &consumer->streams[batch->stream];
    batch_reset(batch);
    batch->next = stream->spare;
    stream->spare = batch;
    stream->spare_count++;
    limit_spare(consumer);
}

/* Wakes the poll thread if a paused stream may read again. The caller holds the lock. */
static void wake_when_half(struct consumer *consumer)
{
    bool wake = false;
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        struct consumer_stream *stream = &consumer->streams[i];
        if (stream->wake_when_half && pausing_may_resume(consumer, stream)) {
            stream->wake_when_half = false;
            wake = true;
        }
    }
    if (wake && consumer->queue != NULL) {
        rd_kafka_queue_yield(consumer->queue);
    }
}

void writers_advance(struct consumer *consumer)
{
    struct batch *batch;
    while ((batch = commit_queue_pop(&consumer->commit_queue)) != NULL) {
        consumer->figures.batches++;
        consumer->obstacles.progress_ns = clock_monotonic_ns();
        note_latency(consumer, batch);
        keep_spare(consumer, batch);
    }
    pthread_cond_signal(&consumer->progress);
    wake_when_half(consumer);
}

void writers_letter_acknowledged(void *context, struct batch *batch, enum dead_letter_kind kind)
{
    struct consumer *consumer = context;
    pthread_mutex_lock(&consumer->lock);
    consumer->figures.dead_lettered++;
    consumer->measures.dead_lettered[kind]++;
    batch->letters_left--;
    writers_advance(consumer);
    pthread_mutex_unlock(&consumer->lock);
}

/* Creates a dead letter for each record that the store rejected. Returns false, with an empty list,
 * if out of memory. */
static bool make_letters(const struct writer *writer, struct batch *batch,
                         struct dead_letter_list *letters, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < writer->rejected.count; i++) {
        const struct rejected_record *rejected = &writer->rejected.items[i];
        if (rejected->index >= batch->count) {
            log_error("rejected_index", log_int("index", (int64_t)rejected->index),
                      log_int("ticks", (int64_t)batch->count));
            continue;
        }
        struct dead_letter *letter = batch_refused_letter(batch, rejected->index, rejected->reason);
        if (letter == NULL) {
            dead_letter_list_free(letters);
            return false;
        }
        dead_letter_list_append(letters, letter);
        ++*count;
    }
    return true;
}

/* Calls the store once. */
static bool try_write(struct writer *writer, struct batch *batch, struct dead_letter_list *letters,
                      size_t *letter_count, struct error *error)
{
    struct consumer *consumer = writer->consumer;
    pthread_mutex_lock(&consumer->lock);
    writer->call_since_ns = clock_monotonic_ns();
    pthread_mutex_unlock(&consumer->lock);

    rejected_list_clear(&writer->rejected);
    const struct record_set records = {batch->kind, batch->records, batch->count, &batch->texts};
    bool written = consumer->config.write(consumer->config.context, writer->number, &records,
                                          &writer->rejected, error);
    if (written && !make_letters(writer, batch, letters, letter_count)) {
        written = error_set(error, ERROR_RETRY, "out of memory");
    }
    int64_t end_ns = clock_monotonic_ns();
    pthread_mutex_lock(&consumer->lock);
    histogram_add(&consumer->measures.write, (end_ns - writer->call_since_ns) / NS_PER_US);
    writer->call_since_ns = 0;
    pthread_mutex_unlock(&consumer->lock);
    return written;
}

/* Marks the batch as written: the store has all of its records but the rejected ones, whose dead
 * letters are submitted here. */
static void finish(struct writer *writer, struct batch *batch, struct dead_letter_list letters,
                   size_t letter_count)
{
    struct consumer *consumer = writer->consumer;
    backoff_reset(&writer->backoff);
    int64_t now_ns = clock_wall_ns();
    measures_stored(consumer, batch, &writer->rejected, now_ns / NS_PER_MS);
    pthread_mutex_lock(&consumer->lock);
    writer->failure[0] = '\0';
    batch->letters_left += letter_count;
    batch_refuse(batch, &letters);
    consumer->figures.written += (int64_t)(batch->count - letter_count);
    consumer->figures.last_write_ns = now_ns;
    pthread_mutex_unlock(&consumer->lock);

    dead_letters_submit(consumer->letters, letters);

    pthread_mutex_lock(&consumer->lock);
    commit_queue_written(&consumer->commit_queue, batch);
    writers_advance(consumer);
    pthread_mutex_unlock(&consumer->lock);
}

/* Waits until the next retry is due. Returns false if the batch is not to be retried: its
 * partitions were revoked, or the consumer ends. */
static bool wait_to_retry(struct writer *writer, struct batch *batch, const struct error *error)
{
    struct consumer *consumer = writer->consumer;
    int wait_ms = backoff_next_ms(&writer->backoff, error->retry_after_ms);
    log_warn("write_failed", log_text("member", consumer->client_id),
             log_int("writer", writer->number), log_int("ticks", (int64_t)batch->count),
             log_text("reason", error->text), log_int("retry_ms", wait_ms));
    int64_t until_ns = clock_monotonic_ns() + wait_ms * NS_PER_MS;
    pthread_mutex_lock(&consumer->lock);
    (void)str_copy(str_from(error->text), writer->failure, sizeof writer->failure);
    consumer->figures.write_retries++;
    unsigned retry_calls = consumer->retry_calls;
    while (!consumer->abandoned && consumer->retry_calls == retry_calls &&
           clock_monotonic_ns() < until_ns) {
        waiting_until(&consumer->work, &consumer->lock, until_ns);
    }
    bool again = !consumer->abandoned;
    if (again && commit_queue_stale(&consumer->commit_queue, batch)) {
        again = false;
        writer->failure[0] = '\0';
        commit_queue_written(&consumer->commit_queue, batch);
        consumer->figures.dropped_on_revoke += (int64_t)batch->count;
        writers_advance(consumer);
    }
    pthread_mutex_unlock(&consumer->lock);
    return again;
}

/* Handles a store that accepts nothing from this program any more: no writer begins another batch,
 * and offsets of unwritten batches are not committed. */
static void give_up(struct writer *writer, const struct error *error)
{
    struct consumer *consumer = writer->consumer;
    consumer_note_failure(consumer, error->text);
    pthread_mutex_lock(&consumer->lock);
    consumer->abandoned = true;
    pthread_cond_broadcast(&consumer->work);
    pthread_cond_signal(&consumer->progress);
    pthread_mutex_unlock(&consumer->lock);
}

static void write_batch(struct writer *writer, struct batch *batch)
{
    struct dead_letter_list letters = {0};
    size_t letter_count = 0;
    struct error error = {0};
    while (!try_write(writer, batch, &letters, &letter_count, &error)) {
        if (error.kind == ERROR_FATAL) {
            give_up(writer, &error);
            return;
        }
        if (!wait_to_retry(writer, batch, &error)) {
            return;
        }
        error = (struct error){0};
    }
    finish(writer, batch, letters, letter_count);
}

/* Checks the store while there is nothing to write, so that a deleted store is noticed. The caller
 * holds the lock, which is released during the check. */
static void check_store(struct writer *writer)
{
    struct consumer *consumer = writer->consumer;
    struct error error = {0};
    pthread_mutex_unlock(&consumer->lock);
    bool well = consumer->config.check == NULL ||
                consumer->config.check(consumer->config.context, writer->number, &error);
    if (!well && error.kind == ERROR_FATAL) {
        give_up(writer, &error);
    }
    pthread_mutex_lock(&consumer->lock);
    if (!well && strcmp(error.text, writer->failure) != 0) {
        log_warn("store_look_failed", log_text("member", consumer->client_id),
                 log_int("writer", writer->number), log_text("reason", error.text));
    }
    (void)str_copy(str_from(well ? "" : error.text), writer->failure, sizeof writer->failure);
}

static int64_t next_check_ns(void)
{
    return clock_monotonic_ns() + CHECK_EVERY_MS * NS_PER_MS;
}

/* The caller holds the lock. */
static void wait_for_work(struct writer *writer)
{
    struct consumer *consumer = writer->consumer;
    if (clock_monotonic_ns() < writer->check_at_ns) {
        waiting_until(&consumer->work, &consumer->lock, writer->check_at_ns);
    } else {
        check_store(writer);
        writer->check_at_ns = next_check_ns();
    }
}

static void *writer_main(void *argument)
{
    struct writer *writer = argument;
    struct consumer *consumer = writer->consumer;
    writer->check_at_ns = next_check_ns();
    pthread_mutex_lock(&consumer->lock);
    while (!consumer->abandoned) {
        struct batch *batch = commit_queue_take(&consumer->commit_queue);
        if (batch == NULL) {
            wait_for_work(writer);
            continue;
        }
        pthread_mutex_unlock(&consumer->lock);
        write_batch(writer, batch);
        writer->check_at_ns = next_check_ns();
        pthread_mutex_lock(&consumer->lock);
    }
    pthread_mutex_unlock(&consumer->lock);
    return NULL;
}

bool writers_start(struct consumer *consumer, struct error *error)
{
    consumer->writers = calloc((size_t)consumer->config.writers, sizeof *consumer->writers);
    if (consumer->writers == NULL) {
        return error_set(error, ERROR_FATAL, "consumer: out of memory");
    }
    for (int i = 0; i < consumer->config.writers; i++) {
        struct writer *writer = &consumer->writers[i];
        writer->consumer = consumer;
        writer->number = i;
        writer->backoff = backoff_usual();
        if (pthread_create(&writer->thread, NULL, writer_main, writer) != 0) {
            return error_set(error, ERROR_FATAL, "consumer: the system has no thread left");
        }
        consumer->writers_started++;
    }
    return true;
}

void writers_retry_now(struct consumer *consumer)
{
    pthread_mutex_lock(&consumer->lock);
    consumer->retry_calls++;
    pthread_cond_broadcast(&consumer->work);
    pthread_mutex_unlock(&consumer->lock);
}

void writers_join(struct consumer *consumer)
{
    for (int i = 0; i < consumer->writers_started; i++) {
        (void)pthread_join(consumer->writers[i].thread, NULL);
        rejected_list_free(&consumer->writers[i].rejected);
    }
}
