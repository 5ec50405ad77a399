/*
 * The idempotent producer: acks=all, partitioner murmur2_random, no message time-out. A thread of
 * the producer handles delivery reports. After a fatal error of librdkafka it creates a new client
 * and sends again what was not acknowledged: the same bytes in the same order.
 */
#ifndef CANDLEWICK_KAFKA_PRODUCER_PRODUCER_H
#define CANDLEWICK_KAFKA_PRODUCER_PRODUCER_H

#include "base/text/str.h"
#include "kafka/client/round_trips.h"
#include "kafka/client/settings.h"

struct producer;
struct stop;

/* Reports a message's fate: called exactly once for each message, on the producer's thread; must
 * not block, nor call the producer. If the message is persisted, `error` is NULL and the offset >=
 * 0; it is also 0 if the broker did not return an offset because its first acknowledgement was
 * lost. If the message was given up, the offset is -1 and `error` is filled in: ERROR_REJECT if it
 * can never be sent (e.g. too large), ERROR_RETRY if producer_destroy's deadline passed, or if it
 * was to be tried `once` only. */
typedef void (*delivery_report)(void *context, void *token, int32_t partition, int64_t offset,
                                const struct error *error);

struct producer_config {
    struct kafka_settings kafka; /* used by producer_create only */
    delivery_report on_delivery; /* may be NULL */
    void *context;
    struct stop *stop; /* borrowed; ends producer_send's wait for room in the queue */
};

struct producer_header {
    const char *name;
    struct str value;
};

struct producer_message {
    const char *topic;
    struct str key;
    struct str value;
    int32_t partition; /* RD_KAFKA_PARTITION_UA: chosen by the key */
    const struct producer_header *headers;
    size_t header_count;
    void *token;  /* passed to on_delivery */
    bool no_wait; /* if the queue is full, fail at once with ERROR_RETRY */
    bool once; /* the sender retries it, and its order does not matter: if its topic refuses it or
                  is missing, give it up with ERROR_RETRY, so that it holds up no message of
                  another topic */
};

struct producer_stats {
    int64_t sent; /* messages that producer_send has accepted */
    int64_t acknowledged;
    int64_t failed;    /* messages that were given up, as on_delivery reported */
    int64_t recreated; /* clients created after a fatal error */
    int64_t queued;    /* messages that are neither acknowledged nor given up */
    bool healthy;
    char reason[ERROR_REASON_SIZE]; /* why it is unhealthy, e.g. "no broker answers" */
    struct round_trips round_trips;
};

NODISCARD struct producer *producer_create(const struct producer_config *config,
                                           struct error *error);

/* Copies key, value and headers and queues the message. Messages that one thread sends to one
 * partition stay in order. While brokers are unreachable, up to 200,000 messages or 64 MiB wait in
 * the queue (queue.buffering.max.messages, .kbytes). If the queue is full, blocks until there is
 * room or the stop is requested (back-pressure), unless no_wait is set. Returns false with
 * ERROR_RETRY if the message was not queued, ERROR_REJECT if it can never be sent (too large). Any
 * thread. */
NODISCARD bool producer_send(struct producer *producer, const struct producer_message *message,
                             struct error *error);

/* Waits until every message is acknowledged or given up, at most `timeout_ms`. Returns true if none
 * is left. Any thread. */
NODISCARD bool producer_flush(struct producer *producer, int timeout_ms);

void producer_stats(struct producer *producer, struct producer_stats *stats);

/* Flushes for at most `timeout_ms`; then logs and gives up the messages that are left, and frees
 * the producer. NULL is allowed. */
void producer_destroy(struct producer *producer, int timeout_ms);

#endif
