/* A line of prices in one row of characters. */
#ifndef CANDLEWICK_TERMINAL_SPARKLINE_H
#define CANDLEWICK_TERMINAL_SPARKLINE_H

#include <stddef.h>

#include "base/text/strbuf.h"

/* Appends the values (NAN: none is known, a blank) as `columns` characters, ▁ for the lowest to ▇
 * for the highest; values that are all the same are in the middle. If there are more values than
 * columns, a column has the last known one of its share. */
void sparkline_append(const double *values, size_t count, size_t columns, struct strbuf *text);

#endif
