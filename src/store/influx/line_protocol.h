/* Ticks as InfluxDB's line protocol: one point, one line, fields in the order of the schema. */
#ifndef CANDLEWICK_STORE_INFLUX_LINE_PROTOCOL_H
#define CANDLEWICK_STORE_INFLUX_LINE_PROTOCOL_H

#include "base/text/strbuf.h"
#include "record/ticker.h"

/* Appends
 *     ticker,coin=tBTCUSD last_price=30000.1,bid=…,seq=7i,run_id=…i 1700000000000000000
 * and a line feed; figures that are null are left out. The same tick gives the same bytes. `tick`
 * has passed ticker_check(): the text of a number that is not finite would be refused, and one out
 * of range would be stored as infinite. False: the buffer is full or the symbol has no spelling. */
NODISCARD bool line_protocol_append(struct strbuf *lines, const struct ticker *tick);

/* A tag's value with backslashes before commas, blanks and equals signs. False, and nothing is
 * appended, for what has no spelling: nothing at all, a line break, a backslash (InfluxDB takes it
 * for an escape before some characters, and never at the end). */
NODISCARD bool line_protocol_append_tag_value(struct strbuf *lines, struct str value);

#endif
