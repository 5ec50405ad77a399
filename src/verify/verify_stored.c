/*
 * Compares each record of the log with its stored point as soon as it is read. The log usually has
 * the records of a series in the order of their times, which is the store's order too: so a window
 * of the series' points, read from the time of one record on, has the points of the next records.
 * A record with the bits of its point needs no mark of its own (VERIFY_MARK_STORED), and its point
 * need not be read again.
 *
 * All windows are read from the snapshot that store_contents_begin() began. So VERIFY_MARK_STORED
 * always stands for the same values within one series and time: two such records are equal, and a
 * record with another mark has other values.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "verify/verify_parts.h"

enum {
    FIRST_POINTS = 16, /* of a series' first window; later ones are larger if that pays */
    ALL_WINDOWS_BYTES = 8 << 20,
    SPANS_MAX = 256, /* of a series; behind them all points are read again */
};

/* One reading of points into a window. */
struct filling {
    const struct record_kind *kind;
    struct stored_window *window;
    int64_t least_ns; /* the next point must have this time, or a later one */
};

bool verify_begin_contents(struct verify *verify, struct store *points, struct error *error)
{
    bool done = store_contents_begin(points, verify->config.kind, verify->config.from_ns,
                                     verify->config.to_ns, &verify->contents_room, error);
    verify->snapshot = points;
    verify->contents = &verify->contents_room;
    return done;
}

void verify_end_contents(struct verify *verify)
{
    if (verify->snapshot != NULL) {
        store_contents_end(verify->snapshot, &verify->contents_room);
    }
    verify->snapshot = NULL;
    verify->contents = NULL;
}

bool verify_compare_early(struct verify *verify, struct store *points, struct error *error)
{
    const struct record_kind *kind = verify->config.kind;
    if (!store_seeks(points) || kind_long_texts(kind) > 0 || !kind_key_is_tag(kind)) {
        return true;
    }
    if (!verify_begin_contents(verify, points, error)) {
        return false;
    }
    size_t series = verify->contents->series_count > 0 ? verify->contents->series_count : 1;
    size_t room = ALL_WINDOWS_BYTES / series / kind->size;
    verify->window_points = room < 2 ? 2 : room < WINDOW_POINTS ? room : WINDOW_POINTS;
    return true;
}

void verify_window_free(struct stored_window *window)
{
    free(window->points);
    free(window->spans);
    *window = (struct stored_window){.points = NULL};
}

static const void *point_at(const struct verify *verify, const struct stored_window *window,
                            size_t index)
{
    return window->points + index * verify->config.kind->size;
}

static int64_t time_at(const struct verify *verify, const struct stored_window *window,
                       size_t index)
{
    return column_int64(verify->config.kind->time, point_at(verify, window, index));
}

/* Takes points until the window is full, and then the next point's time. A row with another key in
 * its place, or that is not later than the row before it, ends the window: only another program can
 * have written it, and verify_compare() reads all points of such a series. */
static bool take_point(void *context, const void *point, const struct text_arena *texts,
                       const char *odd)
{
    struct filling *filling = context;
    struct stored_window *window = filling->window;
    const struct record_kind *kind = filling->kind;
    int64_t time_ns = column_int64(kind->time, point);
    (void)texts;
    if (time_ns < filling->least_ns ||
        (odd != NULL && (strcmp(odd, column_stored_name(kind->time)) == 0 ||
                         strcmp(odd, column_stored_name(kind->tags[0].column)) == 0))) {
        window->disordered = true;
        window->to_ns = window->count > 0 ? filling->least_ns : window->from_ns + 1;
        return false;
    }
    if (window->count == window->size) {
        window->to_ns = time_ns;
        return false;
    }
    window->odd[window->count] = odd != NULL;
    memcpy(window->points + window->count++ * kind->size, point, kind->size);
    filling->least_ns = time_ns + 1;
    return true;
}

/* Chooses the size of the next window: larger if most points of the last one were asked for,
 * smaller if few were. */
