#include "registry/client/id_history.h"

#include <string.h>

/* Returns the index of the id, or the index at which it would be inserted. */
static size_t place_of(const struct id_set *set, int32_t schema_id)
{
    size_t low = 0;
    size_t high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->ids[middle] < schema_id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool id_set_has(const struct id_set *set, int32_t schema_id)
{
    size_t place = place_of(set, schema_id);
    return place < set->count && set->ids[place] == schema_id;
}

void id_set_add(struct id_set *set, int32_t schema_id)
{
    if (set->count == ID_SET_MAX || id_set_has(set, schema_id)) {
        return;
    }
    size_t place = place_of(set, schema_id);
    memmove(set->ids + place + 1, set->ids + place, (set->count - place) * sizeof *set->ids);
    set->ids[place] = schema_id;
    set->count++;
}

void recent_ids_add(struct recent_ids *recent, int32_t schema_id, size_t messages)
{
    for (size_t i = 0; i < messages && i < RECENT_IDS; i++) {
        recent->ids[recent->next] = schema_id;
        recent->next = (recent->next + 1) % RECENT_IDS;
        recent->count += recent->count < RECENT_IDS ? 1 : 0;
    }
}
