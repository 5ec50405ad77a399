#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "kafka/group_internal.h"

static void copy(const char *from, char *to, size_t size)
{
    (void)str_copy(str_from(from != NULL ? from : ""), to, size);
}

static struct partition_status *find(struct group_status *status, int32_t partition)
{
    for (size_t i = 0; i < status->partition_count; i++) {
        if (status->partitions[i].partition == partition) {
            return &status->partitions[i];
        }
    }
    return NULL;
}

static bool answered(rd_kafka_event_t *event, const char *what, const char *name,
                     struct error *error)
{
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
           error_set(error, kafka_error_kind(code), "%s %.100s: %s", what, name,
                     rd_kafka_err2str(code));
}

static bool take_offsets(rd_kafka_event_t *event, struct group_status *status, bool ends,
                         struct error *error)
{
    if (!answered(event, "offsets of topic", status->topic, error)) {
        return false;
    }
    size_t count = 0;
    const rd_kafka_ListOffsetsResultInfo_t **infos =
        rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event), &count);
    for (size_t i = 0; i < count; i++) {
        const rd_kafka_topic_partition_t *answer =
            rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
        struct partition_status *partition = find(status, answer->partition);
        /* One that failed has lost its leader since: it stays unknown. */
        if (partition != NULL && answer->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            *(ends ? &partition->end : &partition->begin) = answer->offset;
        }
    }
    return true;
}

bool group_take_begins(rd_kafka_event_t *event, struct group_status *status, struct error *error)
{
    return take_offsets(event, status, false, error);
}

bool group_take_ends(rd_kafka_event_t *event, struct group_status *status, struct error *error)
{
    return take_offsets(event, status, true, error);
}

bool group_take_committed(rd_kafka_event_t *event, struct group_status *status, struct error *error)
{
    if (!answered(event, "committed offsets of group", status->group, error)) {
        return false;
    }
    size_t count = 0;
    const rd_kafka_group_result_t **groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
    const rd_kafka_error_t *failure = count == 1 ? rd_kafka_group_result_error(groups[0]) : NULL;
    if (failure != NULL) {
        return error_set(error, kafka_error_kind(rd_kafka_error_code(failure)),
                         "committed offsets of group %.100s: %s", status->group,
                         rd_kafka_error_string(failure));
    }
    const rd_kafka_topic_partition_list_t *offsets =
        count == 1 ? rd_kafka_group_result_partitions(groups[0]) : NULL;
    for (int i = 0; offsets != NULL && i < offsets->cnt; i++) {
        const rd_kafka_topic_partition_t *answer = &offsets->elems[i];
        struct partition_status *partition = find(status, answer->partition);
        if (answer->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return error_set(error, kafka_error_kind(answer->err),
                             "committed offset of group %.100s, partition %d: %s", status->group,
                             (int)answer->partition, rd_kafka_err2str(answer->err));
        }
        if (partition != NULL && answer->offset >= 0) {
            partition->committed = answer->offset;
        }
    }
    return true;
}

static int compare_partitions(const void *left, const void *right)
{
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return a < b ? -1 : a > b;
}

/* Those of the topic, ascending: a member may have other topics too. */
static bool copy_assignment(const rd_kafka_topic_partition_list_t *from, const char *topic,
                            struct member_status *member)
{
    if (from == NULL || from->cnt == 0) {
        return true;
    }
    member->partitions = calloc((size_t)from->cnt, sizeof *member->partitions);
    if (member->partitions == NULL) {
        return false;
    }
    for (int i = 0; i < from->cnt; i++) {
        if (strcmp(from->elems[i].topic, topic) == 0) {
            member->partitions[member->partition_count++] = from->elems[i].partition;
        }
    }
    qsort(member->partitions, member->partition_count, sizeof *member->partitions,
          compare_partitions);
    return true;
}

static bool copy_member(const rd_kafka_MemberDescription_t *from, const char *topic,
                        struct member_status *member)
{
    const rd_kafka_MemberAssignment_t *assignment = rd_kafka_MemberDescription_assignment(from);
    copy(rd_kafka_MemberDescription_client_id(from), member->client_id, sizeof member->client_id);
    copy(rd_kafka_MemberDescription_consumer_id(from), member->member_id, sizeof member->member_id);
    const char *host = rd_kafka_MemberDescription_host(from);
    copy(host != NULL && *host == '/' ? host + 1 : host, member->host, sizeof member->host);
    return copy_assignment(assignment != NULL ? rd_kafka_MemberAssignment_partitions(assignment)
                                              : NULL,
                           topic, member);
}

static bool copy_group(const rd_kafka_ConsumerGroupDescription_t *group,
                       struct group_status *status, struct error *error)
{
    size_t count = rd_kafka_ConsumerGroupDescription_member_count(group);
    copy(rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(group)),
         status->state, sizeof status->state);
    copy(rd_kafka_ConsumerGroupDescription_partition_assignor(group), status->strategy,
         sizeof status->strategy);
    status->members_known = true;
    status->members_unknown_why[0] = '\0';
    if (count == 0) {
        return true;
    }
    status->members = calloc(count, sizeof *status->members);
    if (status->members == NULL) {
        return error_set(error, ERROR_FATAL, "group %.100s: out of memory", status->group);
    }
    status->member_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!copy_member(rd_kafka_ConsumerGroupDescription_member(group, i), status->topic,
                         &status->members[i])) {
            return error_set(error, ERROR_FATAL, "group %.100s: out of memory", status->group);
        }
    }
    return true;
}

static const rd_kafka_ConsumerGroupDescription_t *description(rd_kafka_event_t *event)
{
    size_t count = 0;
    const rd_kafka_ConsumerGroupDescription_t **groups =
        rd_kafka_DescribeConsumerGroups_result_groups(
            rd_kafka_event_DescribeConsumerGroups_result(event), &count);
    return count == 1 ? groups[0] : NULL;
}

static bool unknown(struct group_status *status, const char *why)
{
    copy(why, status->members_unknown_why, sizeof status->members_unknown_why);
    return true;
}

bool group_take_members(rd_kafka_event_t *event, struct group_status *status, struct error *error)
{
    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return unknown(status, rd_kafka_err2str(rd_kafka_event_error(event)));
    }
    const rd_kafka_ConsumerGroupDescription_t *group = description(event);
    if (group == NULL) {
        return unknown(status, "the cluster said nothing of this group");
    }
    const rd_kafka_error_t *failure = rd_kafka_ConsumerGroupDescription_error(group);
    if (failure != NULL && rd_kafka_error_code(failure) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) {
        copy("Dead", status->state, sizeof status->state);
        status->members_unknown_why[0] = '\0';
        return status->members_known = true;
    }
    if (failure != NULL) {
        return unknown(status, rd_kafka_error_string(failure));
    }
    return copy_group(group, status, error);
}

rd_kafka_resp_err_t group_members_error(rd_kafka_event_t *event)
{
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    const rd_kafka_ConsumerGroupDescription_t *group =
        code == RD_KAFKA_RESP_ERR_NO_ERROR ? description(event) : NULL;
    const rd_kafka_error_t *failure =
        group != NULL ? rd_kafka_ConsumerGroupDescription_error(group) : NULL;
    code = failure != NULL ? rd_kafka_error_code(failure) : code;
    /* No such group is an answer. */
    return code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND ? RD_KAFKA_RESP_ERR_NO_ERROR : code;
}
