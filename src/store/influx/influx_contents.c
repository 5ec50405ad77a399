/* Finds which series InfluxDB's table has points of, and what else the database contains. Points
 * are counted in pieces of time by a query that names no series, so that a series cannot be hidden
 * by its name. */
#include <stdlib.h>
#include <string.h>

#include "record/series.h"
#include "store/influx/influx.h"
#include "store/influx/influx_rows.h"
#include "store/influx/influx_sql.h"

/* limit for store_contents.closed_count: with more, next to nothing of the store would be
 * compared */
enum { CLOSED_MAX = 1000 };

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Returns whether information_schema's `type` is the one that InfluxDB uses for columns of the type
 * `ours`. */
static bool type_fits(enum column_type ours, const char *type)
{
    switch (ours) {
    case COLUMN_INT64:
        return strcmp(type, "Int64") == 0;
    case COLUMN_DOUBLE:
        return strcmp(type, "Float64") == 0;
    case COLUMN_BOOL:
        return strcmp(type, "Boolean") == 0;
    case COLUMN_TEXT:
    case COLUMN_LONG_TEXT:
        return strstr(type, "Utf8") != NULL;
    }
    return false;
}

static bool add_column(const struct record_kind *kind, const char *column, const char *type,
                       struct store_contents *contents, struct error *error)
{
    struct stored_columns columns = kind_stored_columns(kind);
    bool ours = strcmp(column, "time") == 0 && starts_with(type, "Timestamp");
    for (size_t i = 0; i < kind->tag_count; i++) {
        ours = ours || (strcmp(column, column_stored_name(kind->tags[i].column)) == 0 &&
                        type_fits(COLUMN_TEXT, type));
    }
    for (size_t i = 0; i < columns.count; i++) {
        if (strcmp(column, column_stored_name(columns.items[i])) == 0) {
            ours = type_fits(columns.items[i]->type, type);
            contents->other_types |= ours ? 0 : UINT64_C(1) << i;
        }
    }
    return ours ||
           store_add_oddity(contents, false, 1, error, "column \"%.60s\" (%.60s)", column, type);
}

static bool list_columns(struct influx *influx, const struct record_kind *kind,
                         struct store_contents *contents, struct error *error)
{
    struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
    influx_sql_columns(&sql);
    json_t *rows = influx_ask(influx, &sql, error);
    char last[64] = ""; /* rows arrive ordered by table */
    bool done = rows != NULL;
    for (size_t i = 0; done && i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *table = influx_row_text(row, "table_name");
        const char *column = influx_row_text(row, "column_name");
        const char *type = influx_row_text(row, "data_type");
        if (table == NULL || column == NULL || type == NULL) {
            done = influx_unreadable(influx, error);
        } else if (strcmp(table, kind->name) == 0) {
            done = add_column(kind, column, type, contents, error);
        } else if (kind_named(str_from(table)) == NULL &&
                   strncmp(table, last, sizeof last - 1) != 0) {
            store_add_other(contents, "table", table);
            (void)str_copy((struct str){table, strnlen(table, sizeof last - 1)}, last, sizeof last);
        }
    }
    json_decref(rows);
    return done;
}

static bool add_group(struct influx *influx, const struct record_kind *kind, const json_t *row,
                      struct store_contents *contents, struct error *error)
{
    struct str parts[KIND_TAGS_MAX];
    const char *missing = influx_row_tags(row, kind, parts);
    int64_t points = 0;
    int64_t first_ns = 0;
    int64_t last_ns = 0;
    if (!influx_row_int64(row, "points", &points) ||
        !influx_row_time(row, "first_time", &first_ns) ||
        !influx_row_time(row, "last_time", &last_ns)) {
        return influx_unreadable(influx, error);
    }
    if (missing != NULL) {
        return store_add_oddity(contents, true, points, error, "no %s", missing);
    }
    for (size_t i = 0; i < kind->tag_count; i++) {
        if (!kind->tags[i].valid(parts[i])) {
            return store_add_oddity(contents, true, points, error, "%s \"%.60s\"",
                                    column_stored_name(kind->tags[i].column), parts[i].data);
        }
    }
    char series[RECORD_SERIES_MAX + 1];
    series_join(kind, parts, series);
    return store_add_holding(contents, series, points, first_ns, last_ns, error);
}

static bool count_piece(struct influx_pieces *pieces, struct store_contents *contents,
                        struct error *error)
{
    int64_t end_ns = influx_piece_end(pieces);
    struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
    influx_sql_holdings(&sql, pieces->kind, pieces->from_ns, end_ns);
    json_t *rows = influx_ask(pieces->influx, &sql, error);
    if (rows == NULL) {
        if (influx_piece_narrow(pieces)) {
            return true;
        }
        bool closed = influx_refused_for_files(pieces->influx) &&
                      contents->closed_count < CLOSED_MAX &&
                      store_add_closed(contents, pieces->from_ns, end_ns, error);
        pieces->from_ns = end_ns;
        return closed;
    }
    bool done = true;
    for (size_t i = 0; done && i < json_array_size(rows); i++) {
        done = add_group(pieces->influx, pieces->kind, json_array_get(rows, i), contents, error);
    }
    json_decref(rows);
    pieces->from_ns = end_ns;
    influx_piece_widen(pieces);
    return done;
}

static int compare_holdings(const void *left_item, const void *right_item)
{
    const struct series_extent *left = left_item;
    const struct series_extent *right = right_item;
    int order = strcmp(left->series, right->series);
    return order != 0 ? order
                      : (left->first_ns > right->first_ns) - (left->first_ns < right->first_ns);
}

/* Adds up the counts of all pieces, so that each series is listed once. */
static void merge_holdings(struct store_contents *contents)
{
    size_t count = 0;
    if (contents->series_count > 0) {
        qsort(contents->series, contents->series_count, sizeof *contents->series, compare_holdings);
    }
    for (size_t i = 0; i < contents->series_count; i++) {
        const struct series_extent part = contents->series[i];
        struct series_extent *extent = count > 0 ? &contents->series[count - 1] : NULL;
        if (extent != NULL && strcmp(extent->series, part.series) == 0) {
            extent->points += part.points;
            extent->last_ns = part.last_ns;
        } else {
            contents->series[count++] = part;
        }
    }
    contents->series_count = count;
}

bool influx_contents(struct store *store, const struct record_kind *kind, int64_t from_ns,
                     int64_t to_ns, struct store_contents *contents, struct error *error)
{
    struct influx *influx = (struct influx *)store;
    struct influx_pieces pieces = influx_pieces_begin(influx, kind, NULL, from_ns, to_ns);
    /* These are the documented bounds (Line protocol, Timestamp). */
    contents->least_ns = INT64_MIN + 2;
    contents->most_ns = INT64_MAX - 1;
    if (!list_columns(influx, kind, contents, error)) {
        return false;
    }
    while (pieces.from_ns < to_ns) {
        if (!count_piece(&pieces, contents, error)) {
            return false;
        }
    }
    merge_holdings(contents);
    return true;
}

void influx_contents_end(struct store *store)
{
    (void)store;
}
