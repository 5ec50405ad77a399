#include <stdlib.h>
#include <string.h>

#include "kafka/admin/topics.h"
#include "kafka/producer/producer_internal.h"

static bool open_topic(struct producer *producer, struct topic_handle *topic, struct error *error)
{
    topic->handle = rd_kafka_topic_new(producer->client, topic->name, NULL);
    if (topic->handle == NULL) {
        return error_set(error, ERROR_REJECT, "topic %.100s: %s", topic->name,
                         rd_kafka_err2str(rd_kafka_last_error()));
    }
    return true;
}

bool producer_open_client(struct producer *producer, struct error *error)
{
    producer->client =
        kafka_client_create(RD_KAFKA_PRODUCER, rd_kafka_conf_dup(producer->conf), error);
    if (producer->client == NULL) {
        return false;
    }
    producer->events = rd_kafka_queue_get_main(producer->client);
    for (size_t i = 0; i < producer->topic_count; i++) {
        if (!open_topic(producer, &producer->topics[i], error)) {
            producer_close_client(producer);
            return false;
        }
    }
    return true;
}

void producer_close_client(struct producer *producer)
{
    for (size_t i = 0; i < producer->topic_count; i++) {
        if (producer->topics[i].handle != NULL) {
            rd_kafka_topic_destroy(producer->topics[i].handle);
            producer->topics[i].handle = NULL;
        }
    }
    if (producer->events != NULL) {
        rd_kafka_queue_destroy(producer->events);
        producer->events = NULL;
    }
    if (producer->client != NULL) {
        rd_kafka_destroy(producer->client);
        producer->client = NULL;
    }
}

bool producer_add_topic(struct producer *producer, const char *name, struct error *error)
{
    for (size_t i = 0; i < producer->topic_count; i++) {
        if (strcmp(producer->topics[i].name, name) == 0) {
            return true; /* another sender has added it meanwhile */
        }
    }
    if (!topic_name_check(name, error)) {
        if (error != NULL) {
            error->kind = ERROR_REJECT; /* only this message is bad: it can never be sent */
        }
        return false;
    }
    if (producer->topic_count == PRODUCER_TOPICS_MAX) {
        return error_set(error, ERROR_REJECT, "topic %.100s: a producer sends to at most %d topics",
                         name, PRODUCER_TOPICS_MAX);
    }
    struct topic_handle topic = {.name = strdup(name)};
    if (topic.name == NULL) {
        return error_set(error, ERROR_RETRY, "topic %.100s: out of memory", name);
    }
    /* While the client is being created again there is none; the new one will open all topics. */
    if (producer->client != NULL && !open_topic(producer, &topic, error)) {
        free(topic.name);
        return false;
    }
    producer->topics[producer->topic_count++] = topic;
    return true;
}
