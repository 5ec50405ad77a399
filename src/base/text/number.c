#include "base/text/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/digits.h"

/* These are exact doubles, so dividing an exact integer by one of them rounds once: the result is
 * the double nearest to the decimal, which is what parsing the decimal returns. */
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
        /* Both `value` and the product may be off by half a unit in the last place. So divide only
         * if the product is at most that far from a whole number. */
        if (fabs(off) <= scaled * 0x1p-51 && (double)nearest < EXACT_INTEGERS &&
            (double)nearest / powers_of_ten[k] == value) {
            *digits = nearest;
            *decimals = k;
            return true;
        }
    }
    return false;
}

/* Writes "0.00000123" for 123 and 8. */
static size_t write_decimal(uint64_t digits, size_t decimals, char *text)
{
    static const char noughts[] = "0000000000000000000000"; /* one zero for each decimal that a
                                                               number can have */
    enum { NOUGHTS = sizeof noughts - 1 };
    _Static_assert(NOUGHTS == POWERS_OF_TEN - 1, "the powers of ten begin with 10^0");
    char all[NOUGHTS + DIGITS_MAX];
    memcpy(all, noughts, NOUGHTS);
    size_t count = digits_write(digits, all + NOUGHTS);
    size_t whole = count > decimals ? count - decimals : 1;
    const char *end = all + NOUGHTS + count;
    const char *start = end - decimals - whole;
    memcpy(text, start, whole);
    if (decimals > 0) {
        text[whole] = '.';
        memcpy(text + whole + 1, start + whole, decimals);
    }
    size_t length = whole + (decimals > 0 ? 1 : 0) + decimals;
    text[length] = '\0';
    return length;
}

/* Returns the length without trailing zeros; the text contains a point. */
static size_t without_noughts(const char *text, size_t length)
{
    while (text[length - 1] == '0') {
        length--;
    }
    return length - (text[length - 1] == '.' ? 1 : 0);
}

/* Writes values with at most eight decimals, as prices and most sizes have: one multiplication and
 * one division show whether eight suffice. Below 2^26 neighbouring doubles are less than 10^-8
 * apart. So different numbers with eight decimals are different doubles, and the one that matches,
 * without its trailing zeros, is the shortest text. Returns 0 when eight do not suffice. */
static size_t write_eight_decimals(double value, char *text)
{
    if (!(value < 0x1p26)) {
        return 0;
    }
    uint64_t nearest = (uint64_t)(value * 1e8 + 0.5);
    if ((double)nearest / 1e8 != value) {
        return 0;
    }
    size_t length = digits_write(nearest / DIGITS_EIGHT, text);
    uint32_t fraction = (uint32_t)(nearest % DIGITS_EIGHT);
    if (fraction > 0) {
        text[length] = '.';
        digits_eight(fraction, text + length + 1);
        length = without_noughts(text, length + 1 + 8);
    }
    text[length] = '\0';
    return length;
}

/* The range of write_plain(), which is for sums of sizes: they have 16 or 17 digits. In this range
 * "%.17g" writes no exponent, and a double has at least three binary places. */
#define PLAIN_MIN 1e-4
#define PLAIN_END 1e15

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* A double from PLAIN_MIN to below PLAIN_END, as mantissa * 2^-places. */
struct binary {
    uint64_t mantissa;
    int places;
};

static struct binary take_apart(double value)
{
    const uint64_t bits = bits_of(value);
    const uint64_t hidden = UINT64_C(1) << 52;
    return (struct binary){(bits & (hidden - 1)) | hidden, 1075 - (int)(bits >> 52)};
}

/* Returns the decimal nearest to `value` with `decimals` decimals, times 10^decimals. It is exact,
 * since 5^20 (47 bits) times the mantissa fits into 128 bits. Returns 0 when that decimal parses as
 * another double. */
static uint64_t nearest_decimal(struct binary value, int decimals)
{
    static const uint64_t powers_of_five[] = {
        1,
        5,
        25,
        125,
        625,
        3125,
        15625,
        78125,
        390625,
        1953125,
        9765625,
        48828125,
        244140625,
        1220703125,
        6103515625,
        30517578125,
        152587890625,
        762939453125,
        3814697265625,
        19073486328125,
        95367431640625,
    };
    __extension__ typedef unsigned __int128 wide;
    wide unit = powers_of_five[decimals];
    wide exact = value.mantissa * unit;
    int shift = value.places - decimals; /* 10^decimals is 5^decimals and a shift */
    wide digits = (exact + ((wide)1 << (shift - 1))) >> shift;
    bool below = digits << shift < exact;
    wide off = below ? exact - (digits << shift) : (digits << shift) - exact;
    /* A decimal parses as this double if it is within half a unit of the mantissa. Below a power of
     * two doubles are half as far apart; a decimal exactly in the middle parses as the even
     * mantissa. */
    bool closer = below && value.mantissa == UINT64_C(1) << 52;
    return off * (closer ? 4 : 2) + (value.mantissa & 1) <= unit ? (uint64_t)digits : 0;
}

/* Returns how many digits precede the point: 3 for 123.4, 0 for 0.1, and -1 for 0.01. */
static int digits_before_point(double value)
{
    static const double powers[] = {1e-4, 1e-3, 1e-2, 1e-1, 1e0,  1e1,  1e2,  1e3,  1e4, 1e5,
                                    1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14};
    int count = 0;
    while (count < (int)(sizeof powers / sizeof powers[0]) && value >= powers[count]) {
        count++;
    }
    return count - 4;
}

/* Writes the fewest digits, from 15 on, that parse as the same double. Returns 0 when the value is
 * out of this range. */
static size_t write_plain(double value, char *text)
{
    if (!(value >= PLAIN_MIN && value < PLAIN_END)) {
        return 0;
    }
    struct binary binary = take_apart(value);
    int before = digits_before_point(value);
    uint64_t found = 0;
    int digits = 14;
    while (found == 0 && digits < DBL_DECIMAL_DIG) {
        digits++;
        found = nearest_decimal(binary, digits - before);
    }
    size_t length = write_decimal(found, (size_t)(digits - before), text);
    length = digits > before ? without_noughts(text, length) : length;
    text[length] = '\0';
    return length;
}

/* Returns with how many digits write_digits() begins: with 1 for a subnormal, which has few
 * significant digits; otherwise with 15, or with 16 if as_decimal() has shown that 15 do not
 * suffice. */
static int fewest_digits(double magnitude)
{
    if (magnitude < DBL_MIN) {
        return 1;
    }
    bool went_through = magnitude < EXACT_INTEGERS &&
                        magnitude * powers_of_ten[POWERS_OF_TEN - 1] >= EXACT_INTEGERS;
    return went_through ? 16 : 15;
}

/* Writes any finite value with the fewest digits that parse as the same double; 17 always do. */
static size_t write_digits(double value, char text[NUMBER_TEXT_SIZE])
{
    /* glibc returns its one static C locale: nothing is allocated. */
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
    size_t sign = signbit(value) ? 1 : 0;
    text[0] = '-';
    double magnitude = fabs(value);
    size_t length = write_eight_decimals(magnitude, text + sign);
    if (length == 0) {
        length = write_plain(magnitude, text + sign);
    }
    uint64_t digits = 0;
    size_t decimals = 0;
    if (length == 0 && as_decimal(magnitude, &digits, &decimals)) {
        length = write_decimal(digits, decimals, text + sign);
    }
    return length > 0 ? sign + length : write_digits(value, text);
}

bool number_same_bits(double left, double right)
{
    return bits_of(left) == bits_of(right);
}
