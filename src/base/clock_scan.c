#include "base/clock_scan.h"

bool clock_take_char(struct str *rest, char c)
{
    if (rest->length == 0 || rest->data[0] != c) {
        return false;
    }
    rest->data++;
    rest->length--;
    return true;
}

struct str clock_take_digits(struct str *rest)
{
    struct str digits = {.data = rest->data, .length = 0};
    while (digits.length < rest->length && rest->data[digits.length] >= '0' &&
           rest->data[digits.length] <= '9') {
        digits.length++;
    }
    rest->data += digits.length;
    rest->length -= digits.length;
    return digits;
}

bool clock_take_field(struct str *rest, size_t width, int least, int most, int *value)
{
    int sum = 0;
    for (size_t i = 0; i < width; i++) {
        if (i >= rest->length || rest->data[i] < '0' || rest->data[i] > '9') {
            return false;
        }
        sum = sum * 10 + (rest->data[i] - '0');
    }
    rest->data += width;
    rest->length -= width;
    *value = sum;
    return sum >= least && sum <= most;
}

bool clock_take_fraction(struct str *rest, int64_t unit_ns, int64_t *fraction_ns)
{
    *fraction_ns = 0;
    if (!clock_take_char(rest, '.')) {
        return true;
    }
    struct str digits = clock_take_digits(rest);
    if (digits.length == 0) {
        return false;
    }
    while (digits.length > 0 && digits.data[digits.length - 1] == '0') {
        digits.length--;
    }
    int64_t scale = 1;
    int64_t sum = 0;
    for (size_t i = 0; i < digits.length; i++) {
        if (__builtin_mul_overflow(scale, 10, &scale)) {
            return false;
        }
        sum = sum * 10 + (digits.data[i] - '0'); /* cannot overflow: `sum` stays below `scale` */
    }
    /* Cancel the common factors of ten first: then the product below cannot overflow for a fraction
     * that is a whole number of nanoseconds. */
    while (scale > 1 && unit_ns % 10 == 0) {
        scale /= 10;
        unit_ns /= 10;
    }
    int64_t product = 0;
    if (__builtin_mul_overflow(sum, unit_ns, &product) || product % scale != 0) {
        return false;
    }
    *fraction_ns = product / scale;
    return true;
}

bool clock_combine(int64_t whole, int64_t unit_ns, int64_t fraction_ns, int64_t *value)
{
    /* Round `whole` towards zero first: otherwise the multiplication would overflow for the
     * earliest times of the range, although the sum is within it. */
    if (whole < 0 && fraction_ns > 0) {
        whole++;
        fraction_ns -= unit_ns;
    }
    int64_t sum = 0;
    if (__builtin_mul_overflow(whole, unit_ns, &sum) ||
        __builtin_add_overflow(sum, fraction_ns, &sum)) {
        return false;
    }
    *value = sum;
    return true;
}
