/* Whole numbers as decimal digits, two at a time. Here in full, as lines of figures are written by
 * the million. */
#ifndef CANDLEWICK_BASE_DIGITS_H
#define CANDLEWICK_BASE_DIGITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    DIGITS_MAX = 20, /* of 2^64 - 1 */
    DIGITS_SIGNED_MAX = 1 + DIGITS_MAX,
    DIGITS_EIGHT = 100000000,
};

/* Two digits, for `value` below 100. */
static inline void digits_pair(uint32_t value, char *text)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";
    memcpy(text, pairs + 2 * (size_t)value, 2);
}

/* Eight digits with leading noughts, for `value` below DIGITS_EIGHT. */
static inline void digits_eight(uint32_t value, char *text)
{
    uint32_t high = value / 10000, low = value % 10000;
    digits_pair(high / 100, text);
    digits_pair(high % 100, text + 2);
    digits_pair(low / 100, text + 4);
    digits_pair(low % 100, text + 6);
}

/* Without leading noughts and without a NUL; gives the length. */
static inline size_t digits_write(uint64_t value, char text[DIGITS_MAX])
{
    char all[3 * 8]; /* as three groups of eight */
    size_t at = sizeof all;
    while (value >= DIGITS_EIGHT) {
        at -= 8;
        digits_eight((uint32_t)(value % DIGITS_EIGHT), all + at);
        value /= DIGITS_EIGHT;
    }
    uint32_t rest = (uint32_t)value;
    while (rest >= 10) {
        at -= 2;
        digits_pair(rest % 100, all + at);
        rest /= 100;
    }
    if (rest > 0 || at == sizeof all) {
        all[--at] = (char)('0' + rest);
    }
    memcpy(text, all + at, sizeof all - at);
    return sizeof all - at;
}

/* With a minus sign where it is negative. */
static inline size_t digits_write_signed(int64_t value, char text[DIGITS_SIGNED_MAX])
{
    if (value >= 0) {
        return digits_write((uint64_t)value, text);
    }
    text[0] = '-';
    return 1 + digits_write(0 - (uint64_t)value, text + 1);
}

#endif
