#include "source/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

const char *const row_fault_names[ROW_FAULTS] = {
    [ROW_FUNDING] = "funding",
    [ROW_UNKNOWN_COIN] = "unknown_coin",
    [ROW_DUPLICATE] = "duplicate",
    [ROW_BAD_SYMBOL] = "bad_symbol",
    [ROW_BAD_PRICE] = "bad_price",
    [ROW_BAD_FIGURE] = "bad_figure",
    [ROW_BAD_SHAPE] = "bad_shape",
    [ROW_BAD_TIME] = "bad_time",
    [ROW_OUT_OF_ORDER] = "out_of_order",
    [ROW_SECOND_FULL] = "second_full",
    [ROW_REPEAT] = "repeat",
    [ROW_UNFINISHED] = "unfinished",
};

struct ticker *tick_batch_add(struct tick_batch *batch)
{
    struct ticker *ticks = array_room(batch->ticks, batch->count, &batch->capacity, sizeof *ticks);
    if (ticks == NULL) {
        return NULL;
    }
    batch->ticks = ticks;
    struct ticker *tick = &batch->ticks[batch->count++];
    memset(tick, 0, sizeof *tick);
    return tick;
}

void tick_batch_free(struct tick_batch *batch)
{
    free(batch->ticks);
    *batch = (struct tick_batch){0};
}

void source_destroy(struct source *source)
{
    if (source == NULL) {
        return;
    }
    if (source->destroy != NULL) {
        source->destroy(source->state);
    }
    free(source);
}
