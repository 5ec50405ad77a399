/* Growing arrays. */
#ifndef CANDLEWICK_BASE_ARRAY_H
#define CANDLEWICK_BASE_ARRAY_H

#include <stddef.h>

#include "base/compiler/attributes.h"

/* Makes room for one more item in an array that has `count` items and room for `*capacity`. A new
 * array starts with both at 0 and `items` NULL; a full one is reallocated at twice the size.
 * Returns the array: assign it to `items`, and free it with free(). Returns NULL when memory runs
 * out or the size exceeds size_t; `items` and `*capacity` are then unchanged. */
NODISCARD void *array_room(void *items, size_t count, size_t *capacity, size_t item_bytes);

#endif
