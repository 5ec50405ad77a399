/*
 * One member of the group: consumer -> the registry's decode plans of each stream -> store.
 * Messages that cannot be decoded, and records that the store rejects, are sent to the dead-letter
 * topic by a producer that the members of one process share.
 */
#ifndef CANDLEWICK_PIPELINE_MEMBER_H
#define CANDLEWICK_PIPELINE_MEMBER_H

#include "kafka/consumer/consumer.h"
#include "registry/client/client.h"
#include "store/store.h"

struct member;
struct flow;
struct ownership;

enum { MEMBER_WRITERS_MAX = 16 };

struct member_config {
    struct consumer_config consumer; /* the member sets its callbacks and their contexts */
    struct store_config store;       /* each writer opens its own connection */
    struct registry_client *registries[STREAMS_MAX]; /* borrowed; one for each stream, whose reader
                                                        schema is that of the stream's kind */
    struct flow *flow;                               /* borrowed, may be NULL: no back-pressure */
    int flow_stream;             /* number of the stream whose messages the flow counts */
    struct ownership *ownership; /* borrowed, may be NULL: ownership is not recorded */
};

NODISCARD struct member *member_create(const struct member_config *config, struct error *error);

/* Returns the consumer's figures. The member is also unhealthy for ten minutes after its store was
 * found to have lost its points, or to be empty at the first assignment although the group had
 * committed messages. */
void member_stats(struct member *member, struct consumer_stats *stats);
/* Returns when the store was last found so, like store_emptied_ns(). */
int64_t member_store_emptied_ns(const struct member *member);
/* The caller frees the result with consumer_measures_free(). */
void member_measure(struct member *member, struct consumer_measures *measures);
const char *member_client_id(const struct member *member);

/* Drains, commits, leaves the group and frees the member. Fills in `stats`, unless NULL, with the
 * final figures. NULL is allowed. */
void member_destroy(struct member *member, struct consumer_stats *stats);

#endif
