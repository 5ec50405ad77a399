/* Reads InfluxDB's JSON answers row by row. An answer is an array of objects; a null column is left
 * out of its object. Pure. A bool function returns false if the answer does not have the requested
 * form. */
#ifndef CANDLEWICK_STORE_INFLUX_INFLUX_ROWS_H
#define CANDLEWICK_STORE_INFLUX_INFLUX_ROWS_H

#include <jansson.h>

#include "base/compiler/attributes.h"
#include "market/candle.h"
#include "record/kind.h"
#include "record/ticker.h"

/* Returns NULL if `text` is not a JSON array of objects. The caller releases it with
 * json_decref(). */
NODISCARD json_t *influx_rows_parse(struct str text);

/* Reads the rows of an answer one at a time, so that a long one needs no more memory than its text
 * and one row. The caller sets .rest to the text, which is borrowed until the last row. */
struct influx_row_reader {
    struct str rest;
    bool begun, ended;
};
/* Reads the next row, which the caller releases with json_decref(); *row is NULL after the last
 * one. */
NODISCARD bool influx_rows_next(struct influx_row_reader *reader, json_t **row);

/* Accepts "2026-01-01T00:00:00", with up to nine decimals and with or without a zone. */
NODISCARD bool influx_row_time(const json_t *row, const char *name, int64_t *time_ns);
/* Reads a finite number, with or without a decimal point. */
NODISCARD bool influx_row_double(const json_t *row, const char *name, double *value);
NODISCARD bool influx_row_int64(const json_t *row, const char *name, int64_t *value);
/* Returns the text in that column, borrowed from the row; NULL if there is none. */
const char *influx_row_text(const json_t *row, const char *name);

/* Reads the values of the kind's tags, valid or not, borrowed from the row; a missing one is "".
 * Returns the stored name of the first missing tag, or NULL. */
const char *influx_row_tags(const json_t *row, const struct record_kind *kind,
                            struct str parts[KIND_TAGS_MAX]);

/* A candle is made of one tick at least. */
NODISCARD bool influx_row_candle(const json_t *row, struct candle *candle);
/* Reads a point's time and columns; missing columns become null. Adds its long texts to `texts`,
 * which must have room for them (text_arena_reserve()); with NULL they are not read. *odd is NULL,
 * or the stored name of a column that has another type than this program writes, or is missing
 * although required (a double is then 0, an integer INT64_MIN). Returns false if the row has no
 * readable time. */
NODISCARD bool influx_row_point(const json_t *row, const struct stored_columns *columns,
                                void *point, struct text_arena *texts, const char **odd);

#endif
