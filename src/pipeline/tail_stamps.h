/* Passes to the poller, before its first record, what the log already has: the newest stamp of each
 * coin, and the events that its source has written. */
#ifndef CANDLEWICK_PIPELINE_TAIL_STAMPS_H
#define CANDLEWICK_PIPELINE_TAIL_STAMPS_H

#include "kafka/client/settings.h"
#include "registry/client/client.h"
#include "source/poller.h"

struct stop;

/* A topic with records of one kind; all members are borrowed. */
struct tail_topic {
    const struct kafka_settings *kafka;
    const char *topic;
    const struct record_kind *kind;
    struct registry_client *registry; /* reads the kind */
};

/* Reads the tail of each partition and passes the records to the poller: those of the last 2,000
 * messages, or of 20,000 for a source whose records have the service's own times. Blocks until the
 * end is reached or `stop` is requested (which is a failure), and waits for each schema id that the
 * registry client does not know yet. Skips messages that are not such records. Fails with
 * ERROR_RETRY if the brokers or the registry do not answer for some seconds; it may then be called
 * again. */
NODISCARD bool tail_stamps_read(const struct tail_topic *topic, bool own_times,
                                struct poller *poller, struct stop *stop, struct error *error);

/* Reads the whole topic of events and passes those that `source` wrote to the poller. Blocks and
 * fails as tail_stamps_read() does. */
NODISCARD bool tail_events_read(const struct tail_topic *topic, const char *source,
                                struct poller *poller, struct stop *stop, struct error *error);

#endif
