#include "kafka/admin/group.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/text/str.h"
#include "kafka/admin/group_internal.h"
#include "kafka/admin/topic_id.h"
#include "kafka/admin/topics.h"

enum { TRY_MS = 4000 };

/* The client never joins the group, but its group.id says whose committed offsets to request. */
static rd_kafka_conf_t *make_conf(struct group_reader *reader,
                                  const struct kafka_settings *settings, struct error *error)
{
    char words[200];
    rd_kafka_conf_t *conf = kafka_reader_conf(settings, &reader->trouble, error);
    if (conf != NULL && rd_kafka_conf_set(conf, "group.id", reader->group, words, sizeof words) !=
                            RD_KAFKA_CONF_OK) {
        (void)error_set(error, ERROR_USAGE, "group \"%.100s\": %s", reader->group, words);
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    return conf;
}

struct group_reader *group_reader_create(const struct kafka_settings *settings, const char *topic,
                                         const char *group, struct error *error)
{
    struct group_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        (void)error_set(error, ERROR_FATAL, "group reader: out of memory");
        return NULL;
    }
    if (!topic_name_check(topic, error)) {
        goto fail;
    }
    (void)str_copy(str_from(topic), reader->topic, sizeof reader->topic);
    if (*group == '\0' || !str_copy(str_from(group), reader->group, sizeof reader->group)) {
        (void)error_set(error, ERROR_USAGE, "a group's name has 1 to 255 bytes");
        goto fail;
    }
    rd_kafka_conf_t *conf = make_conf(reader, settings, error);
    if (conf == NULL) {
        goto fail;
    }
    reader->client = kafka_client_create(RD_KAFKA_CONSUMER, conf, error);
    if (reader->client == NULL) {
        goto fail;
    }
    return reader;
fail:
    group_reader_destroy(reader);
    return NULL;
}

void group_reader_destroy(struct group_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    if (reader->client != NULL) {
        rd_kafka_destroy(reader->client);
    }
    free(reader);
}

void group_status_free(struct group_status *status)
{
    for (size_t i = 0; i < status->member_count; i++) {
        free(status->members[i].partitions);
    }
    free(status->members);
    free(status->partitions);
    free(status->broker_list);
    *status = (struct group_status){0};
}

static int compare_brokers(const void *left, const void *right)
{
    const struct broker_status *a = left, *b = right;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* Copies the brokers. The partitions must have been copied before, because they name the
 * leaders. */
static bool copy_brokers(const struct rd_kafka_metadata *metadata, struct group_status *status,
                         struct error *error)
{
    size_t count = (size_t)metadata->broker_cnt;
    status->broker_list = calloc(count + 1, sizeof *status->broker_list);
    if (status->broker_list == NULL) {
        return error_set(error, ERROR_FATAL, "group reader: out of memory");
    }
    status->brokers = metadata->broker_cnt;
    for (size_t i = 0; i < count; i++) {
        const struct rd_kafka_metadata_broker *from = &metadata->brokers[i];
        struct broker_status *broker = &status->broker_list[i];
        broker->id = from->id;
        (void)snprintf(broker->address, sizeof broker->address, "%.150s:%d", from->host,
                       from->port);
        for (size_t k = 0; k < status->partition_count; k++) {
            broker->leads += status->partitions[k].leader == from->id ? 1 : 0;
        }
    }
    qsort(status->broker_list, count, sizeof *status->broker_list, compare_brokers);
    return true;
}

static bool copy_metadata(const struct rd_kafka_metadata *metadata, struct group_status *status,
                          struct error *error)
{
    const struct rd_kafka_metadata_topic *topic = &metadata->topics[0];
    size_t count = (size_t)topic->partition_cnt;
    status->partitions = calloc(count, sizeof *status->partitions);
    if (status->partitions == NULL) {
        return error_set(error, ERROR_FATAL, "group reader: out of memory");
    }
    status->partition_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct rd_kafka_metadata_partition *from = &topic->partitions[i];
        status->partitions[i] = (struct partition_status){
            .partition = from->id,
            .leader = from->leader,
            .replicas = from->replica_cnt,
            .in_sync = from->isr_cnt,
            .begin = -1,
            .end = -1,
            .committed = -1,
        };
    }
    return copy_brokers(metadata, status, error);
}

