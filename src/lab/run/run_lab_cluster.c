#include "lab/run/run_lab_cluster.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "commands/wiring.h"
#include "kafka/admin/topics_known.h"
#include "kafka/client/client_trouble.h"

enum {
    BROKERS = 3,
    /* How long the in-process cluster waits for more members before a group's first round: until
     * the processes of all members have started. */
    GROUP_DELAY_MS = 1500,
    ANSWER_MS = 10000,
    GROUP_EMPTY_MS = 60000, /* longer than any session: that of KIP-848 lasts 45 s */
    GROUP_LOOK_MS = 500,
    NAME_SIZE = 300,
};
static const int64_t keep_ms = 3600 * 1000;

/* Returns an admin client, or NULL with `error` filled. `trouble` must outlive it. */
static rd_kafka_t *create_admin(const struct lab_cluster *cluster, struct client_trouble *trouble,
                                struct error *error)
{
    rd_kafka_conf_t *conf = kafka_reader_conf(&cluster->kafka, trouble, error);
    return conf != NULL ? kafka_client_create(RD_KAFKA_CONSUMER, conf, error) : NULL;
}

/* Requests metadata: all brokers, and the topics that the client knows. The caller destroys it.
 * Returns NULL on failure, with `error` filled. */
static const struct rd_kafka_metadata *ask(const struct lab_cluster *cluster, rd_kafka_t *admin,
                                           struct error *error)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(admin, 0, NULL, &metadata, ANSWER_MS);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        (void)client_trouble_unanswered(client_trouble_of(admin), code, ANSWER_MS,
                                        cluster->kafka.brokers, error);
        return NULL;
    }
    return metadata;
}

static bool count_brokers(struct lab_cluster *cluster, struct error *error)
{
    struct client_trouble trouble;
    rd_kafka_t *admin = create_admin(cluster, &trouble, error);
    const struct rd_kafka_metadata *metadata = admin != NULL ? ask(cluster, admin, error) : NULL;
    bool counted = metadata != NULL;
    if (counted) {
        cluster->brokers = metadata->broker_cnt;
        rd_kafka_metadata_destroy(metadata);
    }
    if (admin != NULL) {
        rd_kafka_destroy(admin);
    }
    return counted;
}

bool lab_cluster_open(const struct options *options, struct lab_cluster *cluster,
                      struct error *error)
{
    *cluster = (struct lab_cluster){.kafka = wiring_kafka(options, "lab")};
    if (options_origin(options, "--brokers") != ORIGIN_DEFAULT) {
        return count_brokers(cluster, error);
    }
    cluster->embedded = embedded_kafka_create(BROKERS, error);
    if (cluster->embedded == NULL) {
        return false;
    }
    cluster->brokers = BROKERS;
    cluster->kafka.brokers = embedded_kafka_brokers(cluster->embedded);
    rd_kafka_mock_group_initial_rebalance_delay_ms(embedded_kafka_mock(cluster->embedded),
                                                   GROUP_DELAY_MS);
    return true;
}

void lab_cluster_close(struct lab_cluster *cluster)
{
    embedded_kafka_destroy(cluster->embedded);
}

static void name_topic(const struct lab_group *group, int topic, const char *prefix,
                       char name[NAME_SIZE])
{
    (void)snprintf(name, NAME_SIZE, "%s%s", prefix, group->topics[topic].name);
}

static bool note_listed(struct lab_group *group, const char *prefix,
                        const struct rd_kafka_metadata *metadata, struct error *error)
{
    bool known = metadata->topic_cnt == group->topic_count;
    for (int i = 0; known && i < metadata->topic_cnt; i++) {
        const char *name = metadata->topics[i].topic;
        group->listed[i] = strncmp(name, prefix, strlen(prefix)) == 0
                               ? lab_group_find_topic(group, str_from(name + strlen(prefix)))
                               : -1;
        known = group->listed[i] >= 0;
    }
    return known ||
           error_set(error, ERROR_RETRY,
                     "the brokers do not list the topics %s*: others came instead", prefix);
}

/* Waits until each broker knows the topics, whichever a member will ask: a member that joined with
 * some of them only would join again later, in the middle of a step. */
static bool await_known(const struct lab_cluster *cluster, const struct lab_group *group,
                        const char *prefix, struct error *error)
{
    char names[LAB_TOPICS_MAX][NAME_SIZE];
    const char *asked[LAB_TOPICS_MAX];
    struct client_trouble trouble;
    rd_kafka_t *admin = create_admin(cluster, &trouble, error);
    if (admin == NULL) {
        return false;
    }
    for (int t = 0; t < group->topic_count; t++) {
        name_topic(group, t, prefix, names[t]);
        asked[t] = names[t];
    }
    bool known = topics_known_by_all(admin, asked, (size_t)group->topic_count, ANSWER_MS, error);
    rd_kafka_destroy(admin);
    return known;
}

/* Records the order in which the brokers list the topics. Real brokers list them by a hash of their
 * names, always in the same order. The group's leader requests the same topics, and librdkafka's
 * sticky assignor keeps the order of the answer. */
