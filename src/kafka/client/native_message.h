/* librdkafka's message, as any producer may have sent it, as an encoded message. */
#ifndef CANDLEWICK_KAFKA_CLIENT_NATIVE_MESSAGE_H
#define CANDLEWICK_KAFKA_CLIENT_NATIVE_MESSAGE_H

#include <librdkafka/rdkafka.h>

#include "base/clock.h"
#include "kafka/client/encoded_message.h"

/* NO_TIMESTAMP too for a time before 1970 or beyond what ns in 64 bits can say (the year 2262),
 * which no clock of a producer ever told. */
static inline int64_t native_timestamp_ms(const rd_kafka_message_t *message)
{
    /* Where a message has none, librdkafka's number may be 0: the type tells. */
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    int64_t timestamp_ms = rd_kafka_message_timestamp(message, &type);
    bool told = type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    return told && timestamp_ms >= 0 && timestamp_ms <= INT64_MAX / NS_PER_MS ? timestamp_ms
                                                                              : NO_TIMESTAMP;
}

/* The value of the message's last header of that name, borrowed from the message; data NULL when
 * the header has none. False: there is no such header. */
static inline bool native_header(const rd_kafka_message_t *message, const char *name,
                                 struct str *value)
{
    rd_kafka_headers_t *headers = NULL;
    const void *bytes = NULL;
    size_t length = 0;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(headers, name, &bytes, &length) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return false;
    }
    *value = (struct str){.data = bytes, .length = length};
    return true;
}

/* Borrows the bytes of librdkafka's message. */
static inline struct encoded_message native_encoded(const rd_kafka_message_t *message)
{
    struct encoded_message encoded = {
        .key = {message->key, message->key_len},
        .value = {message->payload, message->len},
        .timestamp_ms = native_timestamp_ms(message),
    };
    (void)native_header(message, SCHEMA_ID_HEADER, &encoded.schema_header);
    return encoded;
}

#endif
