/* Counts what the program asks of the heap, libraries included: it stands in front of glibc's
 * malloc. Only for benchmarks. */
#ifndef CANDLEWICK_BENCH_HEAP_COUNT_H
#define CANDLEWICK_BENCH_HEAP_COUNT_H

#include <stdint.h>

struct heap_count {
    uint64_t allocations, bytes; /* since the program's start, by all threads */
};
struct heap_count heap_count_now(void);

#endif
