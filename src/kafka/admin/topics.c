#include "kafka/admin/topics.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/log.h"
#include "kafka/admin/topics_create.h"
#include "kafka/admin/topics_known.h"
#include "kafka/client/client_trouble.h"

enum {
    TOPICS_MAX = 16,
    BROKERS_WAIT_S = 10, /* limit for waiting until there are enough brokers for a new topic's
                            replicas */
    BROKERS_LOOK_MS = 500,
    LOOK_MS = 50,         /* how often to check whether a new topic has its leaders */
    KNOWN_WAIT_MS = 3000, /* how long all brokers may take to learn of a new topic; one that is
                             down may be listed for some seconds more */
};

bool topic_name_valid(struct str name)
{
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-') {
            return false;
        }
    }
    return name.length > 0 && name.length <= TOPIC_NAME_MAX && !str_equal_text(name, ".") &&
           !str_equal_text(name, "..");
}

bool topic_name_check(const char *name, struct error *error)
{
    return topic_name_valid(str_from(name)) ||
           error_set(error, ERROR_USAGE,
                     "\"%.100s\" is no topic name: 1 to %d letters, digits, '.', '_' and '-'", name,
                     TOPIC_NAME_MAX);
}

/* Requests one topic's metadata; the caller destroys it. Returns NULL if the brokers do not
 * answer. */
static const struct rd_kafka_metadata *ask(rd_kafka_t *client, const char *topic, int timeout_ms,
                                           struct error *error)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
    if (handle == NULL) {
        (void)error_set(error, ERROR_USAGE, "\"%.100s\" is no topic name", topic);
        return NULL;
    }
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 0, handle, &metadata, timeout_ms);
    rd_kafka_topic_destroy(handle);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        char what[sizeof "topic " + TOPIC_NAME_MAX];
        (void)snprintf(what, sizeof what, "topic %.100s", topic);
        (void)client_trouble_unanswered(client_trouble_of(client), code, timeout_ms, what, error);
        return NULL;
    }
    return metadata;
}

static int judge(const struct rd_kafka_metadata *metadata, const char *topic, struct error *error)
{
    if (metadata->topic_cnt != 1) {
        (void)error_set(error, ERROR_RETRY, "no answer from the brokers about topic %.100s", topic);
        return 0;
    }
    const struct rd_kafka_metadata_topic *answer = &metadata->topics[0];
    if (answer->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
        answer->err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
        (void)error_set(
            error, ERROR_REJECT,
            "there is no topic %.100s: candlewick prepare makes it, --topic names another", topic);
        return 0;
    }
    if (answer->err == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION) {
        (void)error_set(error, ERROR_USAGE, "\"%.100s\" is no topic name", topic);
        return 0;
    }
    if (answer->err != RD_KAFKA_RESP_ERR_NO_ERROR || answer->partition_cnt == 0) {
        (void)error_set(error, ERROR_RETRY, "topic %.100s: %s", topic,
                        rd_kafka_err2str(answer->err));
        return 0;
    }
    return answer->partition_cnt;
}

const struct rd_kafka_metadata *topic_metadata(rd_kafka_t *client, const char *topic,
                                               int timeout_ms, struct error *error)
{
    const struct rd_kafka_metadata *metadata = ask(client, topic, timeout_ms, error);
    if (metadata != NULL && judge(metadata, topic, error) == 0) {
        rd_kafka_metadata_destroy(metadata);
        return NULL;
    }
    return metadata;
}

int topic_partitions(rd_kafka_t *client, const char *topic, int timeout_ms, struct error *error)
{
    const struct rd_kafka_metadata *metadata = topic_metadata(client, topic, timeout_ms, error);
    if (metadata == NULL) {
        return 0;
    }
    int partitions = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    return partitions;
}

static void note_present(const struct topic_spec *spec, const struct rd_kafka_metadata *metadata,
                         struct topic_state *state)
{
    const struct rd_kafka_metadata_topic *topic = &metadata->topics[0];
    if (state->presence == TOPIC_MADE) {
        return;
    }
    *state =
        (struct topic_state){TOPIC_THERE, topic->partition_cnt, topic->partitions[0].replica_cnt};
    if (state->partitions != spec->partitions || state->replication != spec->replication) {
        log_warn("topic_differs", log_text("topic", spec->name),
                 log_int("partitions", state->partitions),
                 log_int("partitions_wanted", spec->partitions),
                 log_int("replication", state->replication),
                 log_int("replication_wanted", spec->replication),
                 log_text("reason", "it exists, and is never changed"));
    }
}

enum presence { PRESENT, MISSING, UNKNOWN };

static enum presence look(rd_kafka_t *client, const struct topic_spec *spec, int timeout_ms,
                          struct topic_state *state, struct error *error)
{
    const struct rd_kafka_metadata *metadata = ask(client, spec->name, timeout_ms, error);
    if (metadata == NULL) {
        return UNKNOWN;
    }
    struct error why = {0};
    enum presence presence = PRESENT;
    if (judge(metadata, spec->name, &why) > 0) {
        note_present(spec, metadata, state);
    } else if (why.kind == ERROR_REJECT) {
        presence = MISSING;
    } else {
        *error = why;
        presence = UNKNOWN;
    }
    rd_kafka_metadata_destroy(metadata);
    return presence;
}

static bool spec_valid(const struct topic_spec *spec, struct error *error)
{
    if (!topic_name_check(spec->name, error)) {
        return false;
    }
    if (spec->min_insync > spec->replication) {
        return error_set(error, ERROR_USAGE,
                         "topic %.100s: min.insync.replicas %d is more than its %d replicas, so "
                         "that nothing could be written; see --topic-replication",
                         spec->name, spec->min_insync, spec->replication);
    }
    return true;
}

