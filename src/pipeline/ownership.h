/*
 * Records which member owned which partition of which topic and when, as spans for the page's
 * timeline. Members of the same process report it from their rebalance callbacks; for members of
 * other processes it comes from the cluster's description of the group. Also records when a topic
 * was deleted and created again under its name. Any thread.
 */
#ifndef CANDLEWICK_PIPELINE_OWNERSHIP_H
#define CANDLEWICK_PIPELINE_OWNERSHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/strbuf.h"

struct ownership;

/* Keeps at most `capacity` spans: the open ones, and the newest of the others. */
NODISCARD struct ownership *ownership_create(size_t capacity, struct error *error);
void ownership_destroy(struct ownership *ownership); /* NULL is allowed */

/* These functions record that `member` was assigned these partitions of the topic, or no longer
 * owns them. Both names are copied; the first 127 bytes identify the member. At most STREAMS_MAX
 * topics are recorded. */
void ownership_assigned(struct ownership *ownership, const char *member, const char *topic,
                        const int32_t *partitions, size_t count, int64_t time_ns);
void ownership_revoked(struct ownership *ownership, const char *member, const char *topic,
                       const int32_t *partitions, size_t count, int64_t time_ns);

/* The owners of the partitions 0 to `count` - 1 of a topic: owners[p] is the name of the member
 * that owns partition p; NULL: no member owns it. */
struct topic_owners {
    const char *topic;
    const char **owners;
    size_t count;
};
/* Records the owners of all topics' partitions, which the caller has read from the group at
 * `time_ns`; the arguments are borrowed. Counts one change if any partition of any topic has
 * another owner than before. */
void ownership_seen(struct ownership *ownership, const struct topic_owners *topics,
                    size_t topic_count, int64_t time_ns);

/* Records the topic's id as read now; "" if it is unknown. If the id differs from the one before,
 * the topic was created again; the newest OWNERSHIP_REMADE_MAX such events are kept. */
enum { OWNERSHIP_REMADE_MAX = 50 };
void ownership_topic_seen(struct ownership *ownership, const char *topic, const char *topic_id,
                          int64_t time_ns);

/* Copies the current owner's name; "" if nobody owns the partition. */
void ownership_owner(struct ownership *ownership, const char *topic, int32_t partition,
                     char *member, size_t size);

/* Returns the number of changes that ownership_seen() has counted. It is the number of rebalances
 * of a group whose members run in other processes. */
int64_t ownership_changes(struct ownership *ownership);

/* Appends [{"topic":"…","partition":0,"member":"…","from":ms,"to":ms or null}, …], oldest first. */
void ownership_to_json(struct ownership *ownership, struct strbuf *json);

/* Appends when topics were created again, oldest first: [{"topic":"…","time":ms}, …] */
void ownership_remade_to_json(struct ownership *ownership, struct strbuf *json);

#endif
