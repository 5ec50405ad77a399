/* The queries to InfluxDB 3, as SQL text (of DataFusion). Series are validated names, times are
 * literals. Pure. */
#ifndef CANDLEWICK_STORE_INFLUX_INFLUX_SQL_H
#define CANDLEWICK_STORE_INFLUX_INFLUX_SQL_H

#include "base/text/strbuf.h"
#include "store/store.h"

/* Candles of [query->from_ns, query->to_ns). Returns at most `rows` of them: with query->limit the
 * newest, newest first; else the oldest, oldest first. Columns: time, open, high, low, close,
 * ticks. */
void influx_sql_candles(struct strbuf *sql, const struct candle_query *query, size_t rows);

/* The newest point of a series in (after_ns, until_ns]. Columns: time, and price if the kind has
 * one. INT64_MIN and INT64_MAX mean no bound. */
void influx_sql_latest(struct strbuf *sql, const struct record_kind *kind, const char *series,
                       int64_t after_ns, int64_t until_ns);

/* The first and last time of every series after `after_ns`, by its tags. Columns: the tags,
 * first_time, last_time. */
void influx_sql_spans(struct strbuf *sql, const struct record_kind *kind, int64_t after_ns);

/* All columns of the points at any of these times. Selects *, not names: a column that no point has
 * yet does not exist in InfluxDB. */
void influx_sql_points_at(struct strbuf *sql, const struct record_kind *kind,
                          const int64_t *times_ns, size_t count);

/* One row if the table has any. */
void influx_sql_any(struct strbuf *sql, const struct record_kind *kind);

/* The number of points. Column: points. */
void influx_sql_count(struct strbuf *sql, const struct record_kind *kind);

/* A series' points in [from_ns, to_ns), oldest first, at most `rows`, with all columns. */
void influx_sql_points(struct strbuf *sql, const struct record_kind *kind, const char *series,
                       int64_t from_ns, int64_t to_ns, size_t rows);

/* Every column of every table of this database. Columns: table_name, column_name, data_type. */
void influx_sql_columns(struct strbuf *sql);

/* The number of points and their time span in [from_ns, to_ns) for each series, and for points
 * that lack a tag. Columns: the tags, points, first_time, last_time. INT64_MIN and INT64_MAX mean
 * no bound. */
void influx_sql_holdings(struct strbuf *sql, const struct record_kind *kind, int64_t from_ns,
                         int64_t to_ns);

/* The number of a series' points in [from_ns, to_ns). Column: points. */
void influx_sql_count_between(struct strbuf *sql, const struct record_kind *kind,
                              const char *series, int64_t from_ns, int64_t to_ns);

#endif
