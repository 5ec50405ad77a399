/*
 * Finds out which decimal mark the numbers of a file have, from its first rows. Pure.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_CSV_MARK_H
#define CANDLEWICK_SOURCE_REPLAY_CSV_MARK_H

#include "source/replay/replay_csv.h"

/* Returns whether the numbers of the rows, in the columns that the layout reads, have a decimal
 * comma. Numbers such as 1.5, 0,5 and 1.234,5 decide; if they disagree, the more frequent mark
 * does. 1,234 can be read either way: if no other number decides, it is 1.234 in a file whose
 * fields are separated by semicolons, and 1234 in others. */
bool csv_mark_is_comma(const struct csv_layout *layout, const struct str *rows, int count);

#endif
