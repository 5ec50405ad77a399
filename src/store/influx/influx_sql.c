#include "store/influx/influx_sql.h"

#include <inttypes.h>

#include "base/clock.h"
#include "record/series.h"
#include "store/backend.h"

/* Appends the tags' names, each followed by `behind`, with `between` between them: "coin,
 * source". */
static void append_tags(struct strbuf *sql, const struct record_kind *kind, const char *behind,
                        const char *between)
{
    for (size_t i = 0; i < kind->tag_count; i++) {
        strbuf_append_format(sql, "%s%s%s", i > 0 ? between : "",
                             column_stored_name(kind->tags[i].column), behind);
    }
}

/* Appends "coin = 'tBTCUSD'". store.c has checked the series, so no value contains a quote. */
static void append_series(struct strbuf *sql, const struct record_kind *kind, const char *series)
{
    struct str parts[KIND_TAGS_MAX];
    bool cut = series_cut(kind, str_from(series), parts);
    for (size_t i = 0; cut && i < kind->tag_count; i++) {
        strbuf_append_format(sql, "%s%s = '%.*s'", i > 0 ? " AND " : "",
                             column_stored_name(kind->tags[i].column), (int)parts[i].length,
                             parts[i].data);
    }
    sql->failed = sql->failed || !cut; /* a query without a condition would select all series */
}

/* Appends a time as a literal. InfluxDB cannot parse a time in the first second of the int64
 * range. */
