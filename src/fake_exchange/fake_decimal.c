/* Decimals of 8 places. */
#include <stdlib.h>
#include <string.h>

#include "fake_exchange/fake_market.h"

enum { PLACES = 8 };
/* Up to here a double holds every whole number. */
#define LIMIT_E8 (90000000 * FAKE_E8)

void fake_decimal_append(struct strbuf *text, int64_t e8)
{
    char digits[32];
    size_t at = sizeof digits;
    uint64_t rest = e8 < 0 ? -(uint64_t)e8 : (uint64_t)e8;
    bool written = false; /* a place that is not a trailing zero */
    for (int place = 0; place < PLACES; place++, rest /= 10) {
        written = written || rest % 10 != 0;
        if (written) {
            digits[--at] = (char)('0' + rest % 10);
        }
    }
    if (written) {
        digits[--at] = '.';
    }
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (e8 < 0) {
        digits[--at] = '-';
    }
    strbuf_append(text, digits + at, sizeof digits - at);
}

bool fake_decimal_parse(struct str text, int64_t *e8)
{
    bool negative = text.length > 0 && text.data[0] == '-';
    int64_t value = 0;
    int places = -1; /* digits after the point so far; -1: the point has not come */
    size_t digits = 0;
    for (size_t i = negative; i < text.length; i++) {
        char c = text.data[i];
        if (c == '.' && places < 0 && digits > 0) {
            places = 0;
            continue;
        }
        places += places >= 0;
        if (c < '0' || c > '9' || places > PLACES || value > LIMIT_E8) {
            return false;
        }
        value = value * 10 + (c - '0');
        digits++;
    }
    for (int place = places < 0 ? 0 : places; place < PLACES && value < LIMIT_E8; place++) {
        value *= 10;
    }
    if (digits == 0 || places == 0 || value >= LIMIT_E8) {
        return false;
    }
    *e8 = negative ? -value : value;
    return true;
}

double fake_decimal_value(int64_t e8)
{
    return (double)e8 / (double)FAKE_E8;
}
