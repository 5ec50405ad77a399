/* A borrowed span of bytes, not NUL-terminated. The comment of a function that returns a span
 * says whose bytes they are. */
#ifndef CANDLEWICK_BASE_TEXT_STR_H
#define CANDLEWICK_BASE_TEXT_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *data;
    size_t length;
};

/* Returns the span of a C string, without its NUL. */
struct str str_from(const char *text);

bool str_equal(struct str left, struct str right);
bool str_equal_text(struct str left, const char *right);
bool str_starts_with(struct str whole, const char *prefix);

/* Returns the span without leading and trailing spaces, tabs, CR and LF. */
struct str str_trim(struct str whole);

/* Removes the next piece, up to `separator` (or all), from the front of `rest`. Returns false when
 * `rest` is used up: "a,,b" yields "a", "", "b", then false; "a," yields "a", "", then false; ""
 * yields false. Between calls `rest` belongs to str_split(). */
bool str_split(struct str *rest, char separator, struct str *piece);

/* Copies at most `size` - 1 bytes and appends a NUL. Returns false when the text was cut. */
bool str_copy(struct str from, char *to, size_t size);

/* Parses the whole span: no white space, no sign but '-', no overflow. Otherwise returns false and
 * leaves `value` unchanged. */
bool str_to_int64(struct str text, int64_t *value);
/* Parses a finite decimal number in the C locale (strtod's grammar without hex, "inf" and "nan") of
 * at most 63 bytes. */
bool str_to_double(struct str text, double *value);

/* Returns how many characters must be inserted, deleted, replaced or swapped with their neighbour
 * (optimal string alignment). Names of more than 40 bytes count as entirely different. */
size_t str_edit_distance(const char *left, const char *right);
/* Returns the largest edit distance at which a name may be suggested for `typo`: 0 for a name of up
 * to two letters, 1 for one of up to five, otherwise 2. With more, most suggestions would be
 * wrong. */
size_t str_slips(const char *typo);

#endif
