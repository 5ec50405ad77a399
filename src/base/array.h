/* Arrays that grow. */
#ifndef CANDLEWICK_BASE_ARRAY_H
#define CANDLEWICK_BASE_ARRAY_H

#include <stddef.h>

#include "base/compiler/attributes.h"

/* Room for item number `count` of an array that has room for `*capacity` items (both 0 and `items`
 * NULL at first): the array itself where there is room, else it is moved to twice as much. To be
 * kept in place of `items`, and freed with free(). NULL: no memory, or more bytes than a size_t
 * counts; `items` and `*capacity` stay as they are. */
NODISCARD void *array_room(void *items, size_t count, size_t *capacity, size_t item_bytes);

#endif