/* Returns whether a new topic accepts messages: every partition has its leader and enough in-sync
 * replicas. */
static bool settled(rd_kafka_t *client, const struct topic_spec *spec, int timeout_ms)
{
    const struct rd_kafka_metadata *metadata = topic_metadata(client, spec->name, timeout_ms, NULL);
    if (metadata == NULL) {
        return false;
    }
    const struct rd_kafka_metadata_topic *topic = &metadata->topics[0];
    bool all = true;
    for (int i = 0; all && i < topic->partition_cnt; i++) {
        all = topic->partitions[i].leader >= 0 && topic->partitions[i].isr_cnt >= spec->min_insync;
    }
    rd_kafka_metadata_destroy(metadata);
    return all;
}

static bool await_made(rd_kafka_t *client, const struct topic_spec *specs, size_t count,
                       const struct topic_state *states, int64_t deadline_ns, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        while (states[i].presence == TOPIC_MADE &&
               !settled(client, &specs[i], deadline_left_ms(deadline_ns))) {
            if (clock_monotonic_ns() >= deadline_ns) {
                return error_set(error, ERROR_RETRY,
                                 "topic %.100s was created, and its replicas are not in sync yet",
                                 specs[i].name);
            }
            nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * NS_PER_MS}, NULL);
        }
    }
    return true;
}

/* Waits until all brokers know the new topics: what comes next may ask any of them. If one does not
 * answer, goes on without it. */
static void await_known(rd_kafka_t *client, const struct topic_spec *specs, size_t count,
                        const struct topic_state *states, int64_t deadline_ns)
{
    const char *names[TOPICS_MAX];
    size_t made = 0;
    int left_ms = deadline_left_ms(deadline_ns);
    struct error why = {0};
    for (size_t i = 0; i < count; i++) {
        if (states[i].presence == TOPIC_MADE) {
            names[made++] = specs[i].name;
        }
    }
    if (made > 0 && !topics_known_by_all(client, names, made,
                                         left_ms < KNOWN_WAIT_MS ? left_ms : KNOWN_WAIT_MS, &why)) {
        log_warn("topic_not_known_by_all", log_text("reason", why.text));
    }
}

/* Creates topics. Retries while there are too few brokers, because brokers that are starting
 * register one by one. */
static bool create_patiently(rd_kafka_t *client, const struct topic_spec *specs, size_t count,
                             int64_t deadline_ns, bool *too_few, struct error *error)
{
    int64_t enough_ns = clock_monotonic_ns() + BROKERS_WAIT_S * NS_PER_SECOND;
    if (enough_ns > deadline_ns) {
        enough_ns = deadline_ns;
    }
    bool logged = false;
    while (!topics_create(client, specs, count, deadline_left_ms(deadline_ns), too_few, error)) {
        if (!*too_few || clock_monotonic_ns() + BROKERS_LOOK_MS * NS_PER_MS >= enough_ns) {
            return false;
        }
        if (!logged) {
            log_info("topic_waits", log_text("topic", specs[0].name),
                     log_text("reason", "too few brokers yet"));
        }
        logged = true;
        nanosleep(&(struct timespec){.tv_nsec = BROKERS_LOOK_MS * NS_PER_MS}, NULL);
    }
    return true;
}

static bool ensure(rd_kafka_t *client, const struct topic_spec *specs, size_t count,
                   int64_t deadline_ns, struct topic_state *states, struct error *error)
{
    struct topic_spec missing[TOPICS_MAX];
    size_t places[TOPICS_MAX], missing_count = 0;
    for (size_t i = 0; i < count; i++) {
        enum presence presence =
            look(client, &specs[i], deadline_left_ms(deadline_ns), &states[i], error);
        if (presence == UNKNOWN) {
            return false;
        }
        if (presence == MISSING) {
            places[missing_count] = i;
            missing[missing_count++] = specs[i];
        }
    }
    bool too_few = false;
    bool made = missing_count == 0 ||
                create_patiently(client, missing, missing_count, deadline_ns, &too_few, error);
    for (size_t i = 0; i < missing_count; i++) {
        states[places[i]].presence = made ? TOPIC_MADE : too_few ? TOPIC_TOO_FEW : TOPIC_UNKNOWN;
    }
    if (!made || !await_made(client, specs, count, states, deadline_ns, error)) {
        return false;
    }
    await_known(client, specs, count, states, deadline_ns);
    return true;
}

bool topics_ensure(const struct kafka_settings *settings, const struct topic_spec *specs,
                   size_t count, int timeout_ms, struct topic_state *states, struct error *error)
{
    struct topic_state own[TOPICS_MAX] = {{TOPIC_UNKNOWN, 0, 0}};
    int64_t deadline_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    if (count > TOPICS_MAX) {
        return error_set(error, ERROR_USAGE, "at most %d topics at a time", TOPICS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        if (!spec_valid(&specs[i], error)) {
            return false;
        }
    }
    struct client_trouble trouble;
    rd_kafka_conf_t *conf = kafka_reader_conf(settings, &trouble, error);
    rd_kafka_t *client = conf != NULL ? kafka_client_create(RD_KAFKA_CONSUMER, conf, error) : NULL;
    if (client == NULL) {
        return false;
    }
    bool done = ensure(client, specs, count, deadline_ns, states != NULL ? states : own, error);
    rd_kafka_destroy(client);
    return done;
}
