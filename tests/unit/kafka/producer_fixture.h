/* A producer on the in-process cluster, and a ledger of what its delivery reports said. */
#ifndef CANDLEWICK_TESTS_KAFKA_PRODUCER_FIXTURE_H
#define CANDLEWICK_TESTS_KAFKA_PRODUCER_FIXTURE_H

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cluster.h"
#include "kafka/producer/producer.h"

enum { MESSAGES = 10000, KEYS = 16, VALUE_SIZE = 40 };

/* What the delivery reports said of each message; the token is its number. */
struct ledger {
    atomic_int told[MESSAGES];
    atomic_int acknowledged, given_up;
    char last_error[256];
    enum error_kind last_kind;
};

static inline void on_delivery(void *context, void *token, int32_t partition, int64_t offset,
                               const struct error *error)
{
    struct ledger *ledger = context;
    size_t number = (size_t)(uintptr_t)token;
    assert_true(number < MESSAGES);
    atomic_fetch_add(&ledger->told[number], 1);
    if (error == NULL) {
        assert_true(partition >= 0 && offset >= 0);
        atomic_fetch_add(&ledger->acknowledged, 1);
        return;
    }
    assert_int_equal(offset, -1);
    memcpy(ledger->last_error, error->text, sizeof ledger->last_error);
    ledger->last_kind = error->kind;
    atomic_fetch_add(&ledger->given_up, 1);
}

struct fixture {
    struct cluster cluster;
    struct ledger ledger;
    struct stop *stop;
    struct producer *producer;
};

/* Without a producer: start_producer, with the properties that are in the cluster's settings. */
static inline struct fixture *make_fixture(void)
{
    struct error error = {0};
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->cluster = cluster_start();
    fixture->stop = stop_create(&error);
    assert_non_null(fixture->stop);
    return fixture;
}

static inline void start_producer(struct fixture *fixture)
{
    struct error error = {0};
    struct producer_config config = {
        .kafka = fixture->cluster.settings,
        .on_delivery = on_delivery,
        .context = &fixture->ledger,
        .stop = fixture->stop,
    };
    fixture->producer = producer_create(&config, &error);
    if (fixture->producer == NULL) {
        fail_msg("%s", error.text);
    }
}

static inline int teardown(void **state)
{
    struct fixture *fixture = *state;
    producer_destroy(fixture->producer, 0);
    stop_destroy(fixture->stop);
    cluster_stop(&fixture->cluster);
    free(fixture);
    return 0;
}

static inline bool send_to(struct fixture *fixture, const char *topic, size_t number, size_t size,
                           struct error *error)
{
    char key[16], value[VALUE_SIZE];
    (void)snprintf(key, sizeof key, "key%zu", number % KEYS);
    (void)snprintf(value, sizeof value, "%zu", number);
    char *bytes = calloc(1, size);
    assert_non_null(bytes);
    memcpy(bytes, value, strlen(value));
    struct producer_message message = {
        .topic = topic,
        .key = str_from(key),
        .value = {bytes, size},
        .partition = RD_KAFKA_PARTITION_UA,
        .token = (void *)(uintptr_t)number,
    };
    bool sent = producer_send(fixture->producer, &message, error);
    free(bytes); /* it was copied */
    return sent;
}

static inline void send_number(struct fixture *fixture, size_t number)
{
    struct error error = {0};
    if (!send_to(fixture, CLUSTER_TOPIC, number, VALUE_SIZE, &error)) {
        fail_msg("%zu: %s", number, error.text);
    }
}

static inline bool is_healthy(void *context)
{
    struct producer_stats stats;
    producer_stats(context, &stats);
    return stats.healthy;
}

static inline bool is_unhealthy(void *context)
{
    return !is_healthy(context);
}

static inline void push_errors(struct fixture *fixture, rd_kafka_resp_err_t code, size_t count)
{
    rd_kafka_resp_err_t codes[16];
    assert_true(count <= 16);
    for (size_t i = 0; i < count; i++) {
        codes[i] = code;
    }
    rd_kafka_mock_push_request_errors_array(cluster_mock(&fixture->cluster), API_PRODUCE, count,
                                            codes);
}

#endif
