/* Doubles as text that reads back as the same bits, in the C locale whatever the process's is. */
#ifndef CANDLEWICK_BASE_TEXT_NUMBER_H
#define CANDLEWICK_BASE_TEXT_NUMBER_H

#include <stddef.h>

enum { NUMBER_TEXT_SIZE = 32 };

/* Writes a finite `value`, NUL-terminated, and gives its length. Decimals of up to 15 digits, which
 * prices are, come out as people write them ("30000.1", "0.00000123", "4e-8" as "0.00000004");
 * others with as many digits as it takes (at most 17, then with an exponent where large or small).
 */
size_t number_format(double value, char text[NUMBER_TEXT_SIZE]);

#endif
