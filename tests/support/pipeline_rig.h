/* The far ends in this process, for tests of what joins the stages: an embedded cluster with a
 * topic, our own registry, a client of it, a stop. */
#ifndef CANDLEWICK_TESTS_PIPELINE_RIG_H
#define CANDLEWICK_TESTS_PIPELINE_RIG_H

#include <string.h>

#include "base/http/http_client.h"
#include "base/stop.h"
#include "cmocka_all.h"
#include "kafka/admin/embedded.h"
#include "kafka/producer/producer.h"
#include "record/ticker.h"
#include "registry/client/client.h"
#include "registry/codec/frame.h"
#include "registry/server/server.h"
#include "support.h"

#define RIG_TOPIC "tickers"

struct app_rig {
    struct embedded_kafka *kafka;
    struct kafka_settings settings;
    struct registry_server *registry_server;
    struct registry_client *registry;
    struct stop *stop;
};

static inline struct registry_client *rig_registry(const char *url, struct stop *stop)
{
    struct error error = {0};
    struct registry_client *client =
        registry_client_create(&(struct registry_config){.url = url,
                                                         .columns = ticker_columns,
                                                         .reader_schema = ticker_schema_text,
                                                         .stop = stop},
                               &error);
    if (client == NULL) {
        fail_msg("%s", error.text);
    }
    return client;
}

static inline struct app_rig rig_start(int partitions)
{
    struct error error = {0};
    struct app_rig rig = {.kafka = embedded_kafka_create(3, &error)};
    struct topic_spec spec = {.name = RIG_TOPIC, .partitions = partitions, .replication = 3};
    if (rig.kafka == NULL || !embedded_kafka_create_topic(rig.kafka, &spec, &error)) {
        fail_msg("%s", error.text);
    }
    rig.settings.brokers = embedded_kafka_brokers(rig.kafka);
    rig.settings.client_id = "test";
    rig.stop = stop_create(&error);
    rig.registry_server = registry_server_create(
        &(struct registry_server_config){.listen = "127.0.0.1:0", .path = ":memory:"}, &error);
    if (rig.stop == NULL || rig.registry_server == NULL) {
        fail_msg("%s", error.text);
    }
    rig.registry = rig_registry(registry_server_url(rig.registry_server), rig.stop);
    return rig;
}

static inline void rig_end(struct app_rig *rig)
{
    registry_client_destroy(rig->registry);
    registry_server_destroy(rig->registry_server);
    embedded_kafka_destroy(rig->kafka);
    stop_destroy(rig->stop);
}

static inline struct ticker rig_tick(const char *symbol, int64_t time_ns, double price)
{
    struct ticker tick = {.event_time_ns = time_ns, .last_price = price};
    (void)str_copy(str_from(symbol), tick.symbol, sizeof tick.symbol);
    (void)str_copy(str_from("bitfinex"), tick.source, sizeof tick.source);
    return tick;
}

/* The record as it travels, under a schema id. */
static inline struct strbuf rig_encode(int32_t schema_id, const struct record_kind *kind,
                                       const void *record, const struct text_arena *texts)
{
    struct error error = {0};
    struct schema *schema = schema_parse(str_from(kind->schema), &error);
    struct encode_plan *plan = encode_plan_compile(schema, kind->columns, &error);
    struct strbuf message = strbuf_new(1 << 17);
    assert_non_null(plan);
    frame_append_header(&message, schema_id);
    assert_true(encode_plan_run(plan, record, texts, &message));
    encode_plan_destroy(plan);
    schema_destroy(schema);
    return message;
}

static inline struct strbuf rig_message(int32_t schema_id, const struct ticker *tick)
{
    return rig_encode(schema_id, &ticker_kind, tick, NULL);
}

/* Registers our schema for the topic; its id. */
static inline int32_t rig_schema(struct app_rig *rig)
{
    struct error error = {0};
    int32_t id = 0;
    if (!registry_register(rig->registry, RIG_TOPIC "-value", ticker_schema_text, &id, &error)) {
        fail_msg("%s", error.text);
    }
    return id;
}

/* Writes messages with that key, so all to one partition, and waits until they are there. */
static inline void rig_send_to(struct app_rig *rig, const char *topic, const char *key,
                               const struct str *values, size_t count)
{
    struct error error = {0};
    struct producer *producer =
        producer_create(&(struct producer_config){.kafka = rig->settings}, &error);
    assert_non_null(producer);
    for (size_t i = 0; i < count; i++) {
        struct producer_message message = {
            .topic = topic, .key = str_from(key), .value = values[i]};
        assert_true(producer_send(producer, &message, &error));
    }
    assert_true(producer_flush(producer, 10000));
    producer_destroy(producer, 0);
}

static inline void rig_send(struct app_rig *rig, const struct str *values, size_t count)
{
    rig_send_to(rig, RIG_TOPIC, "tBTCUSD", values, count);
}

static inline int rig_set_up(void **state)
{
    struct error error;
    (void)state;
    return http_client_global_init(&error) ? 0 : -1;
}

static inline int rig_tear_down(void **state)
{
    (void)state;
    http_client_global_cleanup();
    return 0;
}

#endif
