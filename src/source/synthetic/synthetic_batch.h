/* What the sources of synthetic trades, bars and news share: up to which time they return records,
 * and how a batch is handed over. */
#ifndef CANDLEWICK_SOURCE_SYNTHETIC_SYNTHETIC_BATCH_H
#define CANDLEWICK_SOURCE_SYNTHETIC_SYNTHETIC_BATCH_H

#include "source/sources.h"

/* Returns up to which time records may be returned now: the source's end or, for a live source, the
 * present if that is earlier. */
int64_t synthetic_until_ns(const struct synthetic_stream_config *config);

/* Counts the batch's records. An empty batch ends the source where `until_ns` is the source's end,
 * and otherwise makes it wait, as a source that pushes may (source.h). */
enum source_next synthetic_hand_over(const struct synthetic_stream_config *config, int64_t until_ns,
                                     const struct source_batch *batch, struct row_counts *counts);

#endif
