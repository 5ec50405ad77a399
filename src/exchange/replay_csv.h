/*
 * Lines of a replay file (RFC 4180 with commas). Pure: no file is touched.
 *
 * A record is one line: a quoted field may hold commas and doubled quotes, but no line break, so
 * that a quote that was never closed costs one line and not the rest of the file. Blanks around a
 * field are passed over.
 */
#ifndef CANDLEWICK_EXCHANGE_REPLAY_CSV_H
#define CANDLEWICK_EXCHANGE_REPLAY_CSV_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/str.h"
#include "exchange/source.h"
#include "market/ticker.h"

enum csv_column {
    CSV_TIME,
    CSV_SYMBOL,
    CSV_LAST_PRICE,
    CSV_FIGURES, /* + enum ticker_figure */
    CSV_COLUMNS = CSV_FIGURES + TICKER_FIGURES,
};

/* What stands in each column of a file, from its header. */
struct csv_layout {
    int count;
    unsigned char column[CSV_COLUMNS];
};

/* The fields of one line, in the order of enum csv_column; borrowed from the line. A column that
 * the file does not have is empty. */
struct csv_fields {
    struct str column[CSV_COLUMNS];
};

/* Any order of columns. False: ERROR_USAGE for a column that is unknown, there twice or missing;
 * the text names it and what is allowed. */
NODISCARD bool csv_layout_read(struct str header, struct csv_layout *layout, struct error *error);

/* False when the line has more or fewer fields than the header, or a broken quote. */
NODISCARD bool csv_split(const struct csv_layout *layout, struct str line,
                         struct csv_fields *fields);

/* Fills symbol, event_time_ns (as it stands there), last_price and the figures of a zeroed `tick`.
 * ROW_FAULTS when all is well; else ROW_BAD_SYMBOL, ROW_BAD_TIME, ROW_BAD_PRICE or ROW_BAD_FIGURE,
 * and `tick` is half filled. An empty figure is null; an empty anything else is a fault. */
NODISCARD enum row_fault csv_read(const struct csv_fields *fields, struct ticker *tick);

/* The same grammar and the same bits as str_to_double(), faster for short decimals. */
NODISCARD bool csv_number(struct str text, double *value);

#endif
