/*
 * Turns the lines of a replay file into records: what each column holds, as the file's header and
 * the options say (csv_layout), and what a line holds. Pure: no file access.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_REPLAY_CSV_H
#define CANDLEWICK_SOURCE_REPLAY_REPLAY_CSV_H

#include <stdbool.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"
#include "source/replay/csv_dialect.h"
#include "source/replay/csv_time.h"
#include "source/replay/replay_form.h"
#include "source/source.h"

enum {
    CSV_IGNORED = FORM_COLUMNS_MAX,         /* a column that we do not read */
    CSV_TIME_OF_DAY = FORM_COLUMNS_MAX + 1, /* a column beside that of the date */
    CSV_HEADER_MAX = 256,                   /* most columns that a file may have */
    CSV_GIVEN_MAX = RECORD_KEY_MAX,         /* longest value that --columns may give a column */
};

/* A value that all rows have in a column that the file lacks. */
struct csv_given {
    int column; /* index in the layout's `columns` */
    char value[CSV_GIVEN_MAX + 1];
};

/* What each column of a file holds, as read from its header. */
struct csv_layout {
    const struct replay_form *form; /* which kind of records the file has */
    struct csv_style style;
    struct form_column columns[FORM_COLUMNS_MAX];
    int column_count;
    int key;       /* index in `columns` */
    int timeframe; /* likewise; -1: the kind has none */
    int count;
    unsigned char column[CSV_HEADER_MAX]; /* index in `columns`, or CSV_IGNORED, CSV_TIME_OF_DAY */
    struct csv_given given[FORM_COLUMNS_MAX];
    int given_count;
    bool has_dates;    /* the column of the time is called a date: 20240102 is a day */
    char ignored[160]; /* names of the ignored columns, for people, with a suggestion where one
                          may be misspelt; "": none */
};

/* The fields of one line, in the order of the layout's `columns`; borrowed from the line and the
 * layout. The field of a column that the file does not have is what the layout gives it, or
 * empty. */
struct csv_fields {
    struct str column[FORM_COLUMNS_MAX + 2];
};

/* Finds out what the columns hold. They may be in any order and their names in any case; unknown
 * columns are ignored. `columns` maps our names to those that the file uses,
 * "last_price=price,time=Date", or gives all rows one value, "symbol='AAPL'"; NULL: none. `ticker`
 * chooses, of a file that has several stocks side by side, the columns of one; length 0: all.
 *
 * Fails with ERROR_USAGE when a column appears twice, or when `columns` names a column that does
 * not exist. Columns that are missing are no failure yet: see csv_layout_give() and
 * csv_layout_complete(). */
NODISCARD bool csv_layout_read(const struct csv_dialect *dialect, const char *columns,
                               struct str ticker, struct csv_layout *layout, struct error *error);

/* Gives a column that the file lacks, and that has no value yet, this value in all rows. Returns
 * whether it did: false for a column that the file has, that the kind does not have, and for a
 * value that is too long. */
bool csv_layout_give(struct csv_layout *layout, const char *column, const char *value);

/* Returns whether the file has the column, or all rows were given a value for it. */
bool csv_layout_has(const struct csv_layout *layout, const char *column);

/* Fails with ERROR_USAGE when a column is missing that every record needs; the text says what to
 * do. Fills in layout->ignored. */
NODISCARD bool csv_layout_complete(const struct csv_dialect *dialect, struct csv_layout *layout,
                                   struct error *error);

/* Returns false when the line has more or fewer fields than the header, or a broken quote. */
NODISCARD bool csv_split(const struct csv_layout *layout, struct str line,
                         struct csv_fields *fields);

/* Returns the symbol that a field means: the first slash of one like BTC/USD is left out. Borrowed
 * from the field or `plain`. */
struct str csv_symbol(struct str field, char plain[RECORD_KEY_MAX + 1]);

/* How the rows of a file are to be read, and what has come up while they were. */
struct csv_reading {
    struct csv_zone zone;
    const char *source;      /* of records that name none; NULL: "replay" */
    bool zone_needed;        /* a time had no zone */
    bool slash_dropped;      /* a symbol was written like BTC/USD */
    int64_t volumes_swapped; /* bars whose two volumes were in each other's place */
    int64_t again_ns;        /* of the row that was read last: csv_time.h */
};

/* Fills a zeroed record of the layout's kind: its columns that a file may have, its source
 * and what derives from them; times as in the file. Returns ROW_FAULTS when the line is valid and
 * the record passes its kind's check; else the fault, and the record is partly filled. A nullable
 * column that is empty or says that there is no value is null; any other column with such a value
 * is a fault.
 *
 * A slash in a symbol is left out (BTC/USD is BTCUSD). A bar whose quote volume divided by its
 * volume is no price between low and high, but the inverse is, has its two volumes in each other's
 * place: they are put right, and counted. */
NODISCARD enum row_fault csv_read(const struct csv_layout *layout, const struct csv_fields *fields,
                                  struct csv_reading *reading, void *record);

/* Reads a row's time alone. Returns false when it is none. */
NODISCARD bool csv_read_time(const struct csv_layout *layout, const struct csv_fields *fields,
                             struct csv_reading *reading, int64_t *time_ns);

#endif
