#include "terminal/candle_chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "market/coverage.h"
#include "terminal/candle_slots.h"
#include "terminal/price_scale.h"
#include "terminal/time_axis.h"

enum {
    TITLE_ROWS = 1,
    AXIS_ROWS = 1,
    PICTURE_ROWS_LEAST = 3,
    PICTURE_COLUMNS_LEAST = 8,
    LABEL_GAP = 2, /* before a label: a blank, and the mark of the last price */
};

/* Each half of a character cell is empty, wick or body. */
enum half { HALF_EMPTY, HALF_WICK, HALF_BODY };
static const char *const half_text[3][3] = {
    /* rows: the upper half is empty, wick or body; columns: the same for the lower half */
    {" ", "╷", "╻"},
    {"╵", "│", "╽"},
    {"╹", "╿", "┃"},
};
#define HOLLOW_BODY "║"
#define GAP_LINE "┊"

/* What is drawn, and where. */
struct picture {
    const struct candle_chart *chart;
    const struct canvas_area *area;
    struct candle_slot *slots; /* owned */
    size_t count;
    struct price_scale scale;
    int rows;         /* of the candles */
    int coverage_row; /* -1: there is none */
    int legend_row;   /* -1: there is none */
};

static enum half half_at(const struct price_scale *scale, const struct candle *candle, int at)
{
    int top = price_scale_half_row(scale, fmax(candle->open, candle->close));
    int bottom = price_scale_half_row(scale, fmin(candle->open, candle->close));
    if (at >= top && at <= bottom) {
        return HALF_BODY;
    }
    bool in_wick = at >= price_scale_half_row(scale, candle->high) &&
                   at <= price_scale_half_row(scale, candle->low);
    return in_wick ? HALF_WICK : HALF_EMPTY;
}

static enum tone tone_of(const struct candle *candle)
{
    return candle->close >= candle->open ? TONE_GOOD : TONE_BAD;
}

static bool is_forming(const struct picture *picture, const struct candle *candle)
{
    const struct candle_marks *marks = picture->chart->marks;
    return marks != NULL && candle_is_forming(candle, marks);
}

static void draw_candle(const struct picture *picture, int column, const struct candle *candle)
{
    bool hollow = is_forming(picture, candle);
    for (int row = 0; row < picture->rows; row++) {
        enum half upper = half_at(&picture->scale, candle, 2 * row);
        enum half lower = half_at(&picture->scale, candle, 2 * row + 1);
        bool body = upper == HALF_BODY || lower == HALF_BODY;
        if (upper != HALF_EMPTY || lower != HALF_EMPTY) {
            const char *text = hollow && body ? HOLLOW_BODY : half_text[upper][lower];
            (void)canvas_put(picture->area, column, TITLE_ROWS + row, tone_of(candle),
                             str_from(text));
        }
    }
}

static void draw_candles(const struct picture *picture)
{
    for (size_t i = 0; i < picture->count; i++) {
        const struct candle_slot *slot = &picture->slots[i];
        if (slot->candle != NULL) {
            draw_candle(picture, (int)i, slot->candle);
        }
        for (int row = 0; slot->kind == SLOT_CUT && row < picture->rows; row++) {
            (void)canvas_put(picture->area, (int)i, TITLE_ROWS + row, TONE_FAINT,
                             str_from(GAP_LINE));
        }
    }
}

/* Draws the scale's labels; the last price replaces the label of its row. */
static void draw_scale(const struct picture *picture)
{
    const struct candle *last = picture->slots[picture->count - 1].candle;
    int last_row = price_scale_half_row(&picture->scale, last->close) / 2;
    int column = (int)picture->count + LABEL_GAP;
    for (int row = 0; row < picture->rows; row++) {
        char text[NUMBER_TEXT_SIZE];
        if (row == last_row) {
            (void)price_scale_label(&picture->scale, last->close, text);
            (void)canvas_print(picture->area, column - 1, TITLE_ROWS + row, tone_of(last), "◂%s",
                               text);
        } else {
            (void)price_scale_row_label(&picture->scale, row, text);
            (void)canvas_put(picture->area, column, TITLE_ROWS + row, TONE_FAINT, str_from(text));
        }
    }
}

/* Writes the title, the last price, and how it changed since the first candle that is shown. */
static void draw_title(const struct picture *picture)
{
    const struct candle *first = picture->slots[0].candle;
    const struct candle *last = picture->slots[picture->count - 1].candle;
    char price[NUMBER_TEXT_SIZE], since[CLOCK_TEXT_SIZE];
    (void)price_scale_label(&picture->scale, last->close, price);
    clock_format_rfc3339(first->time_ns, since);
    int column =
        canvas_print(picture->area, 0, 0, TONE_STRONG, "%s  %s", picture->chart->title, price);
    double change = round(1e4 * (last->close / first->open - 1)) / 100;
    if (isfinite(change)) {
        enum tone tone = change > 0 ? TONE_GOOD : change < 0 ? TONE_BAD : TONE_PLAIN;
        column = canvas_print(picture->area, column, 0, tone,
                              change != 0 ? "  %+.2f %%" : "  0.00 %%", change);
        (void)canvas_print(picture->area, column, 0, TONE_FAINT, " since %.10s %.8s UTC", since,
                           since + 11);
    }
}

static char coverage_mark(const struct picture *picture, const struct candle_slot *slot)
{
    const struct candle_marks *marks = picture->chart->marks;
    struct coverage_share share = slot->candle != NULL
                                      ? candle_coverage(slot->candle, marks)
                                      : coverage_of(marks->coverage, slot->begin_ns, slot->end_ns);
    return share.ns[COVERAGE_HOLE] > 0 ? '!' : share.unknown_ns > 0 ? '?' : ' ';
}

