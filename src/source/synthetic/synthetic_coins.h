/* The coins that synthetic data can be of. */
#ifndef CANDLEWICK_SOURCE_SYNTHETIC_SYNTHETIC_COINS_H
#define CANDLEWICK_SOURCE_SYNTHETIC_SYNTHETIC_COINS_H

#include "source/coins.h"

/* Reads --coins; ALL means ten common ones. Returns false with ERROR_USAGE for a name that cannot
 * be a coin. The caller frees `coins` in either case. */
NODISCARD bool synthetic_coins(const char *text, struct coin_table *coins, struct error *error);

#endif
