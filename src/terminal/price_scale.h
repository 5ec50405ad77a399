/* The scale of a price chart. Each row of the terminal is two half rows, which box-drawing
 * characters can tell apart. */
#ifndef CANDLEWICK_TERMINAL_PRICE_SCALE_H
#define CANDLEWICK_TERMINAL_PRICE_SCALE_H

#include "base/text/number.h"
#include "market/candle.h"

struct price_scale {
    double low, high;
    int half_rows;
    int decimals; /* as many as the prices have, and the rows' labels need to differ */
};

/* Begins a scale without a price, for a chart of `rows` rows (above 0). */
struct price_scale price_scale_begin(int rows);
/* Widens the scale so that it shows the candle. */
void price_scale_take(struct price_scale *scale, const struct candle *candle);
/* Call it after the last candle. */
void price_scale_end(struct price_scale *scale);

/* Returns the half row of a price that the scale has taken, 0 at the top. */
int price_scale_half_row(const struct price_scale *scale, double price);

/* Writes the price in the middle of a row, or any price, with the scale's decimals. Returns its
 * length. */
int price_scale_row_label(const struct price_scale *scale, int row, char text[NUMBER_TEXT_SIZE]);
int price_scale_label(const struct price_scale *scale, double price, char text[NUMBER_TEXT_SIZE]);

#endif
