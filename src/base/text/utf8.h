/* Just enough UTF-8 (RFC 3629) to write text that others must be able to read. */
#ifndef CANDLEWICK_BASE_TEXT_UTF8_H
#define CANDLEWICK_BASE_TEXT_UTF8_H

#include <stddef.h>

#include "base/text/str.h"

/* The length, 1 to 4, of the valid sequence at the front of `text`; 0 when there is none: it is
 * empty, cut, overlong, a surrogate, or above U+10FFFF. */
size_t utf8_sequence(struct str text);

/* Bytes of the control character that `text` (not empty) begins with, 0 where it begins with none:
 * C0, DEL, and C1 (U+0080 to U+009F), which is what a terminal obeys (ECMA-48). */
size_t utf8_control_length(struct str text);

#endif
