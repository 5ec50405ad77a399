/* How far the sources' refills of missed records are, for `status`. */
#ifndef CANDLEWICK_PAGE_REFILL_TEXT_H
#define CANDLEWICK_PAGE_REFILL_TEXT_H

#include <jansson.h>

#include "base/text/strbuf.h"

/* In both functions `status` is the answer of a page's /api/status; NULL: no page answered. */

/* Appends a table with a line for each source that refills holes, even while none is open; nothing
 * if there is no such source. `columns` is the terminal's width; 0 leaves lines as long as they
 * are. */
void refill_to_table(const json_t *status, int columns, struct strbuf *text);

/* Appends {"bitfinex-trades":{"open_holes":n,…},…}, the figures of each source; null if `status`
 * names no sources. */
void refill_to_json(const json_t *status, struct strbuf *json);

#endif
