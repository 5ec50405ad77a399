#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "kafka/consumer/consumer_parts.h"

/* How long an obstacle may last before the member is reported unhealthy. */
enum {
    SCHEMA_AFTER_MS = 3000,
    UNASSIGNED_AFTER_MS = 15000,
    COMMIT_AFTER_MS = 30000,
    STUCK_AFTER_MS = 60000, /* twice the time-out of a write */
    FOREIGN_MESSAGES = 100, /* if the first 100 messages are all dead letters, the topic probably
                               belongs to another program */
};

PRINTF_LIKE(2, 3)
static void unhealthy(struct consumer_stats *stats, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(stats->reason, sizeof stats->reason, format, arguments);
    va_end(arguments);
    stats->healthy = false;
}

static bool longer(int64_t now_ns, int64_t since_ns, int64_t limit_ms)
{
    return now_ns - since_ns > limit_ms * NS_PER_MS;
}

static int seconds(int64_t now_ns, int64_t since_ns)
{
    return (int)((now_ns - since_ns) / NS_PER_SECOND);
}

/* Returns true, with a reason, if a writer is failing or stuck. The caller holds the lock. */
static bool judge_writers(const struct consumer *consumer, int64_t now_ns,
                          struct consumer_stats *stats)
{
    for (int i = 0; i < consumer->writers_started; i++) {
        const struct writer *writer = &consumer->writers[i];
        if (writer->failure[0] != '\0') {
            unhealthy(stats, "store: %s", writer->failure);
            return true;
        }
        if (writer->call_since_ns != 0 && longer(now_ns, writer->call_since_ns, STUCK_AFTER_MS)) {
            unhealthy(stats, "store: a write is under way for %d s",
                      seconds(now_ns, writer->call_since_ns));
            return true;
        }
    }
    return false;
}

/* Returns the first stream whose topic has an error; NULL: none has. The caller holds the lock. */
static const struct consumer_stream *find_trouble(const struct consumer *consumer)
{
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        if (consumer->streams[i].trouble[0] != '\0') {
            return &consumer->streams[i];
        }
    }
    return NULL;
}

/* Returns the first stream whose commits have failed for too long; NULL: none. The caller holds the
 * lock. */
static const struct consumer_stream *find_uncommitted(const struct consumer *consumer,
                                                      int64_t now_ns)
{
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        const struct consumer_stream *stream = &consumer->streams[i];
        if (stream->commit[0] != '\0' && longer(now_ns, stream->commit_since_ns, COMMIT_AFTER_MS)) {
            return stream;
        }
    }
    return NULL;
}

/* The caller holds the lock. */
static void judge_kafka(const struct consumer *consumer, int64_t now_ns,
                        struct consumer_stats *stats)
{
    const struct obstacles *obstacles = &consumer->obstacles;
    const struct consumer_stream *troubled = find_trouble(consumer);
    const struct consumer_stream *uncommitted = find_uncommitted(consumer, now_ns);
    if (obstacles->kafka[0] != '\0') {
        unhealthy(stats, "Kafka: %s", obstacles->kafka);
    } else if (troubled != NULL) {
        unhealthy(stats, "Kafka: topic %.80s: %s", troubled->named->topic, troubled->trouble);
    } else if (!obstacles->assigned && consumer->figures.rebalances == 0) {
        unhealthy(stats, "waiting for its first assignment");
    } else if (!obstacles->assigned &&
               longer(now_ns, obstacles->unassigned_since_ns, UNASSIGNED_AFTER_MS)) {
        unhealthy(stats, "waiting for an assignment for %d s",
                  seconds(now_ns, obstacles->unassigned_since_ns));
    } else if (uncommitted != NULL) {
        unhealthy(stats, "commits of topic %.80s fail for %d s: %s", uncommitted->named->topic,
                  seconds(now_ns, uncommitted->commit_since_ns), uncommitted->commit);
    } else if (consumer->commit_queue.count > 0 &&
               longer(now_ns, obstacles->progress_ns, STUCK_AFTER_MS)) {
        unhealthy(stats, "no batch was finished for %d s", seconds(now_ns, obstacles->progress_ns));
    }
}

/* Reports the member as unhealthy if all messages of a stream became dead letters. The caller holds
 * the lock. */
static void judge_messages(const struct consumer *consumer, struct consumer_stats *stats)
{
    for (size_t i = 0; i < consumer->config.stream_count && stats->healthy; i++) {
        const struct consumer_stream *stream = &consumer->streams[i];
        if (stream->messages_dead_lettered >= FOREIGN_MESSAGES &&
            stream->messages_dead_lettered == stream->messages_read) {
            unhealthy(stats,
                      "every message so far is %s: is %.80s the right --topic, and who writes to "
                      "it? candlewick dlq lists them",
                      stream->letter, stream->named->topic);
        }
    }
}

/* Finds the first topic that is missing. Returns false if none is. */
static bool find_away(const struct consumer *consumer, struct topic_id_state *state)
{
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        *state = topic_watch_newest(consumer->streams[i].watch);
        if (state->kind == TOPIC_ID_NO_TOPIC) {
            return true;
        }
    }
    return false;
}

/* Decides whether the member is healthy; reports the most immediate cause first. The caller holds
 * the lock. */
static void judge(const struct consumer *consumer, const char *away, const char *letters,
                  struct consumer_stats *stats)
{
    const struct obstacles *obstacles = &consumer->obstacles;
    int64_t now_ns = clock_monotonic_ns();
    stats->healthy = true;
    stats->reason[0] = '\0';
    stats->fatal = obstacles->fatal[0] != '\0';
    if (stats->fatal) {
        unhealthy(stats, "%s", obstacles->fatal);
    } else if (obstacles->brokers_down) {
        unhealthy(stats, "no broker answers (%s)", consumer->brokers);
    } else if (judge_writers(consumer, now_ns, stats)) {
        return;
    } else if (away != NULL) {
        unhealthy(stats, "Kafka: %s; it is waited for", away);
    } else if (letters != NULL) {
        unhealthy(stats, "%s", letters);
    } else if (obstacles->schema[0] != '\0' &&
               longer(now_ns, obstacles->schema_since_ns, SCHEMA_AFTER_MS)) {
        unhealthy(stats, "registry: %s", obstacles->schema);
    } else {
        judge_kafka(consumer, now_ns, stats);
        if (stats->healthy) {
            judge_messages(consumer, stats);
        }
    }
}

/* The caller holds the lock. */
static size_t count_owned(const struct commit_queue *commit_queue)
{
    size_t owned = 0;
    struct stream_partition where = COMMIT_QUEUE_FIRST;
    const struct mark *mark;
    while ((mark = commit_queue_next(commit_queue, &where)) != NULL) {
        owned += mark->owned ? 1 : 0;
    }
    return owned;
}

void consumer_stats(struct consumer *consumer, struct consumer_stats *stats)
{
    char letters[256];
    bool letters_stuck = dead_letters_stuck(consumer->letters, letters, sizeof letters);
    struct topic_id_state state;
    bool away = find_away(consumer, &state);

    pthread_mutex_lock(&consumer->lock);
    *stats = consumer->figures;
    stats->queued_ticks =
        stats->consumed - stats->written - stats->dead_lettered - stats->dropped_on_revoke;
    stats->owned_count = count_owned(&consumer->commit_queue);
    judge(consumer, away ? state.reason : NULL, letters_stuck ? letters : NULL, stats);
    pthread_mutex_unlock(&consumer->lock);
}
