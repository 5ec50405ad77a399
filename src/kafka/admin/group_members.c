#include "base/clock.h"
#include "base/deadline.h"
#include "kafka/admin/assignment.h"
#include "kafka/admin/group_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The request is sent to every broker. One that is down never answers, and must not delay the
 * others' answers for long. */
enum { BROKERS_ANSWER_WITHIN_MS = 1000 };

/* Copies one member. During a rebalance a member has no assignment. */
static bool copy_member(const struct rd_kafka_group_member_info *from, const char *topic,
                        struct member_status *member)
{
    group_name_member(member, from->client_id, from->member_id, from->client_host);
    size_t size = from->member_assignment_size > 0 ? (size_t)from->member_assignment_size : 0;
    return assignment_partitions(from->member_assignment, size, topic, &member->partitions,
                                 &member->partition_count);
}

static bool copy_members(const struct rd_kafka_group_info *group, struct group_status *status,
                         struct error *error)
{
    size_t count = (size_t)group->member_cnt;
    status->members = calloc(count + 1, sizeof *status->members);
    if (status->members == NULL) {
        return error_set(error, ERROR_FATAL, "group %.100s: out of memory", status->group);
    }
    status->member_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!copy_member(&group->members[i], status->topic, &status->members[i])) {
            return group_members_unknown(status, "a member's assignment could not be read");
        }
    }
    status->members_known = true;
    return true;
}

/* Reads the group from the list. `complete` says that every broker has answered. */
static bool take_groups(struct group_reader *reader, const struct rd_kafka_group_list *list,
                        bool complete, struct group_status *status, struct error *error)
{
    if (list->group_cnt == 0 && !complete) {
        return group_members_unknown(status, "the group's coordinator did not answer in time");
    }
    if (list->group_cnt == 0) {
        group_name_state(status, "Dead", NULL);
        return status->members_known = true;
    }
    const struct rd_kafka_group_info *group = &list->groups[0];
    if (group->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return group_members_unknown(status, rd_kafka_err2str(group->err));
    }
    /* The answer to the classic request calls a KIP-848 group "Dead", and contains only its
     * name. */
    if (strcmp(group->state, "Dead") == 0) {
        return group_describe(reader, status, BROKERS_ANSWER_WITHIN_MS, error);
    }
    group_name_state(status, group->state, group->protocol);
    return copy_members(group, status, error);
}

/* Remembers that the cluster refuses such requests for good, so that they are not sent again. */
static void remember_refusal(struct group_reader *reader, rd_kafka_resp_err_t code)
{
    reader->refused = true;
    (void)snprintf(reader->refused_why, sizeof reader->refused_why,
                   "the cluster does not describe groups: %.200s", rd_kafka_err2str(code));
}

bool group_read_members(struct group_reader *reader, struct group_status *status,
                        int64_t deadline_ns, struct error *error)
{
    const struct rd_kafka_group_list *list = NULL;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!reader->refused) {
        int left_ms = deadline_left_ms(deadline_ns);
        code = rd_kafka_list_groups(reader->client, reader->group, &list,
                                    left_ms < BROKERS_ANSWER_WITHIN_MS ? left_ms
                                                                       : BROKERS_ANSWER_WITHIN_MS);
        if (kafka_error_kind(code) == ERROR_FATAL) {
            remember_refusal(reader, code);
        }
    }
    if (reader->refused) {
        return group_members_unknown(status, reader->refused_why);
    }
    if (list == NULL) {
        struct error why;
        (void)client_trouble_explain(&reader->trouble, code, &why, "no broker tells its groups");
        return group_members_unknown(status, why.text);
    }
    bool done = take_groups(reader, list, code == RD_KAFKA_RESP_ERR_NO_ERROR, status, error);
    rd_kafka_group_list_destroy(list);
    return done;
}

void group_reader_names(struct group_reader *reader, struct strbuf *names, int timeout_ms)
{
    const struct rd_kafka_group_list *list = NULL;
    rd_kafka_resp_err_t code = rd_kafka_list_groups(reader->client, NULL, &list, timeout_ms);
    /* __PARTIAL: a broker is down; only its groups are missing. */
    bool answered = code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__PARTIAL;
    for (int i = 0; answered && list != NULL && i < list->group_cnt; i++) {
        strbuf_append_format(names, "%s%s", names->length > 0 ? ", " : "", list->groups[i].group);
    }
    if (list != NULL) {
        rd_kafka_group_list_destroy(list);
    }
}
