/* Lists the series in InfluxDB 3: asks first for the time span of each, then for its last point. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "record/series.h"
#include "store/influx/influx.h"
#include "store/influx/influx_rows.h"
#include "store/influx/influx_sql.h"

/* Asks for the first and last time of every series. If InfluxDB's file limit forbids that, asks
 * only about the last days: a series without a point in them is not listed, and that is logged. */
static json_t *ask_spans(struct influx *influx, const struct record_kind *kind, struct error *error)
{
    static const int64_t spans_ns[] = {INT64_MAX, 720 * INFLUX_HOUR_NS, 168 * INFLUX_HOUR_NS,
                                       48 * INFLUX_HOUR_NS, 12 * INFLUX_HOUR_NS};
    enum { SPANS = sizeof spans_ns / sizeof spans_ns[0] };
    for (;;) {
        int64_t span_ns = spans_ns[influx->span];
        struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
        influx_sql_spans(&sql, kind, influx_time_before(clock_wall_ns(), span_ns));
        json_t *rows = influx_ask(influx, &sql, error);
        if (rows != NULL || !influx_refused_for_files(influx) || influx->span + 1 == SPANS) {
            return rows;
        }
        influx->span++;
        log_warn("store_coins_shortened", log_int("hours", spans_ns[influx->span] / INFLUX_HOUR_NS),
                 log_text("remedy", "start InfluxDB with a higher --query-file-limit"));
    }
}

/* Adds the series with their spans. Only the tags and the time of `last` are set until its point is
 * read. */
static bool add_spans(struct influx *influx, const struct record_kind *kind, const json_t *rows,
                      struct series_summary **list, size_t *count, struct error *error)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        struct str parts[KIND_TAGS_MAX];
        char series[RECORD_SERIES_MAX + 1];
        if (influx_row_tags(row, kind, parts) != NULL) {
            return influx_unreadable(influx, error);
        }
        series_join(kind, parts, series);
        if (!series_valid(kind, str_from(series))) {
            /* Another program wrote this point into our table. */
            log_warn("store_coin_unknown", log_text("coin", series));
            continue;
        }
        struct series_summary *summary = store_add_series(kind, list, count, series, error);
        if (summary == NULL) {
            return false;
        }
        int64_t last_ns = 0;
        if (!influx_row_time(row, "first_time", &summary->first_time_ns) ||
            !influx_row_time(row, "last_time", &last_ns)) {
            return influx_unreadable(influx, error);
        }
        column_set_int64(kind->time, &summary->last, last_ns);
    }
    return true;
}

static int compare_series(const void *left, const void *right)
{
    return strcmp(((const struct series_summary *)left)->series,
                  ((const struct series_summary *)right)->series);
}

static int compare_times(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Asks for the points at the series' last times. Each time occurs once in the query: coins that
 * were polled together have the same one. */
static json_t *ask_last_points(struct influx *influx, const struct record_kind *kind,
                               const struct series_summary *list, size_t count, struct error *error)
{
    int64_t *times_ns = calloc(count, sizeof *times_ns);
    if (times_ns == NULL) {
        (void)store_no_memory(error);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        times_ns[i] = column_int64(kind->time, &list[i].last);
    }
    qsort(times_ns, count, sizeof *times_ns, compare_times);
    size_t distinct = 1;
    for (size_t i = 1; i < count; i++) {
        if (times_ns[i] != times_ns[distinct - 1]) {
            times_ns[distinct++] = times_ns[i];
        }
    }
    struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
    influx_sql_points_at(&sql, kind, times_ns, distinct);
    free(times_ns);
    return influx_ask(influx, &sql, error);
}

static bool fill_last(struct influx *influx, const struct record_kind *kind, const json_t *rows,
                      struct series_summary *list, size_t count, struct error *error)
{
    const struct stored_columns columns = kind_stored_columns(kind);
    size_t filled = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        struct str parts[KIND_TAGS_MAX];
        struct series_summary key = {.series = ""};
        int64_t time_ns = 0;
        if (influx_row_tags(row, kind, parts) != NULL || !influx_row_time(row, "time", &time_ns)) {
            return influx_unreadable(influx, error);
        }
        series_join(kind, parts, key.series);
        struct series_summary *summary = bsearch(&key, list, count, sizeof *list, compare_series);
        /* The row may be an earlier point of its series, at the last time of another series. */
        if (summary != NULL && column_int64(kind->time, &summary->last) == time_ns) {
            const char *odd = NULL;
            if (!influx_row_point(row, &columns, &summary->last, NULL, &odd) || odd != NULL) {
                return influx_unreadable(influx, error);
            }
            filled++;
        }
    }
    return filled == count || influx_unreadable(influx, error);
}

bool influx_list_series(struct store *store, const struct record_kind *kind,
                        struct series_summary **list, size_t *count, struct error *error)
{
    struct influx *influx = (struct influx *)store;
    json_t *rows = ask_spans(influx, kind, error);
    if (rows == NULL) {
        return false;
    }
    bool ok = add_spans(influx, kind, rows, list, count, error);
    json_decref(rows);
    if (!ok || *count == 0) {
        return ok;
    }
    qsort(*list, *count, sizeof **list, compare_series);
    rows = ask_last_points(influx, kind, *list, *count, error);
    if (rows == NULL) {
        return false;
    }
    ok = fill_last(influx, kind, rows, *list, *count, error);
    json_decref(rows);
    return ok;
}
