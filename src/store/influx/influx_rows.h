/* InfluxDB's JSON answers, row by row: an array of objects, nulls left out, times without a zone.
 * Pure. Every function is false where the answer is not of the form that the question asked for. */
#ifndef CANDLEWICK_STORE_INFLUX_INFLUX_ROWS_H
#define CANDLEWICK_STORE_INFLUX_INFLUX_ROWS_H

#include <jansson.h>

#include "base/compiler/attributes.h"
#include "market/candle.h"
#include "record/kind.h"
#include "record/ticker.h"

/* NULL when `text` is not a JSON array of objects. Free it with json_decref(). */
NODISCARD json_t *influx_rows_parse(struct str text);

/* The rows of such an answer one by one: a long one takes no more memory than its text and a row.
 * Begin with .rest, borrowed until the end. */
struct influx_row_reader {
    struct str rest;
    bool begun, ended;
};
/* *row is to json_decref(), NULL behind the last one. */
NODISCARD bool influx_rows_next(struct influx_row_reader *reader, json_t **row);

/* "2026-01-01T00:00:00", with up to nine decimals, or with a zone. */
NODISCARD bool influx_row_time(const json_t *row, const char *name, int64_t *time_ns);
/* Finite; written with or without a decimal point. */
NODISCARD bool influx_row_double(const json_t *row, const char *name, double *value);
NODISCARD bool influx_row_int64(const json_t *row, const char *name, int64_t *value);
/* NULL when there is none. Borrowed from the row. */
const char *influx_row_text(const json_t *row, const char *name);

NODISCARD bool influx_row_candle(const json_t *row, struct candle *candle);
/* Time and columns of a point; those that are missing are null. *odd is NULL, or the stored name of
 * a column that is of another type than ours or, where ours always have it, missing: then a double
 * is 0, an integer INT64_MIN. False: no readable time. */
NODISCARD bool influx_row_point(const json_t *row, const struct record_kind *kind, void *point,
                                const char **odd);

#endif
