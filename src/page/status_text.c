#include "page/status_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text/fit.h"
#include "base/text/table.h"
#include "cli/figure.h"
#include "cli/output.h"

enum { MEMBER_CELL_LIMIT = 64 << 10, SENTENCE_LIMIT = 1024, RATES_SIZE = 96 };

static int64_t former_total(const struct group_status *status)
{
    int64_t former = 0;
    for (size_t i = 0; i < status->partition_count; i++) {
        former += status->partitions[i].committed_metadata.former;
    }
    return former;
}

/* Returns the client id of the member that owns `partition`, or "-". */
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

/* Appends the table with an empty line before it, and frees it. */
static void append_table(struct table *table, struct text_form form, struct strbuf *text)
{
    strbuf_append_char(text, '\n');
    table->coloured = form.colour;
    table_append_within(table, form.columns, text);
    table_free(table);
}

static void cell_offset(struct table *table, int64_t offset)
{
    if (offset >= 0) {
        table_cell(table, "%lld", (long long)offset);
    } else {
        table_cell(table, "-");
    }
}

/* Adds "12.5", or "-" if the rate is not known. */
static void cell_rate(struct table *table, double per_s)
{
    if (isnan(per_s)) {
        table_cell(table, "-");
    } else {
        table_cell(table, "%.1f", per_s);
    }
}

/* Adds a lag. Without an earlier look it is not known whether it grows. */
static void cell_lag(struct table *table, int64_t lag, const struct motion *moved)
{
    cell_offset(table, lag);
    table_tone(table, lag_trend_grows(&moved->lag) ? TONE_BAD
                      : lag > 0                    ? TONE_WAITING
                                                   : TONE_PLAIN);
}

static void cell_owner(struct table *table, const struct group_status *status, int32_t partition)
{
    const char *owner = owner_of(status, partition);
    bool owned = strcmp(owner, "-") != 0;
    table_cell(table, "%s", owner);
    table_tone(table, !owned && status->members_known ? TONE_BAD : TONE_PLAIN);
}

static void add_partition(struct table *table, const struct group_status *status,
                          const struct partition_status *partition,
                          const struct status_motion *motion)
{
    const struct motion moved = status_motion_of(motion, status->topic, partition->partition);
    table_cell(table, "%d", (int)partition->partition);
    if (partition->leader >= 0) {
        table_cell(table, "%d", (int)partition->leader);
    } else {
        table_cell(table, "none");
        table_tone(table, TONE_BAD);
    }
    table_cell(table, "%d of %d", partition->in_sync, partition->replicas);
    table_tone(table, partition->in_sync < partition->replicas ? TONE_BAD : TONE_PLAIN);
    if (motion == NULL) {
        cell_offset(table, partition->begin);
    }
    cell_offset(table, partition->end);
    cell_offset(table, partition->committed);
    cell_lag(table, partition->lag, &moved);
    if (motion != NULL) {
        cell_rate(table, moved.in_per_s);
        cell_rate(table, moved.out_per_s);
    }
    cell_owner(table, status, partition->partition);
}

static void append_partition_table(const struct group_status *status,
                                   const struct status_motion *motion, struct text_form form,
                                   struct strbuf *text)
{
    static const char *const once[] = {"partition", "leader", "in sync", "begin", "end",
                                       "committed", "lag",    "member",  NULL};
    static const char *const watched[] = {"partition", "leader", "in sync", "end",    "committed",
                                          "lag",       "in/s",   "out/s",   "member", NULL};
    struct table table = table_new_with_head(motion == NULL ? once : watched);
    for (size_t i = 0; i < status->partition_count; i++) {
        add_partition(&table, status, &status->partitions[i], motion);
    }
    append_table(&table, form, text);
}

/* Returns how many partitions of all topics the broker leads. */
static int leads_of(const struct group_status *statuses, size_t count, int32_t broker)
{
    int leads = 0;
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < statuses[i].brokers; k++) {
            const struct broker_status *seen = &statuses[i].broker_list[k];
            leads += seen->id == broker ? seen->leads : 0;
        }
    }
    return leads;
}

