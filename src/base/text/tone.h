/* How a piece of text stands out on a terminal: in colour, or bold, faint or inverse (ECMA-48,
 * SGR). */
#ifndef CANDLEWICK_BASE_TEXT_TONE_H
#define CANDLEWICK_BASE_TEXT_TONE_H

#include <stdbool.h>

enum tone {
    TONE_PLAIN,
    TONE_GOOD,    /* green: all is as it should be; a price that rose */
    TONE_BAD,     /* red: trouble that somebody has to look at; a price that fell */
    TONE_WAITING, /* yellow: not yet as it should be, which may be no fault */
    TONE_STRONG,  /* bold */
    TONE_FAINT,
    TONE_CHOSEN, /* inverse: what the keys act on */
    TONE_COUNT
};

/* Returns the bytes that begin and end a piece of text of that tone; "" for TONE_PLAIN. Without
 * `colour` the three tones that are colours are plain, and the others stay as they are. */
const char *tone_begin(enum tone tone, bool colour);
const char *tone_end(enum tone tone, bool colour);

#endif
