#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text/strbuf.h"
#include "base/waiting.h"
#include "kafka/consumer/consumer_parts.h"

enum {
    LOST_CHECK_MS = 50,
    COMMITTED_PAUSE_MS = 500, /* time between two requests for the committed offsets */
};

/* Notes the event; rebalance_serve() serves it later. librdkafka calls this during a poll that may
 * already have returned messages. These are of the old assignment, and must be processed before the
 * new one is applied. */
void rebalance_callback(rd_kafka_t *client, rd_kafka_resp_err_t code,
                        rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    struct consumer *consumer = opaque;
    struct rebalance *rebalance = calloc(1, sizeof *rebalance);
    if (rebalance == NULL || partitions == NULL) {
        free(rebalance);
        consumer_fail(consumer, "out of memory");
        (void)rd_kafka_assign(client, NULL);
        return;
    }
    rebalance->assign = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    rebalance->notified_ns = clock_monotonic_ns();
    rebalance->lost = !rebalance->assign && rd_kafka_assignment_lost(client);
    rebalance->partitions = rd_kafka_topic_partition_list_copy(partitions);
    struct rebalance **end = &consumer->rebalances;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = rebalance;
    rd_kafka_queue_yield(consumer->queue);
}

static void free_rebalance(struct rebalance *rebalance)
{
    rd_kafka_topic_partition_list_destroy(rebalance->partitions);
    free(rebalance);
}

void rebalance_free(struct consumer *consumer)
{
    while (consumer->rebalances != NULL) {
        struct rebalance *rebalance = consumer->rebalances;
        consumer->rebalances = rebalance->next;
        free_rebalance(rebalance);
    }
}

/* Returns whether the group uses the cooperative protocol. Decides that by the configured strategy,
 * because the group accepts no member with another protocol, and librdkafka's
 * rd_kafka_rebalance_protocol() may return nothing while the member leaves. */
static bool cooperative(const struct consumer *consumer)
{
    enum strategy strategy = consumer->config.strategy;
    return strategy == STRATEGY_STICKY || strategy == STRATEGY_CONSUMER;
}

/* Answers librdkafka's rebalance callback, for both eager and cooperative strategies. Returns
 * whether librdkafka accepted the answer.
 *
 * Leaving the group revokes all partitions, even if an earlier callback has no answer yet.
 * librdkafka takes the first answer for all of them and ends the membership. A second answer must
 * not be sent: no code is left to handle it, and the call would wait for ever. */
static bool answer(struct consumer *consumer, const struct rebalance *rebalance)
{
    if (consumer->left) {
        return false;
    }
    consumer->left = consumer->leaving;
    const rd_kafka_topic_partition_list_t *partitions = rebalance->partitions;
    rd_kafka_error_t *error = NULL;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (cooperative(consumer)) {
        error = rebalance->assign ? rd_kafka_incremental_assign(consumer->client, partitions)
                                  : rd_kafka_incremental_unassign(consumer->client, partitions);
        code = rd_kafka_error_code(error);
    } else {
        code = rd_kafka_assign(consumer->client, rebalance->assign ? partitions : NULL);
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        log_warn("rebalance_failed", log_text("member", consumer->client_id),
                 log_text("call", rebalance->assign ? "assign" : "unassign"),
                 log_text("reason",
                          error != NULL ? rd_kafka_error_string(error) : rd_kafka_err2str(code)));
    }
    if (error != NULL) {
        rd_kafka_error_destroy(error);
    }
    return code == RD_KAFKA_RESP_ERR_NO_ERROR;
}

static const char *const kind_names[] = {
    [ASSIGNMENT_ASSIGNED] = "assigned",
    [ASSIGNMENT_REVOKED] = "revoked",
    [ASSIGNMENT_LOST] = "lost",
};

/* Returns the committed offset as a number of messages; 0 if none of these was ever stored. */
static int64_t stored_below(const rd_kafka_topic_partition_t *partition)
{
    const struct commit_metadata metadata =
        commit_metadata_parse((struct str){partition->metadata, partition->metadata_size});
    /* A negative offset means that there is none. */
    return partition->offset > 0 && !metadata.nothing_stored ? partition->offset : 0;
}

/* Stores the group's generation (with KIP-848 the member's epoch), for what is announced until the
 * next assignment. Does nothing while the member leaves: librdkafka then no longer answers this
 * request, and the call would wait for ever. */
