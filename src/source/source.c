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
    [ROW_BAD_SOURCE] = "bad_source",
    [ROW_BAD_TIMEFRAME] = "bad_timeframe",
    [ROW_BAD_REVISION] = "bad_revision",
    [ROW_BAD_TIME] = "bad_time",
    [ROW_OUT_OF_ORDER] = "out_of_order",
    [ROW_SECOND_FULL] = "second_full",
    [ROW_REPEAT] = "repeat",
    [ROW_CONFLICT] = "conflict",
    [ROW_UNFINISHED] = "unfinished",
};

enum row_fault row_fault_of(const char *reason)
{
    size_t length = strcspn(reason, ":"); /* an explanation may follow */
    for (int i = 0; i < ROW_FAULTS; i++) {
        if (str_equal_text((struct str){.data = reason, .length = length}, row_fault_names[i])) {
            return (enum row_fault)i;
        }
    }
    return ROW_BAD_FIGURE;
}

void source_batch_begin(struct source_batch *batch, const struct record_kind *kind, bool has_time)
{
    if (batch->kind != kind) {
        source_batch_free(batch); /* its room is counted in records of the other kind */
    }
    batch->kind = kind;
    batch->count = 0;
    batch->has_time = has_time;
}

void *source_batch_add(struct source_batch *batch)
{
    size_t size = batch->kind->size;
    void *records = array_room(batch->records, batch->count, &batch->capacity, size);
    if (records == NULL) {
        return NULL;
    }
    batch->records = records;
    void *record = source_batch_at(batch, batch->count++);
    memset(record, 0, size);
    return record;
}

void *source_batch_at(const struct source_batch *batch, size_t index)
{
    return (char *)batch->records + index * batch->kind->size;
}

void source_batch_free(struct source_batch *batch)
{
    free(batch->records);
    *batch = (struct source_batch){0};
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
