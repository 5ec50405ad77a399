#include "terminal/screen.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    FRAME_LIMIT = 4 << 20,
    KEYS_SIZE = 256,
    REST_OF_KEY_MS = 50, /* how long the rest of a key's bytes may take: longer after ESC means
                            that this was the whole key */
};

/* DEC's private modes, as xterm and its followers have them. */
#define ENTER "\033[?1049h\033[?25l\033[H\033[2J"
#define LEAVE "\033[?25h\033[?1049l"

struct screen {
    int input, output;
    struct termios before; /* of the input, as it was */
    int signals;           /* a signalfd */
    int woken;             /* an eventfd */
    int events;            /* an epoll instance of the input and of those two */
    char keys[KEYS_SIZE];  /* read and not yet understood */
    size_t key_count;
    bool gone;    /* the terminal cannot be read or written any more */
    bool left;    /* the terminal was given back */
    char **shown; /* the rows that the terminal shows; owned */
    int shown_rows, shown_columns;
    struct strbuf frame;
};

static void write_all(struct screen *screen, struct str text)
{
    while (text.length > 0 && !screen->gone) {
        ssize_t written = write(screen->output, text.data, text.length);
        if (written < 0 && errno != EINTR) {
            screen->gone = true;
        } else if (written > 0) {
            text.data += written;
            text.length -= (size_t)written;
        }
    }
}

/* Makes the terminal send each key at once, without echo. Ctrl-C stays a signal; Ctrl-Z and Ctrl-\
 * become keys, so that the terminal can be given back first. */
static bool enter(struct screen *screen)
{
    if (screen->input >= 0) {
        struct termios mode = screen->before;
        mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
        mode.c_iflag &= ~(tcflag_t)IXON;
        mode.c_cc[VMIN] = 1;
        mode.c_cc[VTIME] = 0;
        mode.c_cc[VSUSP] = mode.c_cc[VQUIT] = _POSIX_VDISABLE;
        if (tcsetattr(screen->input, TCSADRAIN, &mode) != 0) {
            return false;
        }
    }
    write_all(screen, str_from(ENTER));
    return true;
}

static void forget_shown(struct screen *screen)
{
    for (int row = 0; row < screen->shown_rows; row++) {
        free(screen->shown[row]);
    }
    free(screen->shown);
    screen->shown = NULL;
    screen->shown_rows = screen->shown_columns = 0;
}

static void leave(struct screen *screen)
{
    write_all(screen, str_from(LEAVE));
    if (screen->input >= 0) {
        (void)tcsetattr(screen->input, TCSADRAIN, &screen->before);
    }
    forget_shown(screen);
}

static void own_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGWINCH);
    sigaddset(set, SIGCONT);
    sigaddset(set, SIGQUIT);
}

static bool watch(const struct screen *screen, int file)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = file}};
    return file < 0 || epoll_ctl(screen->events, EPOLL_CTL_ADD, file, &event) == 0;
}

