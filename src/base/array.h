/* Growing arrays. */
#ifndef CANDLEWICK_BASE_ARRAY_H
#define CANDLEWICK_BASE_ARRAY_H

#include <stddef.h>

#include "base/compiler/attributes.h"

/* Makes sure that an array of `count` items has room for one more. `*capacity` is how many items it
 * has room for; an array begins with both at 0 and `items` NULL. If it is full, it moves to twice
 * the room. Returns the array, which the caller assigns to `items` and frees with free(). Returns
 * NULL when memory runs out or the bytes exceed size_t; `items` and `*capacity` are then
 * unchanged. */
NODISCARD void *array_room(void *items, size_t count, size_t *capacity, size_t item_bytes);

#endif
