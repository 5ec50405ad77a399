/*
 * Messages of one partition that cannot be taken yet, in order: their schema is being fetched, or
 * the queue of batches is full. Owns them.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_HOLDING_H
#define CANDLEWICK_KAFKA_CONSUMER_HOLDING_H

#include <stdbool.h>
#include <stddef.h>

#include <librdkafka/rdkafka.h>

#include "base/compiler/attributes.h"

/* All zero is empty. */
struct holding {
    rd_kafka_message_t **messages; /* those from `first` on are held */
    size_t first, count, capacity;
    size_t bytes; /* of the keys and values of those held */
};

/* Takes the message over. False: no memory, it is still the caller's. */
NODISCARD bool holding_add(struct holding *holding, rd_kafka_message_t *message);
/* The oldest, borrowed; NULL when none is held. */
rd_kafka_message_t *holding_oldest(const struct holding *holding);
/* Destroys the oldest. */
void holding_drop_oldest(struct holding *holding);
/* Destroys all, frees. */
void holding_free(struct holding *holding);

#endif
