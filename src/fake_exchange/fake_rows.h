/* The rows of fake-exchange's file as JSON text, with their coins. */
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
    size_t offset; /* of the row's text in `text` */
    size_t length;
    size_t coin; /* index into `coins`, or FAKE_NO_COIN */
};

struct fake_rows {
    struct strbuf text; /* CSV: the rows, concatenated; JSON: the file */
    struct fake_row *rows;
    size_t count;
    size_t capacity;
    struct coin_table coins; /* in order of first occurrence */
    bool recorded;           /* a JSON body, which is served unchanged */
    bool whole;              /* the body is no array of rows: it counts as one row without a coin */
    int64_t rejected;        /* lines of a CSV that are no valid rows */
};

/* Fails with ERROR_USAGE for a file that cannot be read or used, and with ERROR_FATAL when memory
 * runs out or gzip data is broken. Free in either case. */
NODISCARD bool fake_rows_load(struct fake_rows *rows, const char *path, struct error *error);
void fake_rows_free(struct fake_rows *rows);

#endif
