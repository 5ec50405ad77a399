/*
 * Who owned which partition, and when: spans for the page's timeline, fed by the members' rebalance
 * callbacks (same process) or by what the cluster says of the group (another process). Any thread.
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

/* Keeps `capacity` spans: those that are still open, and the newest of the others. */
NODISCARD struct ownership *ownership_create(size_t capacity, struct error *error);
void ownership_destroy(struct ownership *ownership); /* NULL is allowed */

/* `member` (copied, and known by its first 127 bytes) took or gave up these partitions. */
void ownership_taken(struct ownership *ownership, const char *member, const int32_t *partitions,
                     size_t count, int64_t time_ns);
void ownership_given_up(struct ownership *ownership, const char *member, const int32_t *partitions,
                        size_t count, int64_t time_ns);

/* The same from a look at all partitions, 0 to `count` - 1: owners[p] is who owns p now, NULL:
 * nobody. Counts one change when anything has changed hands. */
void ownership_seen(struct ownership *ownership, const char *const *owners, size_t count,
                    int64_t time_ns);

/* Copies the present owner's name; "" when nobody owns the partition. */
void ownership_owner(struct ownership *ownership, int32_t partition, char *member, size_t size);

/* Looks that found a change: the rebalances of a group whose members are in other processes. */
int64_t ownership_changes(struct ownership *ownership);

/* [{"partition":0,"member":"…","from":ms,"to":ms or null}, …], oldest first. */
void ownership_to_json(struct ownership *ownership, struct strbuf *json);

#endif