static bool ask_listed(const struct lab_cluster *cluster, struct lab_group *group,
                       const char *prefix, struct error *error)
{
    rd_kafka_topic_t *handles[LAB_TOPICS_MAX];
    struct client_trouble trouble;
    rd_kafka_t *admin = create_admin(cluster, &trouble, error);
    if (admin == NULL) {
        return false;
    }
    for (int t = 0; t < group->topic_count; t++) { /* the client requests the topics it knows */
        char name[NAME_SIZE];
        name_topic(group, t, prefix, name);
        handles[t] = rd_kafka_topic_new(admin, name, NULL);
    }
    const struct rd_kafka_metadata *metadata = ask(cluster, admin, error);
    bool noted = metadata != NULL && note_listed(group, prefix, metadata, error);
    if (metadata != NULL) {
        rd_kafka_metadata_destroy(metadata);
    }
    for (int t = 0; t < group->topic_count; t++) {
        if (handles[t] != NULL) {
            rd_kafka_topic_destroy(handles[t]);
        }
    }
    rd_kafka_destroy(admin);
    return noted;
}

bool lab_cluster_make_topics(struct lab_cluster *cluster, struct lab_group *group,
                             const char *prefix, struct error *error)
{
    for (int t = 0; t < group->topic_count; t++) {
        char name[NAME_SIZE];
        name_topic(group, t, prefix, name);
        const struct topic_spec spec = {
            .name = name,
            .partitions = group->topics[t].partitions,
            .replication = cluster->brokers < BROKERS ? cluster->brokers : BROKERS,
            .min_insync = cluster->brokers < BROKERS ? 1 : BROKERS - 1,
            .retention_ms = keep_ms,
        };
        bool made = cluster->embedded != NULL
                        ? embedded_kafka_create_topic(cluster->embedded, &spec, error)
                        : topics_ensure(&cluster->kafka, &spec, 1, ANSWER_MS, NULL, error);
        if (!made) {
            return false;
        }
    }
    return cluster->embedded != NULL || (await_known(cluster, group, prefix, error) &&
                                         ask_listed(cluster, group, prefix, error));
}

/* Returns the result of removing the group, or that of the first topic whose removal failed. */
static rd_kafka_resp_err_t removal_outcome(rd_kafka_event_t *event)
{
    size_t count = 0;
    rd_kafka_resp_err_t code =
        event != NULL ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return code;
    }
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DELETEGROUPS_RESULT) {
        const rd_kafka_group_result_t **groups =
            rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count);
        const rd_kafka_error_t *error = count > 0 ? rd_kafka_group_result_error(groups[0]) : NULL;
        return error != NULL ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    const rd_kafka_topic_result_t **topics =
        rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
    for (size_t i = 0; i < count && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        code = rd_kafka_topic_result_error(topics[i]);
    }
    return code;
}

/* Waits without a limit: librdkafka answers every request, with a time-out if the brokers do
 * not. */
static rd_kafka_resp_err_t await_removal(rd_kafka_queue_t *answers)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(answers, -1);
    rd_kafka_resp_err_t code = removal_outcome(event);
    if (event != NULL) {
        rd_kafka_event_destroy(event);
    }
    return code;
}

static void note_removal(const char *what, rd_kafka_resp_err_t code)
{
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) {
        log_warn("not_removed", log_text("what", what), log_text("reason", rd_kafka_err2str(code)));
    }
}

/* Returns whether waiting helps: static and killed members stay in the group until their session
 * ends, and the group's coordinator may be moving. (kafka_error_kind() would also make the run wait
 * after errors that need an operator, and for a group that no longer exists.) */
static bool passes_by_itself(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
        return true;
    default:
        return false;
    }
}

static void remove_group(rd_kafka_t *admin, rd_kafka_queue_t *answers, const char *kafka_group)
{
    int64_t limit_ns = clock_monotonic_ns() + GROUP_EMPTY_MS * NS_PER_MS;
    rd_kafka_DeleteGroup_t *group = rd_kafka_DeleteGroup_new(kafka_group);
    rd_kafka_resp_err_t code;
    for (;;) {
        rd_kafka_DeleteGroups(admin, &group, 1, NULL, answers);
        code = await_removal(answers);
        if (!passes_by_itself(code) || clock_monotonic_ns() >= limit_ns) {
            break;
        }
        (void)rd_kafka_poll(admin, GROUP_LOOK_MS);
    }
    note_removal(kafka_group, code);
    rd_kafka_DeleteGroup_destroy(group);
}

void lab_cluster_remove(struct lab_cluster *cluster, const struct lab_group *group,
                        const char *prefix, const char *kafka_group)
{
    rd_kafka_DeleteTopic_t *topics[LAB_TOPICS_MAX];
    struct error error = {0};
    rd_kafka_t *admin = cluster->embedded == NULL ? create_admin(cluster, NULL, &error) : NULL;
    if (admin == NULL) {
        return; /* the in-process cluster cannot remove anything, and ends with this process */
    }
    rd_kafka_queue_t *answers = rd_kafka_queue_new(admin);
    remove_group(admin, answers, kafka_group);
    for (int t = 0; t < group->topic_count; t++) {
        char name[NAME_SIZE];
        name_topic(group, t, prefix, name);
        topics[t] = rd_kafka_DeleteTopic_new(name);
    }
    rd_kafka_DeleteTopics(admin, topics, (size_t)group->topic_count, NULL, answers);
    note_removal(prefix, await_removal(answers));
    rd_kafka_DeleteTopic_destroy_array(topics, (size_t)group->topic_count);
    rd_kafka_queue_destroy(answers);
    rd_kafka_destroy(admin);
}
