/* Formats the coins in the store for the page: their figures, and from what their candles can be
 * made. */
#ifndef CANDLEWICK_PAGE_COINS_JSON_H
#define CANDLEWICK_PAGE_COINS_JSON_H

#include "base/text/strbuf.h"
#include "record/stream.h"
#include "store/store.h"

/* Writes the answer of /api/coins (web/server.h) to `json`, which is cleared first, for the kinds
 * among the streams. Fails with the store's error, or if the answer is over the buffer's limit. */
NODISCARD bool coins_to_json(struct store *store, const struct stream *streams, size_t count,
                             struct strbuf *json, struct error *error);

#endif
