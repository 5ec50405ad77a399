/* The inside of a reader: a librdkafka consumer without a group, with all partitions in one
 * queue. */
#ifndef CANDLEWICK_KAFKA_READER_READER_INTERNAL_H
#define CANDLEWICK_KAFKA_READER_READER_INTERNAL_H

#include "kafka/admin/topic_id.h"
#include "kafka/client/client_trouble.h"
#include "kafka/reader/reader.h"

struct reader {
    const struct kafka_settings *settings; /* borrowed */
    rd_kafka_conf_t *conf; /* configuration of every client that this reader creates */
    rd_kafka_t *client;
    struct client_trouble trouble; /* the client's newest error */
    rd_kafka_topic_t *topic;
    const struct stop *stop; /* may be NULL */
    message_time time_of;    /* may be NULL */
    void *time_context;
    char name[256];
    struct topic_id topic_id; /* the first id that was read; all messages are read from the topic
                                 with this id */
};

/* Starts to fetch `partition` from `offset` on into `queue`. */
NODISCARD bool reader_start(struct reader *reader, rd_kafka_queue_t *queue, int32_t partition,
                            int64_t offset, struct error *error);
void reader_stop(struct reader *reader, int32_t partition);
/* Waits for a message, and takes up to `most` that came with it: a batch with a time-out would wait
 * until it is full. Returns how many there are. */
size_t reader_take(rd_kafka_queue_t *queue, int wait_ms, rd_kafka_message_t **messages,
                   size_t most);

/* Replaces the client by a new one, which remembers nothing of a deleted topic. No partition may be
 * started, and no message of the old client may be in use. Returns false if the system has no
 * threads left; only reader_destroy() may be called then. */
NODISCARD bool reader_renew(struct reader *reader, struct error *error);

/* Checks the topic's id. Returns false with ERROR_RETRY if the topic was deleted, or has another id
 * than when the reader began. */
NODISCARD bool reader_check_topic(struct reader *reader, int timeout_ms, struct error *error);

/* Returns a view of librdkafka's message; its bytes are borrowed. */
struct message reader_message(const struct reader *reader, const rd_kafka_message_t *from);

#endif
