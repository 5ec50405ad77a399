/* Candles for people and scripts. Pure: each appends to a buffer. */
#ifndef CANDLEWICK_CLI_CANDLE_TEXT_H
#define CANDLEWICK_CLI_CANDLE_TEXT_H

#include <stdbool.h>

#include "base/text/strbuf.h"
#include "market/candle.h"

/* "time,coin,open,high,low,close,ticks,forming,cut,synthetic\n", and one line a candle (RFC 4180,
 * but LF). Times are RFC 3339 UTC of the bucket's start; numbers read back as the same bits; the
 * last three are true or false. */
void candles_csv_header(struct strbuf *text);
void candles_to_csv(const struct candle_list *candles, const char *coin,
                    const struct candle_marks *marks, struct strbuf *text);

/* Aligned columns under a heading that names the coin, the last one "forming", "cut" or empty; for
 * a terminal of so many columns, 0: lines as they come. */
void candles_to_table(const struct candle_list *candles, const char *coin,
                      const struct candle_marks *marks, int columns, struct strbuf *text);

struct drawing_size {
    int columns; /* of the terminal */
    int rows;    /* of the picture */
};

/* The newest candles that fit, as box-drawing characters, green where the close is not below the
 * open and red otherwise, with a price scale on the right. Nothing for an empty list. */
void candles_draw(const struct candle_list *candles, struct drawing_size size, bool colour,
                  struct strbuf *text);

#endif
