/* Candles out of the bars that a store holds, for `candles --of bar`. */
#ifndef CANDLEWICK_COMMANDS_CANDLES_OF_BARS_H
#define CANDLEWICK_COMMANDS_CANDLES_OF_BARS_H

#include "cli/options.h"
#include "market/candle.h"
#include "store/store.h"

/* Reads the bars of --coin whose timeframe is --interval, from --from to --to, at most --limit of
 * the newest; each by its highest revision. Their source is --bar-source, or the only one that is
 * stored; `source` is its name. Fails with ERROR_USAGE for an interval that bars do not have, and
 * with ERROR_REJECT, listing what is stored, if there are no such bars or several sources of them;
 * otherwise as a query does. The caller frees `candles`, which is empty before. */
NODISCARD bool candles_of_bars(const struct options *options, struct store *store,
                               struct candle_list *candles, char source[SOURCE_MAX + 1],
                               struct error *error);

/* Returns whether bars of the coin (NULL: of any) are stored, for a hint; false also if the store
 * does not answer. */
bool bars_are_stored(struct store *store, const char *coin);

#endif
