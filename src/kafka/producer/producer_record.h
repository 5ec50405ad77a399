/* A message that is being sent: a copy of its bytes, which is kept until it is acknowledged or
 * given up. */
#ifndef CANDLEWICK_KAFKA_PRODUCER_PRODUCER_RECORD_H
#define CANDLEWICK_KAFKA_PRODUCER_PRODUCER_RECORD_H

#include <pthread.h>

#include "kafka/producer/producer.h"

struct record {
    struct record *next;
    uint64_t seq; /* order of sending; kept when the record is sent again */
    void *token;
    int64_t timestamp_ms; /* time of the first try; sending again keeps it, so that the bytes are
                             the same */
    uint32_t topic;       /* index in the producer's table of topics */
    uint32_t key_length, value_length;
    uint32_t header_count, headers_length;
    int32_t partition;
    bool has_key, has_value;
    bool once;    /* see struct producer_message */
    bool pooled;  /* its memory is RECORD_POOLED_BYTES, for the pool */
    bool suspect; /* a broker rejected the batch that contained it; it will be sent alone, which
                     shows whether it was the cause */
    char bytes[]; /* key, value, then each header: a struct record_header, name and value */
};

/* Precedes each header in `bytes`. librdkafka's own list of headers needs a dozen allocations, and
 * librdkafka owns it once it is passed. So the list is built anew, from these, for each send. */
struct record_header {
    uint32_t name_length; /* without the NUL that follows the name */
    int32_t value_length; /* -1 if the header has no value */
};

struct record_list {
    struct record *first, *last;
    size_t count;
};

/* A pool of records for reuse, because malloc is slow for memory that is allocated on one thread
 * and freed on another. A ticker's record fits into RECORD_POOLED_BYTES; larger ones are not
 * pooled. */
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

/* Returns how many bytes the record adds to the queue (queue.buffering.max.kbytes). */
size_t record_size(const struct record *record);

/* Passes the record to librdkafka, which uses its bytes until the delivery report. */
rd_kafka_resp_err_t record_produce(struct record *record, rd_kafka_t *client,
                                   rd_kafka_topic_t *topic);

/* Returns whether `code` means that the message can never be delivered. For an unknown partition it
 * does only if the message asked for it by number: for other messages librdkafka reports an unknown
 * partition while a topic is just being created and has no partitions yet. */
bool record_is_bad(const struct record *record, rd_kafka_resp_err_t code);

void record_list_append(struct record_list *list, struct record *record);
void record_list_prepend(struct record_list *list, struct record *record);
struct record *record_list_take(struct record_list *list); /* returns NULL if empty */
/* Sorts by `seq`, in place; it cannot fail. */
void record_list_sort(struct record_list *list);

#endif
