/* A message with everything that decides whether it is a record, or why it can never be one.
 * Nothing else may decide it, so that a redelivery, `verify`, `replay` and the message's dead
 * letter all have the same result. */
#ifndef CANDLEWICK_KAFKA_CLIENT_ENCODED_MESSAGE_H
#define CANDLEWICK_KAFKA_CLIENT_ENCODED_MESSAGE_H

#include <stdint.h>

#include "base/text/str.h"

/* The record header in which Confluent's serializers (8.0 and later) can store the schema id,
 * instead of the prefix of the value. */
#define SCHEMA_ID_HEADER "__value_schema_id"

/* The header with the time at which the exchange's frame or answer with this record was read:
 * decimal text, ns since 1970. Only records that arrive as they happen have it, not those of a
 * refill, a snapshot or a replay. It serves for measurements only. */
#define ARRIVED_HEADER "arrived"

enum { NO_TIMESTAMP = -1 };

/* The bytes are borrowed; the function that passes the message says for how long. */
struct encoded_message {
    struct str key;           /* data is NULL if there is no key */
    struct str value;         /* data is NULL for a tombstone */
    struct str schema_header; /* value of the header SCHEMA_ID_HEADER; data is NULL if there is
                                 none */
    int64_t timestamp_ms;     /* Kafka's timestamp in ms since 1970; NO_TIMESTAMP if it has none in
                                 the valid range */
};

static inline size_t encoded_message_bytes(const struct encoded_message *message)
{
    return message->key.length + message->value.length + message->schema_header.length;
}

#endif
