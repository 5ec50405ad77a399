#include "app/status_text.h"

#include <stdio.h>

#include "app/output.h"

static int64_t lag_total(const struct group_status *status)
{
    int64_t lag = 0;
    for (size_t i = 0; i < status->partition_count; i++) {
        lag += status->partitions[i].lag;
    }
    return lag;
}

/* The member that reads `partition`, or "-". */
static const char *owner_of(const struct group_status *status, int32_t partition)
{
    for (size_t i = 0; i < status->member_count; i++) {
        for (size_t k = 0; k < status->members[i].partition_count; k++) {
            if (status->members[i].partitions[k] == partition) {
                return status->members[i].client_id;
            }
        }
    }
    return "-";
}

static void append_partition_table(const struct group_status *status, struct strbuf *text)
{
    strbuf_append_format(text, "%9s  %6s  %6s  %7s  %10s  %10s  %10s  %8s  %s\n", "partition",
                         "leader", "copies", "in sync", "begin", "end", "committed", "lag",
                         "member");
    for (size_t i = 0; i < status->partition_count; i++) {
        const struct partition_status *partition = &status->partitions[i];
        char leader[16] = "none", committed[24] = "-";
        if (partition->leader >= 0) {
            (void)snprintf(leader, sizeof leader, "%d", (int)partition->leader);
        }
        if (partition->committed >= 0) {
            (void)snprintf(committed, sizeof committed, "%lld", (long long)partition->committed);
        }
        strbuf_append_format(text, "%9d  %6s  %6d  %7d  %10lld  %10lld  %10s  %8lld  %s\n",
                             (int)partition->partition, leader, partition->replicas,
                             partition->in_sync, (long long)partition->begin,
                             (long long)partition->end, committed, (long long)partition->lag,
                             owner_of(status, partition->partition));
    }
}

static void append_broker_table(const struct group_status *status, struct strbuf *text)
{
    strbuf_append_format(text, "%9s  %-24s  %s\n", "broker", "address", "leads");
    for (int i = 0; i < status->brokers; i++) {
        const struct broker_status *broker = &status->broker_list[i];
        strbuf_append_format(text, "%9d  %-24s  %d partition%s\n", (int)broker->id, broker->address,
                             broker->leads, broker->leads == 1 ? "" : "s");
    }
}

static void append_member_table(const struct group_status *status, struct strbuf *text)
{
    if (!status->members_known) {
        strbuf_append_format(text, "members   unknown: %s\n", status->members_unknown_why);
        return;
    }
    if (status->member_count == 0) {
        strbuf_append_text(text, "members   none\n");
        return;
    }
    strbuf_append_format(text, "%-20s  %-16s  %s\n", "member", "host", "partitions");
    for (size_t i = 0; i < status->member_count; i++) {
        const struct member_status *member = &status->members[i];
        strbuf_append_format(text, "%-20s  %-16s  ", member->client_id, member->host);
        for (size_t k = 0; k < member->partition_count; k++) {
            strbuf_append_format(text, "%s%d", k > 0 ? "," : "", (int)member->partitions[k]);
        }
        strbuf_append_text(text, member->partition_count > 0 ? "\n" : "none\n");
    }
}

void status_to_table(const struct group_status *status, struct strbuf *text)
{
    strbuf_append_format(text, "topic     %s, %zu partitions, %d brokers\n", status->topic,
                         status->partition_count, status->brokers);
    strbuf_append_format(text, "group     %s", status->group);
    if (status->members_known) {
        strbuf_append_format(text, ", %s, strategy %s", status->state,
                             status->strategy[0] != '\0' ? status->strategy : "none yet");
    }
    strbuf_append_format(text, ", lag %lld\n\n", (long long)lag_total(status));
    append_broker_table(status, text);
    strbuf_append_char(text, '\n');
    append_partition_table(status, text);
    strbuf_append_char(text, '\n');
    append_member_table(status, text);
    output_make_plain(text);
}

static void append_named(struct strbuf *text, const char *name, const char *value)
{
    strbuf_append_format(text, ",\"%s\":", name);
    strbuf_append_json_string(text, str_from(value));
}

static void append_partitions_json(const struct group_status *status, struct strbuf *text)
{
    strbuf_append_text(text, ",\"partitions\":[");
    for (size_t i = 0; i < status->partition_count; i++) {
        const struct partition_status *partition = &status->partitions[i];
        strbuf_append_format(
            text,
            "%s{\"partition\":%d,\"leader\":%d,\"replicas\":%d,\"in_sync\":%d,\"begin\":%lld,"
            "\"end\":%lld,\"committed\":%lld,\"lag\":%lld}",
            i > 0 ? "," : "", (int)partition->partition, (int)partition->leader,
            partition->replicas, partition->in_sync, (long long)partition->begin,
            (long long)partition->end, (long long)partition->committed, (long long)partition->lag);
    }
    strbuf_append_char(text, ']');
}

static void append_brokers_json(const struct group_status *status, struct strbuf *text)
{
    strbuf_append_text(text, ",\"broker_list\":[");
    for (int i = 0; i < status->brokers; i++) {
        const struct broker_status *broker = &status->broker_list[i];
        strbuf_append_format(text, "%s{\"id\":%d", i > 0 ? "," : "", (int)broker->id);
        append_named(text, "address", broker->address);
        strbuf_append_format(text, ",\"leads\":%d}", broker->leads);
    }
    strbuf_append_char(text, ']');
}

static void append_members_json(const struct group_status *status, struct strbuf *text)
{
    if (!status->members_known) {
        strbuf_append_text(text, ",\"members\":null");
        append_named(text, "members_unknown", status->members_unknown_why);
        return;
    }
    strbuf_append_text(text, ",\"members\":[");
    for (size_t i = 0; i < status->member_count; i++) {
        const struct member_status *member = &status->members[i];
        strbuf_append_text(text, i > 0 ? ",{\"client_id\":" : "{\"client_id\":");
        strbuf_append_json_string(text, str_from(member->client_id));
        append_named(text, "member_id", member->member_id);
        append_named(text, "host", member->host);
        strbuf_append_text(text, ",\"partitions\":[");
        for (size_t k = 0; k < member->partition_count; k++) {
            strbuf_append_format(text, "%s%d", k > 0 ? "," : "", (int)member->partitions[k]);
        }
        strbuf_append_text(text, "]}");
    }
    strbuf_append_text(text, "],\"members_unknown\":null");
}

void status_to_json(const struct group_status *status, struct strbuf *text)
{
    strbuf_append_text(text, "{\"topic\":");
    strbuf_append_json_string(text, str_from(status->topic));
    append_named(text, "group", status->group);
    append_named(text, "state", status->state);
    append_named(text, "strategy", status->strategy);
    strbuf_append_format(text, ",\"brokers\":%d,\"lag_total\":%lld", status->brokers,
                         (long long)lag_total(status));
    append_brokers_json(status, text);
    append_partitions_json(status, text);
    append_members_json(status, text);
    strbuf_append_text(text, "}\n");
}