static bool has_coverage(const struct candle_chart *chart)
{
    return chart->marks != NULL && chart->marks->coverage != NULL;
}

/* Returns whether some column has a mark. */
static bool is_marked(const struct picture *picture)
{
    bool marked = false;
    for (size_t i = 0; has_coverage(picture->chart) && !marked && i < picture->count; i++) {
        marked = coverage_mark(picture, &picture->slots[i]) != ' ';
    }
    return marked;
}

static void draw_coverage(const struct picture *picture)
{
    for (size_t i = 0; i < picture->count; i++) {
        char mark = coverage_mark(picture, &picture->slots[i]);
        if (mark != ' ') {
            (void)canvas_print(picture->area, (int)i, picture->coverage_row,
                               mark == '!' ? TONE_BAD : TONE_WAITING, "%c", mark);
        }
    }
}

/* Returns the newest shortened gap, or NULL; *others becomes how many there are besides. */
static const struct candle_slot *newest_cut(const struct picture *picture, size_t *others)
{
    const struct candle_slot *newest = NULL;
    size_t cuts = 0;
    for (size_t i = 0; i < picture->count; i++) {
        if (picture->slots[i].kind == SLOT_CUT) {
            newest = &picture->slots[i];
            cuts++;
        }
    }
    *others = cuts > 0 ? cuts - 1 : 0;
    return newest;
}

static void draw_legend(const struct picture *picture)
{
    int column = 0;
    size_t others = 0;
    const struct candle_slot *cut = newest_cut(picture, &others);
    if (picture->coverage_row >= 0) {
        column = canvas_print(picture->area, 0, picture->legend_row, TONE_FAINT,
                              "! hole, ? unknown%s", cut != NULL ? ", " : "");
    }
    if (cut != NULL) {
        char gap[CLOCK_TEXT_SIZE], from[CLOCK_TEXT_SIZE];
        candle_gap_format(cut->end_ns - cut->begin_ns, gap);
        clock_format_rfc3339(cut->begin_ns, from);
        column = canvas_print(picture->area, column, picture->legend_row, TONE_FAINT,
                              GAP_LINE " none for %s from %.10s %.5s", gap, from, from + 11);
        if (others > 0) {
            (void)canvas_print(picture->area, column, picture->legend_row, TONE_FAINT,
                               ", and %zu such before", others);
        }
    }
}

/* Computes the scale of the candles that stand in the slots, and how wide its widest label is. */
static int measure(struct picture *picture)
{
    int widest = 0;
    picture->scale = price_scale_begin(picture->rows);
    for (size_t i = 0; i < picture->count; i++) {
        if (picture->slots[i].candle != NULL) {
            price_scale_take(&picture->scale, picture->slots[i].candle);
        }
    }
    price_scale_end(&picture->scale);
    for (int row = 0; picture->count > 0 && row < picture->rows; row++) {
        char text[NUMBER_TEXT_SIZE];
        int length = price_scale_row_label(&picture->scale, row, text);
        widest = length > widest ? length : widest;
    }
    return widest;
}

/* Chooses the candles and the rows. The labels' width depends on the candles, and how many of these
 * fit on that width: so it first looks at all that might fit. Returns false if the area is too
 * small. */
static bool arrange(struct picture *picture)
{
    const struct candle_chart *chart = picture->chart;
    const struct canvas_area *area = picture->area;
    int64_t interval_ns = chart->marks != NULL ? chart->marks->interval_ns : 0;
    size_t others = 0;
    picture->rows = area->rows - TITLE_ROWS - AXIS_ROWS;
    if (picture->rows < PICTURE_ROWS_LEAST || area->columns < PICTURE_COLUMNS_LEAST) {
        return false;
    }
    picture->count =
        candle_slots(chart->candles, interval_ns, picture->slots, (size_t)area->columns);
    int room = area->columns - measure(picture) - LABEL_GAP;
    if (picture->count == 0 || room < PICTURE_COLUMNS_LEAST) {
        return false;
    }
    picture->count = candle_slots(chart->candles, interval_ns, picture->slots, (size_t)room);
    bool marked = is_marked(picture);
    bool legend = marked || newest_cut(picture, &others) != NULL;
    picture->rows -= (marked ? 1 : 0) + (legend ? 1 : 0);
    picture->coverage_row = marked ? TITLE_ROWS + picture->rows : -1;
    picture->legend_row = legend ? area->rows - 1 : -1;
    (void)measure(picture);
    return picture->rows >= PICTURE_ROWS_LEAST;
}

int candle_chart_draw(const struct candle_chart *chart, const struct canvas_area *area)
{
    struct picture picture = {.chart = chart, .area = area};
    if (chart->candles->count == 0 || area->columns <= 0) {
        return 0;
    }
    picture.slots = calloc((size_t)area->columns, sizeof *picture.slots);
    bool drawn = picture.slots != NULL && arrange(&picture);
    if (drawn) {
        int axis_row = TITLE_ROWS + picture.rows + (picture.coverage_row >= 0 ? 1 : 0);
        int64_t interval_ns = chart->marks != NULL ? chart->marks->interval_ns : 0;
        draw_title(&picture);
        draw_candles(&picture);
        draw_scale(&picture);
        time_axis_draw(area, axis_row, picture.slots, picture.count, interval_ns);
        if (picture.coverage_row >= 0) {
            draw_coverage(&picture);
        }
        if (picture.legend_row >= 0) {
            draw_legend(&picture);
        }
    }
    free(picture.slots);
    return drawn ? area->rows : 0;
}
