#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka/client/native_message.h"
#include "kafka/consumer/consumer_parts.h"

/* How often a message that waits for its schema is retried: at first, and later. */
enum { ASK_SOON_MS = 5, ASK_AGAIN_MS = 100 };

enum taken { TAKEN, NO_ROOM, NO_SCHEMA, NO_MEMORY };

static struct intake_partition *find_owned(const struct consumer_stream *stream, int32_t partition)
{
    bool known = partition >= 0 && (size_t)partition < stream->partition_count;
    return known && stream->partitions[partition].owned ? &stream->partitions[partition] : NULL;
}

/* Adds what was counted since the last call to the figures. The caller holds the lock. */
static void add_figures(struct consumer *consumer)
{
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        struct consumer_stream *stream = &consumer->streams[i];
        consumer->figures.consumed += stream->consumed;
        consumer->figures.gap_messages += stream->gap_messages;
        stream->messages_read += stream->consumed;
        stream->messages_dead_lettered += stream->dead_lettered;
        stream->consumed = 0;
        stream->gap_messages = 0;
        stream->dead_lettered = 0;
    }
    consumer->figures.held_messages = (int64_t)consumer->intake.held_count;
}

/* Returns whether a batch of the stream may be queued. A drain may exceed the limit, but only up to
 * its double, so that several revokes in a row do not fill the memory while the stream's dead
 * letters are not acknowledged. The caller holds the lock. */
static bool has_room(const struct consumer *consumer, int stream, bool drain)
{
    const struct commit_queue *queue = &consumer->commit_queue;
    size_t limit = consumer->config.queue_batches;
    return drain ? queue->streams[stream].batches < 2 * limit
                 : commit_queue_has_room(queue, stream, limit);
}

/* Moves the stream's open batch to the queue if the queue has room. Returns whether it did. */
static bool close_batch(struct consumer *consumer, struct consumer_stream *stream, bool drain)
{
    struct batch *batch = stream->open;
    pthread_mutex_lock(&consumer->lock);
    bool room = has_room(consumer, stream->number, drain);
    struct dead_letter_list letters = {0};
    if (room) {
        if (consumer->commit_queue.unwritten == 0) {
            consumer->obstacles.progress_ns = clock_monotonic_ns();
        }
        add_figures(consumer);
        letters = batch_take_letters(batch);
        batch->letters_left = batch->letter_count;
        commit_queue_push(&consumer->commit_queue, batch);
        pthread_cond_broadcast(&consumer->work); /* wake all, because some writers only wait for
                                                    a retry */
    }
    pthread_mutex_unlock(&consumer->lock);
    if (room) {
        stream->open = NULL;
        stream->full_since_ns = 0;
        dead_letters_submit(consumer->letters, letters);
    }
    return room;
}

void intake_close_batches(struct consumer *consumer)
{
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        struct consumer_stream *stream = &consumer->streams[i];
        if (stream->open != NULL && !batch_empty(stream->open)) {
            (void)close_batch(consumer, stream, true);
        }
    }
}

static struct batch *new_batch(struct consumer *consumer, struct consumer_stream *stream)
{
    pthread_mutex_lock(&consumer->lock);
    struct batch *batch = stream->spare;
    if (batch != NULL) {
        stream->spare = batch->next;
        stream->spare_count--;
        batch->next = NULL;
    }
    pthread_mutex_unlock(&consumer->lock);
    if (batch == NULL) {
        batch = batch_create(stream->named->kind, consumer->config.batch_ticks,
                             consumer->config.batch_bytes);
    }
    if (batch != NULL) {
        batch->stream = stream->number;
    }
    return batch;
}

/* Makes sure that the stream's open batch has room for one more message: closes a full one, and
 * opens a new one if there is none. */
static enum taken make_room(struct consumer *consumer, struct consumer_stream *stream,
                            int64_t now_ns)
{
    if (stream->open != NULL && batch_full(stream->open) && !close_batch(consumer, stream, false)) {
        if (stream->full_since_ns == 0) {
            stream->full_since_ns = now_ns;
        }
        return NO_ROOM;
    }
    if (stream->open == NULL) {
        stream->open = new_batch(consumer, stream);
        if (stream->open == NULL) {
            return NO_MEMORY;
        }
    }
    return TAKEN;
}

