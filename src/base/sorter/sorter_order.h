/* Orders the records that a sorter holds in memory, without moving them. */
#ifndef CANDLEWICK_BASE_SORTER_SORTER_ORDER_H
#define CANDLEWICK_BASE_SORTER_SORTER_ORDER_H

#include "base/sorter/sorter.h"

/* Bytes per record that ordering needs: the record's index, a counter for its group (there are at
 * most as many groups as records), and a place in the buffer of qsort_r(). */
enum { SORTER_ORDER_SCRATCH_BYTES = 3 * sizeof(uint32_t) };

/* Returns the indexes of the records (at most UINT32_MAX) in the order that `config` says. The
 * caller frees them. Returns NULL when out of memory. */
NODISCARD uint32_t *sorter_order(const struct sorter_config *config, const char *records,
                                 size_t count);

#endif
