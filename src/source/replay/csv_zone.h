/*
 * Wall clock times of one zone with a name ("Europe/Berlin"), whose clocks are put forward and
 * back. The rules are those of the C library and the system's tz database (tzset(3), mktime(3)),
 * which have one zone for the whole process.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_CSV_ZONE_H
#define CANDLEWICK_SOURCE_REPLAY_CSV_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

/* Makes the zone the process's, by its environment (TZ): call it before other threads run. Fails
 * with ERROR_USAGE when the tz database does not have it; the text says what to do. */
NODISCARD bool csv_zone_use(const char *name, struct error *error);

/* Converts a wall clock time of that zone, in nanoseconds as if it were UTC, to UTC. Of a time that
 * occurred twice, because the clocks were put back, it takes the first one, and *again_ns is how
 * much later the second was; otherwise that is 0. Returns false for a time that was skipped,
 * because the clocks were put forward, and for one out of range. Thread-safe. */
NODISCARD bool csv_zone_to_utc(int64_t wall_ns, int64_t *utc_ns, int64_t *again_ns);

#endif
