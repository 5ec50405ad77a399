/* Draws a frame of `top`. Pure. */
#ifndef CANDLEWICK_COMMANDS_TOP_TOP_DRAW_H
#define CANDLEWICK_COMMANDS_TOP_TOP_DRAW_H

#include "commands/top/top_feed.h"
#include "commands/top/top_view.h"
#include "terminal/canvas.h"

enum { TOP_COLUMNS_LEAST = 80, TOP_ROWS_LEAST = 24 };

/* What a frame shows. Borrowed. */
struct top_frame {
    const struct top_answers *answers;
    struct top_view *view; /* its first_row is set to what is drawn */
    const char *page;      /* the address that is asked */
    int64_t now_ns;
};

/* Draws the frame on a blank canvas of any size; on one that is smaller than 80 by 24 it only says
 * so. Returns how many rows of markets there is room for. */
size_t top_draw(const struct top_frame *frame, struct canvas *canvas);

#endif
