/* The end of a Kafka client that must not hold up the end of the program. */
#ifndef CANDLEWICK_KAFKA_CLIENT_CLIENT_END_H
#define CANDLEWICK_KAFKA_CLIENT_CLIENT_END_H

#include <stdint.h>

#include <librdkafka/rdkafka.h>

/* rd_kafka_destroy_flags. librdkafka waits there for the answer to a commit until the session's
 * time-out, when the coordinator is away. After `deadline_ns` (monotonic) this returns, and the
 * rest is done in the background; no callback but the log's is called. */
void client_end(rd_kafka_t *client, int flags, int64_t deadline_ns);

#endif
