#include "market/candle.h"

#include <stdlib.h>

int64_t candle_bucket_start(int64_t time_ns, int64_t interval_ns)
{
    int64_t into = time_ns % interval_ns;
    if (into < 0) {
        into += interval_ns;
    }
    int64_t start = 0;
    /* The first bucket of the range begins before the range does. */
    return __builtin_sub_overflow(time_ns, into, &start) ? INT64_MIN : start;
}

bool candle_fold(struct candle *candle, int64_t interval_ns, int64_t time_ns, double price)
{
    int64_t start = candle_bucket_start(time_ns, interval_ns);
    if (candle->ticks == 0) {
        *candle = (struct candle){.time_ns = start,
                                  .open = price,
                                  .high = price,
                                  .low = price,
                                  .close = price,
                                  .ticks = 1};
        return false;
    }
    if (start != candle->time_ns) {
        return true;
    }
    candle->high = price > candle->high ? price : candle->high;
    candle->low = price < candle->low ? price : candle->low;
    candle->close = price;
    candle->ticks++;
    return false;
}

bool candle_list_add(struct candle_list *list, const struct candle *candle)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity > 0 ? list->capacity * 2 : 64;
        struct candle *items = reallocarray(list->items, capacity, sizeof *items);
        if (items == NULL) {
            return false;
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = *candle;
    return true;
}

void candle_list_free(struct candle_list *list)
{
    free(list->items);
    *list = (struct candle_list){0};
}
