/* Queries to InfluxDB 3. InfluxDB refuses a query that would open too many of its files (432 by
 * default, some three days), so each query looks back no further than it must. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/influx/influx.h"
#include "store/influx/influx_rows.h"
#include "store/influx/influx_sql.h"

enum {
    WIDENING = 4, /* how many times further the next query looks back */
};

int64_t influx_time_before(int64_t time_ns, int64_t span_ns)
{
    int64_t earlier = 0;
    bool all = span_ns == INT64_MAX || __builtin_sub_overflow(time_ns, span_ns, &earlier);
    return all ? INT64_MIN : earlier;
}

bool influx_has_no_table(const struct influx *influx)
{
    return influx->has_no_table;
}

/* Returns whether the answer says "table 'public.iox.bar' not found", with status 400 or 500. */
static bool says_no_table(const struct influx *influx)
{
    const char *answer = strbuf_text(&influx->response.body);
    return influx->response.status >= 400 && strstr(answer, "table '") != NULL &&
           strstr(answer, "not found") != NULL;
}

static bool says_no_database(const struct influx *influx)
{
    const char *answer = strbuf_text(&influx->response.body);
    return influx->response.status >= 400 && strstr(answer, "database") != NULL &&
           strstr(answer, "not found") != NULL;
}

static bool query_failed(struct influx *influx, struct error *error)
{
    const struct http_response *response = &influx->response;
    const char *answer = strbuf_text(&response->body);
    if (influx_has_no_table(influx)) {
        (void)error_set(error, ERROR_RETRY,
                        "nothing is stored there yet: start ./launch.sh or candlewick consume "
                        "(answered %ld: %.80s)",
                        response->status, answer);
    } else {
        (void)influx_answer_error(response->status, strbuf_str(&response->body), error);
    }
    if (error != NULL) {
        error->retry_after_ms = response->retry_after_ms;
    }
    return error_prefix(error, "%s", influx->store.name);
}

bool influx_refused_for_files(const struct influx *influx)
{
    return influx->response.status >= 400 &&
           strstr(strbuf_text(&influx->response.body), "file limit") != NULL;
}

bool influx_answer_too_long(const struct influx *influx)
{
    return influx->response.body.failed && !influx->response.body.no_memory;
}

bool influx_unreadable(const struct influx *influx, struct error *error)
{
    return error_set(error, ERROR_RETRY, "%s: the answer to a query is not what was asked for",
                     influx->store.name);
}

/* Runs the query `sql`, which is freed. Returns true if influx->response.body is an answer: "[]" if
 * there is no table, as if it were empty. */
static bool ask_text(struct influx *influx, struct strbuf *sql, struct error *error)
{
    struct strbuf json = strbuf_new(2 * INFLUX_SQL_LIMIT);
    strbuf_append_format(&json, "{\"db\":\"%s\",\"format\":\"json\",\"q\":", influx->database);
    strbuf_append_json_string(&json, strbuf_str(sql));
    strbuf_append_char(&json, '}');
    json.failed = json.failed || sql->failed;
    strbuf_free(sql);
    influx->has_no_table = false;
    if (!influx_send_json(influx, "POST", "/api/v3/query_sql", &json, error)) {
        return false;
    }
    if (influx->response.status >= 200 && influx->response.status <= 299) {
        return true;
    }
    bool no_table = says_no_table(influx);
    influx->has_no_table = no_table || says_no_database(influx);
    if (!no_table) {
        return query_failed(influx, error);
    }
    strbuf_clear(&influx->response.body);
    strbuf_append_text(&influx->response.body, "[]");
    return !influx->response.body.failed || store_no_memory(error);
}

json_t *influx_ask(struct influx *influx, struct strbuf *sql, struct error *error)
{
    if (!ask_text(influx, sql, error)) {
        return NULL;
    }
    json_t *rows = influx_rows_parse(strbuf_str(&influx->response.body));
    if (rows == NULL) {
        (void)influx_unreadable(influx, error);
    }
    return rows;
}

/* A series' newest point in some time range. */
struct latest {
    bool found;
    int64_t time_ns;
    double price;
};

static bool latest_after(struct influx *influx, const struct record_kind *kind, const char *series,
                         int64_t after_ns, int64_t until_ns, struct latest *latest,
                         struct error *error)
{
    struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
    influx_sql_latest(&sql, kind, series, after_ns, until_ns);
    json_t *rows = influx_ask(influx, &sql, error);
    if (rows == NULL) {
        return false;
    }
    const json_t *row = json_array_get(rows, 0);
    latest->found = row != NULL;
    bool fits =
        row == NULL || (influx_row_time(row, "time", &latest->time_ns) &&
                        (kind->price == NULL || influx_row_double(row, "price", &latest->price)));
    json_decref(rows);
    return fits || influx_unreadable(influx, error);
}

bool influx_has_point(struct influx *influx, const struct record_kind *kind, const char *series,
                      int64_t time_ns, bool *found, struct error *error)
{
    struct latest latest = {.found = false};
    bool answered =
        latest_after(influx, kind, series, influx_time_before(time_ns, 1), time_ns, &latest, error);
    *found = latest.found;
    return answered;
}

/* Finds a series' newest point in (after_ns, until_ns]: first in the hour before until_ns (before
 * now, if that is earlier), then further back. */
