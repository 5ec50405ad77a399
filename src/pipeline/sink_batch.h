/* Collects records and writes them to the store together, for commands that write without a
 * consumer group. For one thread at a time. */
#ifndef CANDLEWICK_PIPELINE_SINK_BATCH_H
#define CANDLEWICK_PIPELINE_SINK_BATCH_H

#include "pipeline/store_sink.h"

/* Called for each record of a batch that was written. `index` is its number in the batch; `refusal`
 * is NULL if the store has it, otherwise why the store refuses it. `record` and `refusal` are
 * borrowed. Returns false with ERROR_FATAL. */
typedef bool (*sink_batch_result)(void *context, const void *record, size_t index,
                                  const char *refusal, struct error *error);

/* A batch is full when its long texts have this many bytes. */
enum { SINK_BATCH_TEXTS = 4 << 20 };

struct sink_batch {
    const struct record_kind *kind;
    struct store_sink *sink; /* NULL: nothing is written, and every record counts as stored */
    struct stop *stop;
    sink_batch_result result;
    void *context;
    char *records; /* memory for `limit` records; owned */
    size_t limit, count;
    struct text_arena texts; /* their long texts */
    size_t texts_kept;       /* length of the texts of records that were kept; after them `texts`
                                may contain those of the record in the room */
    struct rejected_list rejected;
};

/* Returns false with ERROR_FATAL when out of memory. `sink` and `stop` are borrowed. */
NODISCARD bool sink_batch_open(struct sink_batch *batch, const struct record_kind *kind,
                               size_t limit, struct store_sink *sink, struct stop *stop,
                               sink_batch_result result, void *context, struct error *error);
void sink_batch_close(struct sink_batch *batch); /* a zeroed one that was never opened is allowed */

/* Returns the memory for the next record, whose long texts must be added to batch->texts. The
 * record and its texts count only after sink_batch_keep(); the next call of this function discards
 * them. */
void *sink_batch_room(struct sink_batch *batch);

/* Adds the record that was filled in; writes the batch if it is full. Blocks until the store has it
 * (store_sink_write_on()). Returns false with ERROR_FATAL. */
NODISCARD bool sink_batch_keep(struct sink_batch *batch, struct error *error);
/* Writes the records that are left. Blocks and fails as sink_batch_keep() does. */
NODISCARD bool sink_batch_finish(struct sink_batch *batch, struct error *error);

#endif
