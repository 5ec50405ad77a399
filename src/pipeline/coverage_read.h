/* Reads a coin's coverage (market/coverage.h) from the events in the store. */
#ifndef CANDLEWICK_PIPELINE_COVERAGE_READ_H
#define CANDLEWICK_PIPELINE_COVERAGE_READ_H

#include "market/coverage.h"
#include "store/store.h"

/* Reads how the source has covered the coin's time since from_ns; INT64_MIN means no bound. *any
 * becomes true if the store has at least one event of the source, about any coin. If it returns
 * true, the caller frees `coverage`. Fails as store_scan() does. */
NODISCARD bool coverage_read(struct store *store, const char *source, const char *coin,
                             int64_t from_ns, struct coverage *coverage, bool *any,
                             struct error *error);

/* Writes the name under which the service's source of such records writes its events: "bitfinex"
 * for ticks, "bitfinex-trades" for trades, "bitfinex-bars" for bars; "synthetic",
 * "synthetic-trade", "synthetic-bar". */
void coverage_source(const struct record_kind *kind, struct str service,
                     char source[SOURCE_MAX + 1]);

#endif
