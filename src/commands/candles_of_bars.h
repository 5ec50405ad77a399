/* Makes candles of the bars in the store, for `candles --of bar`. */
#ifndef CANDLEWICK_COMMANDS_CANDLES_OF_BARS_H
#define CANDLEWICK_COMMANDS_CANDLES_OF_BARS_H

#include "cli/options.h"
#include "market/candle.h"
#include "store/store.h"

/* Reads the bars of --coin whose timeframe is --interval, from --from to --to, at most the newest
 * --limit. Of bars that differ only in their revision, it takes the highest revision. Their source
 * is --bar-source, or the only source of such bars in the store; the bars' series is written to
 * `series`. Fails with ERROR_USAGE for an interval that bars cannot have. Fails with ERROR_REJECT,
 * listing what is stored, if there are no such bars, or if several sources have some and
 * --bar-source is missing. Otherwise fails with the store's error. `candles` must be empty before
 * the call; the caller frees it. */
NODISCARD bool candles_of_bars(const struct options *options, struct store *store,
                               struct candle_list *candles, char series[RECORD_SERIES_MAX + 1],
                               struct error *error);

/* Reads the bars of a series whose timeframe is `timeframe`, with a moment in [from_ns, to_ns): at
 * most the newest `limit` of them, or all if it is 0. Fails as candles_of_bars() does when the
 * store fails. `candles` as there. */
NODISCARD bool bars_read(struct store *store, const char *series, const char *timeframe,
                         int64_t from_ns, int64_t to_ns, size_t limit, struct candle_list *candles,
                         struct error *error);

#endif
