/* The ticks of a source's batch, whose records have no type of their own. */
#ifndef CANDLEWICK_TESTS_TICKS_H
#define CANDLEWICK_TESTS_TICKS_H

#include "record/ticker.h"
#include "source/source.h"

/* Borrowed from the batch, which is one of ticks. */
static inline struct ticker *batch_ticks(const struct source_batch *batch)
{
    return batch->records;
}

#endif
