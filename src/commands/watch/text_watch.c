#include "commands/watch/text_watch.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/output.h"

enum { TEXT_LIMIT = 4 << 20, CLOCK_COLUMNS = 14, CLOCK_AT = 11, HEAD_ROWS = 1, FOOT_ROWS = 1 };

struct text_watch {
    const struct text_watch_config *config;
    struct screen *screen;
    int again;            /* an eventfd: make the text at once, for the window has another size */
    pthread_mutex_t lock; /* protects what follows */
    struct strbuf text;   /* the newest one */
    struct error away;    /* why the last round made none; ERROR_NONE: it did */
    int64_t away_since_ns;
    bool over; /* making has failed for good: `away` says why */
};

/* What is shown of the text. */
struct scroll {
    int first; /* line */
    int lines; /* of the text */
    int rows;  /* that there is room for */
};

struct screen *text_watch_open(struct error *error)
{
    return screen_open(isatty(STDIN_FILENO) == 1 ? STDIN_FILENO : -1, STDOUT_FILENO, error);
}

static void keep_text(struct text_watch *watch, struct strbuf *text)
{
    struct strbuf before = watch->text;
    watch->text = *text;
    *text = before;
    watch->away = (struct error){.kind = ERROR_NONE};
    watch->away_since_ns = 0;
}

static void keep_failure(struct text_watch *watch, const struct error *failure)
{
    watch->away = *failure;
    watch->away_since_ns = watch->away_since_ns != 0 ? watch->away_since_ns : clock_wall_ns();
    watch->over = failure->kind != ERROR_RETRY;
}

static void *make_on(void *context)
{
    struct text_watch *watch = context;
    const struct text_watch_config *config = watch->config;
    bool over = false;
    while (!over && !stop_requested(config->stop)) {
        eventfd_t count = 0;
        struct error failure = {.kind = ERROR_NONE};
        struct strbuf text = strbuf_new(TEXT_LIMIT);
        int64_t next_ns = clock_monotonic_ns() + config->every_ms * NS_PER_MS;
        bool made = config->make(config->context, &text, &failure);
        pthread_mutex_lock(&watch->lock);
        if (made || text.length > 0) {
            keep_text(watch, &text);
        }
        if (!made) {
            keep_failure(watch, &failure);
        }
        over = watch->over;
        pthread_mutex_unlock(&watch->lock);
        strbuf_free(&text);
        screen_wake(watch->screen);
        (void)stop_wait_fd(config->stop, watch->again, POLLIN, over ? 0 : next_ns);
        (void)eventfd_read(watch->again, &count);
    }
    return NULL;
}

/* Draws the first row: the title, what is wrong, the clock. */
static void draw_head(const struct text_watch *watch, const struct canvas_area *all)
{
    char clock[CLOCK_TEXT_SIZE], since[CLOCK_TEXT_SIZE];
    const struct canvas_area left = canvas_part(all, 0, 0, all->columns - CLOCK_COLUMNS, 1);
    clock_format_rfc3339(clock_wall_ns(), clock);
    int column = canvas_print(&left, 0, 0, TONE_STRONG, "%s", watch->config->title);
    if (watch->away.kind != ERROR_NONE) {
        clock_format_rfc3339(watch->away_since_ns, since);
        (void)canvas_print(&left, column, 0, TONE_BAD, "  since %.8s: %s", since + CLOCK_AT,
                           watch->away.text);
    } else if (watch->text.length == 0) {
        (void)canvas_print(&left, column, 0, TONE_WAITING, "  waiting for the answer");
    } else {
        (void)canvas_print(&left, column, 0, TONE_FAINT, "  every %d s",
                           watch->config->every_ms / 1000);
    }
    (void)canvas_print_right(all, all->columns, 0, TONE_PLAIN, "%.8s UTC", clock + CLOCK_AT);
}

/* Keeps what is shown between the two ends of the text. */
static void scroll_to(struct scroll *scroll, int first)
{
    int most = scroll->lines > scroll->rows ? scroll->lines - scroll->rows : 0;
    scroll->first = first < 0 ? 0 : first < most ? first : most;
}

