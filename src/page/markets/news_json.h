/* Reads the newest stored news, and formats it for the page. */
#ifndef CANDLEWICK_PAGE_MARKETS_NEWS_JSON_H
#define CANDLEWICK_PAGE_MARKETS_NEWS_JSON_H

#include "base/text/strbuf.h"
#include "market/assets.h"
#include "store/store.h"
#include "web/server.h"

/* Appends the answer of /api/news (web/server.h). News of all sources is read backwards in time,
 * first a day of it, then longer spans, until enough is found or NEWS_LOOKED_MOST items were looked
 * at. Fails with the store's error. */
enum { NEWS_LOOKED_MOST = 100000 };
NODISCARD bool news_to_json(struct store *store, const struct assets *assets,
                            const struct web_news_wanted *wanted, struct strbuf *json,
                            struct error *error);

#endif
