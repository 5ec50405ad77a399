/* Growing arrays. */
#ifndef CANDLEWICK_BASE_ARRAY_H
#define CANDLEWICK_BASE_ARRAY_H

#include <stddef.h>

#include "base/compiler/attributes.h"

/* Makes room for item number `count` of an array with room for `*capacity` items (at first both are
 * 0 and `items` is NULL). Returns the array, moved to twice the room if it was full: assign it to
 * `items` and free it with free(). Returns NULL when memory runs out or the bytes exceed size_t;
 * `items` and `*capacity` are then unchanged. */
NODISCARD void *array_room(void *items, size_t count, size_t *capacity, size_t item_bytes);

#endif
