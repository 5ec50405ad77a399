#include "kafka/admin/topics_create.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "kafka/client/client_trouble.h"

static rd_kafka_NewTopic_t *make_order(const struct topic_spec *spec, struct error *error)
{
    char words[200], min_insync[16], retention[24];
    rd_kafka_NewTopic_t *order =
        rd_kafka_NewTopic_new(spec->name, spec->partitions, spec->replication, words, sizeof words);
    if (order == NULL) {
        (void)error_set(error, ERROR_USAGE, "topic %.100s: %s", spec->name, words);
        return NULL;
    }
    int64_t retention_ms = spec->retention_ms < 0 ? -1 : spec->retention_ms;
    (void)snprintf(min_insync, sizeof min_insync, "%d", spec->min_insync);
    (void)snprintf(retention, sizeof retention, "%" PRId64, retention_ms);
    if (rd_kafka_NewTopic_set_config(order, "min.insync.replicas", min_insync) !=
            RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_NewTopic_set_config(order, "retention.ms", retention) !=
            RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_NewTopic_destroy(order);
        (void)error_set(error, ERROR_FATAL, "topic %.100s: librdkafka refuses its settings",
                        spec->name);
        return NULL;
    }
    return order;
}

static bool judge_creation(const rd_kafka_topic_result_t *result, const struct topic_spec *specs,
                           size_t count, bool *too_few, struct error *error)
{
    const char *name = rd_kafka_topic_result_name(result);
    const char *words = rd_kafka_topic_result_error_string(result);
    rd_kafka_resp_err_t code = rd_kafka_topic_result_error(result);
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
        return true; /* another process has created it meanwhile */
    }
    if (code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR) {
        *too_few = true;
        size_t i = 0;
        while (i + 1 < count && strcmp(specs[i].name, name) != 0) {
            i++;
        }
        return error_set(error, ERROR_FATAL,
                         "topic %.100s: %d replicas need as many brokers, and the cluster has "
                         "fewer: start more, or set --topic-replication",
                         name, specs[i].replication);
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return error_set(error, kafka_error_kind(code), "topic %.100s cannot be created: %s", name,
                         words != NULL ? words : rd_kafka_err2str(code));
    }
    log_info("topic_created", log_text("topic", name));
    return true;
}

/* Checks the results of the request; `event` is NULL if no answer arrived in time. */
static bool judge_creations(rd_kafka_t *client, rd_kafka_event_t *event,
                            const struct topic_spec *specs, size_t count, bool *too_few,
                            struct error *error)
{
    rd_kafka_resp_err_t code =
        event != NULL ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return client_trouble_explain(client_trouble_of(client), code, error,
                                      "no broker creates topics");
    }
    const rd_kafka_CreateTopics_result_t *answer = rd_kafka_event_CreateTopics_result(event);
    size_t results = 0;
    const rd_kafka_topic_result_t **result = rd_kafka_CreateTopics_result_topics(answer, &results);
    for (size_t i = 0; i < results; i++) {
        if (!judge_creation(result[i], specs, count, too_few, error)) {
            return false;
        }
    }
    return true;
}

static bool send_orders(rd_kafka_t *client, rd_kafka_NewTopic_t **orders,
                        const struct topic_spec *specs, size_t count, int timeout_ms, bool *too_few,
                        struct error *error)
{
    char words[200];
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, words, sizeof words);
    (void)rd_kafka_AdminOptions_set_operation_timeout(options, timeout_ms, words, sizeof words);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_CreateTopics(client, orders, count, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms);
    bool created = judge_creations(client, event, specs, count, too_few, error);
    if (event != NULL) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    return created;
}

bool topics_create(rd_kafka_t *client, const struct topic_spec *specs, size_t count, int timeout_ms,
                   bool *too_few, struct error *error)
{
    *too_few = false;
    rd_kafka_NewTopic_t **orders = calloc(count, sizeof *orders);
    if (orders == NULL) {
        return error_set(error, ERROR_FATAL, "topics: out of memory");
    }
    size_t made = 0;
    while (made < count && (orders[made] = make_order(&specs[made], error)) != NULL) {
        made++;
    }
    bool created =
        made == count && send_orders(client, orders, specs, count, timeout_ms, too_few, error);
    rd_kafka_NewTopic_destroy_array(orders, made);
    free(orders);
    return created;
}
