/* Reads a coin's coverage (market/coverage.h) from the events in the store. */
#ifndef CANDLEWICK_PIPELINE_COVERAGE_READ_H
#define CANDLEWICK_PIPELINE_COVERAGE_READ_H

#include "market/coverage.h"
#include "store/store.h"

/* Reads what the source says of the coin's time in [from_ns, to_ns); INT64_MIN and INT64_MAX: no
 * bound. *any: the source has said something at all, of any coin. On true the caller frees
 * `coverage`. Errors as of a query. */
NODISCARD bool coverage_read(struct store *store, const char *source, const char *coin,
                             int64_t from_ns, int64_t to_ns, struct coverage *coverage, bool *any,
                             struct error *error);

/* The name that the events have of the source of a service's records of that kind: "bitfinex" for
 * its ticks, "bitfinex-trades", "bitfinex-bars". */
void coverage_source(const struct record_kind *kind, struct str service,
                     char source[SOURCE_MAX + 1]);

#endif