static void append_broker_table(const struct group_status *statuses, size_t count,
                                struct text_form form, struct strbuf *text)
{
    struct table table =
        table_new_with_head((const char *const[]){"broker", "address", "leads", NULL});
    for (int i = 0; i < statuses[0].brokers; i++) {
        const struct broker_status *broker = &statuses[0].broker_list[i];
        int leads = leads_of(statuses, count, broker->id);
        table_cell(&table, "%d", (int)broker->id);
        table_cell(&table, "%s", broker->address);
        table_cell(&table, "%d partition%s", leads, leads == 1 ? "" : "s");
    }
    append_table(&table, form, text);
}

/* Finds the member in another topic's status; NULL if it is not there. */
static const struct member_status *find_member(const struct group_status *status,
                                               const struct member_status *member)
{
    for (size_t i = 0; i < status->member_count; i++) {
        const struct member_status *other = &status->members[i];
        if (strcmp(other->member_id, member->member_id) == 0 &&
            strcmp(other->client_id, member->client_id) == 0) {
            return other;
        }
    }
    return NULL;
}

static void append_owned(const struct member_status *member, struct strbuf *owned)
{
    for (size_t i = 0; i < member->partition_count; i++) {
        strbuf_append_format(owned, "%s%d", i > 0 ? "," : "", (int)member->partitions[i]);
    }
}

/* Adds a member's partitions: "0,1,2", or with several topics "tickers 0,1 bars 2". */
static void cell_owned(struct table *table, const struct group_status *statuses, size_t count,
                       const struct member_status *member)
{
    struct strbuf owned = strbuf_new(MEMBER_CELL_LIMIT);
    for (size_t i = 0; i < count; i++) {
        const struct member_status *here = find_member(&statuses[i], member);
        if (here == NULL || here->partition_count == 0) {
            continue;
        }
        if (count > 1) {
            strbuf_append_format(&owned, "%s%s ", owned.length > 0 ? " " : "", statuses[i].topic);
        }
        append_owned(here, &owned);
    }
    table_cell(table, "%s", owned.length > 0 ? strbuf_text(&owned) : "none");
    strbuf_free(&owned);
}

static void append_member_table(const struct group_status *statuses, size_t count,
                                struct text_form form, struct strbuf *text)
{
    const struct group_status *status = &statuses[0];
    if (!status->members_known || status->member_count == 0) {
        struct table table = table_new(2);
        table_cell(&table, "members");
        table_cell(&table, "%s%s", status->members_known ? "none" : "unknown: ",
                   status->members_known ? "" : status->members_unknown_why);
        append_table(&table, form, text);
        return;
    }
    struct table table =
        table_new_with_head((const char *const[]){"member", "host", "partitions", NULL});
    for (size_t i = 0; i < status->member_count; i++) {
        const struct member_status *member = &status->members[i];
        table_cell(&table, "%s", member->client_id);
        table_cell(&table, "%s", member->host);
        cell_owned(&table, statuses, count, member);
    }
    append_table(&table, form, text);
}

int64_t status_read_total(const struct group_status *status)
{
    int64_t total = 0;
    for (size_t i = 0; i < status->partition_count; i++) {
        const struct partition_status *partition = &status->partitions[i];
        bool known = partition->begin >= 0 && partition->committed > partition->begin;
        total += known ? partition->committed - partition->begin : 0;
    }
    return total;
}

/* Returns whether the lag of some topic grows. */
static bool some_lag_grows(const struct group_status *statuses, size_t count,
                           const struct status_motion *motion)
{
    bool grows = false;
    for (size_t i = 0; !grows && i < count; i++) {
        const struct motion moved = status_motion_of(motion, statuses[i].topic, -1);
        grows = lag_trend_grows(&moved.lag);
    }
    return grows;
}

