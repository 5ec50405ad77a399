#include "source/replay/csv_field.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/text/digits.h"

enum {
    NUMBER_MAX = 64, /* most bytes of a number with separators between its groups of digits */
};

static bool is_blank(char c, char separator)
{
    return (c == ' ' || c == '\t') && c != separator;
}

/* Removes a quoted field, up to the separator, from the front of `rest`, which starts with the
 * quote. */
static bool take_quoted(char separator, struct str *rest, struct str *field)
{
    const char *at = rest->data + 1;
    const char *end = rest->data + rest->length;
    field->data = at;
    while (at < end && (*at != '"' || (at + 1 < end && at[1] == '"'))) {
        at += *at == '"' ? 2 : 1;
    }
    if (at >= end) {
        return false;
    }
    /* Doubled quotes are not undoubled: no valid symbol, time or number has one. */
    field->length = (size_t)(at - field->data);
    at++;
    while (at < end && is_blank(*at, separator)) {
        at++;
    }
    *rest = (struct str){.data = at, .length = (size_t)(end - at)};
    return at == end || *at == separator;
}

bool csv_take_field(char separator, struct str *rest, struct str *field)
{
    const char *at = rest->data;
    const char *end = rest->data + rest->length;
    while (at < end && is_blank(*at, separator)) {
        at++;
    }
    if (at < end && *at == '"') {
        *rest = (struct str){.data = at, .length = (size_t)(end - at)};
        return take_quoted(separator, rest, field);
    }
    const char *start = at;
    const char *found = at < end ? memchr(at, separator, (size_t)(end - at)) : NULL;
    at = found != NULL ? found : end;
    *rest = (struct str){.data = at, .length = (size_t)(end - at)};
    while (at > start && is_blank(at[-1], separator)) {
        at--;
    }
    *field = (struct str){.data = start, .length = (size_t)(at - start)};
    return true;
}

bool csv_next_field(char separator, struct str *rest, struct str *field, bool *more)
{
    if (!csv_take_field(separator, rest, field)) {
        return false;
    }
    *more = rest->length > 0;
    rest->data += *more ? 1 : 0;
    rest->length -= *more ? 1 : 0;
    return true;
}

/* So many digits fit into the mantissa, whatever they are. */
enum { MANTISSA_DIGITS = 19 };

static const char *read_digits(const char *at, const char *end, uint64_t *mantissa)
{
    while (at < end && *at >= '0' && *at <= '9') {
        *mantissa = *mantissa * 10 + (uint64_t)(*at++ - '0');
    }
    return at;
}

/* Returns mantissa / 10^fraction, rounded once; the mantissa is above 0. The quotient times 2^shift
 * has at least 63 bits. Its lowest bit is set if anything remains, so that the conversion to a
 * double, to nearest and of ties to even, rounds as that of the exact quotient would. */
static double divide(uint64_t mantissa, int fraction)
{
    __extension__ typedef unsigned __int128 wide;
    const int shift = 64 + __builtin_clzll(mantissa);
    const wide dividend = (wide)mantissa << shift;
    wide quotient = dividend / digits_powers[fraction];
    quotient |= quotient * digits_powers[fraction] != dividend ? 1 : 0;
    return ldexp((double)quotient, -shift);
}

/* Parses a decimal of at most MANTISSA_DIGITS digits as strtod does. While its mantissa and power
 * of ten are both exact doubles, one division rounds once (Clinger 1990). Returns false for all
 * other text, number or not. */
static bool quick_number(struct str text, double *value)
{
    const char *at = text.data;
    const char *end = text.data + text.length;
    bool negative = at < end && *at == '-';
    uint64_t mantissa = 0;
    at += negative ? 1 : 0;
    const char *whole = at;
    at = read_digits(at, end, &mantissa);
    ptrdiff_t digits = at - whole;
    int fraction = 0;
    if (at < end && *at == '.') {
        const char *point = at;
        at = read_digits(at + 1, end, &mantissa);
        fraction = (int)(at - point - 1);
        digits += fraction;
    }
    if (at != end || digits == 0 || digits > MANTISSA_DIGITS) {
        return false;
    }
    double size = mantissa <= UINT64_C(1) << DBL_MANT_DIG
                      ? (double)mantissa / (double)digits_powers[fraction]
                      : divide(mantissa, fraction);
    *value = negative ? -size : size;
    return true;
}

bool csv_number(struct str text, double *value)
{
    /* On x87, which computes with more bits, the division would round twice. */
    bool exact = FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 1;
    return (exact && quick_number(text, value)) || str_to_double(text, value);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Writes the number without the separators between its groups, and with a point, to `plain`.
 * Returns its length; 0: it is no number of that style. */
static size_t plain_number(const struct csv_style *style, struct str text, char plain[NUMBER_MAX])
{
    char group = style->decimal_comma ? '.' : ',';
    char mark = style->decimal_comma ? ',' : '.';
    bool grouped = false;
    bool whole = true; /* before the decimal mark or the exponent */
    size_t digits = 0; /* of the group that is being read */
    size_t length = 0;
    for (size_t i = 0; i < text.length && length < NUMBER_MAX; i++) {
        char c = text.data[i];
        if (c == group) {
            bool first_is_zero = !grouped && digits > 0 && text.data[i - digits] == '0';
            if (!whole || digits == 0 || digits > 3 || (grouped && digits != 3) || first_is_zero) {
                return 0; /* 0,123 is no 123 */
            }
            grouped = true;
            digits = 0;
            continue;
        }
        whole = whole && (is_digit(c) || digits == 0);
        if (!whole && grouped && digits != 3) {
            return 0;
        }
        digits += whole && is_digit(c) ? 1 : 0;
        plain[length++] = c == mark ? '.' : c;
    }
    return text.length > NUMBER_MAX || (grouped && digits != 3) ? 0 : length;
}

bool csv_number_in(const struct csv_style *style, struct str text, double *value)
{
    if (!style->decimal_comma && memchr(text.data, ',', text.length) == NULL) {
        return csv_number(text, value);
    }
    char plain[NUMBER_MAX];
    size_t length = plain_number(style, text, plain);
    return length > 0 && csv_number((struct str){.data = plain, .length = length}, value);
}

/* Compares in any case. */
static bool equals(struct str field, const char *word)
{
    return field.length == strlen(word) && strncasecmp(field.data, word, field.length) == 0;
}

bool csv_says_none(struct str field)
{
    static const char *const words[] = {"null", "nan", "n/a", "#n/a", "na", "none", "\\N", "."};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (equals(field, words[i])) {
            return true;
        }
    }
    return field.length == 0;
}
