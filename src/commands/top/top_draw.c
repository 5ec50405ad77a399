#include "commands/top/top_draw.h"

#include "commands/top/top_panes.h"

enum {
    HEAD_ROWS = 1,
    FOOT_ROWS = 1,
    COLUMN_HEADS = 1,
    LIST_LEAST = 5,
    OWNERS_LEAST = 22, /* columns of the partitions' pane */
    OWNERS_MOST = 44,
    PANE_GAP = 2,
};

static size_t larger(size_t left, size_t right)
{
    return left > right ? left : right;
}

/* Returns how many rows the list of markets gets: two fifths of the window, or less if neither the
 * markets nor the partitions need so many. */
static int list_rows(const struct top_frame *frame, int rows)
{
    const struct top_answers *answers = frame->answers;
    int share = (rows - HEAD_ROWS - FOOT_ROWS - COLUMN_HEADS) * 2 / 5;
    size_t needed = larger(answers->markets.count, LIST_LEAST);
    for (size_t i = 0; i < answers->status.stream_count; i++) {
        needed = larger(needed, answers->status.streams[i].partition_count);
    }
    return needed < (size_t)share ? (int)needed : share;
}

static void draw_foot(const struct top_frame *frame, const struct canvas_area *row)
{
    const struct top_view *view = frame->view;
    if (view->filtering) {
        int column = canvas_print(row, 0, 0, TONE_STRONG, "/%s", view->filter);
        column = canvas_print(row, column, 0, TONE_CHOSEN, " ");
        (void)canvas_print(row, column, 0, TONE_FAINT, "  Enter keeps the filter, Esc clears it");
        return;
    }
    (void)canvas_print(row, 0, 0, TONE_FAINT,
                       "j/k coin  1-7 interval  / filter  s sort  f favourite  t topic  ? help  "
                       "q quit");
}

/* Draws what lies between the head and the foot. Returns how many markets there is room for. */
static size_t draw_body(const struct top_frame *frame, const struct canvas_area *body)
{
    int list = list_rows(frame, body->rows + HEAD_ROWS + FOOT_ROWS);
    int owners = body->columns / 4;
    owners = owners < OWNERS_LEAST ? OWNERS_LEAST : owners > OWNERS_MOST ? OWNERS_MOST : owners;
    int markets = body->columns - owners - PANE_GAP;
    int upper = COLUMN_HEADS + list;
    const struct canvas_area left = canvas_part(body, 0, 0, markets, upper);
    const struct canvas_area right = canvas_part(body, markets + PANE_GAP, 0, owners, upper);
    const struct canvas_area lower = canvas_part(body, 0, upper, body->columns, body->rows - upper);
    top_draw_markets(frame, &left);
    top_draw_owners(frame, &right);
    top_draw_candles(frame, &lower);
    return (size_t)list;
}

size_t top_draw(const struct top_frame *frame, struct canvas *canvas)
{
    const struct canvas_area all = canvas_all(canvas);
    if (all.columns < TOP_COLUMNS_LEAST || all.rows < TOP_ROWS_LEAST) {
        (void)canvas_print(&all, 0, 0, TONE_BAD, "%dx%d is too small: %dx%d is needed (q quits)",
                           all.columns, all.rows, TOP_COLUMNS_LEAST, TOP_ROWS_LEAST);
        return 1;
    }
    const struct canvas_area head = canvas_part(&all, 0, 0, all.columns, HEAD_ROWS);
    const struct canvas_area foot =
        canvas_part(&all, 0, all.rows - FOOT_ROWS, all.columns, FOOT_ROWS);
    const struct canvas_area body =
        canvas_part(&all, 0, HEAD_ROWS, all.columns, all.rows - HEAD_ROWS - FOOT_ROWS);
    top_draw_head(frame, &head);
    draw_foot(frame, &foot);
    if (frame->view->help) {
        top_draw_help(&body);
        return 1;
    }
    return draw_body(frame, &body);
}
