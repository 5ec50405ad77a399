#include "commands/top/top_view.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct top_interval top_intervals[TOP_INTERVALS] = {
    {"1m", 60 * NS_PER_SECOND},   {"5m", 300 * NS_PER_SECOND},   {"15m", 900 * NS_PER_SECOND},
    {"1h", 3600 * NS_PER_SECOND}, {"4h", 14400 * NS_PER_SECOND}, {"1d", NS_PER_DAY},
    {"1w", CANDLE_WEEK_NS},
};

static void toggle_favourite(struct top_view *view, const char *coin)
{
    for (size_t i = 0; i < view->favourite_count; i++) {
        if (strcmp(view->favourites[i], coin) == 0) {
            view->favourite_count--;
            memmove(view->favourites[i], view->favourites[view->favourite_count],
                    sizeof view->favourites[i]);
            return;
        }
    }
    if (view->favourite_count < TOP_FAVOURITES_MAX && coin[0] != '\0') {
        (void)str_copy(str_from(coin), view->favourites[view->favourite_count++],
                       sizeof view->favourites[0]);
    }
}

void top_view_favourites(struct top_view *view, const char *coins)
{
    struct str rest = str_from(coins != NULL ? coins : ""), piece;
    while (str_split(&rest, ',', &piece)) {
        char coin[RECORD_KEY_MAX + 1];
        if (str_copy(str_trim(piece), coin, sizeof coin) && !top_view_is_favourite(view, coin)) {
            toggle_favourite(view, coin);
        }
    }
}

bool top_view_is_favourite(const struct top_view *view, const char *coin)
{
    bool found = false;
    for (size_t i = 0; !found && i < view->favourite_count; i++) {
        found = strcmp(view->favourites[i], coin) == 0;
    }
    return found;
}

/* Returns whether `text` contains the filter, whatever the case of ASCII letters. */
static bool contains(const char *text, const char *filter)
{
    return strcasestr(text, filter) != NULL;
}

static bool passes(const struct top_view *view, const struct top_market *market)
{
    return contains(market->coin, view->filter) || contains(market->name, view->filter) ||
           contains(market->source, view->filter);
}

static int rank_of(const struct top_view *view, const struct top_market *market)
{
    return market->made_up ? 2 : top_view_is_favourite(view, market->coin) ? 0 : 1;
}

/* Compares figures downwards; one that is not known comes last, whatever the direction. */
static int compare_figures(double left, double right, bool reversed)
{
    if (isnan(left) || isnan(right)) {
        return (isnan(left) ? 1 : 0) - (isnan(right) ? 1 : 0);
    }
    int order = left > right ? -1 : left < right ? 1 : 0;
    return reversed ? -order : order;
}

static int compare_by(const struct top_view *view, const struct top_market *left,
                      const struct top_market *right)
{
    if (view->order == ORDER_NAME) {
        int order = strcasecmp(left->name, right->name);
        return view->reversed ? -order : order;
    }
    if (view->order == ORDER_CAP) {
        return compare_figures(left->cap, right->cap, view->reversed);
    }
    size_t change = (size_t)(view->order - ORDER_1H);
    return compare_figures(left->change[change], right->change[change], view->reversed);
}

static int compare_rows(const void *left_row, const void *right_row, void *context)
{
    const struct top_view *view = context;
    const struct top_market *left = *(const struct top_market *const *)left_row;
    const struct top_market *right = *(const struct top_market *const *)right_row;
    int order = rank_of(view, left) - rank_of(view, right);
    order = order != 0 ? order : compare_by(view, left, right);
    order = order != 0 ? order : compare_figures(left->cap, right->cap, false);
    return order != 0 ? order : strcmp(left->coin, right->coin);
}

size_t top_view_rows(const struct top_view *view, const struct top_markets *markets,
                     const struct top_market **rows)
{
    struct top_view borrowed = *view; /* qsort_r() takes no const context */
    size_t count = 0;
    for (size_t i = 0; i < markets->count; i++) {
        if (passes(view, &markets->items[i])) {
            rows[count++] = &markets->items[i];
        }
    }
    qsort_r(rows, count, sizeof(const struct top_market *), compare_rows, &borrowed);
    return count;
}

/* Returns the row of the chosen coin; `count` if it is in none. */
static size_t chosen_row(const struct top_view *view, const struct top_market *const *rows,
                         size_t count)
{
    size_t row = 0;
    while (row < count && strcmp(rows[row]->coin, view->coin) != 0) {
        row++;
    }
    return row;
}

static void choose(struct top_view *view, const struct top_market *market)
{
    (void)str_copy(str_from(market->coin), view->coin, sizeof view->coin);
}

void top_view_settle(struct top_view *view, const struct top_markets *markets)
{
    for (size_t i = 0; i < markets->count; i++) {
        if (strcmp(markets->items[i].coin, view->coin) == 0) {
            return;
        }
    }
    const struct top_market **rows = calloc(markets->count + 1, sizeof(const struct top_market *));
    if (rows != NULL && top_view_rows(view, markets, rows) > 0) {
        choose(view, rows[0]);
    }
    free(rows);
}

