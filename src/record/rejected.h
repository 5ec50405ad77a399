/* What became of a batch of ticks that was handed to a store: shared by who writes and who commits.
 */
#ifndef CANDLEWICK_RECORD_REJECTED_H
#define CANDLEWICK_RECORD_REJECTED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"

/* One tick that the store refuses for good, by its index in the batch. */
struct rejected_tick {
    size_t index;
    char reason[128];
};

/* Grows; `items` is owned by the list. Indices are unique and ascending. */
struct rejected_list {
    struct rejected_tick *items;
    size_t count;
    size_t capacity;
};

/* The first reason given for an index stays. False when memory ran out. */
NODISCARD bool rejected_list_add(struct rejected_list *list, size_t index, const char *reason);
void rejected_list_clear(struct rejected_list *list);
void rejected_list_free(struct rejected_list *list);

#endif