static void note_schema(struct consumer *consumer, const struct error *error, int64_t now_ns)
{
    pthread_mutex_lock(&consumer->lock);
    struct obstacles *obstacles = &consumer->obstacles;
    if (obstacles->schema[0] == '\0') {
        obstacles->schema_since_ns = now_ns;
    }
    const char *text = error->text[0] != '\0' ? error->text : "a schema is not known yet";
    (void)str_copy(str_from(text), obstacles->schema, sizeof obstacles->schema);
    pthread_mutex_unlock(&consumer->lock);
    if (!consumer->intake.schema_noted) {
        consumer->intake.schema_noted = true;
        consumer->intake.schema_since_ns = now_ns;
    }
}

bool intake_waits_for_schema(const struct consumer *consumer, int64_t now_ns)
{
    return consumer->intake.schema_noted &&
           now_ns - consumer->intake.schema_since_ns < BEFORE_PAUSE_MS * NS_PER_MS;
}

/* Keeps the first dead letter's reason, to report it if the member is unhealthy: often it applies
 * to every message of the topic. */
static void note_letter(struct consumer *consumer, struct consumer_stream *stream,
                        enum dead_letter_kind kind, const char *reason)
{
    stream->dead_lettered++;
    if (stream->letter_noted) {
        return;
    }
    stream->letter_noted = true;
    pthread_mutex_lock(&consumer->lock);
    (void)snprintf(stream->letter, sizeof stream->letter, "%s (%.100s)",
                   dead_letter_kind_names[kind], reason);
    pthread_mutex_unlock(&consumer->lock);
}

static enum taken take(struct consumer *consumer, struct consumer_stream *stream,
                       const struct intake_partition *partition, const rd_kafka_message_t *message,
                       int64_t now_ns)
{
    enum taken room = make_room(consumer, stream, now_ns);
    if (room != TAKEN) {
        return room;
    }
    const rd_kafka_headers_t *headers = native_headers(message);
    const struct source_message source = {
        .place = {message->partition, message->offset},
        .epoch = partition->epoch,
        .encoded = native_encoded(message, headers),
        .arrived_ns = native_arrived_ns(headers),
    };
    struct batch *batch = stream->open;
    struct error error;
    error.kind = ERROR_NONE;
    error.text[0] = '\0';
    enum dead_letter_kind kind = dead_letter_judge(&source.encoded, &error);
    enum decode_answer answer = DECODE_BAD;
    if (kind == DEAD_LETTER_KINDS) {
        answer = consumer->config.decode(consumer->config.context, stream->number, &source.encoded,
                                         batch_slot(batch), &batch->texts, &error);
        kind = answer == DECODE_AHEAD ? DEAD_LETTER_AHEAD : DEAD_LETTER_BAD;
    }
    if (answer == DECODE_WAIT) {
        note_schema(consumer, &error, now_ns);
        return NO_SCHEMA;
    }
    if (batch_empty(batch)) {
        batch->opened_ns = now_ns;
        batch->topic_id = stream->topic_id;
    }
    bool added = answer == DECODE_RECORD ? batch_add_record(batch, &source)
                                         : batch_add_letter(batch, &source, kind, error.text);
    if (!added) {
        return NO_MEMORY;
    }
    stream->consumed++;
    if (answer != DECODE_RECORD) {
        note_letter(consumer, stream, kind, error.text);
    }
    return TAKEN;
}

/* Returns the log start offset, below 0 if unknown. Every fetch response carries it (Fetch v5,
 * KIP-107), so it is as recent as the message, and no request is needed. */
static int64_t log_begin(const struct consumer *consumer, const char *topic, int32_t partition)
{
    int64_t begin = NO_OFFSET, end = NO_OFFSET;
    (void)rd_kafka_get_watermark_offsets(consumer->client, topic, partition, &begin, &end);
    return begin;
}

