/* The list of coins in InfluxDB 3: first the time span of each, then its last point. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/influx/influx.h"
#include "store/influx/influx_rows.h"
#include "store/influx/influx_sql.h"

/* Asks for the first and last time of every coin. If InfluxDB's file limit forbids that, only the
 * last days are searched: a coin without a tick in them is not listed, and this is logged once. */
static json_t *ask_spans(struct influx *influx, const struct record_kind *kind, struct error *error)
{
    static const int64_t spans_ns[] = {INT64_MAX, 720 * INFLUX_HOUR_NS, 168 * INFLUX_HOUR_NS,
                                       48 * INFLUX_HOUR_NS, 12 * INFLUX_HOUR_NS};
    enum { SPANS = sizeof spans_ns / sizeof spans_ns[0] };
    for (;;) {
        int64_t span_ns = spans_ns[influx->span];
        struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
        influx_sql_spans(&sql, kind, influx_look_back(clock_wall_ns(), span_ns));
        json_t *rows = influx_ask(influx, &sql, error);
        if (rows != NULL || !influx_refused_for_files(influx) || influx->span + 1 == SPANS) {
            return rows;
        }
        influx->span++;
        log_warn("store_coins_shortened", log_int("hours", spans_ns[influx->span] / INFLUX_HOUR_NS),
                 log_text("remedy", "start InfluxDB with a higher --query-file-limit"));
    }
}

/* Adds the coins with their spans; `last` holds only key and time until its point is read. */
static bool add_spans(struct influx *influx, const struct record_kind *kind, const json_t *rows,
                      struct coin_summary **coins, size_t *count, struct error *error)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *symbol = influx_row_text(row, "coin");
        if (symbol == NULL) {
            return influx_unreadable(influx, error);
        }
        if (!kind->tags[0].valid(str_from(symbol))) {
            /* Another program wrote this point into our table. */
            log_warn("store_coin_unknown", log_text("coin", symbol));
            continue;
        }
        struct coin_summary *coin = store_add_coin(kind, coins, count, symbol, error);
        if (coin == NULL) {
            return false;
        }
        int64_t last_ns = 0;
        if (!influx_row_time(row, "first_time", &coin->first_time_ns) ||
            !influx_row_time(row, "last_time", &last_ns)) {
            return influx_unreadable(influx, error);
        }
        column_set_int64(kind->time, &coin->last, last_ns);
    }
    return true;
}

static int compare_coins(const void *left, const void *right)
{
    return strcmp(((const struct coin_summary *)left)->symbol,
                  ((const struct coin_summary *)right)->symbol);
}

static int compare_times(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Asks for the points at the coins' last times. Each time is asked for once: coins that were polled
 * together share it. */
static json_t *ask_last_points(struct influx *influx, const struct record_kind *kind,
                               const struct coin_summary *coins, size_t count, struct error *error)
{
    int64_t *times_ns = calloc(count, sizeof *times_ns);
    if (times_ns == NULL) {
        (void)store_no_memory(error);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        times_ns[i] = column_int64(kind->time, &coins[i].last);
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
                      struct coin_summary *coins, size_t count, struct error *error)
{
    const struct stored_columns columns = kind_stored_columns(kind);
    size_t filled = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        struct coin_summary key = {.symbol = ""};
        int64_t time_ns = 0;
        const char *symbol = influx_row_text(row, "coin");
        if (symbol == NULL || !influx_row_time(row, "time", &time_ns)) {
            return influx_unreadable(influx, error);
        }
        (void)str_copy(str_from(symbol), key.symbol, sizeof key.symbol);
        struct coin_summary *coin = bsearch(&key, coins, count, sizeof *coins, compare_coins);
        /* The row may be an earlier point of this coin, at another coin's last time. */
        if (coin != NULL && column_int64(kind->time, &coin->last) == time_ns) {
            const char *odd = NULL;
            if (!influx_row_point(row, &columns, &coin->last, &odd) || odd != NULL) {
                return influx_unreadable(influx, error);
            }
            filled++;
        }
    }
    return filled == count || influx_unreadable(influx, error);
}

bool influx_coins(struct store *store, const struct record_kind *kind, struct coin_summary **coins,
                  size_t *count, struct error *error)
{
    struct influx *influx = (struct influx *)store;
    json_t *rows = ask_spans(influx, kind, error);
    if (rows == NULL) {
        return false;
    }
    bool ok = add_spans(influx, kind, rows, coins, count, error);
    json_decref(rows);
    if (!ok || *count == 0) {
        return ok;
    }
    qsort(*coins, *count, sizeof **coins, compare_coins);
    rows = ask_last_points(influx, kind, *coins, *count, error);
    if (rows == NULL) {
        return false;
    }
    ok = fill_last(influx, kind, rows, *coins, *count, error);
    json_decref(rows);
    return ok;
}
