/* Makes candles of the bars in the store, for `candles --of bar`. */
#ifndef CANDLEWICK_COMMANDS_CANDLES_OF_BARS_H
#define CANDLEWICK_COMMANDS_CANDLES_OF_BARS_H

#include "cli/options.h"
#include "market/candle.h"
#include "store/store.h"

/* Reads the bars of --coin whose timeframe is --interval, from --from to --to, at most the newest
 * --limit. Of bars that differ only in their revision it takes the one with the highest. Their
 * source is --bar-source, or the only one that is stored; `series` becomes theirs. Fails
 * with ERROR_USAGE for an interval that bars cannot have; with ERROR_REJECT if no such bars are
 * stored or bars of several sources are, and lists what is stored; otherwise with the store's
 * error. The caller frees `candles`, which must be empty before. */
NODISCARD bool candles_of_bars(const struct options *options, struct store *store,
                               struct candle_list *candles, char series[RECORD_SERIES_MAX + 1],
                               struct error *error);

#endif
