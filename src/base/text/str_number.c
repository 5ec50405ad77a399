/* Parses numbers, independently of the process's locale. */
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "base/text/str.h"

enum { DOUBLE_TEXT_MAX = 63 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool str_to_int64(struct str text, int64_t *value)
{
    bool negative = text.length > 0 && text.data[0] == '-';
    size_t at = negative ? 1 : 0;
    if (at == text.length) {
        return false;
    }
    /* Sum up as a negative number: the most negative int64_t has no positive counterpart. */
    int64_t sum = 0;
    for (; at < text.length; at++) {
        if (!is_digit(text.data[at]) || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, text.data[at] - '0', &sum)) {
            return false;
        }
    }
    if (!negative && sum == INT64_MIN) {
        return false;
    }
    *value = negative ? sum : -sum;
    return true;
}

static size_t skip_digits(struct str text, size_t at)
{
    while (at < text.length && is_digit(text.data[at])) {
        at++;
    }
    return at;
}

/* Accepts -?(digits[.digits*]|.digits)([eE][+-]?digits)? and nothing else. */
static bool is_decimal(struct str text)
{
    size_t start = text.length > 0 && text.data[0] == '-' ? 1 : 0;
    size_t at = skip_digits(text, start);
    size_t digits = at - start;
    if (at < text.length && text.data[at] == '.') {
        start = at + 1;
        at = skip_digits(text, start);
        digits += at - start;
    }
    if (digits == 0) {
        return false;
    }
    if (at < text.length && (text.data[at] == 'e' || text.data[at] == 'E')) {
        at++;
        if (at < text.length && (text.data[at] == '+' || text.data[at] == '-')) {
            at++;
        }
        start = at;
        at = skip_digits(text, start);
        if (at == start) {
            return false;
        }
    }
    return at == text.length;
}

bool str_to_double(struct str text, double *value)
{
    if (text.length > DOUBLE_TEXT_MAX || !is_decimal(text)) {
        return false;
    }
    char copy[DOUBLE_TEXT_MAX + 1];
    if (!str_copy(text, copy, sizeof copy)) {
        return false;
    }
    /* glibc returns its one static C locale: nothing is allocated. */
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) {
        return false;
    }
    double parsed = strtod_l(copy, NULL, c_locale);
    freelocale(c_locale);
    if (!isfinite(parsed)) {
        return false;
    }
    *value = parsed;
    return true;
}
