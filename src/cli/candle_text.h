/* Formats candles for people and scripts. Each function appends to a buffer and does nothing
 * else. */
#ifndef CANDLEWICK_CLI_CANDLE_TEXT_H
#define CANDLEWICK_CLI_CANDLE_TEXT_H

#include <stdbool.h>

#include "base/text/strbuf.h"
#include "market/candle.h"

/* Appends CSV (RFC 4180, but lines end with LF), one line for each candle. The header is
 * "time,coin,open,high,low,close,ticks,forming,cut,synthetic". If the marks say that there are
 * volumes, "volume" comes after "ticks". If the marks have a coverage, "live,refilled,hole,unknown"
 * come before "forming": the parts of the candle's time, 0 to 1. Times are the bucket's start as
 * RFC 3339 UTC; numbers parse as the same bits; `ticks` and `volume` are empty if they are unknown;
 * "forming", "cut" and "synthetic" are true or false. */
void candles_csv_header(const struct candle_marks *marks, struct strbuf *text);
void candles_to_csv(const struct candle_list *candles, const char *coin,
                    const struct candle_marks *marks, struct strbuf *text);

/* Appends aligned columns under a heading that names the coin; the last column says whether a
 * candle is cut or forming, and how long the time before it is in which there is none. `columns` is
 * the terminal's width; 0 leaves lines as long as they are. */
void candles_to_table(const struct candle_list *candles, const char *coin,
                      const struct candle_marks *marks, int columns, struct strbuf *text);

#endif
