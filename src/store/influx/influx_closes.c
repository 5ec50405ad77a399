/* Finds last prices in InfluxDB 3: with one query for all series that have the same spans. */
#include <stdlib.h>
#include <string.h>

#include "record/series.h"
#include "store/influx/influx.h"
#include "store/influx/influx_rows.h"
#include "store/influx/influx_sql.h"

static int compare_spans(const struct series_closes *a, const struct series_closes *b)
{
    if (a->from_ns != b->from_ns) {
        return a->from_ns < b->from_ns ? -1 : 1;
    }
    if (a->step_ns != b->step_ns) {
        return a->step_ns < b->step_ns ? -1 : 1;
    }
    return (a->count > b->count) - (a->count < b->count);
}

/* Orders by the spans, then by the series' names. */
static int compare_wanted(const void *left, const void *right)
{
    const struct series_closes *a = left;
    const struct series_closes *b = right;
    int order = compare_spans(a, b);
    return order != 0 ? order : strcmp(a->series, b->series);
}

/* Copies the prices of the rows to the series that are wanted; other series are left out. */
static bool take_rows(struct influx *influx, const struct record_kind *kind, const json_t *rows,
                      const struct series_closes *group, size_t count, struct error *error)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        struct str parts[KIND_TAGS_MAX];
        char series[RECORD_SERIES_MAX + 1];
        int64_t span = 0;
        double price = 0;
        if (influx_row_tags(row, kind, parts) != NULL || !influx_row_int64(row, "span", &span) ||
            !influx_row_double(row, "price", &price) || span < 0 ||
            (uint64_t)span >= group->count) {
            return influx_unreadable(influx, error);
        }
        series_join(kind, parts, series);
        struct series_closes key = *group;
        key.series = series;
        const struct series_closes *found =
            bsearch(&key, group, count, sizeof *group, compare_wanted);
        if (found != NULL) {
            found->prices[span] = price;
        }
    }
    return true;
}

/* Finds the prices of several series that have the same spans. */
static bool ask_group(struct influx *influx, const struct record_kind *kind,
                      const struct series_closes *group, size_t count, struct error *error)
{
    int64_t end_ns = group->from_ns + (int64_t)group->count * group->step_ns;
    int64_t from_ns = INT64_MAX, to_ns = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        int64_t first_ns = store_stored_before(kind, group[i].series, group->from_ns);
        int64_t last_ns = store_stored_before(kind, group[i].series, end_ns);
        from_ns = first_ns < from_ns ? first_ns : from_ns;
        to_ns = last_ns > to_ns ? last_ns : to_ns;
    }
    struct strbuf sql = strbuf_new(INFLUX_SQL_LIMIT);
    influx_sql_closes(&sql, kind, group, from_ns, to_ns);
    json_t *rows = influx_ask(influx, &sql, error);
    if (rows == NULL) {
        return influx_refused_for_files(influx);
    }
    bool taken = take_rows(influx, kind, rows, group, count, error);
    json_decref(rows);
    return taken;
}

bool influx_closes(struct store *store, const struct record_kind *kind,
                   const struct series_closes *wanted, size_t count, struct error *error)
{
    struct influx *influx = (struct influx *)store;
    struct series_closes *sorted = reallocarray(NULL, count, sizeof *sorted);
    if (sorted == NULL) {
        return store_no_memory(error);
    }
    memcpy(sorted, wanted, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_wanted);
    bool asked = true;
    for (size_t first = 0, end = 0; asked && first < count; first = end) {
        end = first + 1;
        while (end < count && compare_spans(&sorted[first], &sorted[end]) == 0) {
            end++;
        }
        asked =
            sorted[first].count == 0 || ask_group(influx, kind, sorted + first, end - first, error);
    }
    free(sorted);
    return asked;
}
