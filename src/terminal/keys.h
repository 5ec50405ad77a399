/* Keys, read from the bytes that a terminal sends (ECMA-48; the functions keys as xterm sends
 * them). */
#ifndef CANDLEWICK_TERMINAL_KEYS_H
#define CANDLEWICK_TERMINAL_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text/str.h"

enum key_kind {
    KEY_NONE, /* nothing that means something */
    KEY_TEXT, /* a character: see `text` */
    KEY_UP,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_ENTER,
    KEY_BACKSPACE,
    KEY_ESCAPE,
    KEY_REDRAW,  /* Ctrl-L */
    KEY_SUSPEND, /* Ctrl-Z */
    KEY_QUIT,    /* Ctrl-C and Ctrl-\, if the terminal makes no signals of them */
};

struct key {
    enum key_kind kind;
    char text[5]; /* KEY_TEXT: one UTF-8 character */
};

/* Reads the key at the front of `bytes` (not empty). Returns how many bytes it has; 0 if these are
 * only the beginning of a key and `complete` is false, that is, more may follow. */
size_t key_read(struct str bytes, bool complete, struct key *key);

#endif
