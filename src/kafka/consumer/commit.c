#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka/consumer/consumer_parts.h"

enum {
    INTERVAL_MS = 200,       /* time between commits while batches are queued */
    SHORTEST_MS = 50,        /* time between commits while the queue is empty; not less, because
                                each commit costs the brokers a write */
    FAILURE_PAUSE_MS = 1000, /* time after a failed commit until the stream's next one */
};

static const struct commit_item *find_item(struct consumer *consumer,
                                           const rd_kafka_topic_partition_t *element)
{
    const struct commit *commit = &consumer->commit;
    const struct consumer_stream *stream = consumer_stream_of(consumer, element->topic);
    for (size_t i = 0; i < commit->count && stream != NULL; i++) {
        const struct stream_partition *where = &commit->items[i].where;
        if (where->stream == stream->number && where->partition == element->partition) {
            return &commit->items[i];
        }
    }
    return NULL;
}

/* Notes how a request to commit the stream's offsets ended. */
static void note_outcome(struct consumer *consumer, struct consumer_stream *stream,
                         rd_kafka_resp_err_t failure)
{
    int64_t now_ns = clock_monotonic_ns();
    pthread_mutex_lock(&consumer->lock);
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR) {
        stream->commit[0] = '\0';
    } else {
        if (stream->commit[0] == '\0') {
            stream->commit_since_ns = now_ns;
        }
        (void)str_copy(str_from(rd_kafka_err2str(failure)), stream->commit, sizeof stream->commit);
    }
    pthread_mutex_unlock(&consumer->lock);
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        /* A failed commit is normal during a rebalance: the messages are read again. */
        stream->commit_not_before_ns = now_ns + FAILURE_PAUSE_MS * NS_PER_MS;
        log_info("commit_failed", log_text("member", consumer->client_id),
                 log_text("topic", stream->named->topic),
                 log_text("reason", rd_kafka_err2str(failure)));
    }
}

/* Handles the coordinator's reply to the request for one stream; called when commit.replies is
 * polled. */
static void take_reply(rd_kafka_t *client, rd_kafka_resp_err_t code,
                       rd_kafka_topic_partition_list_t *offsets, void *opaque)
{
    (void)client;
    struct consumer *consumer = opaque;
    rd_kafka_resp_err_t failure = code;
    struct consumer_stream *stream = NULL;
    consumer->commit.under_way--;
    for (int i = 0; offsets != NULL && i < offsets->cnt; i++) {
        const rd_kafka_topic_partition_t *element = &offsets->elems[i];
        const struct commit_item *item = find_item(consumer, element);
        stream = consumer_stream_of(consumer, element->topic);
        if (element->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            failure = element->err;
        } else if (code == RD_KAFKA_RESP_ERR_NO_ERROR && item != NULL) {
            pthread_mutex_lock(&consumer->lock);
            commit_queue_committed(&consumer->commit_queue, item);
            pthread_mutex_unlock(&consumer->lock);
            if (consumer->config.on_commit != NULL) {
                consumer->config.on_commit(consumer->config.event_context, item->where,
                                           item->next_offset);
            }
        }
    }
    if (stream != NULL) {
        note_outcome(consumer, stream, failure);
    }
}

/* Makes room in commit.items for every partition. If memory runs out it stays smaller, and the
 * offsets that do not fit are committed later. The caller holds the lock. */
static void make_room(struct consumer *consumer)
{
    struct commit *commit = &consumer->commit;
    size_t marks = 0;
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        marks += consumer->commit_queue.streams[i].count;
    }
    if (commit->capacity < marks) {
        struct commit_item *items = realloc(commit->items, marks * sizeof *items);
        if (items != NULL) {
            commit->items = items;
            commit->capacity = marks;
        }
    }
}

/* Fills commit.items with offsets that are finished and not yet committed; leaves out streams whose
 * last request failed less than FAILURE_PAUSE_MS ago (commit_not_before_ns). */
static size_t collect(struct consumer *consumer, int64_t now_ns)
{
    struct commit *commit = &consumer->commit;
    pthread_mutex_lock(&consumer->lock);
    make_room(consumer);
    size_t ready = commit_queue_ready(&consumer->commit_queue, commit->items, commit->capacity);
    pthread_mutex_unlock(&consumer->lock);
    commit->count = 0;
    for (size_t i = 0; i < ready; i++) {
        const struct consumer_stream *stream = &consumer->streams[commit->items[i].where.stream];
        if (stream->commit_not_before_ns <= now_ns) {
            commit->items[commit->count++] = commit->items[i];
        }
    }
    return commit->count;
}

