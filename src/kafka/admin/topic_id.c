#include "kafka/admin/topic_id.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "kafka/admin/topics.h"

enum { LEADERS_MAX = 64 }; /* how many leaders of one topic are asked at most */

/* librdkafka returns standard base64, but Kafka's tools print '-' for '+' and '_' for '/'. */
static struct topic_id id_of(const rd_kafka_Uuid_t *uuid)
{
    struct topic_id id = {""};
    bool zero = rd_kafka_Uuid_most_significant_bits(uuid) == 0 &&
                rd_kafka_Uuid_least_significant_bits(uuid) == 0;
    const char *text = zero ? NULL : rd_kafka_Uuid_base64str(uuid);
    if (text != NULL) {
        (void)str_copy(str_from(text), id.text, sizeof id.text);
    }
    for (char *at = id.text; *at != '\0'; at++) {
        *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
    }
    return id;
}

PRINTF_LIKE(2, 3)
static struct topic_id_state without_id(enum topic_id_state_kind kind, const char *format, ...)
{
    struct topic_id_state state = {.kind = kind};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(state.reason, sizeof state.reason, format, arguments);
    va_end(arguments);
    return state;
}

/* Requests the topic from one broker. The broker is chosen explicitly: otherwise librdkafka would
 * ask the controller, which its mock cluster does not have. */
static void ask_broker(rd_kafka_t *client, const char *topic, int32_t broker, int timeout_ms,
                       rd_kafka_queue_t *queue)
{
    char words[200];
    const char *names[] = {topic};
    rd_kafka_TopicCollection_t *topics = rd_kafka_TopicCollection_of_topic_names(names, 1);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, words, sizeof words);
    (void)rd_kafka_AdminOptions_set_broker(options, broker, words, sizeof words);
    rd_kafka_DescribeTopics(client, topics, options, queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_TopicCollection_destroy(topics);
}

static struct topic_id_state take_answer(rd_kafka_event_t *event, const char *topic)
{
    if (event == NULL) {
        return without_id(TOPIC_ID_UNKNOWN, "topic %.100s: no answer in time about its id", topic);
    }
    size_t count = 0;
    const rd_kafka_TopicDescription_t **topics = NULL;
    if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        topics = rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event),
                                                       &count);
    }
    if (count != 1) {
        return without_id(TOPIC_ID_UNKNOWN, "topic %.100s: its id is not told: %.80s", topic,
                          rd_kafka_err2str(rd_kafka_event_error(event)));
    }
    const rd_kafka_error_t *error = rd_kafka_TopicDescription_error(topics[0]);
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        return without_id(TOPIC_ID_NO_TOPIC, "there is no topic %.100s", topic);
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return without_id(TOPIC_ID_UNKNOWN, "topic %.100s: %.80s", topic,
                          rd_kafka_error_string(error));
    }
    struct topic_id_state state = {.id = id_of(rd_kafka_TopicDescription_topic_id(topics[0]))};
    state.kind = topic_id_known(&state.id) ? TOPIC_ID_KNOWN : TOPIC_ID_UNSUPPORTED;
    return state;
}

/* Returns whether the answers differ: one broker may still have the old topic, or not yet the new
 * one. */
static bool disagree(const struct topic_id_state *left, const struct topic_id_state *right)
{
    return left->kind != right->kind || strcmp(left->id.text, right->id.text) != 0;
}

static struct topic_id_state ask_brokers(rd_kafka_t *client, const char *topic,
                                         const int32_t *brokers, size_t count, int64_t deadline_ns)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    for (size_t i = 0; i < count; i++) {
        ask_broker(client, topic, brokers[i], deadline_left_ms(deadline_ns), queue);
    }
    struct topic_id_state state = {.kind = TOPIC_ID_UNKNOWN};
    for (size_t i = 0; i < count; i++) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, deadline_left_ms(deadline_ns));
        struct topic_id_state answer = take_answer(event, topic);
        if (event != NULL) {
            rd_kafka_event_destroy(event);
        }
        if (i == 0 || answer.kind == TOPIC_ID_UNKNOWN) {
            state = answer;
        } else if (state.kind != TOPIC_ID_UNKNOWN && disagree(&state, &answer)) {
            state = without_id(TOPIC_ID_UNKNOWN, "topic %.100s: its leaders do not agree on its id",
                               topic);
        }
    }
    rd_kafka_queue_destroy(queue);
    return state;
}

static size_t leaders_of(const struct rd_kafka_metadata_topic *topic, int32_t brokers[LEADERS_MAX])
{
    size_t count = 0;
    for (int i = 0; i < topic->partition_cnt && count < LEADERS_MAX; i++) {
        int32_t leader = topic->partitions[i].leader;
        bool known = leader < 0;
        for (size_t k = 0; k < count && !known; k++) {
            known = brokers[k] == leader;
        }
        if (!known) {
            brokers[count++] = leader;
        }
    }
    return count;
}

struct topic_id_state topic_id_ask(rd_kafka_t *client, const char *topic, int timeout_ms)
{
    int32_t brokers[LEADERS_MAX];
    struct error why = {0};
    int64_t deadline_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    const struct rd_kafka_metadata *metadata = topic_metadata(client, topic, timeout_ms, &why);
    if (metadata == NULL) {
        return without_id(why.kind == ERROR_REJECT ? TOPIC_ID_NO_TOPIC : TOPIC_ID_UNKNOWN, "%.190s",
                          why.text);
    }
    size_t count = leaders_of(&metadata->topics[0], brokers);
    int partitions = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    if (count == 0) {
        return without_id(TOPIC_ID_UNKNOWN, "topic %.100s: no partition has a leader", topic);
    }
    struct topic_id_state state = ask_brokers(client, topic, brokers, count, deadline_ns);
    state.partitions = state.kind != TOPIC_ID_NO_TOPIC ? partitions : 0;
    return state;
}

bool topic_id_same(const char *topic, const struct topic_id *was, const struct topic_id *is,
                   struct error *error)
{
    return !topic_id_differs(was, is) ||
           error_set(error, ERROR_RETRY,
                     "topic %.100s was deleted and made again meanwhile (its id was %s, now it is "
                     "%s): start again",
                     topic, was->text, is->text);
}
