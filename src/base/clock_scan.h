/* The pieces that times and durations are read from. Each takes what it reads off the front of
 * `rest`; after false `rest` is anywhere. For clock_*.c only. */
#ifndef CANDLEWICK_BASE_CLOCK_SCAN_H
#define CANDLEWICK_BASE_CLOCK_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"

/* False, and nothing taken, when `rest` does not start with `c`. */
bool clock_take_char(struct str *rest, char c);

/* All digits at the front; may be none. */
struct str clock_take_digits(struct str *rest);

/* Exactly `width` digits, from `least` to `most`. */
NODISCARD bool clock_take_field(struct str *rest, size_t width, int least, int most, int *value);

/* The optional part after a decimal point, in nanoseconds of a unit of `unit_ns`. False when it has
 * a point without digits, or is finer than a nanosecond. */
NODISCARD bool clock_take_fraction(struct str *rest, int64_t unit_ns, int64_t *fraction_ns);

/* `whole` units and `fraction_ns` as nanoseconds; false, and `value` kept, out of range. */
NODISCARD bool clock_combine(int64_t whole, int64_t unit_ns, int64_t fraction_ns, int64_t *value);

#endif
