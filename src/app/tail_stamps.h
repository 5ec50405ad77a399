/* The newest stamp of each coin that the log's tail holds, told to the poller before its first
 * tick. */
#ifndef CANDLEWICK_APP_TAIL_STAMPS_H
#define CANDLEWICK_APP_TAIL_STAMPS_H

#include "exchange/poller.h"
#include "kafka/settings.h"
#include "registry/client.h"

struct stop;

/* Reads the tail of each partition of `topic`; a few seconds at most, less once `stop` is
 * requested. Messages that are not ticks are passed over. ERROR_RETRY: brokers or registry away. */
NODISCARD bool tail_stamps_read(const struct kafka_settings *kafka, const char *topic,
                                struct registry_client *registry, struct poller *poller,
                                struct stop *stop, struct error *error);

#endif