static void add_offset(rd_kafka_topic_partition_list_t *offsets, const struct stream *stream,
                       const struct commit_item *item)
{
    char text[COMMIT_METADATA_SIZE];
    rd_kafka_topic_partition_t *offset =
        rd_kafka_topic_partition_list_add(offsets, stream->topic, item->where.partition);
    offset->offset = item->next_offset;
    commit_metadata_format(&item->metadata, text);
    offset->metadata = strdup(text); /* freed with the list; if out of memory, the offset is
                                        committed without metadata */
    offset->metadata_size = offset->metadata != NULL ? strlen(text) : 0;
}

/* Fills commit.items with offset 0 for each owned partition of the stream's new topic `now`, and
 * with the finished offsets of the other streams. */
static size_t collect_beginnings(struct consumer *consumer, int stream, const struct topic_id *now)
{
    struct commit *commit = &consumer->commit;
    pthread_mutex_lock(&consumer->lock);
    make_room(consumer);
    commit->count = commit_queue_begin_anew(&consumer->commit_queue, stream, now, commit->items,
                                            commit->capacity);
    commit->count += commit_queue_ready(&consumer->commit_queue, commit->items + commit->count,
                                        commit->capacity - commit->count);
    pthread_mutex_unlock(&consumer->lock);
    return commit->count;
}

/* Sends the request for one stream, if any of the commit's offsets are of it. */
static void send_request(struct consumer *consumer, int stream)
{
    struct commit *commit = &consumer->commit;
    rd_kafka_topic_partition_list_t *offsets =
        rd_kafka_topic_partition_list_new((int)commit->count);
    for (size_t i = 0; i < commit->count; i++) {
        if (commit->items[i].where.stream == stream) {
            add_offset(offsets, &consumer->named[stream], &commit->items[i]);
        }
    }
    if (offsets->cnt > 0) {
        rd_kafka_resp_err_t code =
            rd_kafka_commit_queue(consumer->client, offsets, commit->replies, take_reply, consumer);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            commit->under_way++;
        } else {
            note_outcome(consumer, &consumer->streams[stream], code);
        }
    }
    rd_kafka_topic_partition_list_destroy(offsets);
}

static void send_items(struct consumer *consumer, int64_t now_ns)
{
    consumer->commit.sent_ns = now_ns;
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        send_request(consumer, (int)i);
    }
}

/* Collects offsets and sends the requests. `all`: also for streams whose last request has just
 * failed. */
static void send_commit(struct consumer *consumer, int64_t now_ns, bool all)
{
    if (collect(consumer, all ? INT64_MAX : now_ns) > 0) {
        send_items(consumer, now_ns);
    }
}

static void take_replies(struct consumer *consumer, int wait_ms)
{
    (void)rd_kafka_queue_poll_callback(consumer->commit.replies, wait_ms);
}

/* Returns whether the queue is empty, not counting batches that only wait for dead letters: that
 * may take long. */
static bool queue_empty(struct consumer *consumer)
{
    pthread_mutex_lock(&consumer->lock);
    bool empty = consumer->commit_queue.unwritten == 0;
    pthread_mutex_unlock(&consumer->lock);
    return empty;
}

void commit_serve(struct consumer *consumer, int64_t now_ns)
{
    struct commit *commit = &consumer->commit;
    if (commit->under_way > 0) {
        take_replies(consumer, 0);
    }
    if (commit->under_way > 0) {
        return;
    }
    int64_t since_ns = now_ns - commit->sent_ns;
    if (since_ns >= INTERVAL_MS * NS_PER_MS ||
        (since_ns >= SHORTEST_MS * NS_PER_MS && queue_empty(consumer))) {
        send_commit(consumer, now_ns, false);
    }
}

/* Waits for the replies; returns whether no commit is in flight any more. */
static bool wait_for_replies(struct consumer *consumer, int64_t deadline_ns)
{
    while (consumer->commit.under_way > 0) {
        int64_t left_ms = (deadline_ns - clock_monotonic_ns()) / NS_PER_MS;
        if (left_ms <= 0) {
            return false;
        }
        take_replies(consumer, left_ms < 100 ? (int)left_ms : 100);
    }
    return true;
}

void commit_finish(struct consumer *consumer, int64_t deadline_ns)
{
    if (!wait_for_replies(consumer, deadline_ns)) {
        log_warn("commit_unanswered", log_text("member", consumer->client_id));
        return;
    }
    send_commit(consumer, clock_monotonic_ns(), true);
    if (!wait_for_replies(consumer, deadline_ns)) {
        log_warn("commit_unanswered", log_text("member", consumer->client_id));
    }
}

void commit_beginnings(struct consumer *consumer, int stream, const struct topic_id *now,
                       int64_t deadline_ns)
{
    if (wait_for_replies(consumer, deadline_ns) && collect_beginnings(consumer, stream, now) > 0) {
        send_items(consumer, clock_monotonic_ns());
        (void)wait_for_replies(consumer, deadline_ns);
    }
}
