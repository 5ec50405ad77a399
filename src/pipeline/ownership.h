/*
 * Records which member owned which partition of which topic and when, as spans for the page's
 * timeline. They come from the members' rebalance callbacks (same process) or from the cluster's
 * description of the group (other processes). It also records when a topic was deleted and made
 * again under its name. May be used on any thread.
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

/* Record that `member` took or gave up these partitions of the topic. Both names are copied; the
 * first 127 bytes identify the member. At most STREAMS_MAX topics are recorded. */
void ownership_taken(struct ownership *ownership, const char *member, const char *topic,
                     const int32_t *partitions, size_t count, int64_t time_ns);
void ownership_given_up(struct ownership *ownership, const char *member, const char *topic,
                        const int32_t *partitions, size_t count, int64_t time_ns);

/* Records the owners of all partitions of the topic, 0 to `count` - 1, as seen now: owners[p] is
 * the owner of p, NULL if there is none. Counts one change if any partition has another owner than
 * before, and none for a further topic that was seen at the same time. */
void ownership_seen(struct ownership *ownership, const char *topic, const char *const *owners,
                    size_t count, int64_t time_ns);

/* Records the topic's id as seen now; "" if it is unknown. A topic that has another id than before
 * was made again; the newest OWNERSHIP_REMADE_MAX such events are kept. */
enum { OWNERSHIP_REMADE_MAX = 50 };
void ownership_topic_seen(struct ownership *ownership, const char *topic, const char *topic_id,
                          int64_t time_ns);

/* Copies the current owner's name; "" if nobody owns the partition. */
void ownership_owner(struct ownership *ownership, const char *topic, int32_t partition,
                     char *member, size_t size);

/* Returns the number of changes that ownership_seen counted: the rebalances of a group whose
 * members run in other processes. */
int64_t ownership_changes(struct ownership *ownership);

/* Appends [{"topic":"…","partition":0,"member":"…","from":ms,"to":ms or null}, …], oldest first. */
void ownership_to_json(struct ownership *ownership, struct strbuf *json);

/* Appends [{"topic":"…","time":ms}, …]: when topics were made again, oldest first. */
void ownership_remade_to_json(struct ownership *ownership, struct strbuf *json);

#endif