/* Called when the next message is not at the expected offset. Counts as a gap only offsets that the
 * log has deleted; other missing offsets are transaction markers, or aborted or compacted messages.
 * Counts all missing offsets if a message could not be read, or the log's start is unknown. */
static void count_gap(struct consumer *consumer, struct consumer_stream *stream,
                      struct intake_partition *partition, int32_t number, int64_t offset)
{
    const char *topic = stream->named->topic;
    int64_t begin = partition->damaged ? NO_OFFSET : log_begin(consumer, topic, number);
    int64_t gone_up_to = begin >= 0 && begin < offset ? begin : offset;
    int64_t gap = gone_up_to - partition->expected;
    if (gap <= 0) {
        return;
    }
    stream->gap_messages += gap;
    if (!partition->gap_logged) {
        partition->gap_logged = true;
        log_warn("gap", log_text("topic", topic), log_int("partition", number),
                 log_int("expected", partition->expected), log_int("offset", offset),
                 log_int("messages", gap));
    }
}

/* Notes the partition's log end for consumer_measure(); NO_OFFSET if the member is not at the
 * end. */
static void set_log_end(struct consumer *consumer, struct intake_partition *partition,
                        struct stream_partition where, int64_t end)
{
    partition->at_end = end != NO_OFFSET;
    pthread_mutex_lock(&consumer->lock);
    commit_queue_at_end(&consumer->commit_queue, where, partition->epoch, end);
    pthread_mutex_unlock(&consumer->lock);
}

static void follow(struct consumer *consumer, struct consumer_stream *stream,
                   struct intake_partition *partition, const rd_kafka_message_t *message)
{
    bool known = partition->expected != NO_OFFSET;
    if (known && message->offset > partition->expected) {
        count_gap(consumer, stream, partition, message->partition, message->offset);
    } else if (known && message->offset < partition->expected) {
        /* The offset went back: the log was truncated, the topic was created again, or librdkafka
         * reads again what it had discarded. */
        topic_change_doubt(stream);
    }
    if (partition->at_end) {
        const struct stream_partition where = {stream->number, message->partition};
        set_log_end(consumer, partition, where, NO_OFFSET);
    }
    partition->expected = message->offset + 1;
    partition->damaged = false;
}

/* Once all messages below the partition's end are in batches, allows the end itself to be
 * committed, which is past transaction markers; otherwise the partition would show a lag for ever.
 * Wakes no thread: the next commit includes it. */
static void note_end(struct consumer *consumer, const struct consumer_stream *stream,
                     struct intake_partition *partition, int32_t number)
{
    if (partition->end == NO_OFFSET || partition->held.count > 0) {
        return;
    }
    if (stream->open == NULL ||
        !batch_reach(stream->open, number, partition->epoch, partition->end)) {
        const struct stream_partition where = {stream->number, number};
        pthread_mutex_lock(&consumer->lock);
        commit_queue_reach(&consumer->commit_queue, where, partition->epoch, partition->end);
        pthread_mutex_unlock(&consumer->lock);
    }
    partition->end = NO_OFFSET;
}

/* Handles the partition's end at `offset`. That is the last stable offset, so an open transaction
 * may begin there. */
static void take_end(struct consumer *consumer, struct consumer_stream *stream, int32_t number,
                     int64_t offset)
{
    struct intake_partition *partition = find_owned(stream, number);
    if (partition == NULL || consumer->intake.failed || partition->damaged) {
        return;
    }
    set_log_end(consumer, partition, (struct stream_partition){stream->number, number}, offset);
    if (offset <= 0 || offset <= partition->expected) {
        return; /* the usual case: the end directly follows a message */
    }
    if (partition->expected != NO_OFFSET) {
        count_gap(consumer, stream, partition, number, offset);
    }
    partition->expected = offset;
    partition->end = offset;
    note_end(consumer, stream, partition, number);
}