/* Drops the committed offsets that belong to a former topic, one that was deleted and created again
 * since. */
static void judge_committed(struct group_reader *reader, struct group_status *status,
                            int64_t deadline_ns)
{
    int left_ms = deadline_left_ms(deadline_ns);
    int wait_ms = left_ms < TOPIC_ID_TIMEOUT_MS ? left_ms : TOPIC_ID_TIMEOUT_MS;
    status->topic_id = topic_id_ask(reader->client, status->topic, wait_ms).id;
    for (size_t i = 0; i < status->partition_count; i++) {
        struct partition_status *partition = &status->partitions[i];
        struct commit_metadata *metadata = &partition->committed_metadata;
        if (commit_metadata_place(metadata, &status->topic_id) == COMMIT_FOREIGN) {
            metadata->former =
                commit_metadata_next(metadata, partition->committed, &status->topic_id).former;
            partition->committed = -1;
        }
    }
}

static void count_lag(struct group_status *status)
{
    for (size_t i = 0; i < status->partition_count; i++) {
        struct partition_status *partition = &status->partitions[i];
        int64_t from = partition->committed >= 0 ? partition->committed : partition->begin;
        bool known = from >= 0 && partition->end >= 0;
        int64_t lag = partition->end > from ? partition->end - from : 0;
        partition->lag = known ? lag : -1;
    }
}

int64_t group_status_end(const struct group_status *status)
{
    int64_t total = status->partition_count > 0 ? 0 : -1;
    for (size_t i = 0; i < status->partition_count && total >= 0; i++) {
        int64_t end = status->partitions[i].end;
        total = end >= 0 ? total + end : -1;
    }
    return total;
}

int64_t group_status_lag(const struct group_status *status)
{
    int64_t total = status->partition_count > 0 ? 0 : -1;
    for (size_t i = 0; i < status->partition_count && total >= 0; i++) {
        int64_t lag = status->partitions[i].lag;
        total = lag >= 0 ? total + lag : -1;
    }
    return total;
}

int64_t group_statuses_lag(const struct group_status *statuses, size_t count)
{
    int64_t total = count > 0 ? 0 : -1;
    for (size_t i = 0; i < count && total >= 0; i++) {
        int64_t lag = group_status_lag(&statuses[i]);
        total = lag >= 0 ? total + lag : -1;
    }
    return total;
}

int64_t group_status_undecided(const struct group_status *status)
{
    int64_t total = 0;
    for (size_t i = 0; i < status->partition_count; i++) {
        total += status->partitions[i].end >= 0 ? status->partitions[i].undecided : 0;
    }
    return total;
}

static bool read_status(struct group_reader *reader, struct group_status *status,
                        int64_t deadline_ns, struct error *error)
{
    *status = (struct group_status){0};
    (void)str_copy(str_from(reader->topic), status->topic, sizeof status->topic);
    (void)str_copy(str_from(reader->group), status->group, sizeof status->group);
    const struct rd_kafka_metadata *metadata =
        topic_metadata(reader->client, reader->topic, deadline_left_ms(deadline_ns), error);
    if (metadata == NULL) {
        return false;
    }
    bool done = copy_metadata(metadata, status, error);
    rd_kafka_metadata_destroy(metadata);
    done = done && group_read_offsets(reader, status, deadline_ns, error) &&
           group_read_members(reader, status, deadline_ns, error);
    (void)rd_kafka_poll(reader->client, 0); /* calls the callbacks that log errors */
    if (done) {
        judge_committed(reader, status, deadline_ns);
    }
    count_lag(status);
    return done;
}

bool group_reader_status(struct group_reader *reader, struct group_status *status, int timeout_ms,
                         struct error *error)
{
    struct error why = {0};
    int64_t deadline_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    for (;;) {
        /* A leader that has just died does not answer, so each try is short; the next try learns
         * who the new leader is. */
        int64_t try_ns = clock_monotonic_ns() + TRY_MS * NS_PER_MS;
        bool last = deadline_ns - try_ns < TRY_MS * NS_PER_MS / 2;
        if (read_status(reader, status, last ? deadline_ns : try_ns, &why)) {
            return true;
        }
        bool reached = status->partitions != NULL;
        if (last || !reached || why.kind != ERROR_RETRY) {
            return error_pass(error, &why);
        }
        group_status_free(status);
    }
}
