/* A message on its way: our copy of its bytes, kept until it is acknowledged or given up. */
#ifndef CANDLEWICK_KAFKA_PRODUCER_RECORD_H
#define CANDLEWICK_KAFKA_PRODUCER_RECORD_H

#include "kafka/producer.h"

struct record {
    struct record *next;
    uint64_t seq; /* the order of sending; a re-send keeps it */
    void *token;
    rd_kafka_headers_t *headers; /* NULL: none; librdkafka gets copies */
    int64_t timestamp_ms;        /* of the first send: a re-send is the same bytes */
    size_t topic;                /* index in the producer's table */
    size_t key_length, value_length;
    int32_t partition;
    bool has_key, has_value;
    bool suspect; /* the broker refused the batch it was in: send it alone, then it is judged */
    char bytes[]; /* key, then value */
};

/* NULL when memory is short. */
NODISCARD struct record *record_create(const struct producer_message *message, size_t topic);
void record_destroy(struct record *record); /* NULL is allowed */

/* What it counts for in the queue's limit. */
size_t record_size(const struct record *record);

/* Hands it to librdkafka, which refers to the bytes until the delivery report. */
rd_kafka_resp_err_t record_produce(struct record *record, rd_kafka_t *client,
                                   rd_kafka_topic_t *topic);

struct record_list {
    struct record *first, *last;
    size_t count;
};
void record_list_append(struct record_list *list, struct record *record);
void record_list_prepend(struct record_list *list, struct record *record);
struct record *record_list_take(struct record_list *list); /* NULL when empty */
/* In the order of sending. In place: it cannot fail. */
void record_list_sort(struct record_list *list);

#endif
