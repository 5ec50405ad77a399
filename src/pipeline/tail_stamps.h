/* Reads what the log has, and tells the poller before its first record: the newest stamp of each
 * coin, and the events that its source wrote. */
#ifndef CANDLEWICK_PIPELINE_TAIL_STAMPS_H
#define CANDLEWICK_PIPELINE_TAIL_STAMPS_H

#include "kafka/client/settings.h"
#include "registry/client/client.h"
#include "source/poller.h"

struct stop;

/* A topic with records of one kind; all members are borrowed. */
struct told_topic {
    const struct kafka_settings *kafka;
    const char *topic;
    const struct record_kind *kind;
    struct registry_client *registry; /* reads the kind */
};

/* Reads the tail of each partition: the last 2,000 messages, or 20,000 of a kind that brings its
 * own times. It blocks until the end is reached or `stop` is requested (which is a failure), and
 * waits for each schema id that the registry client does not know yet. Messages that are no such
 * records are skipped. Fails with ERROR_RETRY if the brokers or the registry do not answer for some
 * seconds; it may be called again then. */
NODISCARD bool tail_stamps_read(const struct told_topic *topic, struct poller *poller,
                                struct stop *stop, struct error *error);

/* Like tail_stamps_read, but reads the whole topic, and tells only the records whose source is
 * `source`. Nothing is kept of what is read. */
NODISCARD bool tail_events_read(const struct told_topic *topic, const char *source,
                                struct poller *poller, struct stop *stop, struct error *error);

#endif
