/* Reads a member's assignment as the classic group protocol encodes it: ConsumerProtocolAssignment
 * of Kafka's protocol. */
#ifndef CANDLEWICK_KAFKA_ADMIN_ASSIGNMENT_H
#define CANDLEWICK_KAFKA_ADMIN_ASSIGNMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"

/* Returns the partitions of `topic` in ascending order; the caller frees `*partitions` with free();
 * it is NULL if there are none. Zero bytes mean no partitions. Returns false if the bytes are no
 * assignment, or if out of memory. */
NODISCARD bool assignment_partitions(const void *bytes, size_t size, const char *topic,
                                     int32_t **partitions, size_t *count);

/* Sorts in ascending order. */
void assignment_sort(int32_t *partitions, size_t count);

#endif
