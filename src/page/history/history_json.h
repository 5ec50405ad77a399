/* Reads the newest stored events, and formats them for the page. */
#ifndef CANDLEWICK_PAGE_HISTORY_HISTORY_JSON_H
#define CANDLEWICK_PAGE_HISTORY_HISTORY_JSON_H

#include "base/text/strbuf.h"
#include "store/store.h"
#include "web/server.h"

/* Appends the answer of /api/history (web/server.h). Events of all subjects are read backwards in
 * time, first a day of them, then longer spans, until enough are found or HISTORY_LOOKED_MOST were
 * looked at. Fails with the store's error. */
enum { HISTORY_LOOKED_MOST = 100000 };
NODISCARD bool history_to_json(struct store *store, const struct web_history_wanted *wanted,
                               struct strbuf *json, struct error *error);

#endif