/* Draws the part of the text that there is room for; the last row tells if that is not all. */
static void draw(struct text_watch *watch, struct scroll *scroll)
{
    struct canvas canvas;
    int columns = 0, rows = 0;
    screen_size(watch->screen, &columns, &rows);
    if (!canvas_create(&canvas, columns, rows)) {
        return;
    }
    const struct canvas_area all = canvas_all(&canvas);
    const struct canvas_area body =
        canvas_part(&all, 0, HEAD_ROWS, columns, rows - HEAD_ROWS - FOOT_ROWS);
    pthread_mutex_lock(&watch->lock);
    draw_head(watch, &all);
    const struct canvas_area none = canvas_part(&all, 0, 0, 0, 0);
    scroll->rows = body.rows;
    scroll->lines = canvas_put_lines(&none, 0, strbuf_str(&watch->text)); /* only counted */
    scroll_to(scroll, scroll->first); /* text and window may be others than before */
    (void)canvas_put_lines(&body, scroll->first, strbuf_str(&watch->text));
    pthread_mutex_unlock(&watch->lock);
    if (scroll->lines > body.rows) {
        int last = scroll->first + body.rows;
        (void)canvas_print(&all, 0, rows - 1, TONE_FAINT, "lines %d to %d of %d: j, k; q quits",
                           scroll->first + 1, last < scroll->lines ? last : scroll->lines,
                           scroll->lines);
    }
    screen_show(watch->screen, &canvas, output_coloured(STDOUT_FILENO));
    canvas_free(&canvas);
}

static bool is_letter(const struct key *key, const char *letter)
{
    return key->kind == KEY_TEXT && strcmp(key->text, letter) == 0;
}

/* Scrolls as the key says. */
static void scroll_key(struct scroll *scroll, const struct key *key)
{
    int steps = 0;
    if (key->kind == KEY_DOWN || is_letter(key, "j")) {
        steps = 1;
    } else if (key->kind == KEY_UP || is_letter(key, "k")) {
        steps = -1;
    } else if (key->kind == KEY_PAGE_DOWN || is_letter(key, " ")) {
        steps = scroll->rows;
    } else if (key->kind == KEY_PAGE_UP) {
        steps = -scroll->rows;
    } else if (key->kind == KEY_HOME || is_letter(key, "g")) {
        steps = -scroll->lines;
    } else if (key->kind == KEY_END || is_letter(key, "G")) {
        steps = scroll->lines;
    }
    scroll_to(scroll, scroll->first + steps);
}

static bool is_over(struct text_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    bool over = watch->over;
    pthread_mutex_unlock(&watch->lock);
    return over;
}

static void look_on(struct text_watch *watch)
{
    struct scroll scroll = {.first = 0};
    enum screen_event event = SCREEN_TIME;
    while (event != SCREEN_END && !is_over(watch)) {
        struct key key;
        draw(watch, &scroll);
        int64_t to_next_ns = NS_PER_SECOND - clock_wall_ns() % NS_PER_SECOND;
        event = screen_next(watch->screen, watch->config->stop, clock_monotonic_ns() + to_next_ns,
                            &key);
        if (event == SCREEN_WINDOW) {
            (void)eventfd_write(watch->again, 1);
        } else if (event == SCREEN_KEY && is_letter(&key, "q")) {
            event = SCREEN_END;
        } else if (event == SCREEN_KEY) {
            scroll_key(&scroll, &key);
        }
    }
}

bool text_watch_run(const struct text_watch_config *config, struct screen *screen,
                    struct error *error)
{
    pthread_t thread;
    struct text_watch watch = {.config = config, .screen = screen, .text = strbuf_new(TEXT_LIMIT)};
    watch.again = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&watch.lock, NULL);
    bool running = watch.again >= 0 && pthread_create(&thread, NULL, make_on, &watch) == 0;
    bool done = running;
    if (running) {
        look_on(&watch);
        /* The terminal is given back first: a round that is still under way may take a while. */
        screen_leave(screen);
        stop_request(config->stop);
        pthread_join(thread, NULL);
        done = !watch.over;
        if (!done) {
            (void)error_pass(error, &watch.away);
        }
        done = (watch.text.length == 0 || output_write(&watch.text, error)) && done;
    } else {
        error_set(error, ERROR_FATAL, "no thread to look could be made");
    }
    pthread_mutex_destroy(&watch.lock);
    strbuf_free(&watch.text);
    if (watch.again >= 0) {
        (void)close(watch.again);
    }
    return done;
}
