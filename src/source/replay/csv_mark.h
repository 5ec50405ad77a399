/*
 * Finds out which decimal mark the numbers of a file have, from its first rows. Pure.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_CSV_MARK_H
#define CANDLEWICK_SOURCE_REPLAY_CSV_MARK_H

#include "source/replay/replay_csv.h"

/* Returns whether the numbers of the rows, in the columns that the layout reads, have a decimal
 * comma. 1.5, 0,5 and 1.234,5 tell it, and where both marks are found, the more frequent one is
 * taken. A number like 1,234 says nothing of itself; where no other number says more, it is taken
 * as it is usual beside that separator: as 1.234 beside a semicolon, as 1234 beside others. */
bool csv_mark_is_comma(const struct csv_layout *layout, const struct str *rows, int count);

#endif