static void append_time(struct strbuf *sql, int64_t time_ns)
{
    int64_t least_ns = INT64_MIN + NS_PER_SECOND;
    char text[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(time_ns < least_ns ? least_ns : time_ns, text);
    strbuf_append_format(sql, "'%s'::TIMESTAMP", text);
}

static void append_bound(struct strbuf *sql, const char *comparison, int64_t time_ns)
{
    strbuf_append_format(sql, " AND time %s ", comparison);
    append_time(sql, time_ns);
}

/* Appends "INTERVAL '5 minutes'", in the largest unit that fits. */
static void append_interval(struct strbuf *sql, int64_t interval_ns)
{
    int64_t divisor = 1;
    const char *unit = "nanoseconds";
    if (interval_ns % (60 * NS_PER_SECOND) == 0) {
        divisor = 60 * NS_PER_SECOND;
        unit = "minutes";
    } else if (interval_ns % NS_PER_SECOND == 0) {
        divisor = NS_PER_SECOND;
        unit = "seconds";
    }
    strbuf_append_format(sql, "INTERVAL '%" PRId64 " %s'", interval_ns / divisor, unit);
}

/* Appends the start of a row's bucket, rounded as candle_bucket_start() does. */
static void append_bucket(struct strbuf *sql, int64_t interval_ns)
{
    if (interval_ns == CANDLE_MONTH_NS) {
        strbuf_append_text(sql, "DATE_TRUNC('month', time)");
        return;
    }
    bool weeks = interval_ns % CANDLE_WEEK_NS == 0;
    strbuf_append_text(sql, "DATE_BIN(");
    append_interval(sql, interval_ns);
    strbuf_append_format(sql, ", time, '%s'::TIMESTAMP)",
                         weeks ? "1970-01-05T00:00:00Z" : "1970-01-01T00:00:00Z");
}

static void append_wanted(struct strbuf *sql, const struct candle_query *query)
{
    append_series(sql, query->kind, query->series);
    if (query->from_ns > INT64_MIN) {
        append_bound(sql, ">=", query->from_ns);
    }
    if (query->to_ns < INT64_MAX) {
        append_bound(sql, "<", query->to_ns);
    }
}

/* Appends the query for candles of a kind with amounts. A plain SUM() adds in any order, so the
 * volume is computed as a running sum in time order. Its last value is the highest, since abs() is
 * never below 0. */
static void append_trade_candles(struct strbuf *sql, const struct candle_query *query)
{
    const char *price = column_stored_name(query->kind->price);
    strbuf_append_format(sql,
                         "SELECT bucket AS time, first_value(%s ORDER BY trade_time) AS open, "
                         "MAX(%s) AS high, MIN(%s) AS low, "
                         "last_value(%s ORDER BY trade_time) AS close, count(*) AS ticks, "
                         "MAX(running) AS volume FROM (SELECT ",
                         price, price, price, price);
    append_bucket(sql, query->interval_ns);
    strbuf_append_format(sql,
                         " AS bucket, time AS trade_time, %s, SUM(abs(%s)) OVER (PARTITION BY ",
                         price, column_stored_name(query->kind->amount));
    append_bucket(sql, query->interval_ns);
    strbuf_append_format(sql,
                         " ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) "
                         "AS running FROM %s WHERE ",
                         query->kind->name);
    append_wanted(sql, query);
    strbuf_append_text(sql, ")");
}

static void append_tick_candles(struct strbuf *sql, const struct candle_query *query)
{
    const char *price = column_stored_name(query->kind->price);
    strbuf_append_text(sql, "SELECT ");
    append_bucket(sql, query->interval_ns);
    /* GROUP BY 1, not by name: "time" would mean the table's column, so each tick would become a
     * candle. */
    strbuf_append_format(sql,
                         " AS time, "
                         "first_value(%s ORDER BY time) AS open, "
                         "MAX(%s) AS high, MIN(%s) AS low, "
                         "last_value(%s ORDER BY time) AS close, count(*) AS ticks "
                         "FROM %s WHERE ",
                         price, price, price, price, query->kind->name);
    append_wanted(sql, query);
}

void influx_sql_candles(struct strbuf *sql, const struct candle_query *query, size_t rows)
{
    if (query->kind->amount != NULL) {
        append_trade_candles(sql, query);
    } else {
        append_tick_candles(sql, query);
    }
    strbuf_append_format(sql, " GROUP BY 1 ORDER BY 1%s LIMIT %zu", query->limit > 0 ? " DESC" : "",
                         rows);
}

void influx_sql_latest(struct strbuf *sql, const struct record_kind *kind, const char *series,
                       int64_t after_ns, int64_t until_ns)
{
    const struct column *price = kind->price;
    strbuf_append_format(sql, "SELECT time%s%s%s FROM %s WHERE ", price != NULL ? ", " : "",
                         price != NULL ? column_stored_name(price) : "",
                         price != NULL ? " AS price" : "", kind->name);
    append_series(sql, kind, series);
    if (after_ns > INT64_MIN) {
        append_bound(sql, ">", after_ns);
    }
    if (until_ns < INT64_MAX) {
        append_bound(sql, "<=", until_ns);
    }
    strbuf_append_text(sql, " ORDER BY time DESC LIMIT 1");
}

void influx_sql_spans(struct strbuf *sql, const struct record_kind *kind, int64_t after_ns)
{
    strbuf_append_text(sql, "SELECT ");
    append_tags(sql, kind, "", ", ");
    strbuf_append_format(sql, ", MIN(time) AS first_time, MAX(time) AS last_time FROM %s WHERE ",
                         kind->name);
    append_tags(sql, kind, " IS NOT NULL", " AND ");
    if (after_ns > INT64_MIN) {
        append_bound(sql, ">", after_ns);
    }
    strbuf_append_text(sql, " GROUP BY ");
    append_tags(sql, kind, "", ", ");
    strbuf_append_text(sql, " ORDER BY ");
    append_tags(sql, kind, "", ", ");
}

void influx_sql_points_at(struct strbuf *sql, const struct record_kind *kind,
                          const int64_t *times_ns, size_t count)
{
    int64_t first = times_ns[0];
    int64_t last = times_ns[0];
    for (size_t i = 1; i < count; i++) {
        first = times_ns[i] < first ? times_ns[i] : first;
        last = times_ns[i] > last ? times_ns[i] : last;
    }
    /* The bounds let InfluxDB skip the files that cannot contain these times. */
    strbuf_append_format(sql, "SELECT * FROM %s WHERE ", kind->name);
    append_tags(sql, kind, " IS NOT NULL", " AND ");
    append_bound(sql, ">=", first);
    append_bound(sql, "<=", last);
    strbuf_append_text(sql, " AND time IN (");
    for (size_t i = 0; i < count; i++) {
        strbuf_append_text(sql, i > 0 ? ", " : "");
        append_time(sql, times_ns[i]);
    }
    strbuf_append_char(sql, ')');
}

/* Appends a row's moment as a number. */
static void append_moment(struct strbuf *sql, const struct record_kind *kind)
{
    bool stored = kind->moment == kind->time;
    strbuf_append_format(sql, stored ? "CAST(%s AS BIGINT)" : "%s",
                         stored ? "time" : column_stored_name(kind->moment));
}

void influx_sql_closes(struct strbuf *sql, const struct record_kind *kind,
                       const struct series_closes *spans, int64_t from_ns, int64_t to_ns)
{
    strbuf_append_text(sql, "SELECT ");
    append_tags(sql, kind, "", ", ");
    strbuf_append_text(sql, ", span, last_value(price ORDER BY time) AS price FROM (SELECT ");
    append_tags(sql, kind, "", ", ");
    strbuf_append_format(sql, ", time, %s AS price, (", column_stored_name(kind->price));
    append_moment(sql, kind);
    strbuf_append_format(sql, " - %" PRId64 ") / %" PRId64 " AS span FROM %s WHERE ",
                         spans->from_ns, spans->step_ns, kind->name);
    append_tags(sql, kind, " IS NOT NULL", " AND ");
    append_bound(sql, ">=", from_ns);
    append_bound(sql, "<", to_ns);
    strbuf_append_text(sql, " AND ");
    append_moment(sql, kind);
    strbuf_append_format(sql, " >= %" PRId64 " AND ", spans->from_ns);
    append_moment(sql, kind);
    strbuf_append_format(sql, " < %" PRId64 ") GROUP BY ",
                         spans->from_ns + (int64_t)spans->count * spans->step_ns);
    append_tags(sql, kind, "", ", ");
    strbuf_append_text(sql, ", span");
}

void influx_sql_any(struct strbuf *sql, const struct record_kind *kind)
{
    strbuf_append_format(sql, "SELECT time FROM %s LIMIT 1", kind->name);
}

void influx_sql_count(struct strbuf *sql, const struct record_kind *kind)
{
    strbuf_append_format(sql, "SELECT count(*) AS points FROM %s", kind->name);
}

static void append_range(struct strbuf *sql, const struct record_kind *kind, const char *series,
                         int64_t from_ns, int64_t to_ns)
{
    strbuf_append_format(sql, " FROM %s WHERE ", kind->name);
    append_series(sql, kind, series);
    if (from_ns > INT64_MIN) {
        append_bound(sql, ">=", from_ns);
    }
    if (to_ns < INT64_MAX) {
        append_bound(sql, "<", to_ns);
    }
}

void influx_sql_points(struct strbuf *sql, const struct record_kind *kind, const char *series,
                       int64_t from_ns, int64_t to_ns, size_t rows)
{
    strbuf_append_text(sql, "SELECT *");
    append_range(sql, kind, series, from_ns, to_ns);
    strbuf_append_format(sql, " ORDER BY time LIMIT %zu", rows);
}

void influx_sql_columns(struct strbuf *sql)
{
    strbuf_append_text(sql, "SELECT table_name, column_name, data_type FROM "
                            "information_schema.columns WHERE table_schema = 'iox' "
                            "ORDER BY table_name, column_name");
}

void influx_sql_holdings(struct strbuf *sql, const struct record_kind *kind, int64_t from_ns,
                         int64_t to_ns)
{
    strbuf_append_text(sql, "SELECT ");
    append_tags(sql, kind, "", ", ");
    strbuf_append_format(sql,
                         ", count(*) AS points, MIN(time) AS first_time, "
                         "MAX(time) AS last_time FROM %s WHERE true",
                         kind->name);
    if (from_ns > INT64_MIN) {
        append_bound(sql, ">=", from_ns);
    }
    if (to_ns < INT64_MAX) {
        append_bound(sql, "<", to_ns);
    }
    strbuf_append_text(sql, " GROUP BY ");
    append_tags(sql, kind, "", ", ");
}

void influx_sql_count_between(struct strbuf *sql, const struct record_kind *kind,
                              const char *series, int64_t from_ns, int64_t to_ns)
{
    strbuf_append_text(sql, "SELECT count(*) AS points");
    append_range(sql, kind, series, from_ns, to_ns);
}
