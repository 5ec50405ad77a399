/*
 * One member of the consumer group. It reads the streams, decodes messages with the registry's
 * schemas, and writes the records to the store. Messages that cannot be decoded, and records that
 * the store rejects, become dead letters; their producer is shared by the members of one process.
 */
#ifndef CANDLEWICK_PIPELINE_GROUP_MEMBER_H
#define CANDLEWICK_PIPELINE_GROUP_MEMBER_H

#include "kafka/consumer/consumer.h"
#include "registry/client/client.h"
#include "store/store.h"

struct group_member;
struct send_window;
struct ownership;
struct event_log;

enum { MEMBER_WRITERS_MAX = 16 };

struct group_member_config {
    struct consumer_config consumer; /* the member itself sets the callbacks and their contexts */
    struct store_config store;       /* each writer opens its own connection */
    struct registry_client *registries[STREAMS_MAX]; /* borrowed; one for each stream, whose reader
                                                        schema is that of the stream's kind */
    struct send_window *send_windows[STREAMS_MAX];   /* borrowed; one for each stream, NULL: no
                                                        back-pressure */
    struct ownership *ownership; /* borrowed, may be NULL: ownership is not recorded */
    struct event_log *events;    /* borrowed, may be NULL: assignments are not written as events */
};

NODISCARD struct group_member *group_member_create(const struct group_member_config *config,
                                                   struct error *error);

/* Returns the consumer's figures. The member counts as unhealthy for ten minutes after it found
 * that its store has lost its points, or was empty at the first assignment although the group had
 * committed messages. */
void group_member_stats(struct group_member *member, struct consumer_stats *stats);
/* Returns when the member last found that its store has lost its points, as store_emptied_ns()
 * does. */
int64_t group_member_store_emptied_ns(const struct group_member *member);
/* Fills in the durations that the member's consumer has measured. The caller frees `measures` with
 * consumer_measures_free(). */
void group_member_measure(struct group_member *member, struct consumer_measures *measures);
const char *group_member_client_id(const struct group_member *member);

/* Drains, commits, leaves the group and frees the member. Fills in `stats`, unless NULL, with the
 * final figures. NULL is allowed. */
void group_member_destroy(struct group_member *member, struct consumer_stats *stats);

#endif
