#include "base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Exact doubles, so dividing an exact integer by one of them rounds once: the result is the double
 * nearest to the decimal, which is what reading the decimal back gives. */
static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { POWERS_OF_TEN = sizeof powers_of_ten / sizeof powers_of_ten[0] };

/* Below this every integer is an exact double. */
#define EXACT_INTEGERS 0x1p53

/* Finds the smallest `decimals` such that `digits` / 10^decimals is `value` (>= 0) exactly. */
static bool as_decimal(double value, uint64_t *digits, size_t *decimals)
{
    for (size_t k = 0; k < POWERS_OF_TEN; k++) {
        double scaled = value * powers_of_ten[k];
        if (!(scaled < EXACT_INTEGERS)) {
            return false;
        }
        uint64_t nearest = (uint64_t)(scaled + 0.5);
        double off = (double)nearest - scaled;
        /* The product is off by half a unit in its last place, and so may `value` be: only what is
         * that near to a whole number is worth a division. */
        if (fabs(off) <= scaled * 0x1p-51 && (double)nearest < EXACT_INTEGERS &&
            (double)nearest / powers_of_ten[k] == value) {
            *digits = nearest;
            *decimals = k;
            return true;
        }
    }
    return false;
}

/* "0.00000123" from 123 and 8. */
static size_t write_decimal(uint64_t digits, size_t decimals, char *text)
{
    char reversed[POWERS_OF_TEN + 20];
    size_t count = 0;
    while (digits > 0 || count <= decimals) {
        if (count == decimals && decimals > 0) {
            reversed[count] = '.';
        }
        size_t at = count + (count >= decimals && decimals > 0 ? 1 : 0);
        reversed[at] = (char)('0' + digits % 10);
        digits /= 10;
        count++;
    }
    size_t length = count + (decimals > 0 ? 1 : 0);
    for (size_t i = 0; i < length; i++) {
        text[i] = reversed[length - 1 - i];
    }
    text[length] = '\0';
    return length;
}

/* The fewest digits that are worth a try. What as_decimal() went through has no form of 15, and the
 * last digits of a subnormal say nothing. */
static int fewest_digits(double magnitude)
{
    if (magnitude < DBL_MIN) {
        return 1;
    }
    bool went_through = magnitude < EXACT_INTEGERS &&
                        magnitude * powers_of_ten[POWERS_OF_TEN - 1] >= EXACT_INTEGERS;
    return went_through ? 16 : 15;
}

/* Any finite value, with as few digits as read back; 17 always do. */
static size_t write_digits(double value, char text[NUMBER_TEXT_SIZE])
{
    /* glibc hands out its one C locale here: nothing is allocated. */
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(c_locale);
    int length = 0;
    for (int digits = fewest_digits(fabs(value)); digits <= DBL_DECIMAL_DIG; digits++) {
        length = snprintf(text, NUMBER_TEXT_SIZE, "%.*g", digits, value);
        if (digits < DBL_DECIMAL_DIG && strtod(text, NULL) == value) {
            break;
        }
    }
    uselocale(before);
    if (c_locale != (locale_t)0) {
        freelocale(c_locale);
    }
    return (size_t)length;
}

size_t number_format(double value, char text[NUMBER_TEXT_SIZE])
{
    size_t sign = 0;
    if (signbit(value)) {
        text[0] = '-';
        sign = 1;
    }
    uint64_t digits = 0;
    size_t decimals = 0;
    if (as_decimal(fabs(value), &digits, &decimals)) {
        return sign + write_decimal(digits, decimals, text + sign);
    }
    return write_digits(value, text);
}
