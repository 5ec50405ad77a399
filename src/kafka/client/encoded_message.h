/* A message as it is judged: whatever decides whether it is a tick, or why it never will be one.
 * Nothing else may decide it, so that a redelivery, `verify`, `replay` and the message's dead
 * letter all come to the same answer. */
#ifndef CANDLEWICK_KAFKA_CLIENT_ENCODED_MESSAGE_H
#define CANDLEWICK_KAFKA_CLIENT_ENCODED_MESSAGE_H

#include <stdint.h>

#include "base/text/str.h"

/* The record header in which Confluent's serializers (8.0 and later) can put the schema id, in
 * place of the prefix of the value. */
#define SCHEMA_ID_HEADER "__value_schema_id"

enum { NO_TIMESTAMP = -1 };

/* The bytes are borrowed from whoever hands the message over. */
struct encoded_message {
    struct str key;           /* data NULL: no key */
    struct str value;         /* data NULL: a tombstone */
    struct str schema_header; /* the value of SCHEMA_ID_HEADER; data NULL: no such header */
    int64_t timestamp_ms;     /* Kafka's, ms since 1970; NO_TIMESTAMP: none that a clock can tell */
};

static inline size_t encoded_message_bytes(const struct encoded_message *message)
{
    return message->key.length + message->value.length + message->schema_header.length;
}

#endif