/* Adds a message that cannot be put into a batch yet to the held ones; owns it from here on. */
static void hold(struct consumer *consumer, const struct consumer_stream *stream,
                 struct intake_partition *partition, rd_kafka_message_t *message)
{
    if (consumer->config.expect != NULL && message->key != NULL && message->payload != NULL) {
        const struct encoded_message encoded = native_encoded(message, native_headers(message));
        consumer->config.expect(consumer->config.context, stream->number, &encoded);
    }
    if (!held_messages_add(&partition->held, message)) {
        rd_kafka_message_destroy(message);
        consumer_fail(consumer, "out of memory");
        return;
    }
    consumer->intake.held_count++;
}

/* Notes why the partition's oldest message, at `offset`, was not accepted, and when to retry it. A
 * message that waits for a schema is retried often at first, because the registry may answer within
 * milliseconds, and many unknown ids may follow one another. */
static void hold_back(struct consumer *consumer, struct intake_partition *partition,
                      enum taken taken, int64_t offset, int64_t now_ns)
{
    partition->wants_schema = taken == NO_SCHEMA;
    if (taken == NO_SCHEMA && partition->waits_at != offset) {
        partition->waits_at = offset;
        partition->waits_since_ns = now_ns;
    }
    bool soon = now_ns - partition->waits_since_ns < BEFORE_PAUSE_MS * NS_PER_MS;
    partition->ask_at_ns = now_ns + (soon ? ASK_SOON_MS : ASK_AGAIN_MS) * NS_PER_MS;
    if (taken == NO_MEMORY) {
        consumer_fail(consumer, "out of memory");
    }
}

static void take_error(struct consumer *consumer, struct consumer_stream *stream,
                       const rd_kafka_message_t *message)
{
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        if (stream != NULL) {
            take_end(consumer, stream, message->partition, message->offset);
        }
        return;
    }
    struct intake_partition *partition =
        stream != NULL ? find_owned(stream, message->partition) : NULL;
    /* librdkafka skips a message whose error has an offset and cannot be mended by a retry. */
    if (partition != NULL && message->offset >= 0 &&
        kafka_error_kind(message->err) != ERROR_RETRY) {
        partition->damaged = true;
    }
    consumer_message_error(consumer, stream, message);
}

void intake_message(struct consumer *consumer, struct consumer_stream *stream,
                    rd_kafka_message_t *message, int64_t now_ns)
{
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        take_error(consumer, stream, message);
        rd_kafka_message_destroy(message);
        return;
    }
    struct intake_partition *partition =
        stream != NULL ? find_owned(stream, message->partition) : NULL;
    if (partition == NULL || consumer->intake.failed) {
        rd_kafka_message_destroy(message);
        return;
    }
    follow(consumer, stream, partition, message);
    if (partition->held.count > 0) {
        hold(consumer, stream, partition, message);
        return;
    }
    enum taken taken = take(consumer, stream, partition, message, now_ns);
    if (taken == TAKEN) {
        rd_kafka_message_destroy(message);
        return;
    }
    hold_back(consumer, partition, taken, message->offset, now_ns);
    hold(consumer, stream, partition, message);
}

static void take_held(struct consumer *consumer, struct consumer_stream *stream,
                      struct intake_partition *partition, int64_t now_ns)
{
    const rd_kafka_message_t *message;
    partition->wants_schema = false;
    while (!consumer->intake.failed && (message = held_messages_oldest(&partition->held)) != NULL) {
        enum taken taken = take(consumer, stream, partition, message, now_ns);
        if (taken != TAKEN) {
            hold_back(consumer, partition, taken, message->offset, now_ns);
            return;
        }
        held_messages_drop_oldest(&partition->held);
        consumer->intake.held_count--;
    }
}

/* Moves the stream's held messages into batches. Returns whether one of its partitions still waits
 * for a schema. */
