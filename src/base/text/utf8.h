/* The part of UTF-8 (RFC 3629) that is needed to write valid text. */
#ifndef CANDLEWICK_BASE_TEXT_UTF8_H
#define CANDLEWICK_BASE_TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text/str.h"

/* Returns the length, 1 to 4, of the valid sequence at the front of `text`; 0 when there is none:
 * the text is empty, or the sequence is cut, overlong, a surrogate or above U+10FFFF. */
size_t utf8_sequence(struct str text);

/* Writes the sequence of a code point and returns its length, 1 to 4; a surrogate, or a number
 * above U+10FFFF, is written as U+FFFD. */
size_t utf8_encode(uint32_t code, char bytes[4]);

/* Returns the code point of the valid sequence of that length (utf8_sequence()) at `bytes`. */
uint32_t utf8_decode(const char *bytes, size_t length);

/* Returns whether the whole text is valid UTF-8; "" is valid. */
bool utf8_valid(struct str text);

/* Returns the length of the control character at the front of `text` (not empty), or 0 when there
 * is none. Control characters are C0, DEL and C1 (U+0080 to U+009F), which terminals obey
 * (ECMA-48). */
size_t utf8_control_length(struct str text);

#endif