static void ask_generation(struct consumer *consumer)
{
#if RD_KAFKA_VERSION >= 0x020e02ff /* older versions may not return it */
    if (consumer->leaving) {
        return;
    }
    rd_kafka_consumer_group_metadata_t *metadata =
        rd_kafka_consumer_group_metadata(consumer->client);
    if (metadata != NULL) {
        consumer->generation = rd_kafka_consumer_group_metadata_generation_id(metadata);
        rd_kafka_consumer_group_metadata_destroy(metadata);
    }
#else
    (void)consumer;
#endif
}

/* Announces the partitions of one stream, that is, those in the list with its topic. */
static void announce_stream(struct consumer *consumer, const struct consumer_stream *stream,
                            enum assignment_event_kind kind,
                            const rd_kafka_topic_partition_list_t *list)
{
    int32_t *partitions = malloc(((size_t)list->cnt + 1) * sizeof *partitions);
    struct strbuf text = strbuf_new(4096);
    struct assignment_event event = {
        .time_ns = clock_wall_ns(),
        .kind = kind,
        .member = consumer->client_id,
        .generation = consumer->generation,
        .stream = stream->number,
        .topic = stream->named->topic,
        .partitions = partitions,
    };
    for (int i = 0; partitions != NULL && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *partition = &list->elems[i];
        if (strcmp(partition->topic, event.topic) == 0) {
            strbuf_append_format(&text, event.count == 0 ? "%d" : ",%d", (int)partition->partition);
            partitions[event.count++] = partition->partition;
            event.committed += kind == ASSIGNMENT_ASSIGNED ? stored_below(partition) : 0;
        }
    }
    /* Announce an empty assignment only once, for the first stream. */
    if (partitions != NULL && (event.count > 0 || (list->cnt == 0 && stream->number == 0))) {
        log_info(kind_names[kind], log_text("member", consumer->client_id),
                 log_text("topic", event.topic), log_text("partitions", strbuf_text(&text)),
                 log_text("protocol", cooperative(consumer) ? "cooperative" : "eager"));
        if (consumer->config.on_assignment != NULL) {
            consumer->config.on_assignment(consumer->config.event_context, &event);
        }
    }
    strbuf_free(&text);
    free(partitions);
}

static void announce(struct consumer *consumer, enum assignment_event_kind kind,
                     const rd_kafka_topic_partition_list_t *list)
{
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        announce_stream(consumer, &consumer->streams[i], kind, list);
    }
}

/* Fills in stream and number of a partition that librdkafka names. Returns false if its topic is
 * not one of the member's. */
static bool place_of(struct consumer *consumer, const rd_kafka_topic_partition_t *partition,
                     struct stream_partition *where)
{
    const struct consumer_stream *stream = consumer_stream_of(consumer, partition->topic);
    if (stream == NULL) {
        return false;
    }
    *where = (struct stream_partition){stream->number, partition->partition};
    return true;
}

/* Requests the group's committed offsets and their metadata. A partition without an offset is set
 * to the log's start: auto.offset.reset would do the same, but only after librdkafka has paused for
 * 100 ms. Returns false if the coordinator did not answer, or answered with an error for any of the
 * partitions: the whole assignment waits then. */
static bool ask_committed(struct consumer *consumer, rd_kafka_topic_partition_list_t *partitions)
{
    const char *topic = ""; /* of the first partition with an error of its own */
    rd_kafka_resp_err_t code =
        rd_kafka_committed(consumer->client, partitions, consumer->answer_ms);
    for (int i = 0; i < partitions->cnt; i++) {
        rd_kafka_topic_partition_t *partition = &partitions->elems[i];
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR && partition->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            code = partition->err;
            topic = partition->topic;
        }
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            partition->offset = RD_KAFKA_OFFSET_INVALID;
        } else if (partition->offset == RD_KAFKA_OFFSET_INVALID) {
            partition->offset = RD_KAFKA_OFFSET_BEGINNING;
        }
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        log_warn("committed_unknown", log_text("member", consumer->client_id),
                 log_text("topic", topic), log_text("reason", rd_kafka_err2str(code)),
                 log_int("retry_ms", COMMITTED_PAUSE_MS));
    }
    return code == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* Starts reading and committing the partition from its committed offset on. */
