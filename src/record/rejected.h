/* The records of a batch that the store has refused. The store fills the list; the consumer sends
 * these records as dead letters. */
#ifndef CANDLEWICK_RECORD_REJECTED_H
#define CANDLEWICK_RECORD_REJECTED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler/attributes.h"

/* One record that the store will never accept, by its index in the batch. */
struct rejected_record {
    size_t index;
    char reason[128];
};

/* A growing list, which owns `items`. Indices are unique and ascending. */
struct rejected_list {
    struct rejected_record *items;
    size_t count;
    size_t capacity;
};

/* Adds a record. If its index is already listed, the first reason is kept. Returns false when out
 * of memory. */
NODISCARD bool rejected_list_add(struct rejected_list *list, size_t index, const char *reason);
void rejected_list_clear(struct rejected_list *list);
void rejected_list_free(struct rejected_list *list);

#endif
