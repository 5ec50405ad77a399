/*
 * Two memories of the plan cache: for which ids the registry has ever returned a schema, and the
 * schema ids of the newest messages. Bounded; plain values without a clock or locks.
 */
#ifndef CANDLEWICK_REGISTRY_CLIENT_ID_HISTORY_H
#define CANDLEWICK_REGISTRY_CLIENT_ID_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many ids are remembered at most. A registry has some dozens of schemas. */
enum { ID_SET_MAX = 16384, RECENT_IDS = 1000 };

/* The ids are in ascending order. All zero is empty. */
struct id_set {
    size_t count;
    int32_t ids[ID_SET_MAX];
};
void id_set_add(struct id_set *set, int32_t schema_id);
bool id_set_has(const struct id_set *set, int32_t schema_id);

/* One id for each of the newest messages, in a ring. All zero is empty. */
struct recent_ids {
    size_t count, next;
    int32_t ids[RECENT_IDS];
};
void recent_ids_add(struct recent_ids *recent, int32_t schema_id, size_t messages);

#endif