static size_t next_size(const struct verify *verify, const struct stored_window *window)
{
    size_t size = window->size == 0                   ? FIRST_POINTS
                  : 2 * window->asked > window->count ? 2 * window->size
                                                      : window->size / 2;
    size = size > 0 ? size : 1;
    return size < verify->window_points ? size : verify->window_points;
}

static bool make_room(struct stored_window *window, size_t point_bytes, struct error *error)
{
    if (window->size > window->capacity) {
        char *points = reallocarray(window->points, window->size, point_bytes);
        if (points == NULL) {
            return error_set(error, ERROR_FATAL, "out of memory");
        }
        window->points = points;
        window->capacity = window->size;
    }
    return true;
}

/* Reads the points from `from_ns` on. */
static bool fill(struct verify *verify, uint32_t series, int64_t from_ns, struct error *error)
{
    const struct record_kind *kind = verify->config.kind;
    struct stored_window *window = &verify->windows[series];
    window->size = next_size(verify, window);
    window->count = window->asked = window->next = 0;
    window->from_ns = from_ns;
    window->to_ns = RECORD_TIME_END_NS;
    struct filling filling = {.kind = kind, .window = window, .least_ns = from_ns};
    return make_room(window, kind->size, error) &&
           store_scan(verify->snapshot, kind, verify->report.series[series].name, from_ns,
                      RECORD_TIME_END_NS, take_point, &filling, error);
}

/* Finds the point of this time, usually the one behind the last that was found. Returns false if
 * the window, which includes the time, has none. */
