/* The rows of fake-exchange's file as JSON text, by coin. */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_ROWS_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/strbuf.h"
#include "source/coins.h"

#define FAKE_NO_COIN SIZE_MAX

struct fake_row {
    size_t offset; /* of its text in `text` */
    size_t length;
    size_t coin; /* index into `coins`, or FAKE_NO_COIN */
};

struct fake_rows {
    struct strbuf text; /* CSV: the rows one after another; JSON: the file */
    struct fake_row *rows;
    size_t count;
    size_t capacity;
    struct coin_table coins; /* in the order in which they come first */
    bool recorded;           /* a JSON body, to serve as it is */
    bool whole;              /* one that is not an array of rows: one row, without a coin */
    int64_t rejected;        /* lines of a CSV that are no rows */
};

/* False: ERROR_USAGE for a file that cannot be read or used, ERROR_FATAL without memory or for
 * broken gzip. Free in either case. */
NODISCARD bool fake_rows_load(struct fake_rows *rows, const char *path, struct error *error);
void fake_rows_free(struct fake_rows *rows);

#endif
