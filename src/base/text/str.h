/* A borrowed span of bytes; not NUL-terminated. The owner is named where one is handed over. */
#ifndef CANDLEWICK_BASE_TEXT_STR_H
#define CANDLEWICK_BASE_TEXT_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *data;
    size_t length;
};

/* The span of a C string, without its NUL. */
struct str str_from(const char *text);

bool str_equal(struct str left, struct str right);
bool str_equal_text(struct str left, const char *right);
bool str_starts_with(struct str whole, const char *prefix);

/* Without leading and trailing spaces, tabs, CR and LF. */
struct str str_trim(struct str whole);

/* Takes what stands before the next `separator` (or all) off the front of `rest`. False when `rest`
 * is used up: "a,,b" gives "a", "", "b", then false; "a," gives "a", "", then false; "" gives
 * false. Between calls `rest` belongs to str_split. */
bool str_split(struct str *rest, char separator, struct str *piece);

/* Copies at most `size` - 1 bytes and ends them with NUL. False when it did not fit (then cut). */
bool str_copy(struct str from, char *to, size_t size);

/* Whole spans only, no white space, no sign but '-', no overflow: else false and `value` is kept.
 */
bool str_to_int64(struct str text, int64_t *value);
/* A finite decimal number, C locale (strtod's grammar without hex, "inf" and "nan"), at most 63
 * bytes. */
bool str_to_double(struct str text, double *value);

/* How many characters must be put in, taken out, changed or swapped with their neighbour (optimal
 * string alignment). Names of more than 40 bytes are as far apart as can be. */
size_t str_edit_distance(const char *left, const char *right);
/* How many slips may have made `typo` of what was meant: one in a short name, two in a long one;
 * none where more would be wrong than right. */
size_t str_slips(const char *typo);

#endif
