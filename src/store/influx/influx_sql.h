/* The questions to InfluxDB 3, as SQL text (DataFusion's). Coins are whitelisted names, times are
 * literals. Pure. */
#ifndef CANDLEWICK_STORE_INFLUX_INFLUX_SQL_H
#define CANDLEWICK_STORE_INFLUX_INFLUX_SQL_H

#include "base/text/strbuf.h"
#include "store/store.h"

/* Candles of [query->from_ns, query->to_ns), oldest first; at most `rows` of them, the newest when
 * query->limit is set and else the oldest. Columns time, open, high, low, close, ticks. */
void influx_sql_candles(struct strbuf *sql, const struct candle_query *query, size_t rows);

/* The newest point of a coin in (after_ns, until_ns]: columns time, and price where the kind has
 * one. INT64_MIN and INT64_MAX stand for no bound. */
void influx_sql_latest(struct strbuf *sql, const struct record_kind *kind, const char *coin,
                       int64_t after_ns, int64_t until_ns);

/* The first and last time of every coin after `after_ns`, by name: coin, first_time, last_time. */
void influx_sql_spans(struct strbuf *sql, const struct record_kind *kind, int64_t after_ns);

/* All columns of the points that stand at any of these times. Not by their names: a column that no
 * point has yet does not exist in InfluxDB. */
void influx_sql_points_at(struct strbuf *sql, const struct record_kind *kind,
                          const int64_t *times_ns, size_t count);

/* A row, when there is one. */
void influx_sql_any(struct strbuf *sql, const struct record_kind *kind);

/* Column points. */
void influx_sql_count(struct strbuf *sql, const struct record_kind *kind);

/* A coin's points in [from_ns, to_ns), oldest first, at most `rows`: all columns. */
void influx_sql_points(struct strbuf *sql, const struct record_kind *kind, const char *coin,
                       int64_t from_ns, int64_t to_ns, size_t rows);

/* Every column of every table of this database: table_name, column_name, data_type. */
void influx_sql_columns(struct strbuf *sql);

/* How many points each coin has in [from_ns, to_ns), without one too, and their span: coin, points,
 * first_time, last_time. INT64_MIN and INT64_MAX stand for no bound. */
void influx_sql_holdings(struct strbuf *sql, const struct record_kind *kind, int64_t from_ns,
                         int64_t to_ns);

/* How many there are: column points. */
void influx_sql_count_between(struct strbuf *sql, const struct record_kind *kind, const char *coin,
                              int64_t from_ns, int64_t to_ns);

#endif
