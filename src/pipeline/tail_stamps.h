/* The newest stamp of each coin that the log's tail holds, told to the poller before its first
 * tick. */
#ifndef CANDLEWICK_PIPELINE_TAIL_STAMPS_H
#define CANDLEWICK_PIPELINE_TAIL_STAMPS_H

#include "kafka/client/settings.h"
#include "registry/client/client.h"
#include "source/poller.h"

struct stop;

/* Reads the tail of each partition of `topic`, until the end or until `stop` is requested; each id
 * that the registry has to be asked for takes its time. Messages that are not ticks are passed
 * over. ERROR_RETRY: brokers or registry away for some seconds. It may be called again then. */
NODISCARD bool tail_stamps_read(const struct kafka_settings *kafka, const char *topic,
                                struct registry_client *registry, struct poller *poller,
                                struct stop *stop, struct error *error);

#endif
