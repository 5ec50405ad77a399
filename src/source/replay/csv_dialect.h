/*
 * Finds out how a CSV file is written, from its first lines: what separates its fields, and which
 * line names its columns. How its numbers are written is found out later (csv_mark.h). Pure.
 *
 * What it knows: lines of remarks before the header (CryptoDataDownload), files without a header
 * (Kraken's OHLCVT, Binance's klines: data.binance.vision), the three header lines of yfinance.
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_CSV_DIALECT_H
#define CANDLEWICK_SOURCE_REPLAY_CSV_DIALECT_H

#include <stdbool.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"
#include "source/replay/csv_field.h"

struct csv_dialect {
    struct csv_style style;
    int lines_before;       /* lines of the file before its first row */
    struct str header;      /* the columns' names, in the file's separator; borrowed from the lines,
                               or static if the file has none */
    struct str tickers;     /* the line with the stock of each column; length 0: there is none */
    struct str first_row;   /* length 0: there is none */
    bool first_is_date;     /* the first column holds the rows' dates, whatever its name in the
                               header is */
    const char *known_form; /* who writes files like this one, for people; NULL: it is nothing
                               special */
};

/* `lines` are the file's first lines, blank ones included, without line ends. Fails with
 * ERROR_USAGE when there is no header and the columns are not those of a known form; the text says
 * what to do. */
NODISCARD bool csv_dialect_find(const struct str *lines, int count, struct csv_dialect *dialect,
                                struct error *error);

#endif
