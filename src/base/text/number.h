/* Formats doubles as text that parses as the same bits, in the C locale whatever the process's
 * locale is. */
#ifndef CANDLEWICK_BASE_TEXT_NUMBER_H
#define CANDLEWICK_BASE_TEXT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

enum { NUMBER_TEXT_SIZE = 32 };

/* Writes a finite `value`, NUL-terminated, and returns its length. Decimals of up to 15 digits,
 * which prices are, are written as people do ("30000.1", "0.00000123", "0.00000004" for 4e-8);
 * others with as many digits as needed (at most 17, and then with an exponent if large or
 * small). */
size_t number_format(double value, char text[NUMBER_TEXT_SIZE]);

/* Returns whether both are the same bits: unlike ==, it tells -0.0 from 0.0. */
bool number_same_bits(double left, double right);

#endif
