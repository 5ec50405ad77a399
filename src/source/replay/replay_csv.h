/*
 * Parses the lines of a replay file (RFC 4180 with commas). Pure: no file access.
 *
 * A record is one line: a quoted field may hold commas and doubled quotes, but no line break, so
 * that an unclosed quote costs one line and not the rest of the file. Blanks around a field are
 * skipped.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_REPLAY_CSV_H
#define CANDLEWICK_SOURCE_REPLAY_REPLAY_CSV_H

#include <stdbool.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"
#include "source/replay/replay_form.h"
#include "source/source.h"

enum {
    CSV_IGNORED = FORM_COLUMNS_MAX, /* a column that we do not read */
    CSV_HEADER_MAX = 256,           /* most columns that a file may have */
};

/* What each column of a file holds, as read from its header. */
struct csv_layout {
    const struct replay_form *form; /* which kind of records the file has */
    struct form_column columns[FORM_COLUMNS_MAX];
    int column_count;
    int key; /* index in `columns` */
    int count;
    unsigned char column[CSV_HEADER_MAX]; /* index in `columns`, or CSV_IGNORED */
    char ignored[160]; /* names of the ignored columns, for people, with a suggestion where one
                          may be misspelt; "": none */
};

/* The fields of one line, in the order of the layout's `columns`; borrowed from the line. The field
 * of a column that the file does not have is empty. */
struct csv_fields {
    struct str column[FORM_COLUMNS_MAX + 1];
};

/* Reads the header, which tells the kind of the records. Columns may be in any order and their
 * names in any case; unknown columns are ignored. `columns` maps our names to those that the file
 * uses, "last_price=price,time=Date"; NULL: none. Fails with ERROR_USAGE when a column is missing
 * or appears twice, when the separator is not the comma, or when `columns` names a column that does
 * not exist; the text says what to do. */
NODISCARD bool csv_layout_read(struct str header, const char *columns, struct csv_layout *layout,
                               struct error *error);

/* Removes one field, up to the comma or the end, from the front of `rest`. Returns false for a
 * broken quote. */
NODISCARD bool csv_take_field(struct str *rest, struct str *field);

/* Returns false when the line has more or fewer fields than the header, or a broken quote. */
NODISCARD bool csv_split(const struct csv_layout *layout, struct str line,
                         struct csv_fields *fields);

/* The zone to assume for times that name none, and whether there was such a time. */
struct csv_zone {
    int64_t east_s;
    bool needed;
};

/* Fills a zeroed record of the layout's kind: its columns that a file may have, its source
 * ("replay" unless the line has one) and what derives from them; times as in the file. Returns
 * ROW_FAULTS when the line is valid and the record passes its kind's check; else the fault, and the
 * record is partly filled. A nullable column that is empty or NULL, NaN, N/A, NA, None or \\N (in
 * any case) is null; any other column with such a value is a fault. */
NODISCARD enum row_fault csv_read(const struct csv_layout *layout, const struct csv_fields *fields,
                                  struct csv_zone *zone, void *record);

/* Accepts the same grammar and returns the same bits as str_to_double(), but is faster for short
 * decimals. */
NODISCARD bool csv_number(struct str text, double *value);

#endif
