#include "record/rejected.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text/str.h"

/* Returns the index's position in the sorted list, or the position at which to insert it. */
static size_t find(const struct rejected_list *list, size_t index)
{
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->items[middle].index < index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool rejected_list_add(struct rejected_list *list, size_t index, const char *reason)
{
    size_t at = find(list, index);
    if (at < list->count && list->items[at].index == index) {
        return true;
    }
    struct rejected_record *items =
        array_room(list->items, list->count, &list->capacity, sizeof *items);
    if (items == NULL) {
        return false;
    }
    list->items = items;
    memmove(&list->items[at + 1], &list->items[at], (list->count - at) * sizeof list->items[0]);
    list->count++;
    list->items[at].index = index;
    (void)str_copy(str_from(reason), list->items[at].reason, sizeof list->items[at].reason);
    return true;
}

void rejected_list_clear(struct rejected_list *list)
{
    list->count = 0;
}

void rejected_list_free(struct rejected_list *list)
{
    free(list->items);
    *list = (struct rejected_list){0};
}
