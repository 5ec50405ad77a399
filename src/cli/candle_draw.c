#include <math.h>

#include "base/text/number.h"
#include "cli/candle_text.h"
#include "market/coverage.h"

/*
 * Draws candles as text. Each terminal row has two half rows, so that a candle's ends are exact to
 * half a row. Each half of a character cell is empty, wick or body.
 */
enum cell { CELL_EMPTY, CELL_WICK, CELL_BODY };
static const char *const cell_text[3][3] = {
    /* rows: the upper half is empty, wick or body; columns: the same for the lower half */
    {" ", "╷", "╻"},
    {"╵", "│", "╽"},
    {"╹", "╿", "┃"},
};

enum { SCALE_COLUMNS = 14 };

struct scale {
    double low, high;
    int half_rows;
};

/* Returns the half row of a price, 0 at the top. */
static int half_row(const struct scale *scale, double price)
{
    double share =
        scale->high > scale->low ? (scale->high - price) / (scale->high - scale->low) : 0.5;
    return (int)lround(share * (scale->half_rows - 1));
}

static enum cell cell_at(const struct scale *scale, const struct candle *candle, int at)
{
    int top = half_row(scale, fmax(candle->open, candle->close));
    int bottom = half_row(scale, fmin(candle->open, candle->close));
    if (at >= top && at <= bottom) {
        return CELL_BODY;
    }
    bool in_wick = at >= half_row(scale, candle->high) && at <= half_row(scale, candle->low);
    return in_wick ? CELL_WICK : CELL_EMPTY;
}

static void draw_row(const struct scale *scale, const struct candle *items, size_t count, int row,
                     bool colour, struct strbuf *text)
{
    for (size_t i = 0; i < count; i++) {
        enum cell upper = cell_at(scale, &items[i], 2 * row);
        enum cell lower = cell_at(scale, &items[i], 2 * row + 1);
        bool visible = upper != CELL_EMPTY || lower != CELL_EMPTY;
        if (colour && visible) {
            strbuf_append_text(text, items[i].close >= items[i].open ? "\033[32m" : "\033[31m");
        }
        strbuf_append_text(text, cell_text[upper][lower]);
        if (colour && visible) {
            strbuf_append_text(text, "\033[0m");
        }
    }
}

static double price_at_row(const struct scale *scale, int row, int rows)
{
    double share = rows > 1 ? (double)row / (rows - 1) : 0.5;
    return scale->high - share * (scale->high - scale->low);
}

/* Appends a line with a mark below each candle whose time has a hole or is partly unknown. Appends
 * nothing if there is no such candle. */
static void draw_coverage(const struct candle_marks *marks, const struct candle *items,
                          size_t count, struct strbuf *text)
{
    bool whole = true;
    struct strbuf line = strbuf_new(count + 1);
    for (size_t i = 0; i < count; i++) {
        struct coverage_share share = candle_coverage(&items[i], marks);
        bool hole = share.ns[COVERAGE_HOLE] > 0;
        strbuf_append_char(&line, hole ? '!' : share.unknown_ns > 0 ? '?' : ' ');
        whole = whole && !hole && share.unknown_ns == 0;
    }
    if (!whole) {
        strbuf_append_str(text, strbuf_str(&line));
        strbuf_append_text(text, "  ! hole, ? unknown\n");
    }
    strbuf_free(&line);
}

void candles_draw(const struct candle_list *candles, const struct candle_marks *marks,
                  struct drawing_size size, bool colour, struct strbuf *text)
{
    int room = size.columns - SCALE_COLUMNS;
    if (candles->count == 0 || room < 1 || size.rows < 1) {
        return;
    }
    size_t count = candles->count < (size_t)room ? candles->count : (size_t)room;
    const struct candle *items = candles->items + candles->count - count;
    struct scale scale = {items[0].low, items[0].high, 2 * size.rows};
    for (size_t i = 1; i < count; i++) {
        scale.low = fmin(scale.low, items[i].low);
        scale.high = fmax(scale.high, items[i].high);
    }
    for (int row = 0; row < size.rows; row++) {
        draw_row(&scale, items, count, row, colour, text);
        strbuf_append_format(text, "  %.7g\n", price_at_row(&scale, row, size.rows));
    }
    if (marks != NULL && marks->coverage != NULL) {
        draw_coverage(marks, items, count, text);
    }
}
