/*
 * One member of the group, joined: consumer -> registry's plans -> store. What cannot be decoded or
 * is refused by the store goes to the dead-letter topic through a producer that members of one
 * process share.
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
    struct consumer_config consumer; /* its functions and their contexts are the member's to fill */
    struct store_config store;       /* one connection a writer */
    struct registry_client *registry; /* borrowed */
    struct flow *flow;                /* borrowed; NULL: nobody waits */
    struct ownership *ownership;      /* borrowed; NULL: nobody looks */
};

NODISCARD struct member *member_create(const struct member_config *config, struct error *error);

/* Unhealthy also for ten minutes after the store was found without what it had held, or empty at
 * the member's first assignment though the group had committed messages. */
void member_stats(struct member *member, struct consumer_stats *stats);
/* When that was last, as store_emptied_ns(). */
int64_t member_store_emptied_ns(const struct member *member);
/* To be given to consumer_measures_free(). */
void member_measure(struct member *member, struct consumer_measures *measures);
const char *member_client_id(const struct member *member);

/* Drains, commits, leaves, frees; `stats`, when not NULL, gets the final figures. NULL is allowed.
 */
void member_destroy(struct member *member, struct consumer_stats *stats);

#endif
