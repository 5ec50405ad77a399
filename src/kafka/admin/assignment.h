/* The bytes by which a member is told its partitions: ConsumerProtocolAssignment of Kafka's
 * protocol. */
#ifndef CANDLEWICK_KAFKA_ADMIN_ASSIGNMENT_H
#define CANDLEWICK_KAFKA_ADMIN_ASSIGNMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"

/* The partitions of `topic`, ascending; `*partitions` is the caller's to free(), NULL when there
 * are none. False: the bytes are no assignment, or memory ran out. No bytes are no partitions. */
NODISCARD bool assignment_partitions(const void *bytes, size_t size, const char *topic,
                                     int32_t **partitions, size_t *count);

/* Ascending. */
void assignment_sort(int32_t *partitions, size_t count);

#endif
