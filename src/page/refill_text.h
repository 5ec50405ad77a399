/* How far the sources' refills of missed records are, for `status`. */
#ifndef CANDLEWICK_PAGE_REFILL_TEXT_H
#define CANDLEWICK_PAGE_REFILL_TEXT_H

#include <jansson.h>

#include "base/text/strbuf.h"

/* Both take the answer of a page's /api/status, whose process may have sources of its own; NULL:
 * there is none. */

/* Appends a table with a line for each source that has holes to refill, also if none is open now;
 * nothing if there is no such source. `columns` is the terminal's width; with 0 lines have any
 * length. */
void refill_to_table(const json_t *status, int columns, struct strbuf *text);

/* Appends {"bitfinex-trades":{"open_holes":n,…},…}, the own figures of each source; null if there
 * is no answer. */
void refill_to_json(const json_t *status, struct strbuf *json);

#endif
