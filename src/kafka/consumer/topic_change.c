#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka/consumer/consumer_parts.h"

enum { DOUBT_PAUSE_MS = 500 }; /* minimum time between two requests for the topic's id */

void topic_change_ask(struct consumer *consumer)
{
    consumer->doubted_ns = clock_monotonic_ns();
    topic_watch_ask(consumer->watch);
}

void topic_change_doubt(struct consumer *consumer)
{
    if (clock_monotonic_ns() - consumer->doubted_ns >= DOUBT_PAUSE_MS * NS_PER_MS) {
        topic_change_ask(consumer);
    }
}

static struct topic_id wait_for_id(struct consumer *consumer)
{
    int wait_ms =
        TOPIC_ID_TIMEOUT_MS < consumer->answer_ms ? TOPIC_ID_TIMEOUT_MS : consumer->answer_ms;
    topic_watch_wait(consumer->watch, consumer_deadline_ns(consumer, wait_ms));
    struct topic_sight sight = topic_watch_look(consumer->watch);
    if (!topic_id_known(&sight.id) && !consumer->no_id_told) {
        consumer->no_id_told = true;
        log_info("topic_without_id", log_text("topic", consumer->topic),
                 log_text("reason", sight.kind == SIGHT_NO_ID ? "these brokers give topics no id"
                                                              : sight.reason),
                 log_text("meaning", "a topic that is deleted and made again is not noticed"));
    }
    return sight.id;
}

/* Counts each new topic id once, although several places may notice the change. */
static void count_change(struct consumer *consumer, const struct topic_id *now)
{
    if (strcmp(consumer->counted_id.text, now->text) == 0) {
        return;
    }
    consumer->counted_id = *now;
    pthread_mutex_lock(&consumer->lock);
    consumer->figures.topics_made_again++;
    pthread_mutex_unlock(&consumer->lock);
}

static void tell_foreign(struct consumer *consumer, const rd_kafka_topic_partition_t *partition,
                         const struct commit_metadata *found, const struct topic_id *now)
{
    log_warn("topic_made_again", log_text("member", consumer->client_id),
             log_text("topic", consumer->topic), log_int("partition", partition->partition),
             log_text("was", found->topic.text), log_text("is", now->text),
             log_int("committed", partition->offset),
             log_text("meaning", "that offset is of the old topic: read from the beginning"));
}

static void tell_unlabelled(struct consumer *consumer, const rd_kafka_topic_partition_t *partition)
{
    if (!consumer->unlabelled_told) {
        consumer->unlabelled_told = true;
        log_info("committed_without_topic_id", log_text("member", consumer->client_id),
                 log_int("partition", partition->partition),
                 log_int("committed", partition->offset),
                 log_text("meaning", "another program or an older version committed it: it is "
                                     "taken as it stands"));
    }
}

static struct epoch_label label_of(struct consumer *consumer, rd_kafka_topic_partition_t *partition,
                                   const struct topic_id *now)
{
    struct commit_metadata found =
        commit_metadata_parse((struct str){partition->metadata, partition->metadata_size});
    struct epoch_label label = {.metadata = commit_metadata_next(&found, partition->offset, now)};
    enum commit_place place = commit_metadata_place(&found, now);
    if (partition->offset >= 0 && place == COMMIT_FOREIGN) {
        tell_foreign(consumer, partition, &found, now);
        count_change(consumer, now);
        partition->offset = RD_KAFKA_OFFSET_BEGINNING;
    } else if (partition->offset >= 0 && place == COMMIT_UNLABELLED) {
        tell_unlabelled(consumer, partition);
        label.anew = true;
    }
    return label;
}

void topic_change_place(struct consumer *consumer, rd_kafka_topic_partition_list_t *partitions,
                        struct epoch_label *labels)
{
    struct topic_id now = wait_for_id(consumer);
    for (int i = 0; i < partitions->cnt; i++) {
        labels[i] = label_of(consumer, &partitions->elems[i], &now);
    }
    if (!topic_id_known(&consumer->topic_id)) {
        consumer->topic_id = now;
    }
}

/* The caller holds the lock. Sets the topic id of epochs that began while it was unknown. Returns
 * whether an owned partition belongs to another topic. */
static bool label_epochs(struct watermark *watermark, const struct topic_id *now)
{
    bool foreign = false;
    for (size_t i = 0; i < watermark->mark_count; i++) {
        struct mark *mark = &watermark->marks[i];
        if (mark->owned && !topic_id_known(&mark->metadata.topic)) {
            struct commit_metadata metadata = {.topic = *now, .former = mark->metadata.former};
            watermark_label(watermark, (int32_t)i, &metadata, mark->committed != NO_OFFSET);
        }
        foreign = foreign || (mark->owned && topic_id_differs(&mark->metadata.topic, now));
    }
    return foreign;
}

void topic_change_tend(struct consumer *consumer)
{
    struct topic_sight sight = topic_watch_look(consumer->watch);
    if (sight.kind != SIGHT_ID) {
        return;
    }
    pthread_mutex_lock(&consumer->lock);
    bool foreign = label_epochs(&consumer->watermark, &sight.id);
    pthread_mutex_unlock(&consumer->lock);
    if (!topic_id_known(&consumer->topic_id)) {
        consumer->topic_id = sight.id;
    }
    if (foreign || topic_id_differs(&consumer->topic_id, &sight.id)) {
        log_warn("topic_made_again", log_text("member", consumer->client_id),
                 log_text("topic", consumer->topic), log_text("was", consumer->topic_id.text),
                 log_text("is", sight.id.text),
                 log_text("meaning", "what was read of the old topic and is not stored is dropped; "
                                     "the member joins again and reads from the beginning"));
        consumer->topic_id = sight.id;
        count_change(consumer, &sight.id);
        commit_beginnings(consumer, &sight.id, consumer_deadline_ns(consumer, consumer->answer_ms));
        consumer_renew(consumer);
    }
}
