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
    [ROW_BAD_TRADE_ID] = "bad_trade_id",
    [ROW_BAD_AMOUNT] = "bad_amount",
    [ROW_BAD_TIME] = "bad_time",
    [ROW_OUT_OF_ORDER] = "out_of_order",
    [ROW_SECOND_FULL] = "second_full",
    [ROW_REPEAT] = "repeat",
    [ROW_REPEAT_CHANGED] = "repeat_changed",
    [ROW_CONFLICT] = "conflict",
    [ROW_OTHER_SOURCE] = "other_source",
    [ROW_UNFINISHED] = "unfinished",
    [ROW_NO_PRICE] = "no_price",
    [ROW_KNOWN] = "known",
    [ROW_CHANGED] = "changed",
    [ROW_TOO_OLD] = "too_old",
    [ROW_BAD_TITLE] = "bad_title",
    [ROW_NOW] = "now",
    [ROW_SECRET] = "secret",
};

enum row_fault row_fault_of(const char *reason)
{
    size_t length = strcspn(reason, ":"); /* an explanation may follow the colon */
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
        source_batch_free(
            batch); /* its capacity counts records of the other kind, which have another size */
    }
    batch->kind = kind;
    batch->count = 0;
    batch->texts.length = 0;
    batch->has_time = has_time;
    batch->step_ns = 0;
    batch->settle = false;
}

/* Makes room for one more record and its arrival. */
static bool make_room(struct source_batch *batch)
{
    size_t before = batch->capacity;
    void *records = array_room(batch->records, batch->count, &batch->capacity, batch->kind->size);
    if (records == NULL) {
        return false;
    }
    batch->records = records;
    if (batch->capacity == before) {
        return true;
    }
    int64_t *arrived_ns =
        reallocarray(batch->arrived_ns, batch->capacity, sizeof *batch->arrived_ns);
    if (arrived_ns == NULL) {
        batch->capacity = before; /* both arrays have at least that */
        return false;
    }
    batch->arrived_ns = arrived_ns;
    return true;
}

void *source_batch_add(struct source_batch *batch)
{
    if (!make_room(batch)) {
        return NULL;
    }
    batch->arrived_ns[batch->count] = 0;
    void *record = source_batch_at(batch, batch->count++);
    memset(record, 0, batch->kind->size);
    return record;
}

void source_batch_arrived(struct source_batch *batch, int64_t time_ns)
{
    batch->arrived_ns[batch->count - 1] = time_ns;
}

void *source_batch_at(const struct source_batch *batch, size_t index)
{
    return (char *)batch->records + index * batch->kind->size;
}

void source_batch_free(struct source_batch *batch)
{
    free(batch->records);
    free(batch->arrived_ns);
    text_arena_free(&batch->texts);
    *batch = (struct source_batch){0};
}

void source_report_add(struct source_report *report, const char *name, const char *help, bool grows,
                       int64_t value)
{
    if (report->figure_count < SOURCE_FIGURES_MAX) {
        report->figures[report->figure_count++] =
            (struct source_figure){.name = name, .help = help, .grows = grows, .value = value};
    }
}

bool source_is_polled(const struct source *source)
{
    return source->live && !source->pushed;
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
