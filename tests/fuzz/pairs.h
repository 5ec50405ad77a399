/* Pairs of writer's and reader's schemas for the decoder's target. */
#ifndef CANDLEWICK_TESTS_FUZZ_PAIRS_H
#define CANDLEWICK_TESTS_FUZZ_PAIRS_H

#include "registry/codec/codec.h"

/* Schemas are written with ' for ". NULL: schemas/ticker.avsc. */
struct pair {
    const char *writer;
    const char *reader;
    const struct column *columns;
    const void *defaults; /* a record with what stands for fields that the writer does not have */
    size_t record_size;
};

extern const struct pair pairs[];
extern const size_t pair_count;

enum { PAIR_RECORD_SIZE = 512 }; /* no record is larger */

#endif
