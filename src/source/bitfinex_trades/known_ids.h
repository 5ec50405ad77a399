/* The newest trades of one coin that are known, with their figures: a trade comes as te and as tu,
 * again after a reconnect, and once more in a refill. Bounded: of more than KNOWN_IDS_MAX trades
 * those with the greatest ids stay. Pure; a zeroed one is empty. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_TRADES_KNOWN_IDS_H
#define CANDLEWICK_SOURCE_BITFINEX_TRADES_KNOWN_IDS_H

#include "source/bitfinex_trades/trade_row.h"

enum { KNOWN_IDS_MAX = 1024 };

struct known_ids {
    struct trade_row *rows; /* ascending by id from `first` on; owned */
    size_t first, count;
    size_t capacity;
};

/* Returns the trade as it was added; NULL: it is not known (any more). Borrowed until the next
 * known_ids_add(). */
struct trade_row *known_ids_find(const struct known_ids *known, int64_t id);

/* Adds a trade that is not known. If there are KNOWN_IDS_MAX already, one with a smaller id than
 * all of them is left out. Returns false when memory runs out. */
NODISCARD bool known_ids_add(struct known_ids *known, const struct trade_row *row);

void known_ids_clear(struct known_ids *known); /* keeps the memory */
void known_ids_free(struct known_ids *known);

#endif
