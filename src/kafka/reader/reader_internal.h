/* The reader's inside: librdkafka's consumer without a group, all partitions into one queue. */
#ifndef CANDLEWICK_KAFKA_READER_READER_INTERNAL_H
#define CANDLEWICK_KAFKA_READER_READER_INTERNAL_H

#include "kafka/admin/topic_id.h"
#include "kafka/client/client_trouble.h"
#include "kafka/reader/reader.h"

struct reader {
    rd_kafka_conf_t *conf; /* of the client, and of the one that takes its place */
    rd_kafka_t *client;
    struct client_trouble trouble; /* of the client */
    rd_kafka_topic_t *topic;
    const struct stop *stop; /* NULL: none is heeded */
    char name[256];
    struct topic_id topic_id; /* the first that was told; what is read is of that topic */
};

/* Fetches `partition` from `offset` on into `queue`. */
NODISCARD bool reader_start(struct reader *reader, rd_kafka_queue_t *queue, int32_t partition,
                            int64_t offset, struct error *error);
void reader_stop(struct reader *reader, int32_t partition);

/* Takes another client, that knows nothing of a topic that was deleted; nothing may be running, nor
 * a message of the old one be held. False: the system has no threads left; then only
 * reader_destroy is left. */
NODISCARD bool reader_renew(struct reader *reader, struct error *error);

/* Asks for the topic's id. False with ERROR_RETRY: it is another topic than the reader began with,
 * or was deleted. */
NODISCARD bool reader_check_topic(struct reader *reader, int timeout_ms, struct error *error);

/* Borrows the bytes of librdkafka's message. */
struct message reader_message(const struct reader *reader, const rd_kafka_message_t *from);

#endif
