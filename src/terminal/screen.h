/*
 * The whole terminal, for a command that draws on it in place and reads keys.
 *
 * It is the alternate screen, which leaves the normal one and its scrollback as they are, without a
 * cursor. Of a frame only the rows that differ from the one before are written, all with one
 * write(2). One thread owns the screen; only screen_wake() may be called by others.
 */
#ifndef CANDLEWICK_TERMINAL_SCREEN_H
#define CANDLEWICK_TERMINAL_SCREEN_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/stop.h"
#include "terminal/canvas.h"
#include "terminal/keys.h"

struct screen;

/* Takes the terminal on the descriptor `output`, and reads keys from `input` (-1: none), which is a
 * terminal, too. Blocks SIGWINCH, SIGCONT and SIGQUIT, which threads that start later inherit: call
 * it before any is started. Returns NULL with ERROR_FATAL when the terminal cannot be used. */
NODISCARD struct screen *screen_open(int input, int output, struct error *error);
/* Gives the terminal back as it was. Afterwards only screen_wake() and screen_close() may be
 * called. */
void screen_leave(struct screen *screen);
/* Leaves the screen if that was not done, and frees it. NULL is allowed. */
void screen_close(struct screen *screen);

/* Returns the size of the window, at least 1 by 1; it may change between two calls. */
void screen_size(const struct screen *screen, int *columns, int *rows);

/* Shows the canvas, which should be as large as the window. */
void screen_show(struct screen *screen, const struct canvas *canvas, bool colour);

enum screen_event {
    SCREEN_TIME,   /* the deadline has come */
    SCREEN_KEY,    /* see `key` */
    SCREEN_WINDOW, /* all has to be drawn again: the window has another size, or the program was
                      stopped and goes on */
    SCREEN_WOKEN,  /* screen_wake() was called */
    SCREEN_END,    /* the stop is requested, SIGQUIT came, or the terminal is gone */
};

/* Waits for the next event, until clock_monotonic_ns() reaches `deadline_ns`. Suspends the program
 * on Ctrl-Z, with the terminal as it was meanwhile. */
enum screen_event screen_next(struct screen *screen, struct stop *stop, int64_t deadline_ns,
                              struct key *key);

/* Ends a wait of screen_next(), or the next one. Any thread. */
void screen_wake(struct screen *screen);

#endif