static void cell_group(struct table *table, const struct group_status *statuses, size_t count,
                       const struct status_motion *motion)
{
    const struct group_status *status = &statuses[0];
    char lag[32] = "unknown";
    int64_t known = group_statuses_lag(statuses, count);
    bool grows = some_lag_grows(statuses, count, motion);
    if (known >= 0) {
        (void)snprintf(lag, sizeof lag, "%lld%s", (long long)known, grows ? ", growing" : "");
    }
    if (status->members_known) {
        table_cell(table, "%s, %s, strategy %s, lag %s", status->group, status->state,
                   status->strategy[0] != '\0' ? status->strategy : "none yet", lag);
    } else {
        table_cell(table, "%s, lag %s", status->group, lag);
    }
    table_tone(table, grows ? TONE_BAD : TONE_PLAIN);
}

/* Adds the remarks about one topic that are not about a partition. */
static void add_remarks(struct table *table, const struct group_status *status)
{
    if (former_total(status) > 0) {
        table_cell(table, "former");
        table_cell(table,
                   "the topic was deleted and made again: the group had committed %lld messages "
                   "before",
                   (long long)former_total(status));
    }
    if (group_status_undecided(status) > 0) {
        table_cell(table, "undecided");
        table_cell(table, "%lld messages behind the end: a transaction is open",
                   (long long)group_status_undecided(status));
    }
}

/* Adds the topic, what there is of it, and its rates, if they are known. */
static void cell_topic(struct table *table, const struct group_status *status,
                       const struct status_motion *motion)
{
    char rates[RATES_SIZE] = "";
    const struct motion moved = status_motion_of(motion, status->topic, -1);
    if (!isnan(moved.in_per_s) && !isnan(moved.out_per_s)) {
        (void)snprintf(rates, sizeof rates, ", %.1f/s in, %.1f/s out", moved.in_per_s,
                       moved.out_per_s);
    }
    table_cell(table, "%s, %zu partitions, %d brokers%s", status->topic, status->partition_count,
               status->brokers, rates);
}

static void append_group(const struct group_status *statuses, size_t count,
                         const struct status_motion *motion, struct text_form form,
                         struct strbuf *text)
{
    struct table table = table_new(2);
    for (size_t i = 0; i < count; i++) {
        table_cell(&table, "topic");
        cell_topic(&table, &statuses[i], motion);
    }
    table_cell(&table, "group");
    cell_group(&table, statuses, count, motion);
    if (count == 1) {
        add_remarks(&table, &statuses[0]);
    }
    table.coloured = form.colour;
    table_append_within(&table, form.columns, text);
    table_free(&table);
}

/* Appends the heading of a topic's partitions; only used with several topics. */
static void append_topic(const struct group_status *status, struct text_form form,
                         struct strbuf *text)
{
    struct table table = table_new(2);
    int64_t lag = group_status_lag(status);
    table_cell(&table, "topic");
    if (lag >= 0) {
        table_cell(&table, "%s, lag %lld", status->topic, (long long)lag);
    } else {
        table_cell(&table, "%s, lag unknown", status->topic);
    }
    add_remarks(&table, status);
    append_table(&table, form, text);
}

void status_to_table(const struct group_status *statuses, size_t count,
                     const struct status_motion *motion, struct text_form form, struct strbuf *text)
{
    append_group(statuses, count, motion, form, text);
    append_broker_table(statuses, count, form, text);
    for (size_t i = 0; i < count; i++) {
        if (count > 1) {
            append_topic(&statuses[i], form, text);
        }
        append_partition_table(&statuses[i], motion, form, text);
    }
    append_member_table(statuses, count, form, text);
}

/* Appends a name and its value, which is null if it is empty. */
static void append_named(struct strbuf *text, const char *name, const char *value)
{
    strbuf_append_format(text, ",\"%s\":", name);
    if (value[0] == '\0') {
        strbuf_append_text(text, "null");
    } else {
        strbuf_append_json_string(text, str_from(value));
    }
}

