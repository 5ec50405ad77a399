/* The figures of market rows that need a look at the past: changes, sparklines, volumes of bars. */
#ifndef CANDLEWICK_PAGE_MARKETS_MARKET_FIGURES_H
#define CANDLEWICK_PAGE_MARKETS_MARKET_FIGURES_H

#include "page/markets/market_rows.h"

/* Fills in the changes, the closes, and the volumes that must be summed up from bars, of rows whose
 * other members are set. Fails with the store's error. */
NODISCARD bool market_figures_read(struct store *store, struct market_rows *rows,
                                   struct error *error);

#endif