static bool serve_held(struct consumer *consumer, struct consumer_stream *stream, int64_t now_ns)
{
    bool wanted = false;
    for (size_t i = 0; i < stream->partition_count && consumer->intake.held_count > 0; i++) {
        struct intake_partition *partition = &stream->partitions[i];
        if (partition->held.count > 0 &&
            (!partition->wants_schema || partition->ask_at_ns <= now_ns)) {
            take_held(consumer, stream, partition, now_ns);
            note_end(consumer, stream, partition, (int32_t)i);
        }
        wanted = wanted || partition->wants_schema;
    }
    return wanted;
}

void intake_held(struct consumer *consumer, int64_t now_ns)
{
    bool wanted = false;
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        wanted = serve_held(consumer, &consumer->streams[i], now_ns) || wanted;
    }
    if (!wanted && consumer->intake.schema_noted) {
        consumer->intake.schema_noted = false;
        pthread_mutex_lock(&consumer->lock);
        consumer->obstacles.schema[0] = '\0';
        pthread_mutex_unlock(&consumer->lock);
    }
}

/* Returns whether to close the open batch. If no batch is to be written and none of the stream is
 * queued, messages that arrived together are written at once; otherwise the batch waits for more,
 * up to batch_age_ms. The caller holds the lock. */
static bool is_due(const struct consumer *consumer, const struct batch *open, int64_t now_ns)
{
    if (open == NULL || batch_empty(open)) {
        return false;
    }
    bool quiet = now_ns - consumer->intake.newest_ns >= QUIET_MS * NS_PER_MS;
    bool idle = commit_queue_has_room(&consumer->commit_queue, open->stream, 1);
    return (quiet && idle) || now_ns - open->opened_ns >= consumer->config.batch_age_ms * NS_PER_MS;
}

void intake_tend(struct consumer *consumer, int64_t now_ns)
{
    bool due[STREAMS_MAX];
    pthread_mutex_lock(&consumer->lock);
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        due[i] = is_due(consumer, consumer->streams[i].open, now_ns);
    }
    add_figures(consumer);
    pthread_mutex_unlock(&consumer->lock);
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        if (due[i]) {
            (void)close_batch(consumer, &consumer->streams[i], false);
        }
    }
}

bool intake_assign(struct consumer *consumer, struct stream_partition where, uint64_t epoch,
                   int64_t committed)
{
    struct consumer_stream *stream = &consumer->streams[where.stream];
    size_t count = (size_t)where.partition + 1;
    if (count > stream->partition_count) {
        struct intake_partition *partitions =
            realloc(stream->partitions, count * sizeof *partitions);
        if (partitions == NULL) {
            return false;
        }
        for (size_t i = stream->partition_count; i < count; i++) {
            partitions[i] = (struct intake_partition){0};
        }
        stream->partitions = partitions;
        stream->partition_count = count;
    }
    stream->partitions[where.partition] = (struct intake_partition){
        .owned = true,
        .epoch = epoch,
        .expected = committed,
        .end = NO_OFFSET,
        .waits_at = NO_OFFSET,
        /* The opposite of what is wanted, so that pausing_tend() always calls librdkafka, which may
         * still have the partition paused from an earlier assignment. */
        .paused = !stream->paused,
    };
    return true;
}

void intake_release(struct consumer *consumer, struct stream_partition where)
{
    struct intake_partition *released =
        find_owned(&consumer->streams[where.stream], where.partition);
    if (released != NULL) {
        released->owned = false;
        released->wants_schema = false;
        consumer->intake.held_count -= released->held.count;
        held_messages_free(&released->held);
    }
}

void intake_drop_stale(struct consumer *consumer)
{
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        struct batch *batch = consumer->streams[i].open;
        if (batch != NULL && commit_queue_stale(&consumer->commit_queue, batch)) {
            add_figures(consumer);
            consumer->figures.dropped_on_revoke += (int64_t)(batch->count + batch->letter_count);
            batch_reset(batch);
        }
    }
}

void intake_free(struct consumer_stream *stream)
{
    for (size_t i = 0; i < stream->partition_count; i++) {
        held_messages_free(&stream->partitions[i].held);
    }
    free(stream->partitions);
    batch_destroy(stream->open);
}
