/* Texts that a format may carry wrongly: its own delimiters, escapes, line ends, bytes that are no
 * UTF-8, and the lengths around the limit of a long text. */
#ifndef CANDLEWICK_TESTS_HARD_TEXTS_H
#define CANDLEWICK_TESTS_HARD_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text/str.h"

struct hard_text {
    const char *name;
    struct str text; /* its memory stays until the program ends */
    bool valid;      /* UTF-8 without a NUL, and not too long */
};

/* By number, from 0. */
struct hard_text hard_text(size_t number);
size_t hard_texts(void); /* how many */

#endif
