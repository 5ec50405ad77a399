/* A message being sent: our copy of its bytes, kept until it is acknowledged or given up. */
#ifndef CANDLEWICK_KAFKA_PRODUCER_PRODUCER_RECORD_H
#define CANDLEWICK_KAFKA_PRODUCER_PRODUCER_RECORD_H

#include <pthread.h>

#include "kafka/producer/producer.h"

struct record {
    struct record *next;
    uint64_t seq; /* order of sending; kept when the record is sent again */
    void *token;
    int64_t timestamp_ms; /* time of the first send; kept when sent again, so that the bytes are the
                             same */
    uint32_t topic;       /* index in the producer's table of topics */
    uint32_t key_length, value_length;
    uint32_t header_count, headers_length;
    int32_t partition;
    bool has_key, has_value;
    bool pooled;  /* its memory is RECORD_POOLED_BYTES, for the pool */
    bool suspect; /* the broker rejected the batch that it was in; it is sent alone to find out
                     whether it was the cause */
    char bytes[]; /* key, value, then each header: a struct record_header, name and value */
};

/* Precedes each header in `bytes`. librdkafka's own list of headers needs a dozen allocations and
 * is owned by librdkafka once it is passed, so it is built from these for each send. */
struct record_header {
    uint32_t name_length; /* without the NUL that follows the name */
    int32_t value_length; /* -1 if the header has no value */
};

struct record_list {
    struct record *first, *last;
    size_t count;
};

/* A pool of records for reuse. Records are created on one thread and freed on another, which is
 * slow with malloc. A ticker's record fits into RECORD_POOLED_BYTES; larger ones are not pooled. */
enum { RECORD_POOLED_BYTES = 256, RECORD_POOL_MAX = 16384 };
struct record_pool {
    pthread_mutex_t lock; /* protects `free` */
    struct record_list free;
};
NODISCARD bool record_pool_init(struct record_pool *pool);
void record_pool_free(struct record_pool *pool); /* all records must have been destroyed */

/* Returns NULL if out of memory. Key and value together must not exceed INT32_MAX bytes. */
NODISCARD struct record *record_create(struct record_pool *pool,
                                       const struct producer_message *message, uint32_t topic);
void record_destroy(struct record_pool *pool, struct record *record);
/* Destroys all records of the list, which is faster than one by one, and empties it. */
void record_destroy_all(struct record_pool *pool, struct record_list *list);

/* Returns the bytes that the record counts for in the queue's limit. */
size_t record_size(const struct record *record);

/* Hands the record to librdkafka, which refers to its bytes until the delivery report. */
rd_kafka_resp_err_t record_produce(struct record *record, rd_kafka_t *client,
                                   rd_kafka_topic_t *topic);

/* Returns whether `code` means that the message can never be delivered. An unknown partition means
 * that only if the message asked for it by number: for others librdkafka reports it while a topic
 * that was just rejected has no partitions. */
bool record_is_bad(const struct record *record, rd_kafka_resp_err_t code);

void record_list_append(struct record_list *list, struct record *record);
void record_list_prepend(struct record_list *list, struct record *record);
struct record *record_list_take(struct record_list *list); /* returns NULL if empty */
/* Sorts by `seq`, in place; it cannot fail. */
void record_list_sort(struct record_list *list);

#endif
