/* A message's timestamp, as any producer may have set it. */
#ifndef CANDLEWICK_KAFKA_TIMESTAMP_H
#define CANDLEWICK_KAFKA_TIMESTAMP_H

#include <librdkafka/rdkafka.h>

#include "base/clock.h"

/* In ms since 1970; -1: it has none, or one before 1970 or beyond what ns in 64 bits can say (the
 * year 2262), which no clock of a producer ever told. */
static inline int64_t message_timestamp_ms(const rd_kafka_message_t *message)
{
    int64_t timestamp_ms = rd_kafka_message_timestamp(message, NULL);
    return timestamp_ms >= 0 && timestamp_ms <= INT64_MAX / NS_PER_MS ? timestamp_ms : -1;
}

#endif
