#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka/consumer/consumer_parts.h"

enum { DOUBT_PAUSE_MS = 500 }; /* minimum time between two requests for the topic's id */

static void ask(struct consumer_stream *stream)
{
    stream->doubted_ns = clock_monotonic_ns();
    topic_watch_ask(stream->watch);
}

void topic_change_doubt(struct consumer_stream *stream)
{
    if (clock_monotonic_ns() - stream->doubted_ns >= DOUBT_PAUSE_MS * NS_PER_MS) {
        ask(stream);
    }
}

/* Returns whether the list has a partition of the stream. */
static bool concerns(const rd_kafka_topic_partition_list_t *partitions,
                     const struct consumer_stream *stream)
{
    for (int i = 0; i < partitions->cnt; i++) {
        if (strcmp(partitions->elems[i].topic, stream->named->topic) == 0) {
            return true;
        }
    }
    return false;
}

void topic_change_ask(struct consumer *consumer, const rd_kafka_topic_partition_list_t *partitions)
{
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        if (concerns(partitions, &consumer->streams[i])) {
            ask(&consumer->streams[i]);
        }
    }
}

static struct topic_id wait_for_id(struct consumer_stream *stream, int64_t deadline_ns)
{
    topic_watch_wait(stream->watch, deadline_ns);
    struct topic_id_state state = topic_watch_newest(stream->watch);
    if (!topic_id_known(&state.id) && !stream->no_id_logged) {
        stream->no_id_logged = true;
        log_info("topic_without_id", log_text("topic", stream->named->topic),
                 log_text("reason", state.kind == TOPIC_ID_UNSUPPORTED
                                        ? "these brokers give topics no id"
                                        : state.reason),
                 log_text("meaning", "a topic that is deleted and made again is not noticed"));
    }
    return state.id;
}

/* Counts each new topic id once, although several places may notice the change. */
static void count_change(struct consumer *consumer, struct consumer_stream *stream,
                         const struct topic_id *now)
{
    if (strcmp(stream->counted_id.text, now->text) == 0) {
        return;
    }
    stream->counted_id = *now;
    pthread_mutex_lock(&consumer->lock);
    consumer->figures.topics_made_again++;
    pthread_mutex_unlock(&consumer->lock);
}

static void log_foreign(struct consumer *consumer, const rd_kafka_topic_partition_t *partition,
                        const struct commit_metadata *found, const struct topic_id *now)
{
    log_warn("topic_made_again", log_text("member", consumer->client_id),
             log_text("topic", partition->topic), log_int("partition", partition->partition),
             log_text("was", found->topic.text), log_text("is", now->text),
             log_int("committed", partition->offset),
             log_text("meaning", "that offset is of the old topic: read from the beginning"));
}

static void log_unlabelled(const struct consumer *consumer, struct consumer_stream *stream,
                           const rd_kafka_topic_partition_t *partition)
{
    if (!stream->unlabelled_logged) {
        stream->unlabelled_logged = true;
        log_info("committed_without_topic_id", log_text("member", consumer->client_id),
                 log_text("topic", partition->topic), log_int("partition", partition->partition),
                 log_int("committed", partition->offset),
                 log_text("meaning", "another program or an older version committed it: it is "
                                     "taken as it stands"));
    }
}

static struct epoch_label label_of(struct consumer *consumer, struct consumer_stream *stream,
                                   rd_kafka_topic_partition_t *partition,
                                   const struct topic_id *now)
{
    struct commit_metadata found =
        commit_metadata_parse((struct str){partition->metadata, partition->metadata_size});
    struct epoch_label label = {.metadata = commit_metadata_next(&found, partition->offset, now)};
    enum commit_place place = commit_metadata_place(&found, now);
    if (partition->offset >= 0 && place == COMMIT_FOREIGN) {
        log_foreign(consumer, partition, &found, now);
        count_change(consumer, stream, now);
        partition->offset = RD_KAFKA_OFFSET_BEGINNING;
    } else if (partition->offset >= 0 && place == COMMIT_UNLABELLED) {
        log_unlabelled(consumer, stream, partition);
        label.uncommitted = true;
    }
    return label;
}

void topic_change_place(struct consumer *consumer, rd_kafka_topic_partition_list_t *partitions,
                        struct epoch_label *labels)
{
    int wait_ms =
        TOPIC_ID_TIMEOUT_MS < consumer->answer_ms ? TOPIC_ID_TIMEOUT_MS : consumer->answer_ms;
    int64_t deadline_ns = consumer_deadline_ns(consumer, wait_ms); /* one deadline for all
                                                                      answers together */
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        struct consumer_stream *stream = &consumer->streams[i];
        if (!concerns(partitions, stream)) {
            continue;
        }
        struct topic_id now = wait_for_id(stream, deadline_ns);
        for (int k = 0; k < partitions->cnt; k++) {
            if (strcmp(partitions->elems[k].topic, stream->named->topic) == 0) {
                labels[k] = label_of(consumer, stream, &partitions->elems[k], &now);
            }
        }
        if (!topic_id_known(&stream->topic_id)) {
            stream->topic_id = now;
        }
    }
}

/* Sets the topic id of epochs that began while it was unknown. Returns whether the epoch of an
 * owned partition belongs to a topic with another id. The caller holds the lock. */
static bool label_epochs(struct commit_queue *commit_queue, int stream, const struct topic_id *now)
{
    bool foreign = false;
    for (size_t i = 0; i < commit_queue->streams[stream].count; i++) {
        struct mark *mark = &commit_queue->streams[stream].items[i];
        if (mark->owned && !topic_id_known(&mark->metadata.topic)) {
            const struct stream_partition where = {stream, (int32_t)i};
            struct commit_metadata metadata = mark->metadata;
            metadata.topic = *now;
            commit_queue_label(commit_queue, where, &metadata, mark->committed != NO_OFFSET);
        }
        foreign = foreign || (mark->owned && topic_id_differs(&mark->metadata.topic, now));
    }
    return foreign;
}

/* Returns whether the stream's topic was created again; `now` is then its id. */
static bool was_created_again(struct consumer *consumer, struct consumer_stream *stream,
                              struct topic_id *now)
{
    struct topic_id_state state = topic_watch_newest(stream->watch);
    if (state.kind != TOPIC_ID_KNOWN) {
        return false;
    }
    pthread_mutex_lock(&consumer->lock);
    bool foreign = label_epochs(&consumer->commit_queue, stream->number, &state.id);
    pthread_mutex_unlock(&consumer->lock);
    if (!topic_id_known(&stream->topic_id)) {
        stream->topic_id = state.id;
    }
    *now = state.id;
    return foreign || topic_id_differs(&stream->topic_id, &state.id);
}

void topic_change_tend(struct consumer *consumer)
{
    bool changed = false;
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        struct consumer_stream *stream = &consumer->streams[i];
        struct topic_id now;
        if (!was_created_again(consumer, stream, &now)) {
            continue;
        }
        changed = true;
        log_warn("topic_made_again", log_text("member", consumer->client_id),
                 log_text("topic", stream->named->topic), log_text("was", stream->topic_id.text),
                 log_text("is", now.text),
                 log_text("meaning", "what was read of the old topic and is not stored is dropped; "
                                     "the member joins again and reads from the beginning"));
        stream->topic_id = now;
        count_change(consumer, stream, &now);
        commit_beginnings(consumer, stream->number, &now,
                          consumer_deadline_ns(consumer, consumer->answer_ms));
    }
    if (changed) {
        consumer_renew(consumer);
    }
}
