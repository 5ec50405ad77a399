/* Draws the list of markets. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/fit.h"
#include "base/text/number.h"
#include "commands/top/top_panes.h"
#include "terminal/sparkline.h"

enum {
    NAME_AT = 2, /* after the marks of the chosen row and of a favourite */
    NAME_COLUMNS = 10,
    PRICE_LEAST = 6,
    PRICE_MOST = 13,
    CHANGE_COLUMNS = 7,
    SPARK_GAP = 2,
    LONG_PERCENT = 1000, /* a change from here on has no decimals */
};

/* Where the columns of figures end. */
struct list_columns {
    int price_end;
    int change_end[TOP_CHANGES];
    int spark_at;
};

/* Writes the price with all its digits, unless that is too wide for the list. */
static void format_price(double price, char text[NUMBER_TEXT_SIZE])
{
    text[0] = '\0';
    if (isfinite(price) && number_format(price, text) > PRICE_MOST) {
        (void)snprintf(text, NUMBER_TEXT_SIZE, "%.6g", price);
    }
}

static struct list_columns columns_of(const struct top_market *const *rows, size_t count)
{
    struct list_columns columns;
    int price = PRICE_LEAST;
    for (size_t i = 0; i < count; i++) {
        char text[NUMBER_TEXT_SIZE];
        format_price(rows[i]->price, text);
        price = (int)strlen(text) > price ? (int)strlen(text) : price;
    }
    columns.price_end = NAME_AT + NAME_COLUMNS + 1 + price;
    for (int i = 0; i < TOP_CHANGES; i++) {
        columns.change_end[i] = columns.price_end + (i + 1) * CHANGE_COLUMNS;
    }
    columns.spark_at = columns.change_end[TOP_CHANGES - 1] + SPARK_GAP;
    return columns;
}

static const char *order_mark(const struct top_view *view, enum top_order order)
{
    bool upwards = view->reversed != (order == ORDER_NAME); /* names begin with A, figures with the
                                                               greatest */
    return view->order != order ? "" : upwards ? "▲" : "▼";
}

static void draw_heads(const struct top_view *view, const struct list_columns *columns,
                       const struct canvas_area *area)
{
    static const char *const changes[TOP_CHANGES] = {"1h %", "24h %", "7d %"};
    static const enum top_order orders[TOP_CHANGES] = {ORDER_1H, ORDER_24H, ORDER_7D};
    const char *order = view->order == ORDER_CAP ? " by cap" : order_mark(view, ORDER_NAME);
    if (view->filter[0] != '\0') {
        (void)canvas_print(area, NAME_AT, 0, TONE_STRONG, "/%s", view->filter);
    } else {
        (void)canvas_print(area, NAME_AT, 0, TONE_FAINT, "coin%s", order);
    }
    (void)canvas_print_right(area, columns->price_end, 0, TONE_FAINT, "price");
    for (int i = 0; i < TOP_CHANGES; i++) {
        (void)canvas_print_right(area, columns->change_end[i], 0, TONE_FAINT, "%s%s", changes[i],
                                 order_mark(view, orders[i]));
    }
    (void)canvas_print(area, columns->spark_at, 0, TONE_FAINT, "last day");
}

static void draw_change(double change, int end, const struct canvas_area *area, int row)
{
    if (!isfinite(change)) {
        (void)canvas_print_right(area, end, row, TONE_FAINT, "–");
        return;
    }
    double shown = round(change * 100) / 100;
    int decimals = fabs(change) < LONG_PERCENT ? 2 : 0;
    if (shown == 0) {
        (void)canvas_print_right(area, end, row, TONE_PLAIN, "0.00");
    } else {
        (void)canvas_print_right(area, end, row, shown > 0 ? TONE_GOOD : TONE_BAD, "%+.*f",
                                 decimals, shown);
    }
}

static void draw_market(const struct top_view *view, const struct top_market *market,
                        const struct list_columns *columns, const struct canvas_area *area, int row)
{
    char price[NUMBER_TEXT_SIZE];
    struct strbuf text = strbuf_new(1024);
    bool chosen = strcmp(market->coin, view->coin) == 0;
    format_price(market->price, price);
    fit_append_middle(&text, str_from(market->name), NAME_COLUMNS);
    (void)canvas_print(area, 1, row, TONE_WAITING, "%s",
                       top_view_is_favourite(view, market->coin) ? "★" : "");
    (void)canvas_print(area, NAME_AT, row, market->made_up ? TONE_FAINT : TONE_PLAIN, "%s",
                       strbuf_text(&text));
    (void)canvas_print_right(area, columns->price_end, row, TONE_PLAIN, "%s", price);
    for (int i = 0; i < TOP_CHANGES; i++) {
        draw_change(market->change[i], columns->change_end[i], area, row);
    }
    int room = area->columns - columns->spark_at;
    strbuf_clear(&text);
    sparkline_append(market->closes, market->close_count, room > 0 ? (size_t)room : 0, &text);
    (void)canvas_put(area, columns->spark_at, row, TONE_PLAIN, strbuf_str(&text));
    if (chosen) {
        (void)canvas_print(area, 0, row, TONE_STRONG, ">");
        const struct canvas_area name = canvas_part(area, 0, row, columns->price_end, 1);
        canvas_tone_row(&name, 0, TONE_CHOSEN);
    }
    strbuf_free(&text);
}

static void draw_none(const struct top_frame *frame, const struct canvas_area *area)
{
    const struct top_markets *markets = &frame->answers->markets;
    (void)canvas_print(area, NAME_AT, 1, TONE_WAITING, "%s",
                       !markets->known ? "asking for the markets"
                       : markets->count > 0
                           ? "no market has that in its name: Esc clears the filter"
                           : "no price yet");
}

void top_draw_markets(const struct top_frame *frame, const struct canvas_area *area)
{
    const struct top_markets *markets = &frame->answers->markets;
    const struct top_market **rows = calloc(markets->count + 1, sizeof(const struct top_market *));
    size_t count = rows != NULL ? top_view_rows(frame->view, markets, rows) : 0;
    size_t visible = (size_t)area->rows - 1;
    if (count == 0) {
        draw_none(frame, area);
        free(rows);
        return;
    }
    top_view_scroll(frame->view, rows, count, visible);
    const struct list_columns columns = columns_of(rows, count);
    draw_heads(frame->view, &columns, area);
    for (size_t i = 0; i < visible && frame->view->first_row + i < count; i++) {
        draw_market(frame->view, rows[frame->view->first_row + i], &columns, area, (int)i + 1);
    }
    free(rows);
}