struct screen *screen_open(int input, int output, struct error *error)
{
    sigset_t set;
    struct screen *screen = calloc(1, sizeof *screen);
    if (screen == NULL) {
        error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    own_signals(&set);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    screen->input = input;
    screen->output = output;
    screen->frame = strbuf_new(FRAME_LIMIT);
    screen->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    screen->woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    screen->events = epoll_create1(EPOLL_CLOEXEC);
    bool made = screen->signals >= 0 && screen->woken >= 0 && screen->events >= 0 &&
                watch(screen, screen->signals) && watch(screen, screen->woken) &&
                watch(screen, input);
    if (!made || (input >= 0 && tcgetattr(input, &screen->before) != 0) || !enter(screen)) {
        error_set(error, ERROR_FATAL, "the terminal cannot be used: %s", strerror(errno));
        screen->input = -1; /* its modes were not changed */
        screen->gone = true;
        screen_close(screen);
        return NULL;
    }
    return screen;
}

static void close_file(int file)
{
    if (file >= 0) {
        (void)close(file);
    }
}

void screen_leave(struct screen *screen)
{
    if (!screen->left) {
        leave(screen);
    }
    screen->left = true;
}

void screen_close(struct screen *screen)
{
    sigset_t set;
    if (screen == NULL) {
        return;
    }
    screen_leave(screen);
    close_file(screen->events);
    close_file(screen->woken);
    close_file(screen->signals);
    own_signals(&set);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    strbuf_free(&screen->frame);
    free(screen);
}

void screen_size(const struct screen *screen, int *columns, int *rows)
{
    struct winsize window = {0};
    (void)ioctl(screen->output, TIOCGWINSZ, &window);
    *columns = window.ws_col > 0 ? window.ws_col : 1;
    *rows = window.ws_row > 0 ? window.ws_row : 1;
}

/* Begins to remember the rows of a window of another size. Returns false when memory runs out. */
static bool begin_size(struct screen *screen, const struct canvas *canvas)
{
    forget_shown(screen);
    screen->shown = calloc((size_t)canvas->rows, sizeof *screen->shown);
    if (screen->shown == NULL) {
        return false;
    }
    screen->shown_rows = canvas->rows;
    screen->shown_columns = canvas->columns;
    strbuf_append_text(&screen->frame, "\033[H\033[2J");
    return true;
}

/* Appends the row to the frame if the terminal does not show it yet. */
static void append_changed(struct screen *screen, const struct canvas *canvas, int row, bool colour)
{
    struct strbuf text = strbuf_new(FRAME_LIMIT);
    int width = canvas_append_row(canvas, row, colour, &text);
    const char *before = screen->shown[row];
    if (before == NULL || strcmp(before, strbuf_text(&text)) != 0) {
        strbuf_append_format(&screen->frame, "\033[%d;1H%s", row + 1, strbuf_text(&text));
        /* In the last column it would erase the last character. */
        strbuf_append_text(&screen->frame, width < canvas->columns ? "\033[K" : "");
        free(screen->shown[row]);
        screen->shown[row] = strdup(strbuf_text(&text));
    }
    strbuf_free(&text);
}

void screen_show(struct screen *screen, const struct canvas *canvas, bool colour)
{
    bool same_size = screen->shown_rows == canvas->rows && screen->shown_columns == canvas->columns;
    strbuf_clear(&screen->frame);
    if (!same_size && !begin_size(screen, canvas)) {
        return;
    }
    for (int row = 0; row < canvas->rows; row++) {
        append_changed(screen, canvas, row, colour);
    }
    if (!screen->frame.failed) {
        write_all(screen, strbuf_str(&screen->frame));
    }
}

/* Stops the program, as Ctrl-Z does, until it is told to go on. */
static void suspend(struct screen *screen)
{
    leave(screen);
    (void)kill(0, SIGTSTP); /* all processes of the job, as the terminal would */
    (void)enter(screen);
}

static void read_keys(struct screen *screen)
{
    size_t room = sizeof screen->keys - screen->key_count;
    ssize_t count = read(screen->input, screen->keys + screen->key_count, room);
    if (count > 0) {
        screen->key_count += (size_t)count;
    } else if (count == 0 || errno != EINTR) {
        screen->gone = true;
    }
}

/* Takes a key from the bytes that were read. Returns false if there is none. */
static bool take_key(struct screen *screen, struct key *key)
{
    while (screen->key_count > 0) {
        const struct str bytes = {.data = screen->keys, .length = screen->key_count};
        size_t length = key_read(bytes, false, key);
        if (length == 0) {
            struct pollfd more = {.fd = screen->input, .events = POLLIN};
            if (screen->key_count < sizeof screen->keys && poll(&more, 1, REST_OF_KEY_MS) > 0) {
                read_keys(screen);
                if (!screen->gone) {
                    continue;
                }
            }
            length = key_read(bytes, true, key);
        }
        screen->key_count -= length;
        memmove(screen->keys, screen->keys + length, screen->key_count);
        if (key->kind != KEY_NONE) {
            return true;
        }
    }
    return false;
}

/* Takes the signals that have come. Returns SCREEN_TIME if there was none. */
static enum screen_event take_signals(struct screen *screen)
{
    enum screen_event event = SCREEN_TIME;
    struct signalfd_siginfo info;
    while (read(screen->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGQUIT) {
            return SCREEN_END;
        }
        if (info.ssi_signo == SIGCONT) { /* the shell has had the terminal meanwhile */
            (void)enter(screen);
            forget_shown(screen);
        }
        event = SCREEN_WINDOW;
    }
    return event;
}

/* Handles the keys that are about the screen itself. */
static enum screen_event event_of_key(struct screen *screen, const struct key *key)
{
    switch (key->kind) {
    case KEY_QUIT:
        return SCREEN_END;
    case KEY_SUSPEND:
        suspend(screen);
        return SCREEN_WINDOW;
    case KEY_REDRAW:
        forget_shown(screen);
        return SCREEN_WINDOW;
    default:
        return SCREEN_KEY;
    }
}

enum screen_event screen_next(struct screen *screen, struct stop *stop, int64_t deadline_ns,
                              struct key *key)
{
    eventfd_t count = 0;
    for (;;) {
        if (stop_requested(stop) || screen->gone) {
            return SCREEN_END;
        }
        if (take_key(screen, key)) {
            return event_of_key(screen, key);
        }
        enum screen_event signalled = take_signals(screen);
        if (signalled != SCREEN_TIME) {
            return signalled;
        }
        if (eventfd_read(screen->woken, &count) == 0) {
            return SCREEN_WOKEN;
        }
        if (stop_wait_fd(stop, screen->events, POLLIN, deadline_ns) == 0) {
            return stop_requested(stop) ? SCREEN_END : SCREEN_TIME;
        }
        struct pollfd input = {.fd = screen->input, .events = POLLIN};
        if (screen->input >= 0 && poll(&input, 1, 0) > 0) {
            read_keys(screen);
        }
    }
}

void screen_wake(struct screen *screen)
{
    (void)eventfd_write(screen->woken, 1);
}
