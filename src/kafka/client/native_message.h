/* Converts librdkafka's message, whoever produced it, to an encoded message. */
#ifndef CANDLEWICK_KAFKA_CLIENT_NATIVE_MESSAGE_H
#define CANDLEWICK_KAFKA_CLIENT_NATIVE_MESSAGE_H

#include <librdkafka/rdkafka.h>

#include "base/clock.h"
#include "kafka/client/encoded_message.h"

/* Returns the timestamp in ms; NO_TIMESTAMP also for a time before 1970 or after 2262, where ns no
 * longer fit into 64 bits: that is no clock's time. */
static inline int64_t native_timestamp_ms(const rd_kafka_message_t *message)
{
    /* Check the type, because for a message without a timestamp librdkafka may return 0. */
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    int64_t timestamp_ms = rd_kafka_message_timestamp(message, &type);
    bool has_time = type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    return has_time && timestamp_ms >= 0 && timestamp_ms <= INT64_MAX / NS_PER_MS ? timestamp_ms
                                                                                  : NO_TIMESTAMP;
}

/* Returns the message's headers, borrowed from it; NULL if it has none. librdkafka parses them at
 * the first call; for a message without headers it keeps nothing, and allocates memory at each
 * call. So call this only once for each message. */
static inline rd_kafka_headers_t *native_headers(const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers = NULL;
    return rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR ? headers
                                                                                     : NULL;
}

/* Finds the last of these headers (NULL: none) of that name and returns its value, borrowed from
 * the message; `data` is NULL if the header has no value. Returns false if there is no such header.
 */
static inline bool native_header(const rd_kafka_headers_t *headers, const char *name,
                                 struct str *value)
{
    const void *bytes = NULL;
    size_t length = 0;
    if (headers == NULL ||
        rd_kafka_header_get_last(headers, name, &bytes, &length) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return false;
    }
    *value = (struct str){.data = bytes, .length = length};
    return true;
}

/* Returns the time in ARRIVED_HEADER; 0 if the header is missing or not a valid time. */
static inline int64_t native_arrived_ns(const rd_kafka_headers_t *headers)
{
    struct str text;
    int64_t arrived_ns = 0;
    return native_header(headers, ARRIVED_HEADER, &text) && str_to_int64(text, &arrived_ns) &&
                   arrived_ns > 0
               ? arrived_ns
               : 0;
}

/* Returns a view of librdkafka's message and its headers; its bytes are borrowed. */
static inline struct encoded_message native_encoded(const rd_kafka_message_t *message,
                                                    const rd_kafka_headers_t *headers)
{
    struct encoded_message encoded = {
        .key = {message->key, message->key_len},
        .value = {message->payload, message->len},
        .timestamp_ms = native_timestamp_ms(message),
    };
    (void)native_header(headers, SCHEMA_ID_HEADER, &encoded.schema_header);
    return encoded;
}

#endif
