#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 16 };

void *array_room(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity) {
        return items;
    }
    if (*capacity > SIZE_MAX / 2) {
        return NULL;
    }
    size_t doubled = *capacity > 0 ? 2 * *capacity : FIRST_CAPACITY;
    void *larger = reallocarray(items, doubled, item_bytes); /* checks the product */
    if (larger != NULL) {
        *capacity = doubled;
    }
    return larger;
}
