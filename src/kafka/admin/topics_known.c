#include "kafka/admin/topics_known.h"

#include <string.h>

#include "base/clock.h"
#include "base/deadline.h"

static bool has_leaders(const rd_kafka_TopicDescription_t *topic)
{
    size_t count = 0;
    const rd_kafka_TopicPartitionInfo_t **partitions =
        rd_kafka_TopicDescription_partitions(topic, &count);
    bool all = count > 0;
    for (size_t i = 0; all && i < count; i++) {
        all = rd_kafka_TopicPartitionInfo_leader(partitions[i]) != NULL;
    }
    return all;
}

/* Returns whether a broker's answer has all topics; otherwise fills `error`. */
static bool answer_has_all(rd_kafka_event_t *event, int32_t broker, struct error *error)
{
    rd_kafka_resp_err_t code =
        event != NULL ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return error_set(error, ERROR_RETRY, "broker %d does not say which topics it knows: %.100s",
                         (int)broker, rd_kafka_err2str(code));
    }
    size_t count = 0;
    const rd_kafka_TopicDescription_t **topics =
        rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event), &count);
    for (size_t i = 0; i < count; i++) {
        const rd_kafka_error_t *failure = rd_kafka_TopicDescription_error(topics[i]);
        bool failed = rd_kafka_error_code(failure) != RD_KAFKA_RESP_ERR_NO_ERROR;
        if (failed || !has_leaders(topics[i])) {
            return error_set(error, ERROR_RETRY, "topic %.100s at broker %d: %.100s",
                             rd_kafka_TopicDescription_name(topics[i]), (int)broker,
                             failed ? rd_kafka_error_string(failure)
                                    : "not all partitions have a leader yet");
        }
    }
    return true;
}

static bool broker_knows(rd_kafka_t *client, rd_kafka_TopicCollection_t *topics, int32_t broker,
                         int timeout_ms, struct error *error)
{
    char words[200];
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, words, sizeof words);
    (void)rd_kafka_AdminOptions_set_broker(options, broker, words, sizeof words);
    rd_kafka_DescribeTopics(client, topics, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms);
    bool known = answer_has_all(event, broker, error);
    if (event != NULL) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    return known;
}

static bool all_know(rd_kafka_t *client, rd_kafka_TopicCollection_t *topics, int64_t deadline_ns,
                     struct error *error)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(client, 0, NULL, &metadata, deadline_left_ms(deadline_ns));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return error_set(error, ERROR_RETRY, "the brokers do not answer: %.100s",
                         rd_kafka_err2str(code));
    }
    bool known = true;
    for (int i = 0; known && i < metadata->broker_cnt; i++) {
        known = broker_knows(client, topics, metadata->brokers[i].id, deadline_left_ms(deadline_ns),
                             error);
    }
    rd_kafka_metadata_destroy(metadata);
    return known;
}

bool topics_known_by_all(rd_kafka_t *client, const char *const *names, size_t count, int timeout_ms,
                         struct error *error)
{
    const char *asked[TOPICS_KNOWN_MAX];
    if (count > TOPICS_KNOWN_MAX) {
        return error_set(error, ERROR_USAGE, "at most %d topics at a time", TOPICS_KNOWN_MAX);
    }
    memcpy(asked, names, count * sizeof *asked);
    rd_kafka_TopicCollection_t *topics = rd_kafka_TopicCollection_of_topic_names(asked, count);
    int64_t deadline_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    struct error why = {0};
    bool known = all_know(client, topics, deadline_ns, &why);
    while (!known && deadline_ask_again(&why, deadline_ns)) {
        known = all_know(client, topics, deadline_ns, &why);
    }
    rd_kafka_TopicCollection_destroy(topics);
    return known || error_set(error, why.kind, "%s", why.text);
}
