#include "pipeline/sink_batch.h"

#include <stdlib.h>

bool sink_batch_open(struct sink_batch *batch, const struct record_kind *kind, size_t limit,
                     struct store_sink *sink, struct stop *stop, sink_batch_result result,
                     void *context, struct error *error)
{
    *batch = (struct sink_batch){.kind = kind,
                                 .sink = sink,
                                 .stop = stop,
                                 .result = result,
                                 .context = context,
                                 .records = calloc(limit, kind->size),
                                 .limit = limit};
    return batch->records != NULL || error_set(error, ERROR_FATAL, "out of memory");
}

void sink_batch_close(struct sink_batch *batch)
{
    rejected_list_free(&batch->rejected);
    text_arena_free(&batch->texts);
    free(batch->records);
    *batch = (struct sink_batch){.records = NULL};
}

void *sink_batch_room(struct sink_batch *batch)
{
    batch->texts.length = batch->texts_kept;
    return batch->records + batch->count * batch->kind->size;
}

/* The store's list of refused records is in the order of the batch, so one pass through both
 * suffices. */
static bool report_results(struct sink_batch *batch, const struct record_set *records,
                           struct error *error)
{
    bool done = true;
    size_t next = 0;
    for (size_t i = 0; done && i < records->count; i++) {
        const char *refusal = NULL;
        if (next < batch->rejected.count && batch->rejected.items[next].index == i) {
            refusal = batch->rejected.items[next++].reason;
        }
        done = batch->result(batch->context, record_set_at(records, i), i, refusal, error);
    }
    return done;
}

bool sink_batch_finish(struct sink_batch *batch, struct error *error)
{
    const struct record_set records = {batch->kind, batch->records, batch->count, &batch->texts};
    if (batch->sink != NULL && records.count > 0 &&
        !store_sink_write_on(batch->sink, &records, &batch->rejected, batch->stop, error)) {
        return false;
    }
    batch->count = 0;
    batch->texts_kept = 0;
    return report_results(batch, &records, error);
}

bool sink_batch_keep(struct sink_batch *batch, struct error *error)
{
    batch->texts_kept = batch->texts.length;
    return (++batch->count < batch->limit && batch->texts_kept < SINK_BATCH_TEXTS) ||
           sink_batch_finish(batch, error);
}