void top_view_scroll(struct top_view *view, const struct top_market *const *rows, size_t count,
                     size_t visible)
{
    size_t row = chosen_row(view, rows, count);
    size_t last_first = count > visible ? count - visible : 0;
    view->first_row = view->first_row < last_first ? view->first_row : last_first;
    if (row < count && row < view->first_row) {
        view->first_row = row;
    } else if (row < count && row >= view->first_row + visible) {
        view->first_row = row + 1 - visible;
    }
}

/* Moves the choice by `steps` rows, not beyond either end. A coin that the filter hides is left for
 * the first row. */
static void move(struct top_view *view, const struct top_markets *markets, int64_t steps)
{
    const struct top_market **rows = calloc(markets->count + 1, sizeof(const struct top_market *));
    size_t count = rows != NULL ? top_view_rows(view, markets, rows) : 0;
    if (count > 0) {
        size_t row = chosen_row(view, rows, count);
        int64_t to = row < count ? (int64_t)row + steps : 0;
        to = to < 0 ? 0 : to >= (int64_t)count ? (int64_t)count - 1 : to;
        choose(view, rows[to]);
    }
    free(rows);
}

static bool is_text(const struct key *key, const char *text)
{
    return key->kind == KEY_TEXT && strcmp(key->text, text) == 0;
}

/* Removes the last character of the filter. */
static void shorten(char *filter)
{
    size_t length = strlen(filter);
    while (length > 0 && ((unsigned char)filter[length - 1] & 0xC0) == 0x80) {
        length--;
    }
    filter[length > 0 ? length - 1 : 0] = '\0';
}

/* Takes a key while the filter is typed. */
static void filter_key(struct top_view *view, const struct key *key,
                       const struct top_markets *markets)
{
    size_t length = strlen(view->filter);
    if (key->kind == KEY_TEXT && length + strlen(key->text) < sizeof view->filter) {
        memcpy(view->filter + length, key->text, strlen(key->text) + 1);
    } else if (key->kind == KEY_BACKSPACE) {
        shorten(view->filter);
    } else if (key->kind == KEY_ESCAPE) {
        view->filter[0] = '\0';
        view->filtering = false;
    } else if (key->kind == KEY_ENTER) {
        view->filtering = false;
        move(view, markets, 0);
    }
}

/* Moves the choice. Returns false if the key is about something else. */
static bool move_key(struct top_view *view, const struct key *key,
                     const struct top_markets *markets, size_t page)
{
    int64_t all = (int64_t)markets->count;
    int64_t steps = 0;
    if (key->kind == KEY_DOWN || is_text(key, "j")) {
        steps = 1;
    } else if (key->kind == KEY_UP || is_text(key, "k")) {
        steps = -1;
    } else if (key->kind == KEY_PAGE_DOWN) {
        steps = (int64_t)page;
    } else if (key->kind == KEY_PAGE_UP) {
        steps = -(int64_t)page;
    } else if (key->kind == KEY_HOME || is_text(key, "g")) {
        steps = -all;
    } else if (key->kind == KEY_END || is_text(key, "G")) {
        steps = all;
    } else {
        return false;
    }
    move(view, markets, steps);
    return true;
}

void top_view_key(struct top_view *view, const struct key *key, const struct top_markets *markets,
                  size_t page, size_t streams)
{
    bool arrow = key->kind == KEY_UP || key->kind == KEY_DOWN;
    if (view->filtering && !arrow) {
        filter_key(view, key, markets);
        return;
    }
    if (view->help) { /* any key ends the help */
        view->help = false;
        view->quit = is_text(key, "q");
        return;
    }
    if (move_key(view, key, markets, page)) {
        return;
    }
    if (is_text(key, "q")) {
        view->quit = true;
    } else if (is_text(key, "?") || is_text(key, "h")) {
        view->help = true;
    } else if (is_text(key, "/")) {
        view->filtering = true;
    } else if (key->kind == KEY_ESCAPE) {
        view->filter[0] = '\0';
    } else if (is_text(key, "s")) {
        view->order = (view->order + 1) % TOP_ORDERS;
        view->reversed = false;
    } else if (is_text(key, "S")) {
        view->reversed = !view->reversed;
    } else if (is_text(key, "f") || is_text(key, "*")) {
        toggle_favourite(view, view->coin);
    } else if (is_text(key, "t") && streams > 0) {
        view->stream = (view->stream + 1) % streams;
    } else if (key->kind == KEY_TEXT && key->text[0] >= '1' && key->text[0] < '1' + TOP_INTERVALS &&
               key->text[1] == '\0') {
        view->interval_ns = top_intervals[key->text[0] - '1'].ns;
    }
}