static bool start_partition(struct consumer *consumer, const rd_kafka_topic_partition_t *partition,
                            const struct epoch_label *label)
{
    int64_t committed = partition->offset >= 0 ? partition->offset : NO_OFFSET;
    struct stream_partition where;
    if (!place_of(consumer, partition, &where)) {
        return true;
    }
    pthread_mutex_lock(&consumer->lock);
    bool known = commit_queue_assign(&consumer->commit_queue, where, committed);
    struct commit_metadata metadata = label->metadata;
    int64_t former = commit_queue_former(&consumer->commit_queue, where, &metadata.topic);
    bool more = former > metadata.former;
    metadata.former = more ? former : metadata.former;
    commit_queue_label(&consumer->commit_queue, where, &metadata, label->uncommitted || more);
    uint64_t epoch = commit_queue_epoch(&consumer->commit_queue, where);
    consumer->streams[where.stream].trouble[0] = '\0';
    pthread_mutex_unlock(&consumer->lock);
    return known && intake_assign(consumer, where, epoch, committed);
}

/* Answers the assignment and starts its partitions; `labels` has one item for each of them. */
static void start_assignment(struct consumer *consumer, const struct rebalance *rebalance,
                             const struct epoch_label *labels)
{
    const rd_kafka_topic_partition_list_t *partitions = rebalance->partitions;
    if (!answer(consumer, rebalance)) {
        return;
    }
    for (int i = 0; i < partitions->cnt; i++) {
        if (!start_partition(consumer, &partitions->elems[i], &labels[i])) {
            consumer_fail(consumer, "out of memory");
        }
    }
    measures_rebalance_ends(consumer);
    consumer->joining_since_ns = 0;
    consumer->unassigned_clients = 0;
    backoff_reset(&consumer->renewals);
    pthread_mutex_lock(&consumer->lock);
    consumer->figures.rebalances++;
    consumer->obstacles.assigned = true;
    if (partitions->cnt > 0) {
        consumer->obstacles.kafka[0] = '\0';
    }
    pthread_mutex_unlock(&consumer->lock);
    ask_generation(consumer);
    announce(consumer, ASSIGNMENT_ASSIGNED, partitions);
}

/* Returns whether this assignment will be revoked before a message is read. */
static bool will_be_revoked(struct consumer *consumer, const struct rebalance *rebalance)
{
    return rebalance->next != NULL || consumer->leaving || consumer_stopping(consumer);
}

/* Serves an assignment. Returns false if the committed offsets are unknown; the caller has to try
 * again. Until they are known the assignment is not answered: librdkafka would fetch the offsets
 * itself, but not their metadata, so an offset could be that of a former topic. But if the
 * partitions are revoked meanwhile, the assignment is answered at once. */
static bool serve_assign(struct consumer *consumer, const struct rebalance *rebalance)
{
    rd_kafka_topic_partition_list_t *partitions = rebalance->partitions;
    struct epoch_label *labels = calloc((size_t)partitions->cnt + 1, sizeof *labels);
    if (labels == NULL) {
        consumer_fail(consumer, "out of memory");
        (void)rd_kafka_assign(consumer->client, NULL);
        return true;
    }
    if (partitions->cnt > 0 && !will_be_revoked(consumer, rebalance)) {
        topic_change_ask(consumer, partitions);
        if (!ask_committed(consumer, partitions)) {
            free(labels);
            return false;
        }
        topic_change_place(consumer, partitions, labels);
    }
    start_assignment(consumer, rebalance, labels);
    free(labels);
    return true;
}

/* The caller holds the lock. */
static bool pending(struct consumer *consumer, const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++) {
        struct stream_partition where;
        if (place_of(consumer, &list->elems[i], &where) &&
            commit_queue_pending(&consumer->commit_queue, where)) {
            return true;
        }
    }
    return false;
}

/* Waits until all batches with messages of the partitions are done, the drain's time is over, or
 * the writers have given up. Returns false if the partitions were lost meanwhile. */
static bool drain(struct consumer *consumer, const rd_kafka_topic_partition_list_t *partitions)
{
    int64_t deadline_ns = clock_monotonic_ns() + consumer->drain_ms * NS_PER_MS;
    bool lost = false;
    writers_retry_now(consumer);
    pthread_mutex_lock(&consumer->lock);
    while (pending(consumer, partitions) && !lost && !consumer->abandoned) {
        int64_t now_ns = clock_monotonic_ns();
        if (now_ns >= deadline_ns || (consumer->stopping && now_ns >= consumer->drain_end_ns)) {
            log_warn("drain_timeout", log_text("member", consumer->client_id),
                     log_int("batches", (int64_t)consumer->commit_queue.count),
                     log_int("waited_ms", consumer->drain_ms));
            break;
        }
        waiting_until(&consumer->progress, &consumer->lock, now_ns + LOST_CHECK_MS * NS_PER_MS);
        lost = rd_kafka_assignment_lost(consumer->client);
    }
    pthread_mutex_unlock(&consumer->lock);
    return !lost;
}

