/* Destroys a Kafka client without delaying the program's end. */
#ifndef CANDLEWICK_KAFKA_CLIENT_CLIENT_END_H
#define CANDLEWICK_KAFKA_CLIENT_CLIENT_END_H

#include <stdint.h>

#include <librdkafka/rdkafka.h>

/* Calls rd_kafka_destroy_flags, which waits for the reply to a commit until the session time-out if
 * the coordinator is unreachable. After `deadline_ns` (monotonic) this function returns, and the
 * rest continues in the background; only the log callback is called then. */
void client_end(rd_kafka_t *client, int flags, int64_t deadline_ns);

#endif
