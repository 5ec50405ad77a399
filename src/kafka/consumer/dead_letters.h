/*
 * Sends dead letters, on a thread of its own, and says when each is acknowledged. A letter that
 * cannot be sent is tried again for ever; one that is too large for Kafka, without its bytes.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_DEAD_LETTERS_H
#define CANDLEWICK_KAFKA_CONSUMER_DEAD_LETTERS_H

#include "kafka/consumer/letter.h"
#include "kafka/producer/producer.h"

struct dead_letters;

struct dead_letters_config {
    struct producer *producer; /* borrowed; its on_delivery is consumer_dead_letter_delivered */
    const char *topic;         /* borrowed, both: where to, */
    const char *source_topic;  /* and where from */
    /* A letter of the batch is durable. On the producer's thread; must not block. */
    void (*acknowledged)(void *context, struct batch *batch, enum letter_kind kind);
    void *context;
};

NODISCARD struct dead_letters *dead_letters_create(const struct dead_letters_config *config,
                                                   struct error *error);

/* Takes the letters over. Never blocks. Any thread. */
void dead_letters_submit(struct dead_letters *desk, struct letter_list letters);

/* True when letters do not get through, with the reason. Any thread. */
bool dead_letters_stuck(struct dead_letters *desk, char *reason, size_t size);

/* Ends the thread; nothing is told any more. Letters that were not sent are freed; those on their
 * way are freed when the producer reports them. NULL is allowed. */
void dead_letters_close(struct dead_letters *desk);

#endif