/* Ends the partitions' epochs: nothing read in them can be committed from here on. */
static void end_epochs(struct consumer *consumer, const rd_kafka_topic_partition_list_t *partitions,
                       bool lost)
{
    bool all = lost || !cooperative(consumer);
    pthread_mutex_lock(&consumer->lock);
    for (int i = 0; i < partitions->cnt; i++) {
        struct stream_partition where;
        if (place_of(consumer, &partitions->elems[i], &where)) {
            commit_queue_release(&consumer->commit_queue, where);
            consumer->streams[where.stream].commit[0] = '\0';
        }
    }
    intake_drop_stale(consumer);
    consumer->figures.dropped_on_revoke +=
        (int64_t)commit_queue_drop_stale(&consumer->commit_queue);
    writers_advance(consumer);
    if (all) {
        consumer->obstacles.assigned = false;
        consumer->obstacles.unassigned_since_ns = clock_monotonic_ns();
    }
    pthread_mutex_unlock(&consumer->lock);
    writers_retry_now(consumer);
}

static bool owns_any(struct consumer *consumer)
{
    struct stream_partition where = COMMIT_QUEUE_FIRST;
    const struct mark *mark;
    bool any = false;
    pthread_mutex_lock(&consumer->lock);
    while (!any && (mark = commit_queue_next(&consumer->commit_queue, &where)) != NULL) {
        any = mark->owned;
    }
    pthread_mutex_unlock(&consumer->lock);
    return any;
}

void rebalance_give_up(struct consumer *consumer)
{
    rd_kafka_topic_partition_list_t *owned = rd_kafka_topic_partition_list_new(8);
    for (size_t i = 0; i < consumer->config.stream_count; i++) {
        const struct consumer_stream *stream = &consumer->streams[i];
        for (size_t k = 0; k < stream->partition_count; k++) {
            if (stream->partitions[k].owned) {
                (void)rd_kafka_topic_partition_list_add(owned, stream->named->topic, (int32_t)k);
                intake_release(consumer, (struct stream_partition){(int)i, (int32_t)k});
            }
        }
    }
    if (owned->cnt > 0) {
        end_epochs(consumer, owned, true);
        announce(consumer, ASSIGNMENT_LOST, owned);
    }
    rd_kafka_topic_partition_list_destroy(owned);
}

static void serve_revoke(struct consumer *consumer, const struct rebalance *rebalance)
{
    const rd_kafka_topic_partition_list_t *partitions = rebalance->partitions;
    measures_rebalance_begins(consumer, rebalance->notified_ns);
    bool lost = consumer->renewing || rebalance->lost || rd_kafka_assignment_lost(consumer->client);
    for (int i = 0; i < partitions->cnt; i++) {
        struct stream_partition where;
        if (place_of(consumer, &partitions->elems[i], &where)) {
            intake_release(consumer, where);
        }
    }
    if (!lost && !consumer->drained) {
        intake_close_batches(consumer);
        lost = !drain(consumer, partitions);
        if (!lost) {
            commit_finish(consumer, consumer_deadline_ns(consumer, consumer->answer_ms));
        }
    }
    end_epochs(consumer, partitions, lost);
    (void)answer(consumer, rebalance);
    if (consumer->config.strategy == STRATEGY_CONSUMER && owns_any(consumer)) {
        measures_rebalance_ends(consumer); /* KIP-848: a revoke need not be followed by an
                                              assignment */
    }
    announce(consumer, lost ? ASSIGNMENT_LOST : ASSIGNMENT_REVOKED, partitions);
}

void rebalance_serve(struct consumer *consumer)
{
    while (consumer->rebalances != NULL) {
        struct rebalance *rebalance = consumer->rebalances;
        if (rebalance->assign && !will_be_revoked(consumer, rebalance) &&
            clock_monotonic_ns() < consumer->committed_at_ns) {
            return;
        }
        if (!rebalance->assign) {
            serve_revoke(consumer, rebalance);
        } else if (!serve_assign(consumer, rebalance)) {
            consumer->committed_at_ns = clock_monotonic_ns() + COMMITTED_PAUSE_MS * NS_PER_MS;
            return;
        }
        consumer->rebalances = rebalance->next;
        free_rebalance(rebalance);
    }
}
