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
    int64_t since_ms; /* what was written since then is read in any case; 0: the tail alone */
};

enum {
    /* How many of the newest messages of each partition are read. For records that are polled the
     * smaller number suffices, because each round has one of each coin. Of records that have the
     * service's own times, some coins have many more than others. */
    TAIL_MESSAGES = 2000,
    TAIL_OWN_TIMES = 20000,
    TAIL_ALL = 0,
};

/* Reads the last `messages` messages of each partition and passes the records to the poller. Blocks
 * until the end is reached or `stop` is requested (which is a failure), and waits for each schema
 * id that the registry client does not know yet. Skips messages that are not such records. Fails
 * with ERROR_RETRY if the brokers or the registry do not answer for some seconds; it may then be
 * called again. */
NODISCARD bool tail_stamps_read(const struct tail_topic *topic, int64_t messages,
                                struct poller *poller, struct stop *stop, struct error *error);

/* Reads the whole topic of events and passes those that `source` wrote to the poller. Blocks and
 * fails as tail_stamps_read() does. */
NODISCARD bool tail_events_read(const struct tail_topic *topic, const char *source,
                                struct poller *poller, struct stop *stop, struct error *error);

#endif
