/*
 * A queue of messages of one partition that cannot be added to a batch yet, because a schema is
 * being fetched or the queue of batches is full. It owns its messages.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_HELD_MESSAGES_H
#define CANDLEWICK_KAFKA_CONSUMER_HELD_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

#include <librdkafka/rdkafka.h>

#include "base/compiler/attributes.h"

/* All zero is an empty queue. */
struct held_messages {
    rd_kafka_message_t **messages; /* the queue is the `count` messages from index `first` on */
    size_t first, count, capacity;
    size_t bytes; /* sum of their keys and values */
};

/* Appends the message and owns it from here on. Returns false if out of memory; the caller still
 * owns it then. */
NODISCARD bool held_messages_add(struct held_messages *held, rd_kafka_message_t *message);
/* Returns the oldest message, borrowed; NULL if the queue is empty. */
rd_kafka_message_t *held_messages_oldest(const struct held_messages *held);
/* Destroys the oldest message; there must be one. */
void held_messages_drop_oldest(struct held_messages *held);
/* Destroys all messages and frees the queue. */
void held_messages_free(struct held_messages *held);

#endif
