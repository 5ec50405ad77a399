#include <stdlib.h>
#include <string.h>

#include "kafka/admin/assignment.h"
#include "kafka/admin/group_internal.h"

/* Copies the assigned partitions of `topic` in ascending order. A member may also have partitions
 * of other topics, which are left out. */
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
    assignment_sort(member->partitions, member->partition_count);
    return true;
}

static bool copy_member(const rd_kafka_MemberDescription_t *from, const char *topic,
                        struct member_status *member)
{
    const rd_kafka_MemberAssignment_t *assignment = rd_kafka_MemberDescription_assignment(from);
    group_name_member(member, rd_kafka_MemberDescription_client_id(from),
                      rd_kafka_MemberDescription_consumer_id(from),
                      rd_kafka_MemberDescription_host(from));
    return copy_assignment(assignment != NULL ? rd_kafka_MemberAssignment_partitions(assignment)
                                              : NULL,
                           topic, member);
}

static bool copy_group(const rd_kafka_ConsumerGroupDescription_t *group,
                       struct group_status *status, struct error *error)
{
    size_t count = rd_kafka_ConsumerGroupDescription_member_count(group);
    group_name_state(
        status, rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(group)),
        rd_kafka_ConsumerGroupDescription_partition_assignor(group));
    status->members_known = true;
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

static bool take_description(rd_kafka_event_t *event, struct group_status *status,
                             struct error *error)
{
    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return group_members_unknown(status, rd_kafka_err2str(rd_kafka_event_error(event)));
    }
    size_t count = 0;
    const rd_kafka_ConsumerGroupDescription_t **groups =
        rd_kafka_DescribeConsumerGroups_result_groups(
            rd_kafka_event_DescribeConsumerGroups_result(event), &count);
    if (count != 1) {
        return group_members_unknown(status, "the cluster said nothing of this group");
    }
    const rd_kafka_error_t *failure = rd_kafka_ConsumerGroupDescription_error(groups[0]);
    return failure != NULL ? group_members_unknown(status, rd_kafka_error_string(failure))
                           : copy_group(groups[0], status, error);
}

bool group_describe(struct group_reader *reader, struct group_status *status, int timeout_ms,
                    struct error *error)
{
    char words[200];
    const char *groups[] = {reader->group};
    rd_kafka_queue_t *queue = rd_kafka_queue_new(reader->client);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(reader->client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, words, sizeof words);
    rd_kafka_DescribeConsumerGroups(reader->client, groups, 1, options, queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms);
    bool done =
        event != NULL
            ? take_description(event, status, error)
            : group_members_unknown(status, "the group's coordinator did not answer in time");
    if (event != NULL) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    return done;
}
