/*
 * Whether another live producer sends the same coins as this one, told by the log itself: its
 * newest messages are read every now and then, beside the sending, which never waits for it. Of two
 * such producers the later one (pipeline/log_coins.h) is told; of the earlier one nobody could say
 * what it should do about it.
 */
#ifndef CANDLEWICK_PIPELINE_OVERLAP_WATCH_H
#define CANDLEWICK_PIPELINE_OVERLAP_WATCH_H

#include "kafka/client/settings.h"
#include "pipeline/log_coins.h"
#include "registry/client/client.h"

struct overlap_watch;
struct stop;

/* All borrowed. */
struct overlap_watch_config {
    const struct kafka_settings *kafka;
    const char *topic;
    struct registry_client *registry;
    struct stop *stop;
    int64_t run_id; /* of this producer */
};

/* NULL: ERROR_FATAL, no memory. */
NODISCARD struct overlap_watch *overlap_watch_create(const struct overlap_watch_config *config,
                                                     struct error *error);
void overlap_watch_destroy(struct overlap_watch *watch); /* NULL is allowed */

/* Reads at most the newest 1,000 messages of each partition that came since the look before. Blocks
 * for some ms; while brokers or registry are away for some 3 s at most, and for 1 s once the stop
 * is requested. False: it could not be told (ERROR_RETRY), and the next look may. One thread. */
NODISCARD bool overlap_watch_look(struct overlap_watch *watch, struct log_overlap *overlap,
                                  struct error *error);

/* For people: who sends what besides this one, and what to do. "" when nobody does. */
void log_overlap_describe(const struct log_overlap *overlap, char *text, size_t size);

#endif
