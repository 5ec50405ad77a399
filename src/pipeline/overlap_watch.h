/*
 * Checks whether another live producer sends the same coins as this process. It reads the log's
 * newest messages from time to time, on a thread for which the sending never waits. Of two such
 * producers only the later one (pipeline/log_coins.h) is warned: there is no useful advice for the
 * earlier one.
 */
#ifndef CANDLEWICK_PIPELINE_OVERLAP_WATCH_H
#define CANDLEWICK_PIPELINE_OVERLAP_WATCH_H

#include "kafka/client/settings.h"
#include "pipeline/log_coins.h"
#include "registry/client/client.h"

struct overlap_watch;
struct stop;

/* All members are borrowed. */
struct overlap_watch_config {
    const struct kafka_settings *kafka;
    const char *topic;
    const struct record_kind *kind; /* kind of the topic's records; a kind with run ids */
    struct registry_client *registry;
    struct stop *stop;
    int64_t run_id; /* the run id of this producer */
};

/* Returns NULL with ERROR_FATAL if out of memory. */
NODISCARD struct overlap_watch *overlap_watch_create(const struct overlap_watch_config *config,
                                                     struct error *error);
void overlap_watch_destroy(struct overlap_watch *watch); /* NULL is allowed */

/* Reads the messages that arrived since the last check, at most the newest 1,000 of each partition.
 * Blocks for some ms; about 3 s at most while brokers or registry do not answer, and 1 s once the
 * stop is requested. Returns false with ERROR_RETRY if the check failed; a later one may succeed.
 * Call it on one thread. */
NODISCARD bool overlap_watch_check(struct overlap_watch *watch, struct log_overlap *overlap,
                                   struct error *error);

/* Writes a text for users: which other producer sends the same coins, and what to do; "" if there
 * is none. */
void log_overlap_describe(const struct log_overlap *overlap, char *text, size_t size);

#endif