static bool find_latest(struct influx *influx, const struct record_kind *kind, const char *series,
                        int64_t after_ns, int64_t until_ns, struct latest *latest,
                        struct error *error)
{
    static const int64_t spans_ns[] = {INFLUX_HOUR_NS, 24 * INFLUX_HOUR_NS, 168 * INFLUX_HOUR_NS,
                                       INT64_MAX};
    int64_t now_ns = clock_wall_ns();
    int64_t anchor_ns = until_ns < now_ns ? until_ns : now_ns;
    *latest = (struct latest){.found = false};
    bool more = true;
    for (size_t i = 0; more && i < sizeof spans_ns / sizeof spans_ns[0]; i++) {
        int64_t start_ns = influx_time_before(anchor_ns, spans_ns[i]);
        bool whole = start_ns <= after_ns;
        if (!latest_after(influx, kind, series, whole ? after_ns : start_ns, until_ns, latest,
                          error)) {
            return false;
        }
        more = !latest->found && !whole && !influx_has_no_table(influx);
    }
    return true;
}

bool influx_price_at(struct store *store, const struct record_kind *kind, const char *series,
                     int64_t time_ns, double *price, bool *found, struct error *error)
{
    struct latest latest = {.found = false};
    if (!find_latest((struct influx *)store, kind, series, INT64_MIN, time_ns, &latest, error)) {
        return false;
    }
    *found = latest.found;
    *price = latest.found ? latest.price : *price;
    return true;
}

static bool add_candles(struct influx *influx, struct candle_list *candles, struct error *error)
{
    struct influx_row_reader reader = {.rest = strbuf_str(&influx->response.body)};
    for (bool more = true; more;) {
        json_t *row = NULL;
        struct candle candle = {0};
        if (!influx_rows_next(&reader, &row) || (row != NULL && !influx_row_candle(row, &candle))) {
            json_decref(row);
            return influx_unreadable(influx, error);
        }
        more = row != NULL;
        json_decref(row);
        if (more && !store_add_candle(candles, &candle, error)) {
            return false;
        }
    }
    return true;
}

static void turn_round(struct candle *items, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct candle other = items[i];
        items[i] = items[count - 1 - i];
        items[count - 1 - i] = other;
    }
}

/* Asks for candles and appends them in time order; with a limit InfluxDB sends the newest first. */
static bool ask_candles(struct influx *influx, const struct candle_query *query, size_t most,
                        struct candle_list *candles, struct error *error)
{
    size_t before = candles->count;
    struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
    influx_sql_candles(&sql, query, most);
    if (!ask_text(influx, &sql, error) || !add_candles(influx, candles, error)) {
        return false;
    }
    strbuf_free(&influx->response.body); /* release a long answer: its candles are copied */
    if (query->limit > 0 && candles->count > before) {
        turn_round(candles->items + before, candles->count - before);
    }
    return true;
}

/* Reads the newest candles without opening older files: asks for the time span that they would fill
 * if no bucket were empty, then for longer spans. */
static bool newest_candles(struct influx *influx, const struct candle_query *query,
                           struct candle_list *candles, struct error *error)
{
    struct latest last = {.found = false};
    int64_t after_ns = influx_time_before(query->from_ns, 1);
    if (!find_latest(influx, query->kind, query->series, after_ns, query->to_ns - 1, &last,
                     error)) {
        return false;
    }
    int64_t span_ns = query->interval_ns;
    if (span_ns == CANDLE_MONTH_NS) {
        span_ns = 31 * 86400 * NS_PER_SECOND; /* no month is longer than 31 days */
    }
    if (__builtin_mul_overflow((int64_t)query->limit, span_ns, &span_ns)) {
        span_ns = INT64_MAX;
    }
    for (bool more = last.found; more;) {
        size_t before = candles->count;
        struct candle_query part = *query;
        part.from_ns =
            influx_time_before(candle_bucket_start(last.time_ns, query->interval_ns), span_ns);
        bool whole = part.from_ns <= query->from_ns;
        part.from_ns = whole ? query->from_ns : part.from_ns;
        if (!ask_candles(influx, &part, query->limit, candles, error)) {
            return false;
        }
        more = !whole && candles->count - before < query->limit;
        if (more) {
            candles->count = before;
        }
        if (__builtin_mul_overflow(span_ns, WIDENING, &span_ns)) {
            span_ns = INT64_MAX;
        }
    }
    return true;
}

bool influx_candles(struct store *store, const struct candle_query *query,
                    struct candle_list *candles, struct error *error)
{
    struct influx *influx = (struct influx *)store;
    if (query->limit > 0) {
        return newest_candles(influx, query, candles, error);
    }
    return ask_candles(influx, query, STORE_CANDLES_MAX + 1, candles, error);
}

/* Only rows, or "no such table", are clear answers; after any other refusal (file limit,
 * permission) *any stays true. */
bool influx_any(struct store *store, const struct record_kind *kind, bool *any, struct error *error)
{
    struct influx *influx = (struct influx *)store;
    struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
    influx_sql_any(&sql, kind);
    json_t *rows = influx_ask(influx, &sql, error);
    *any = rows != NULL ? json_array_size(rows) > 0 : !influx_has_no_table(influx);
    bool answered = influx->response.status != 0;
    json_decref(rows);
    return answered;
}

bool influx_read_count(const struct influx *influx, const json_t *rows, int64_t *points,
                       struct error *error)
{
    *points = 0;
    return influx->has_no_table || influx_row_int64(json_array_get(rows, 0), "points", points) ||
           influx_unreadable(influx, error);
}

bool influx_count(struct store *store, const struct record_kind *kind, int64_t *points,
                  struct error *error)
{
    struct influx *influx = (struct influx *)store;
    struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
    influx_sql_count(&sql, kind);
    json_t *rows = influx_ask(influx, &sql, error);
    if (rows == NULL) {
        return false;
    }
    bool read = influx_read_count(influx, rows, points, error);
    json_decref(rows);
    return read;
}
