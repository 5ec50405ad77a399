#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/output.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/page_ask.h"
#include "commands/top/top_draw.h"
#include "commands/top/top_feed.h"
#include "commands/top/top_view.h"
#include "terminal/screen.h"

#define USUAL_PAGE "http://127.0.0.1:8080" /* where serve and demo listen unless told otherwise */

struct top {
    const char *page;
    struct screen *screen;
    struct stop *stop;
    struct top_feed *feed;
    struct top_view view;
    size_t page_rows; /* how many markets the window shows */
};

static void wake(void *context)
{
    screen_wake(context);
}

/* Tells the feed which candles the window shows. The caller holds the feed's answers. */
static struct top_wish wish_of(const struct top *top, const struct top_markets *markets,
                               int columns)
{
    struct top_wish wish = {.interval_ns = top->view.interval_ns, .most = columns};
    for (size_t i = 0; i < markets->count; i++) {
        const struct top_market *market = &markets->items[i];
        if (str_equal_text(str_from(market->coin), top->view.coin)) {
            (void)str_copy(str_from(market->coin), wish.coin, sizeof wish.coin);
            (void)str_copy(str_from(market->of), wish.of, sizeof wish.of);
            (void)str_copy(str_from(market->source), wish.source, sizeof wish.source);
        }
    }
    return wish;
}

static void draw(struct top *top)
{
    struct canvas canvas;
    int columns = 0, rows = 0;
    screen_size(top->screen, &columns, &rows);
    if (!canvas_create(&canvas, columns, rows)) {
        return;
    }
    const struct top_answers *answers = top_feed_lock(top->feed);
    top_view_settle(&top->view, &answers->markets);
    const struct top_frame frame = {
        .answers = answers, .view = &top->view, .page = top->page, .now_ns = clock_wall_ns()};
    top->page_rows = top_draw(&frame, &canvas);
    const struct top_wish wish = wish_of(top, &answers->markets, columns);
    top_feed_unlock(top->feed);
    screen_show(top->screen, &canvas, output_coloured(STDOUT_FILENO));
    canvas_free(&canvas);
    top_feed_wish(top->feed, &wish);
}

static void take_key(struct top *top, const struct key *key)
{
    const struct top_answers *answers = top_feed_lock(top->feed);
    top_view_key(&top->view, key, &answers->markets, top->page_rows, answers->status.stream_count);
    top_feed_unlock(top->feed);
}

/* Draws after each key and each answer, and when the clock's second changes. */
static void look_on(struct top *top)
{
    enum screen_event event = SCREEN_WINDOW;
    while (event != SCREEN_END && !top->view.quit) {
        struct key key;
        draw(top);
        int64_t to_next_ns = NS_PER_SECOND - clock_wall_ns() % NS_PER_SECOND;
        event = screen_next(top->screen, top->stop, clock_monotonic_ns() + to_next_ns, &key);
        if (event == SCREEN_KEY) {
            take_key(top, &key);
        }
    }
}

/* Asks the page once before the terminal is taken, so that an address without one is an error in
 * the shell. */
static bool page_answers(const char *page, struct error *error)
{
    json_t *status = page_ask_status(page);
    bool answers = status != NULL;
    json_decref(status);
    return answers || error_set(error, ERROR_RETRY,
                                "no page answers at %s: start ./launch.sh or candlewick demo, or "
                                "name the page with --page",
                                page);
}

bool run_top(const struct options *options, struct error *error)
{
    struct signal_watch *watch = NULL;
    struct top top = {.page = options->page != NULL ? options->page : USUAL_PAGE,
                      .view = {.interval_ns = options->interval_ns}};
    if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1) {
        return error_set(error, ERROR_USAGE,
                         "top needs a terminal: for a file or a pipe there are candlewick candles "
                         "and candlewick status");
    }
    if (!page_answers(top.page, error)) {
        return false;
    }
    (void)str_copy(str_from(options->coin), top.view.coin, sizeof top.view.coin);
    top_view_favourites(&top.view, options->favourites);
    top.stop = stop_create(error);
    bool done = top.stop != NULL &&
                (top.screen = screen_open(STDIN_FILENO, STDOUT_FILENO, error)) != NULL &&
                (watch = signal_watch_create(top.stop, 0, error)) != NULL;
    const struct top_feed_config config = {
        .page = top.page, .stop = top.stop, .changed = wake, .context = top.screen};
    done = done && (top.feed = top_feed_create(&config, error)) != NULL;
    if (done) {
        look_on(&top);
    }
    /* The terminal is given back first: a request that is still under way may take a while. */
    if (top.screen != NULL) {
        screen_leave(top.screen);
    }
    if (top.stop != NULL) {
        stop_request(top.stop);
    }
    top_feed_destroy(top.feed);
    screen_close(top.screen);
    signal_watch_destroy(watch);
    stop_destroy(top.stop);
    return done;
}
