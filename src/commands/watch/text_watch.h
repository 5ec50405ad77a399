/* Shows a text in place on the whole terminal, made anew every few seconds, until the user ends it;
 * j, k, arrows and Page keys scroll it, q and Ctrl-C end it. */
#ifndef CANDLEWICK_COMMANDS_WATCH_TEXT_WATCH_H
#define CANDLEWICK_COMMANDS_WATCH_TEXT_WATCH_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/stop.h"
#include "base/text/strbuf.h"
#include "terminal/screen.h"

struct text_watch_config {
    const char *title; /* "candlewick status"; borrowed, as what follows */
    int every_ms;
    struct stop *stop;
    /* Appends the text, for the terminal's present width; runs on a thread of its own and may
     * block. On failure with ERROR_RETRY the former text stays, below the error, and it is called
     * again; any other failure ends the watch. */
    bool (*make)(void *context, struct strbuf *text, struct error *error);
    void *context;
};

/* Takes the terminal on standard output, and keys from standard input if that is one, too. Call it
 * before any thread is started: see screen_open(). */
NODISCARD struct screen *text_watch_open(struct error *error);

/* Watches until `stop` is requested or making fails; gives the terminal back, and then prints the
 * last text, so that it stays. Fails as `make` and output_write() do. `screen` is borrowed. */
NODISCARD bool text_watch_run(const struct text_watch_config *config, struct screen *screen,
                              struct error *error);

#endif
