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

/* Appends aligned columns under a heading that names the coin; the last column is "forming", "cut"
 * or empty. `columns` is the terminal's width; 0 leaves lines as long as they are. */
void candles_to_table(const struct candle_list *candles, const char *coin,
                      const struct candle_marks *marks, int columns, struct strbuf *text);

struct drawing_size {
    int columns; /* the terminal's width */
    int rows;    /* the picture's height */
};

/* Draws the newest candles that fit with box-drawing characters and a price scale on the right;
 * green when the close is not below the open, red otherwise. Draws nothing for an empty list.
 * If the marks (NULL: none) have a coverage, a line below has "!" where a candle's time has a hole,
 * and "?" where something of it is unknown. */
void candles_draw(const struct candle_list *candles, const struct candle_marks *marks,
                  struct drawing_size size, bool colour, struct strbuf *text);

#endif
