#include "base/clock.h"
#include "base/log.h"
#include "kafka/consumer/consumer_parts.h"

static void decide(struct consumer *consumer, int64_t now_ns)
{
    struct intake *intake = &consumer->intake;
    size_t limit = consumer->config.queue_batches;
    bool was_paused = intake->paused;
    pthread_mutex_lock(&consumer->lock);
    size_t count = consumer->commit_queue.count;
    if (count < limit) {
        intake->full_since_ns = 0;
    }
    if (intake->paused) {
        intake->paused = count > limit / 2;
    } else if (intake->full_since_ns != 0) {
        intake->paused = now_ns - intake->full_since_ns >= BEFORE_PAUSE_MS * NS_PER_MS;
    }
    consumer->wake_when_half = intake->paused;
    consumer->figures.paused = intake->paused;
    pthread_mutex_unlock(&consumer->lock);
    if (intake->paused != was_paused) {
        log_debug(intake->paused ? "paused" : "resumed", log_text("member", consumer->client_id),
                  log_int("batches", (int64_t)count));
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
        bool wanted =
            consumer->intake.paused || (partition->wants_schema && !schema_soon && enough);
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
static void tell(struct consumer *consumer, bool pause, int64_t now_ns)
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
    decide(consumer, now_ns);
    tell(consumer, true, now_ns);
    tell(consumer, false, now_ns);
}
