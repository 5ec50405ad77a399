/*
 * Sends dead letters on its own thread, and reports each one that is acknowledged. A dead letter
 * that fails is retried for ever; one that is too large for Kafka is sent without the message's
 * bytes. Each stream's dead letters wait in their own list, so a dead-letter topic that accepts
 * nothing holds up no other one.
 */
#ifndef CANDLEWICK_KAFKA_CONSUMER_DEAD_LETTERS_H
#define CANDLEWICK_KAFKA_CONSUMER_DEAD_LETTERS_H

#include "kafka/consumer/dead_letter.h"
#include "kafka/producer/producer.h"
#include "record/stream.h"

struct dead_letters;

struct dead_letters_config {
    struct producer *producer;    /* borrowed; its on_delivery must be
                                     consumer_dead_letter_delivered() */
    const struct stream *streams; /* borrowed; each dead letter is sent to its stream's
                                     dead-letter topic */
    /* Reports that a dead letter of the batch is durable. Called on the producer's thread; must not
     * block. */
    void (*acknowledged)(void *context, struct batch *batch, enum dead_letter_kind kind);
    void *context;
};

NODISCARD struct dead_letters *dead_letters_create(const struct dead_letters_config *config,
                                                   struct error *error);

/* Queues the dead letters and owns them from here on. Never blocks. Any thread. */
void dead_letters_submit(struct dead_letters *dead_letters, struct dead_letter_list letters);

/* Returns whether dead letters of a stream have not been acknowledged for too long, and writes the
 * reason, which names the dead-letter topic of the first such stream. Any thread. */
bool dead_letters_stuck(struct dead_letters *dead_letters, char *reason, size_t size);

/* Ends the thread; no more acknowledgements are reported. Frees unsent dead letters now, and those
 * in flight when their delivery reports arrive. NULL is allowed. */
void dead_letters_close(struct dead_letters *dead_letters);

#endif
