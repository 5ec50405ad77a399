/* Writes a tick as a row of Bitfinex's GET /v2/tickers, the reverse of bitfinex_parse.h: for a fake
 * exchange. */
#ifndef CANDLEWICK_SOURCE_BITFINEX_BITFINEX_ROW_H
#define CANDLEWICK_SOURCE_BITFINEX_BITFINEX_ROW_H

#include "base/text/strbuf.h"
#include "record/ticker.h"

/* Numbers read back as the same bits. */
void bitfinex_row_append(const struct ticker *tick, struct strbuf *text);

#endif
