/* A reader, and a topic whose messages say where they stand. */
#ifndef CANDLEWICK_TESTS_KAFKA_READER_FIXTURE_H
#define CANDLEWICK_TESTS_KAFKA_READER_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cluster.h"
#include "kafka/reader/reader.h"

enum { PER_PARTITION = 250 };

struct fixture {
    struct cluster cluster;
    rd_kafka_t *writer;
    struct reader *reader;
    struct stop *stop;
};

/* Message `number` of `partition`: its value is "partition/number", its time 1000 + number ms. */
static inline void put(struct fixture *fixture, const char *topic, int32_t partition, int number,
                       int64_t timestamp_ms)
{
    char value[32];
    int length = snprintf(value, sizeof value, "%d/%d", (int)partition, number);
    rd_kafka_resp_err_t code =
        rd_kafka_producev(fixture->writer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY("key", 3),
                          RD_KAFKA_V_VALUE(value, (size_t)length),
                          RD_KAFKA_V_TIMESTAMP(timestamp_ms), RD_KAFKA_V_END);
    assert_int_equal(code, 0);
}

static inline void flush(struct fixture *fixture)
{
    assert_int_equal(rd_kafka_flush(fixture->writer, 20000), 0);
}

static inline int setup(void **state)
{
    struct error error = {0};
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->cluster = cluster_start();
    fixture->stop = stop_create(&error);
    assert_non_null(fixture->stop);
    rd_kafka_conf_t *conf = kafka_producer_conf(&fixture->cluster.settings, &error);
    fixture->writer = kafka_client_create(RD_KAFKA_PRODUCER, conf, &error);
    assert_non_null(fixture->writer);
    fixture->reader = reader_create(&fixture->cluster.settings, CLUSTER_TOPIC, &error);
    assert_non_null(fixture->reader);
    /* The last partition stays empty. */
    for (int i = 0; i < PER_PARTITION; i++) {
        for (int32_t partition = 0; partition < CLUSTER_PARTITIONS - 1; partition++) {
            put(fixture, CLUSTER_TOPIC, partition, i, 1000 + i);
        }
    }
    flush(fixture);
    *state = fixture;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *fixture = *state;
    reader_destroy(fixture->reader);
    rd_kafka_destroy(fixture->writer);
    stop_destroy(fixture->stop);
    cluster_stop(&fixture->cluster);
    free(fixture);
    return 0;
}

/* What was told. */
struct found {
    struct fixture *fixture;
    int total;
    int limit;      /* then the callback says no; 0: none */
    int64_t newest; /* with how many of the newest messages following begins */
    int64_t first[CLUSTER_PARTITIONS + 1], last[CLUSTER_PARTITIONS + 1]; /* offsets; -1: none */
    int disorder;
    int64_t newest_ms;
    bool filled; /* fill_more has been done */
    int idle;    /* calls without a message */
    bool end_when_idle;
};

static inline struct found nothing_found(struct fixture *fixture)
{
    struct found found = {.fixture = fixture};
    for (size_t i = 0; i <= CLUSTER_PARTITIONS; i++) {
        found.first[i] = found.last[i] = -1;
    }
    return found;
}

static inline bool note(void *context, const struct message *message)
{
    struct found *found = context;
    if (message == NULL) { /* nothing came for a while */
        found->idle++;
        return !found->end_when_idle;
    }
    char want[32];
    (void)snprintf(want, sizeof want, "%d/%lld", (int)message->partition,
                   (long long)message->offset);
    assert_true(str_equal_text(message->encoded.value, want));
    assert_true(str_equal_text(message->encoded.key, "key"));
    assert_int_equal(message->encoded.timestamp_ms, 1000 + message->offset);
    if (found->first[message->partition] < 0) {
        found->first[message->partition] = message->offset;
    }
    found->disorder += message->offset <= found->last[message->partition];
    found->last[message->partition] = message->offset;
    found->total++;
    return found->limit == 0 || found->total < found->limit;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
