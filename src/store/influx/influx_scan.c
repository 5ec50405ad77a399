/* Reads all points of a series from InfluxDB 3 in pieces of time: InfluxDB refuses a query that
 * would open too many of its files, and each answer is kept in memory as a whole. */
#include "base/clock.h"
#include "record/series.h"
#include "store/influx/influx.h"
#include "store/influx/influx_rows.h"
#include "store/influx/influx_sql.h"

enum {
    POINTS_AT_ONCE = 5000, /* some 2 MiB of JSON, unless there are long texts */
    /* So many always fit into an answer, 30 MiB at most: a message has at most 64 KiB, and each
     * byte may need six in JSON. */
    LONG_POINTS_AT_ONCE = 80,
    WIDENING = 2,
};

#define FIRST_SPAN_NS INFLUX_HOUR_NS
#define LEAST_SPAN_NS (60 * NS_PER_SECOND)

struct influx_pieces influx_pieces_begin(struct influx *influx, const struct record_kind *kind,
                                         const char *series, int64_t from_ns, int64_t to_ns)
{
    return (struct influx_pieces){.influx = influx,
                                  .kind = kind,
                                  .series = series,
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

/* Passes the rows to the callback; *last_ns becomes the time of the last row. */
static bool pass_rows(struct influx_pieces *pieces, const json_t *rows, point_callback callback,
                      void *context, int64_t *last_ns, bool *more, struct error *error)
{
    const struct record_kind *kind = pieces->kind;
    const struct stored_columns columns = kind_stored_columns(kind);
    union record_room point = {.bytes = {0}};
    const char *odd = NULL;
    (void)series_set(kind, str_from(pieces->series), &point);
    for (size_t i = 0; *more && i < json_array_size(rows); i++) {
        /* A row that is older than the previous one could make the scan endless: refuse it. */
        pieces->texts.length = 0;
        if (!influx_row_point(json_array_get(rows, i), &columns, &point, &pieces->texts, &odd)) {
            return influx_unreadable(pieces->influx, error);
        }
        int64_t time_ns = column_int64(kind->time, &point);
        if (time_ns < pieces->from_ns || (i > 0 && time_ns < *last_ns)) {
            return influx_unreadable(pieces->influx, error);
        }
        /* Two points with the same series and time can differ only in a tag that this program does
         * not write. */
        odd = i > 0 && time_ns == *last_ns ? column_stored_name(kind->tags[0].column) : odd;
        *last_ns = time_ns;
        *more = callback(context, &point, &pieces->texts, odd);
    }
    return true;
}

/* Called after a failed query. Returns whether to query the piece again: with fewer points in the
 * answer if it was too long, or with a shorter piece. */
static bool can_ask_again(struct influx_pieces *pieces)
{
    if (influx_answer_too_long(pieces->influx) && pieces->at_once > LONG_POINTS_AT_ONCE) {
        pieces->at_once = LONG_POINTS_AT_ONCE;
        return true;
    }
    return influx_piece_narrow(pieces);
}

/* Queries one piece and passes its rows on. *more becomes false after the last piece. */
static bool scan_piece(struct influx_pieces *pieces, point_callback callback, void *context,
                       bool *more, struct error *error)
{
    int64_t end_ns = influx_piece_end(pieces);
    int64_t last_ns = pieces->from_ns;
    struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
    influx_sql_points(&sql, pieces->kind, pieces->series, pieces->from_ns, end_ns, pieces->at_once);
    json_t *rows = influx_ask(pieces->influx, &sql, error);
    if (rows == NULL) {
        return can_ask_again(pieces);
    }
    bool cut = json_array_size(rows) >= pieces->at_once;
    bool passed = pass_rows(pieces, rows, callback, context, &last_ns, more, error);
    bool few = json_array_size(rows) < pieces->at_once / (2 * WIDENING);
    json_decref(rows);
    if (cut && last_ns < INT64_MAX) {
        /* Make the next piece as long as the time that these rows span: InfluxDB would sort the
         * rows of a longer piece again with each query. */
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
    return passed;
}

bool influx_scan(struct store *store, const struct record_kind *kind, const char *series,
                 int64_t from_ns, int64_t to_ns, point_callback callback, void *context,
                 struct error *error)
{
    struct influx_pieces pieces =
        influx_pieces_begin((struct influx *)store, kind, series, from_ns, to_ns);
    pieces.at_once = POINTS_AT_ONCE;
    if (!text_arena_reserve(&pieces.texts, kind_long_texts(kind) * LONG_TEXT_MAX)) {
        return store_no_memory(error);
    }
    bool more = true;
    bool scanned = true;
    while (more && scanned) {
        scanned = scan_piece(&pieces, callback, context, &more, error);
    }
    text_arena_free(&pieces.texts);
    return scanned;
}

bool influx_count_between(struct store *store, const struct record_kind *kind, const char *series,
                          int64_t from_ns, int64_t to_ns, int64_t *points, struct error *error)
{
    struct influx_pieces pieces =
        influx_pieces_begin((struct influx *)store, kind, series, from_ns, to_ns);
    *points = 0;
    while (pieces.from_ns < to_ns) {
        int64_t end_ns = influx_piece_end(&pieces);
        int64_t found = 0;
        struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
        influx_sql_count_between(&sql, kind, series, pieces.from_ns, end_ns);
        json_t *rows = influx_ask(pieces.influx, &sql, error);
        if (rows == NULL) {
            if (!influx_piece_narrow(&pieces)) {
                return false;
            }
            continue;
        }
        bool read = influx_read_count(pieces.influx, rows, &found, error);
        json_decref(rows);
        if (!read) {
            return false;
        }
        *points += found;
        pieces.from_ns = end_ns;
        influx_piece_widen(&pieces);
    }
    return true;
}
