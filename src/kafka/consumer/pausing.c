#include "base/clock.h"
#include "base/log.h"
#include "kafka/consumer/consumer_parts.h"

bool pausing_may_resume(const struct consumer *consumer, const struct consumer_stream *stream)
{
    return commit_queue_has_room(&consumer->commit_queue, stream->number,
                                 consumer->config.queue_batches / 2 + 1);
}

/* The caller holds the lock. */
static void decide(const struct consumer *consumer, struct consumer_stream *stream, int64_t now_ns)
{
    bool was_paused = stream->paused;
    if (commit_queue_has_room(&consumer->commit_queue, stream->number,
                              consumer->config.queue_batches)) {
        stream->full_since_ns = 0;
    }
    if (stream->paused) {
        stream->paused = !pausing_may_resume(consumer, stream);
    } else if (stream->full_since_ns != 0) {
        stream->paused = now_ns - stream->full_since_ns >= BEFORE_PAUSE_MS * NS_PER_MS;
    }
    stream->wake_when_half = stream->paused;
    if (stream->paused != was_paused) {
        log_debug(stream->paused ? "paused" : "resumed", log_text("member", consumer->client_id),
                  log_text("topic", stream->named->topic),
                  log_int("batches", (int64_t)consumer->commit_queue.count));
    }
}

/* Adds those of the stream's partitions to the list that should be paused but are not (or should be
 * resumed, if `pause` is false). */
static void collect(struct consumer *consumer, struct consumer_stream *stream, bool pause,
                    bool schema_soon, rd_kafka_topic_partition_list_t **list)
{
    for (size_t i = 0; i < stream->partition_count; i++) {
        struct intake_partition *partition = &stream->partitions[i];
        bool enough = partition->held.count >= LOOK_AHEAD_MESSAGES ||
                      partition->held.bytes >= consumer->config.batch_bytes;
        bool wanted = stream->paused || (partition->wants_schema && !schema_soon && enough);
        if (!partition->owned || wanted != pause || partition->paused == pause) {
            continue;
        }
        if (*list == NULL) {
            *list = rd_kafka_topic_partition_list_new(8);
        }
        (void)rd_kafka_topic_partition_list_add(*list, stream->named->topic, (int32_t)i);
        partition->paused = pause;
    }
}

/* Asks librdkafka to pause the partitions that should be paused but are not (or to resume, if
 * `pause` is false). */
static void apply_pauses(struct consumer *consumer, bool pause, int64_t now_ns)
{
    bool schema_soon = intake_waits_for_schema(consumer, now_ns);
    rd_kafka_topic_partition_list_t *list = NULL;
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        collect(consumer, &consumer->streams[i], pause, schema_soon, &list);
    }
    if (list != NULL) {
        (void)(pause ? rd_kafka_pause_partitions(consumer->client, list)
                     : rd_kafka_resume_partitions(consumer->client, list));
        rd_kafka_topic_partition_list_destroy(list);
    }
}

void pausing_tend(struct consumer *consumer, int64_t now_ns)
{
    bool paused = false;
    pthread_mutex_lock(&consumer->lock);
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        decide(consumer, &consumer->streams[i], now_ns);
        paused = paused || consumer->streams[i].paused;
    }
    consumer->figures.paused = paused;
    pthread_mutex_unlock(&consumer->lock);
    apply_pauses(consumer, true, now_ns);
    apply_pauses(consumer, false, now_ns);
}
