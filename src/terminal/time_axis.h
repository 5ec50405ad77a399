/* The line of times below a chart of candles. */
#ifndef CANDLEWICK_TERMINAL_TIME_AXIS_H
#define CANDLEWICK_TERMINAL_TIME_AXIS_H

#include "terminal/candle_slots.h"
#include "terminal/canvas.h"

/* Writes the times of round moments (UTC) below the candles that begin there, into a row of
 * `area`; the first candle has its date. A slot has one column, from the area's first one on.
 * `interval_ns` 0: not known. */
void time_axis_draw(const struct canvas_area *area, int row, const struct candle_slot *slots,
                    size_t count, int64_t interval_ns);

#endif
