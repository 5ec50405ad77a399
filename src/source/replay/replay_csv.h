/*
 * Lines of a replay file (RFC 4180 with commas). Pure: no file is touched.
 *
 * A record is one line: a quoted field may hold commas and doubled quotes, but no line break, so
 * that a quote that was never closed costs one line and not the rest of the file. Blanks around a
 * field are passed over.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_REPLAY_CSV_H
#define CANDLEWICK_SOURCE_REPLAY_REPLAY_CSV_H

#include <stdbool.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"
#include "record/ticker.h"
#include "source/source.h"

enum csv_column {
    CSV_TIME,
    CSV_SYMBOL,
    CSV_LAST_PRICE,
    CSV_FIGURES, /* + enum ticker_figure */
    CSV_COLUMNS = CSV_FIGURES + TICKER_FIGURES,
};

enum {
    CSV_IGNORED = CSV_COLUMNS, /* a column that says nothing to us */
    CSV_HEADER_MAX = 256,      /* columns of a file */
};

/* What stands in each column of a file, from its header. */
struct csv_layout {
    int count;
    unsigned char column[CSV_HEADER_MAX]; /* enum csv_column, or CSV_IGNORED */
    char ignored[160]; /* those columns' names, for people; one that may be a slip with what may
                          have been meant. "": none */
};

/* The fields of one line, in the order of enum csv_column; borrowed from the line. A column that
 * the file does not have is empty. */
struct csv_fields {
    struct str column[CSV_COLUMNS + 1];
};

/* Any order of columns, names in any case; other columns are passed over. `columns` says where the
 * file calls a column otherwise, "last_price=price,time=Date"; NULL: nowhere. False: ERROR_USAGE
 * for a column that is there twice or missing, another separator than the comma, or a `columns`
 * that names what is not there; the text says what to do. */
NODISCARD bool csv_layout_read(struct str header, const char *columns, struct csv_layout *layout,
                               struct error *error);

/* Takes one field off the front of `rest`, up to the comma or the end. False: a broken quote. */
NODISCARD bool csv_take_field(struct str *rest, struct str *field);

/* False when the line has more or fewer fields than the header, or a broken quote. */
NODISCARD bool csv_split(const struct csv_layout *layout, struct str line,
                         struct csv_fields *fields);

/* Of a time that says no zone: where it is from, and whether there was one. */
struct csv_zone {
    int64_t east_s;
    bool needed;
};

/* Fills symbol, event_time_ns (as it stands there), last_price and the figures of a zeroed `tick`.
 * ROW_FAULTS when all is well; else ROW_BAD_SYMBOL, ROW_BAD_TIME, ROW_BAD_PRICE or ROW_BAD_FIGURE,
 * and `tick` is half filled. A figure that is empty, or says that there is none (NULL, NaN, N/A,
 * NA, None or \\N, in any case), is null; such an anything else is a fault. */
NODISCARD enum row_fault csv_read(const struct csv_fields *fields, struct csv_zone *zone,
                                  struct ticker *tick);

/* The same grammar and the same bits as str_to_double(), faster for short decimals. */
NODISCARD bool csv_number(struct str text, double *value);

#endif
