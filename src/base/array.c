#include "base/array.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 16 };

void *array_room(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity) {
        return items;
    }
    size_t doubled = FIRST_CAPACITY;
    size_t bytes;
    if ((*capacity > 0 && __builtin_mul_overflow(*capacity, 2, &doubled)) ||
        __builtin_mul_overflow(doubled, item_bytes, &bytes)) {
        return NULL;
    }
    void *larger = realloc(items, bytes);
    if (larger != NULL) {
        *capacity = doubled;
    }
    return larger;
}
