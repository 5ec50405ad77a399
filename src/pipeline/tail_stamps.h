/* Reads the newest stamp of each coin from the log's tail, and passes it to the poller before its
 * first tick. */
#ifndef CANDLEWICK_PIPELINE_TAIL_STAMPS_H
#define CANDLEWICK_PIPELINE_TAIL_STAMPS_H

#include "kafka/client/settings.h"
#include "registry/client/client.h"
#include "source/poller.h"

struct stop;

/* Reads the tail of each partition of `topic`, whose records are of `kind`. It blocks until the end
 * is reached or `stop` is requested (which is a failure), and waits for each schema id that the
 * registry client does not know yet. Messages that are no such records are skipped. Fails with
 * ERROR_RETRY if the brokers or the registry do not answer for some seconds; it may be called again
 * then. */
NODISCARD bool tail_stamps_read(const struct kafka_settings *kafka, const char *topic,
                                const struct record_kind *kind, struct registry_client *registry,
                                struct poller *poller, struct stop *stop, struct error *error);

#endif
