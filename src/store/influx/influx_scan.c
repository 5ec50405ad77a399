/* All points of a coin from InfluxDB 3, in pieces: it refuses a question that would open too many
 * of its files, and an answer is read as a whole. */
#include "base/clock.h"
#include "store/influx/influx.h"
#include "store/influx/influx_rows.h"
#include "store/influx/influx_sql.h"

enum {
    POINTS_AT_ONCE = 5000, /* some 2 MiB of JSON */
    WIDENING = 2,
};

#define FIRST_SPAN_NS INFLUX_HOUR_NS
#define LEAST_SPAN_NS (60 * NS_PER_SECOND)

struct influx_pieces influx_pieces_begin(struct influx *influx, const char *coin, int64_t from_ns,
                                         int64_t to_ns)
{
    return (struct influx_pieces){.influx = influx,
                                  .coin = coin,
                                  .from_ns = from_ns,
                                  .to_ns = to_ns,
                                  .span_ns = FIRST_SPAN_NS};
}

int64_t influx_piece_end(const struct influx_pieces *pieces)
{
    int64_t end_ns = 0;
    bool all = __builtin_add_overflow(pieces->from_ns, pieces->span_ns, &end_ns);
    return all || end_ns > pieces->to_ns ? pieces->to_ns : end_ns;
}

void influx_piece_widen(struct influx_pieces *pieces)
{
    if (__builtin_mul_overflow(pieces->span_ns, WIDENING, &pieces->span_ns)) {
        pieces->span_ns = INT64_MAX;
    }
}

bool influx_piece_narrow(struct influx_pieces *pieces)
{
    bool narrower =
        influx_refused_for_files(pieces->influx) && pieces->span_ns > WIDENING * LEAST_SPAN_NS;
    pieces->span_ns = narrower ? pieces->span_ns / WIDENING : pieces->span_ns;
    return narrower;
}

static bool absent(const json_t *row, const char *name)
{
    const json_t *value = json_object_get(row, name);
    return value == NULL || json_is_null(value);
}

/* Ours always have it. */
static void read_int64(const json_t *row, const char *name, int64_t *value, const char **odd)
{
    if (!influx_row_int64(row, name, value)) {
        *value = INT64_MIN;
        *odd = name;
    }
}

/* A point that another program wrote may lack what ours always have, or have it otherwise: it shall
 * be told, too. */
static bool read_point(const json_t *row, struct ticker *point, const char **odd)
{
    *odd = NULL;
    if (influx_row_tick(row, point)) {
        return true;
    }
    read_int64(row, "run_id", &point->run_id, odd);
    read_int64(row, "seq", &point->seq, odd);
    for (size_t i = 0; i < TICKER_FIGURES; i++) {
        const char *name = ticker_figure_names[i];
        point->has[i] = influx_row_double(row, name, &point->figures[i]);
        point->figures[i] = point->has[i] ? point->figures[i] : 0;
        *odd = point->has[i] || absent(row, name) ? *odd : name;
    }
    if (!influx_row_double(row, "last_price", &point->last_price)) {
        point->last_price = 0;
        *odd = "last_price";
    }
    return influx_row_time(row, "time", &point->event_time_ns);
}

/* Gives the rows to the callback; *last_ns is the time of the last one. */
static bool tell(const struct influx_pieces *pieces, const json_t *rows, point_callback callback,
                 void *context, int64_t *last_ns, bool *more, struct error *error)
{
    struct ticker point = {.event_time_ns = 0};
    const char *odd = NULL;
    (void)str_copy(str_from(pieces->coin), point.symbol, sizeof point.symbol);
    for (size_t i = 0; *more && i < json_array_size(rows); i++) {
        /* A row that lies before the one told last would never end the scan. */
        if (!read_point(json_array_get(rows, i), &point, &odd) ||
            point.event_time_ns < pieces->from_ns || (i > 0 && point.event_time_ns <= *last_ns)) {
            return influx_unreadable(pieces->influx, error);
        }
        *last_ns = point.event_time_ns;
        *more = callback(context, &point, odd);
    }
    return true;
}

/* One piece, asked and told. *more is false when it was the last. */
static bool scan_piece(struct influx_pieces *pieces, point_callback callback, void *context,
                       bool *more, struct error *error)
{
    int64_t end_ns = influx_piece_end(pieces);
    int64_t last_ns = pieces->from_ns;
    struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
    influx_sql_points(&sql, pieces->coin, pieces->from_ns, end_ns, POINTS_AT_ONCE);
    json_t *rows = influx_ask(pieces->influx, &sql, error);
    if (rows == NULL) {
        return influx_piece_narrow(pieces);
    }
    bool cut = json_array_size(rows) >= POINTS_AT_ONCE;
    bool told = tell(pieces, rows, callback, context, &last_ns, more, error);
    bool few = json_array_size(rows) < POINTS_AT_ONCE / (2 * WIDENING);
    json_decref(rows);
    if (cut && last_ns < INT64_MAX) {
        /* So that InfluxDB need not sort again and again what comes behind. */
        int64_t seen_ns = 0;
        if (!__builtin_sub_overflow(last_ns, pieces->from_ns, &seen_ns) && seen_ns > 0) {
            pieces->span_ns = seen_ns;
        }
        pieces->from_ns = last_ns + 1;
    } else {
        pieces->from_ns = end_ns;
        if (few) {
            influx_piece_widen(pieces);
        }
    }
    *more = *more && pieces->from_ns < pieces->to_ns;
    return told;
}

bool influx_scan(struct store *store, const char *coin, int64_t from_ns, int64_t to_ns,
                 point_callback callback, void *context, struct error *error)
{
    struct influx_pieces pieces = influx_pieces_begin((struct influx *)store, coin, from_ns, to_ns);
    bool more = true;
    while (more) {
        if (!scan_piece(&pieces, callback, context, &more, error)) {
            return false;
        }
    }
    return true;
}

bool influx_count_between(struct store *store, const char *coin, int64_t from_ns, int64_t to_ns,
                          int64_t *points, struct error *error)
{
    struct influx_pieces pieces = influx_pieces_begin((struct influx *)store, coin, from_ns, to_ns);
    *points = 0;
    while (pieces.from_ns < to_ns) {
        int64_t end_ns = influx_piece_end(&pieces);
        int64_t found = 0;
        struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
        influx_sql_count_between(&sql, coin, pieces.from_ns, end_ns);
        json_t *rows = influx_ask(pieces.influx, &sql, error);
        if (rows == NULL) {
            if (!influx_piece_narrow(&pieces)) {
                return false;
            }
            continue;
        }
        bool fits = influx_row_int64(json_array_get(rows, 0), "points", &found);
        json_decref(rows);
        if (!fits) {
            return influx_unreadable(pieces.influx, error);
        }
        *points += found;
        pieces.from_ns = end_ns;
        influx_piece_widen(&pieces);
    }
    return true;
}
