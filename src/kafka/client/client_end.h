/* Destroys a Kafka client without delaying the program's end. */
#ifndef CANDLEWICK_KAFKA_CLIENT_CLIENT_END_H
#define CANDLEWICK_KAFKA_CLIENT_CLIENT_END_H

#include <stdint.h>

#include <librdkafka/rdkafka.h>

/* Destroys a client by rd_kafka_destroy_flags(). If the coordinator is unreachable, that call waits
 * for the reply to a commit, up to the session time-out. So this function runs it on a thread and
 * returns at `deadline_ns` (monotonic) at the latest; the thread then continues in the background,
 * and only the log callback is still called. */
void client_end(rd_kafka_t *client, int flags, int64_t deadline_ns);

#endif
