/* The queries to InfluxDB 3, as SQL text (of DataFusion). Every function appends one query. The
 * names of series must be valid. Pure. */
#ifndef CANDLEWICK_STORE_INFLUX_INFLUX_SQL_H
#define CANDLEWICK_STORE_INFLUX_INFLUX_SQL_H

#include "base/text/strbuf.h"
#include "store/store.h"

/* Selects candles of [query->from_ns, query->to_ns), at most `rows`: with query->limit the newest,
 * newest first; otherwise the oldest, oldest first. Columns: time, open, high, low, close, ticks,
 * and volume if the kind has amounts. */
void influx_sql_candles(struct strbuf *sql, const struct candle_query *query, size_t rows);

/* Selects the newest point of a series in (after_ns, until_ns]. Columns: time, and price if the
 * kind has one. INT64_MIN and INT64_MAX mean no bound. */
void influx_sql_latest(struct strbuf *sql, const struct record_kind *kind, const char *series,
                       int64_t after_ns, int64_t until_ns);

/* Selects the first and last time of every series after `after_ns`. Columns: the tags, first_time,
 * last_time. */
void influx_sql_spans(struct strbuf *sql, const struct record_kind *kind, int64_t after_ns);

/* Selects all columns of the points at any of these times. Uses *, not names, because InfluxDB does
 * not know a column that no point has yet. */
void influx_sql_points_at(struct strbuf *sql, const struct record_kind *kind,
                          const int64_t *times_ns, size_t count);

/* Selects the last price of every series in each span of `spans` (store.h), whose own series is
 * ignored; the points are stored in [from_ns, to_ns). Columns: the tags, span (a number from 0),
 * price. */
void influx_sql_closes(struct strbuf *sql, const struct record_kind *kind,
                       const struct series_closes *spans, int64_t from_ns, int64_t to_ns);

/* Selects one row of the table, if it has any. */
void influx_sql_any(struct strbuf *sql, const struct record_kind *kind);

/* Selects the number of points. Column: points. */
void influx_sql_count(struct strbuf *sql, const struct record_kind *kind);

/* Selects a series' points in [from_ns, to_ns), oldest first, at most `rows`, with all columns. */
void influx_sql_points(struct strbuf *sql, const struct record_kind *kind, const char *series,
                       int64_t from_ns, int64_t to_ns, size_t rows);

/* Selects every column of every table of this database. Columns: table_name, column_name,
 * data_type. */
void influx_sql_columns(struct strbuf *sql);

/* Selects the number of points in [from_ns, to_ns), and their first and last time, by series;
 * points that lack a tag are groups too. Columns: the tags, points, first_time, last_time.
 * INT64_MIN and INT64_MAX mean no bound. */
void influx_sql_holdings(struct strbuf *sql, const struct record_kind *kind, int64_t from_ns,
                         int64_t to_ns);

/* Selects the number of a series' points in [from_ns, to_ns). Column: points. */
void influx_sql_count_between(struct strbuf *sql, const struct record_kind *kind,
                              const char *series, int64_t from_ns, int64_t to_ns);

#endif
