/*
 * Candles drawn as text: a title with the last price, the candles with the scale of prices at
 * their right, the times below.
 *
 * A candle that is still forming is hollow. Time without candles is left blank; where that is long
 * it is shortened to three columns with a dotted line, and told below. If the marks have a
 * coverage, a line has "!" below a candle whose time has a hole, and "?" where something of it is
 * unknown.
 */
#ifndef CANDLEWICK_TERMINAL_CANDLE_CHART_H
#define CANDLEWICK_TERMINAL_CANDLE_CHART_H

#include "market/candle.h"
#include "terminal/canvas.h"

/* Everything is borrowed. */
struct candle_chart {
    const struct candle_list *candles;
    const struct candle_marks *marks; /* NULL: nothing is known besides the candles; gaps are then
                                         not shown */
    const char *title;                /* what the candles are of: "tBTCUSD 5m" */
};

/* Draws the newest candles that fit into the area. Returns how many rows it took; 0 if there is no
 * candle, the area is too small to show something, or memory runs out. */
int candle_chart_draw(const struct candle_chart *chart, const struct canvas_area *area);

#endif
