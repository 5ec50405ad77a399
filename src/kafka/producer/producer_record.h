/* A message on its way: our copy of its bytes, kept until it is acknowledged or given up. */
#ifndef CANDLEWICK_KAFKA_PRODUCER_PRODUCER_RECORD_H
#define CANDLEWICK_KAFKA_PRODUCER_PRODUCER_RECORD_H

#include <pthread.h>

#include "kafka/producer/producer.h"

struct record {
    struct record *next;
    uint64_t seq; /* the order of sending; a re-send keeps it */
    void *token;
    int64_t timestamp_ms; /* of the first send: a re-send is the same bytes */
    uint32_t topic;       /* index in the producer's table */
    uint32_t key_length, value_length;
    uint32_t header_count, headers_length;
    int32_t partition;
    bool has_key, has_value;
    bool pooled;  /* of RECORD_POOLED_BYTES */
    bool suspect; /* the broker refused the batch it was in: send it alone, then it is judged */
    char bytes[]; /* key, then value, then the headers, each behind a struct record_header */
};

/* librdkafka's own list of headers takes a dozen allocations: it is made of these when it is
 * needed, as librdkafka keeps what it is given. */
struct record_header {
    uint32_t name_length; /* without the NUL at its end, which is there too */
    int32_t value_length; /* -1: the header has no value */
};

struct record_list {
    struct record *first, *last;
    size_t count;
};

/* Room for records, kept for the next ones: they are made on one thread and freed on another, which
 * malloc does slowly. A ticker's record fits RECORD_POOLED_BYTES; larger ones come from malloc. */
enum { RECORD_POOLED_BYTES = 256, RECORD_POOL_MAX = 16384 };
struct record_pool {
    pthread_mutex_t lock; /* of `free` */
    struct record_list free;
};
NODISCARD bool record_pool_init(struct record_pool *pool);
void record_pool_free(struct record_pool *pool); /* all records must be back */

/* NULL when memory is short. Key and value together are at most INT32_MAX bytes. */
NODISCARD struct record *record_create(struct record_pool *pool,
                                       const struct producer_message *message, uint32_t topic);
void record_destroy(struct record_pool *pool, struct record *record);
/* All at once, which is faster; leaves the list empty. */
void record_destroy_all(struct record_pool *pool, struct record_list *list);

/* What it counts for in the queue's limit. */
size_t record_size(const struct record *record);

/* Hands it to librdkafka, which refers to the bytes until the delivery report. */
rd_kafka_resp_err_t record_produce(struct record *record, rd_kafka_t *client,
                                   rd_kafka_topic_t *topic);

/* By `code`, the message itself can never be delivered. A partition that is not there is the fault
 * of one that asked for it by number; of all others librdkafka says so while a topic that it has
 * just been refused has no partitions. */
bool record_is_bad(const struct record *record, rd_kafka_resp_err_t code);

void record_list_append(struct record_list *list, struct record *record);
void record_list_prepend(struct record_list *list, struct record *record);
struct record *record_list_take(struct record_list *list); /* NULL when empty */
/* In the order of sending. In place: it cannot fail. */
void record_list_sort(struct record_list *list);

#endif
