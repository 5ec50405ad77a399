/* Formats the rows of all markets, and who their data is from, for the page. */
#ifndef CANDLEWICK_PAGE_MARKETS_MARKETS_JSON_H
#define CANDLEWICK_PAGE_MARKETS_MARKETS_JSON_H

#include "base/text/strbuf.h"
#include "market/providers.h"
#include "page/markets/market_rows.h"

/* Appends the answer of /api/markets (web/server.h). */
void markets_to_json(const struct market_rows *rows, struct strbuf *json);

/* Appends {"service":…,"name":…,"link":…,"words":…} of a service that is in the table of providers.
 */
void provider_to_json(const struct provider *provider, struct strbuf *json);

#endif
