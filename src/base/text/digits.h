/* Writes whole numbers as decimal digits, two at a time. Inline, because millions of lines of
 * figures are written. */
#ifndef CANDLEWICK_BASE_TEXT_DIGITS_H
#define CANDLEWICK_BASE_TEXT_DIGITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    DIGITS_MAX = 20, /* digits of 2^64 - 1 */
    DIGITS_SIGNED_MAX = 1 + DIGITS_MAX,
    DIGITS_EIGHT = 100000000,
};

/* Writes two digits; `value` must be below 100. */
static inline void digits_pair(uint32_t value, char *text)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";
    memcpy(text, pairs + 2 * (size_t)value, 2);
}

/* Writes eight digits with leading zeros; `value` must be below DIGITS_EIGHT. */
static inline void digits_eight(uint32_t value, char *text)
{
    uint32_t high = value / 10000, low = value % 10000;
    digits_pair(high / 100, text);
    digits_pair(high % 100, text + 2);
    digits_pair(low / 100, text + 4);
    digits_pair(low % 100, text + 6);
}

/* 10^0 to 10^19. */
static const uint64_t digits_powers[DIGITS_MAX] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

/* Returns how many digits `value` has; 1 for 0. */
static inline size_t digits_count(uint64_t value)
{
    uint64_t at_least_one = value | 1; /* has as many digits: powers of ten above 1 are even */
    /* 1233 / 4096 approximates log10(2) closely enough for 64 bits. */
    size_t low = (size_t)(64 - __builtin_clzll(at_least_one)) * 1233 >> 12;
    return low + (at_least_one >= digits_powers[low] ? 1 : 0);
}

/* Writes the value without leading zeros and without a NUL; returns the length. */
static inline size_t digits_write(uint64_t value, char text[DIGITS_MAX])
{
    size_t count = digits_count(value);
    char *at = text + count;
    while (value >= DIGITS_EIGHT) {
        at -= 8;
        digits_eight((uint32_t)(value % DIGITS_EIGHT), at);
        value /= DIGITS_EIGHT;
    }
    uint32_t rest = (uint32_t)value;
    while (rest >= 100) {
        at -= 2;
        digits_pair(rest % 100, at);
        rest /= 100;
    }
    if (rest >= 10) {
        digits_pair(rest, at - 2);
    } else {
        at[-1] = (char)('0' + rest);
    }
    return count;
}

/* Also writes the minus sign of a negative value. */
static inline size_t digits_write_signed(int64_t value, char text[DIGITS_SIGNED_MAX])
{
    if (value >= 0) {
        return digits_write((uint64_t)value, text);
    }
    text[0] = '-';
    return 1 + digits_write(0 - (uint64_t)value, text + 1);
}

#endif
