#include "base/clock.h"
#include "base/deadline.h"
#include "kafka/admin/group_internal.h"

#include <stdio.h>

static struct partition_status *find(struct group_status *status, int32_t partition)
{
    for (size_t i = 0; i < status->partition_count; i++) {
        if (status->partitions[i].partition == partition) {
            return &status->partitions[i];
        }
    }
    return NULL;
}

/* Lists partitions, each with `offset`, for a request: all partitions if it is
 * RD_KAFKA_OFFSET_INVALID, otherwise those that have a leader. */
static rd_kafka_topic_partition_list_t *list_of(const struct group_status *status, int64_t offset)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)status->partition_count);
    for (size_t i = 0; i < status->partition_count; i++) {
        if (status->partitions[i].leader >= 0 || offset == RD_KAFKA_OFFSET_INVALID) {
            rd_kafka_topic_partition_list_add(list, status->topic, status->partitions[i].partition)
                ->offset = offset;
        }
    }
    return list;
}

/* The offsets to request for each partition. A consumer can read only up to the last stable offset,
 * where the first open transaction begins (KIP-98). */
enum ask { ASK_BEGIN, ASK_HIGH_WATERMARK, ASK_STABLE, ASKS };

static const struct {
    int64_t offset;
    rd_kafka_IsolationLevel_t level;
} asks[ASKS] = {
    [ASK_BEGIN] = {RD_KAFKA_OFFSET_SPEC_EARLIEST, RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED},
    [ASK_HIGH_WATERMARK] = {RD_KAFKA_OFFSET_SPEC_LATEST, RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED},
    [ASK_STABLE] = {RD_KAFKA_OFFSET_SPEC_LATEST, RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED},
};

static void ask_offsets(struct group_reader *reader, const struct group_status *status,
                        enum ask ask, int64_t deadline_ns, rd_kafka_queue_t *queue)
{
    char words[200];
    rd_kafka_topic_partition_list_t *list = list_of(status, asks[ask].offset);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(reader->client, RD_KAFKA_ADMIN_OP_LISTOFFSETS);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, deadline_left_ms(deadline_ns), words,
                                                    sizeof words);
    rd_kafka_error_destroy(rd_kafka_AdminOptions_set_isolation_level(options, asks[ask].level));
    rd_kafka_AdminOptions_set_opaque(options, (void *)(uintptr_t)ask);
    rd_kafka_ListOffsets(reader->client, list, options, queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_topic_partition_list_destroy(list);
}

static void note_offset(struct partition_status *partition, enum ask ask, int64_t offset)
{
    switch (ask) {
    case ASK_BEGIN:
        partition->begin = offset;
        break;
    case ASK_HIGH_WATERMARK:
        partition->undecided = offset; /* the high watermark, until the stable offset is known */
        break;
    default:
        partition->undecided = partition->undecided > offset ? partition->undecided - offset : 0;
        partition->end = offset;
    }
}

/* Reads one answer; `event` is NULL if none arrived in time. */
static bool take_offsets(struct group_reader *reader, rd_kafka_event_t *event,
                         struct group_status *status, struct error *error)
{
    rd_kafka_resp_err_t code =
        event != NULL ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return client_trouble_explain(&reader->trouble, code, error, "offsets of topic %.100s",
                                      status->topic);
    }
    enum ask ask = (enum ask)(uintptr_t)rd_kafka_event_opaque(event);
    size_t count = 0;
    const rd_kafka_ListOffsetsResultInfo_t **infos =
        rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event), &count);
    for (size_t i = 0; i < count; i++) {
        const rd_kafka_topic_partition_t *answer =
            rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
        struct partition_status *partition = find(status, answer->partition);
        /* A partition with an error has lost its leader since the metadata was read; its offsets
         * stay unknown. */
        if (partition != NULL && answer->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            note_offset(partition, ask, answer->offset);
        }
    }
    return true;
}

static bool wait_for_offsets(struct group_reader *reader, rd_kafka_queue_t *queue, int answers,
                             struct group_status *status, int64_t deadline_ns, struct error *error)
{
    bool done = true;
    for (; answers > 0 && done; answers--) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, deadline_left_ms(deadline_ns));
        done = take_offsets(reader, event, status, error);
        if (event != NULL) {
            rd_kafka_event_destroy(event);
        }
    }
    return done;
}

/* Requests the ends: first the high watermark, then the stable offset. So if the stable offset is
 * lower, the reason is an open transaction, and not messages that were sent between the two
 * requests. */
static bool read_ends_once(struct group_reader *reader, struct group_status *status,
                           int64_t deadline_ns, struct error *error)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(reader->client);
    ask_offsets(reader, status, ASK_BEGIN, deadline_ns, queue);
    ask_offsets(reader, status, ASK_HIGH_WATERMARK, deadline_ns, queue);
    bool done = wait_for_offsets(reader, queue, 2, status, deadline_ns, error);
    if (done) {
        ask_offsets(reader, status, ASK_STABLE, deadline_ns, queue);
        done = wait_for_offsets(reader, queue, 1, status, deadline_ns, error);
    }
    rd_kafka_queue_destroy(queue);
    return done;
}

static bool has_leader(const struct group_status *status)
{
    for (size_t i = 0; i < status->partition_count; i++) {
        if (status->partitions[i].leader >= 0) {
            return true;
        }
    }
    return false;
}

static bool read_committed_once(struct group_reader *reader, struct group_status *status,
                                int64_t deadline_ns, struct error *error)
{
    /* List the partitions explicitly, because otherwise the mock cluster returns nothing. */
    rd_kafka_topic_partition_list_t *list = list_of(status, RD_KAFKA_OFFSET_INVALID);
    rd_kafka_resp_err_t code =
        rd_kafka_committed(reader->client, list, deadline_left_ms(deadline_ns));
    for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        code = list->elems[i].err;
        struct partition_status *partition = find(status, list->elems[i].partition);
        if (partition != NULL && list->elems[i].offset >= 0) {
            const rd_kafka_topic_partition_t *answer = &list->elems[i];
            partition->committed = answer->offset;
            partition->committed_metadata =
                commit_metadata_parse((struct str){answer->metadata, answer->metadata_size});
        }
    }
    rd_kafka_topic_partition_list_destroy(list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
           client_trouble_explain(&reader->trouble, code, error,
                                  "committed offsets of group %.100s", status->group);
}

typedef bool (*read_once)(struct group_reader *reader, struct group_status *status,
                          int64_t deadline_ns, struct error *error);

static bool read_again(read_once read, struct group_reader *reader, struct group_status *status,
                       int64_t deadline_ns, struct error *error)
{
    struct error why = {0};
    while (!read(reader, status, deadline_ns, &why)) {
        if (!deadline_ask_again(&why, deadline_ns)) {
            return error_pass(error, &why);
        }
    }
    return true;
}

bool group_read_offsets(struct group_reader *reader, struct group_status *status,
                        int64_t deadline_ns, struct error *error)
{
    return (!has_leader(status) ||
            read_again(read_ends_once, reader, status, deadline_ns, error)) &&
           read_again(read_committed_once, reader, status, deadline_ns, error);
}
