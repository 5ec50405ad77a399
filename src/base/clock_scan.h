/* Scanners for the parts of times and durations. Each removes what it reads from the front of
 * `rest`; after a failure `rest` is undefined. For clock_*.c only. */
#ifndef CANDLEWICK_BASE_CLOCK_SCAN_H
#define CANDLEWICK_BASE_CLOCK_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"

/* Returns false, and removes nothing, when `rest` does not start with `c`. */
bool clock_take_char(struct str *rest, char c);

/* Reads all digits at the front; there may be none. */
struct str clock_take_digits(struct str *rest);

/* Reads a number of exactly `width` digits, from `least` to `most`. */
NODISCARD bool clock_take_field(struct str *rest, size_t width, int least, int most, int *value);

/* Reads an optional decimal part (".5") of a unit of `unit_ns`, as nanoseconds. Returns false for a
 * point without digits and for a part that is finer than a nanosecond. */
NODISCARD bool clock_take_fraction(struct str *rest, int64_t unit_ns, int64_t *fraction_ns);

/* Computes `whole` units plus `fraction_ns` in nanoseconds. Returns false, with `value` unchanged,
 * when that is out of range. */
NODISCARD bool clock_combine(int64_t whole, int64_t unit_ns, int64_t fraction_ns, int64_t *value);

#endif
