/* The parts of a frame of `top`, each drawn into its area. Pure; for top_draw.c only. */
#ifndef CANDLEWICK_COMMANDS_TOP_TOP_PANES_H
#define CANDLEWICK_COMMANDS_TOP_TOP_PANES_H

#include "commands/top/top_draw.h"

/* The first row of the frame: page, rates, lag, trouble, clock. */
void top_draw_head(const struct top_frame *frame, const struct canvas_area *row);

/* The list of markets below its column heads. */
void top_draw_markets(const struct top_frame *frame, const struct canvas_area *area);

/* The partitions of one stream, with owners and lag. */
void top_draw_owners(const struct top_frame *frame, const struct canvas_area *area);

/* The chosen coin's candles, or why there are none. */
void top_draw_candles(const struct top_frame *frame, const struct canvas_area *area);

/* What the keys do. */
void top_draw_help(const struct canvas_area *area);

#endif