static void append_partitions_json(const struct group_status *status, struct strbuf *text)
{
    strbuf_append_text(text, ",\"partitions\":[");
    for (size_t i = 0; i < status->partition_count; i++) {
        const struct partition_status *partition = &status->partitions[i];
        strbuf_append_format(text, "%s{\"partition\":%d", i > 0 ? "," : "",
                             (int)partition->partition);
        figure_append(text, "leader", partition->leader);
        strbuf_append_format(text, ",\"replicas\":%d,\"in_sync\":%d", partition->replicas,
                             partition->in_sync);
        figure_append(text, "begin", partition->begin);
        figure_append(text, "end", partition->end);
        figure_append(text, "undecided", partition->end >= 0 ? partition->undecided : -1);
        figure_append(text, "committed", partition->committed);
        figure_append(text, "lag", partition->lag);
        figure_append(text, "former", partition->committed_metadata.former);
        append_named(text, "committed_topic_id", partition->committed_metadata.topic.text);
        strbuf_append_char(text, '}');
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

/* Appends the figures of one topic. */
static void append_stream_json(const struct group_status *status, struct strbuf *text)
{
    strbuf_append_text(text, "{\"topic\":");
    strbuf_append_json_string(text, str_from(status->topic));
    append_named(text, "topic_id", status->topic_id.text);
    figure_append(text, "lag", group_status_lag(status));
    append_partitions_json(status, text);
    append_members_json(status, text);
    strbuf_append_char(text, '}');
}

static void append_missing_json(const struct missing_topic *missing, struct strbuf *text)
{
    strbuf_append_text(text, "{\"topic\":");
    strbuf_append_json_string(text, str_from(missing->topic));
    append_named(text, "error", missing->error);
    strbuf_append_char(text, '}');
}

static void append_figures(const char *name, const char *json, struct strbuf *text)
{
    strbuf_append_text(text, name);
    strbuf_append_text(text, json != NULL ? json : "null");
}

void status_to_json(const struct group_status *statuses, size_t count,
                    const struct missing_topic *missing, size_t missing_count,
                    const struct page_figures *page, struct strbuf *text)
{
    const struct group_status *status = &statuses[0];
    strbuf_append_text(text, "{\"topic\":");
    strbuf_append_json_string(text, str_from(status->topic));
    append_named(text, "topic_id", status->topic_id.text);
    append_named(text, "group", status->group);
    append_named(text, "state", status->state);
    append_named(text, "strategy", status->strategy);
    strbuf_append_format(text, ",\"brokers\":%d", status->brokers);
    figure_append(text, "lag_total", group_statuses_lag(statuses, count));
    append_brokers_json(status, text);
    append_partitions_json(status, text);
    append_members_json(status, text);
    strbuf_append_text(text, ",\"streams\":[");
    for (size_t i = 0; i < count; i++) {
        strbuf_append_text(text, i > 0 ? "," : "");
        append_stream_json(&statuses[i], text);
    }
    for (size_t i = 0; i < missing_count; i++) {
        strbuf_append_char(text, ',');
        append_missing_json(&missing[i], text);
    }
    append_figures("],\"truth_lag\":", page != NULL ? page->truth_lag : NULL, text);
    append_figures(",\"sources\":", page != NULL ? page->sources : NULL, text);
    strbuf_append_text(text, "}\n");
}

void status_to_foreign(const struct group_status *status, int64_t letters, struct text_form form,
                       struct strbuf *text)
{
    int64_t read = status_read_total(status);
    if (read < STATUS_FOREIGN_MESSAGES || letters < read) {
        return;
    }
    struct strbuf sentence = strbuf_new(SENTENCE_LIMIT);
    strbuf_append_format(&sentence,
                         "\nevery message so far is a dead letter: is %s the right --topic, and "
                         "who writes to it?\ncandlewick dlq lists them with their reasons\n",
                         status->topic);
    output_append_lines(text, &sentence, TONE_BAD, form);
    strbuf_free(&sentence);
}
