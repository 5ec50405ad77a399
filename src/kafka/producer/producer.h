/*
 * The idempotent producer: acks=all, murmur2_random, no message time-out. A thread of its own
 * serves delivery reports. When librdkafka turns fatal, the client is re-created and what was not
 * acknowledged is sent again, the same bytes in the same order.
 */
#ifndef CANDLEWICK_KAFKA_PRODUCER_PRODUCER_H
#define CANDLEWICK_KAFKA_PRODUCER_PRODUCER_H

#include "base/text/str.h"
#include "kafka/client/round_trips.h"
#include "kafka/client/settings.h"

struct producer;
struct stop;

/* Told once for every message, on the producer's thread, when it is persisted (`error` NULL, offset
 * >= 0; 0 also where the broker did not say, because its first answer was lost), or given up
 * (offset -1, `error` filled: ERROR_REJECT for a message that can never be sent, e.g. too large;
 * ERROR_RETRY at producer_destroy past the deadline). Must not block, nor call the producer. */
typedef void (*delivery_report)(void *context, void *token, int32_t partition, int64_t offset,
                                const struct error *error);

struct producer_config {
    struct kafka_settings kafka; /* used by producer_create only */
    delivery_report on_delivery; /* may be NULL */
    void *context;
    struct stop *stop; /* borrowed; ends producer_send's wait for room */
};

struct producer_header {
    const char *name;
    struct str value;
};

struct producer_message {
    const char *topic;
    struct str key;
    struct str value;
    int32_t partition; /* RD_KAFKA_PARTITION_UA: by key */
    const struct producer_header *headers;
    size_t header_count;
    void *token;  /* given back to on_delivery */
    bool no_wait; /* a full queue is ERROR_RETRY at once */
};

struct producer_stats {
    int64_t sent; /* taken by producer_send */
    int64_t acknowledged;
    int64_t failed;    /* given up, told to on_delivery */
    int64_t recreated; /* clients, after a fatal error */
    int64_t queued;    /* sent, not yet acknowledged */
    bool healthy;
    char reason[256]; /* e.g. "no broker answers" */
    struct round_trips round_trips;
};

NODISCARD struct producer *producer_create(const struct producer_config *config,
                                           struct error *error);

/* Copies key, value and headers. Messages that one thread sends to one partition stay in order.
 * While brokers are away, 200,000 messages or 64 MiB wait here (queue.buffering.max.messages,
 * .kbytes). Blocks while the local queue is full, until there is room or the stop is requested
 * (ERROR_RETRY: not taken), if the message may wait. ERROR_REJECT: can never be sent (too large).
 * Any thread. */
NODISCARD bool producer_send(struct producer *producer, const struct producer_message *message,
                             struct error *error);

/* Waits until everything is acknowledged or given up, at most `timeout_ms`. True when nothing is
 * left. Any thread. */
NODISCARD bool producer_flush(struct producer *producer, int timeout_ms);

void producer_stats(struct producer *producer, struct producer_stats *stats);

/* Flushes for at most `timeout_ms`, logs and gives up what is left, frees. NULL is allowed. */
void producer_destroy(struct producer *producer, int timeout_ms);

#endif