static bool find(const struct verify *verify, struct stored_window *window, int64_t time_ns,
                 size_t *index)
{
    size_t low = window->next, high = window->count;
    if (low < high && time_at(verify, window, low) == time_ns) {
        *index = low;
        return true;
    }
    low = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (time_at(verify, window, middle) < time_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *index = low;
    return low < window->count && time_at(verify, window, low) == time_ns;
}

static bool same_value(const struct column *column, const void *left, const void *right)
{
    switch (column->type) {
    case COLUMN_INT64:
    case COLUMN_DOUBLE: /* by its bits, so that 0.0 is not -0.0 */
        return memcmp((const char *)left + column->offset, (const char *)right + column->offset,
                      sizeof(int64_t)) == 0;
    case COLUMN_BOOL:
        return column_bool(column, left) == column_bool(column, right);
    case COLUMN_TEXT:
        return str_equal(column_text(column, left), column_text(column, right));
    case COLUMN_LONG_TEXT:
        break; /* verify_compare_early() excludes these kinds */
    }
    return false;
}

/* Returns whether all stored columns have the same values, bit for bit, or are both absent. */
static bool same_values(const struct stored_columns *columns, const void *left, const void *right)
{
    bool same = true;
    for (size_t i = 0; same && i < columns->count; i++) {
        const struct column *column = columns->items[i];
        bool present = column_present(column, left);
        same = present == column_present(column, right) &&
               (!present || same_value(column, left, right));
    }
    return same;
}

/* Adds the point at `index` to the series' spans. The last span ends at the time of the next point:
 * if that is this one, it grows, and otherwise a new span begins. */
static bool add_to_spans(const struct verify *verify, struct stored_window *window, size_t index,
                         struct error *error)
{
    int64_t time_ns = time_at(verify, window, index);
    int64_t next_ns =
        index + 1 < window->count ? time_at(verify, window, index + 1) : window->to_ns;
    struct stored_span *last =
        window->span_count > 0 ? &window->spans[window->span_count - 1] : NULL;
    if (last != NULL && last->to_ns == time_ns) {
        last->to_ns = next_ns;
        return true;
    }
    if ((last != NULL && last->to_ns > time_ns) || window->span_count == SPANS_MAX) {
        return true;
    }
    struct stored_span *spans =
        array_room(window->spans, window->span_count, &window->span_capacity, sizeof *spans);
    if (spans == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    window->spans = spans;
    spans[window->span_count++] = (struct stored_span){.from_ns = time_ns, .to_ns = next_ns};
    return true;
}

static int compare_names(const void *name, const void *extent)
{
    return strcmp(name, ((const struct series_extent *)extent)->series);
}

const struct series_extent *verify_extent(const struct verify *verify, uint32_t series)
{
    const struct store_contents *contents = verify->contents;
    return contents->series_count == 0
               ? NULL
               : bsearch(verify->report.series[series].name, contents->series,
                         contents->series_count, sizeof *contents->series, compare_names);
}

bool verify_is_stored(struct verify *verify, uint32_t series, const void *record, bool *stored,
                      struct error *error)
{
    *stored = false;
    if (verify->window_points == 0) {
        return true;
    }
    struct stored_window *window = &verify->windows[series];
    if (!window->begun) {
        window->begun = true;
        window->has_points = verify_extent(verify, series) != NULL;
    }
    if (!window->has_points) {
        return true;
    }
    int64_t time_ns = column_int64(verify->config.kind->time, record);
    bool inside = window->size > 0 && time_ns >= window->from_ns && time_ns < window->to_ns;
    if (!inside && !fill(verify, series, time_ns, error)) {
        return false;
    }
    size_t index = 0;
    if (!find(verify, window, time_ns, &index)) {
        return true;
    }
    window->asked++;
    window->next = index + 1;
    *stored = !window->odd[index] &&
              same_values(&verify->columns, record, point_at(verify, window, index));
    return !*stored || add_to_spans(verify, window, index, error);
}

/* Reports the oddities from the `first` on. */
static bool take_oddities(struct verify *verify, size_t first, struct error *error)
{
    const struct store_contents *contents = verify->contents;
    for (size_t i = first; i < contents->oddity_count; i++) {
        const struct store_oddity *oddity = &contents->oddities[i];
        bool concerns = verify->config.coin == NULL || !oddity->named;
        if (concerns && !verify_foreign(verify, oddity->rows, oddity->what, error)) {
            return false;
        }
    }
    return true;
}

bool verify_take_contents(struct verify *verify, struct error *error)
{
    const struct store_contents *contents = verify->contents;
    struct verify_report *report = &verify->report;
    uint32_t number = 0;
    for (size_t i = 0; i < contents->series_count; i++) {
        const char *name = contents->series[i].series;
        if (verify_key_wanted(verify, verify_series_key(name)) &&
            !verify_series_number(verify, name, &number, error)) {
            return false;
        }
    }
    if (!take_oddities(verify, 0, error)) {
        return false;
    }
    memcpy(report->others, contents->others, sizeof report->others);
    report->closed = calloc(contents->closed_count + 1, sizeof *report->closed);
    if (report->closed == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    report->closed_count = contents->closed_count;
    if (contents->closed_count > 0) {
        memcpy(report->closed, contents->closed, contents->closed_count * sizeof *report->closed);
    }
    return true;
}

static bool report_hidden_of(struct verify *verify, uint32_t series, struct error *error)
{
    const struct series_extent *extent = verify_extent(verify, series);
    int64_t given = verify->windows[series].given;
    char what[RECORD_SERIES_MAX + 64];
    if (extent == NULL || extent->points <= given) {
        return true;
    }
    (void)snprintf(what, sizeof what, "points of %s that are counted, but not given",
                   extent->series);
    return verify_foreign(verify, extent->points - given, what, error);
}

bool verify_report_hidden(struct verify *verify, struct store *points, struct error *error)
{
    int64_t given = 0;
    size_t oddities = verify->contents->oddity_count;
    for (size_t i = 0; i < verify->report.series_count; i++) {
        given += verify->windows[i].given;
    }
    if (verify->contents->uncounted != 0 && verify->contents->uncounted == given) {
        return true; /* as many as a count of all rows found */
    }
    bool done = store_contents_count(points, verify->config.kind, &verify->contents_room, error) &&
                take_oddities(verify, oddities, error);
    for (uint32_t i = 0; done && i < verify->report.series_count; i++) {
        done = report_hidden_of(verify, i, error);
    }
    return done;
}
