/* What a replay file's columns hold, from its header alone. */
#ifndef CANDLEWICK_TESTS_CSV_HEADER_H
#define CANDLEWICK_TESTS_CSV_HEADER_H

#include "source/replay/replay_csv.h"

static inline bool csv_header_read(struct str header, const char *columns,
                                   struct csv_layout *layout, struct error *error)
{
    struct csv_dialect dialect;
    return csv_dialect_find(&header, 1, &dialect, error) &&
           csv_layout_read(&dialect, columns, (struct str){0}, layout, error) &&
           csv_layout_complete(&dialect, layout, error);
}

#endif
