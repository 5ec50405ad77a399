/* Queries to SQLite: they follow the order of the primary key, and candles are folded here. */
#include "store/sqlite/sqlite.h"

#include <string.h>

#include "record/series.h"

/* Begins a transaction, so that several statements see the same state of the file. */
static bool begin_reading(struct sqlite_store *sqlite, const struct record_kind *kind,
                          struct error *error)
{
    return sqlite_ready_for(sqlite, kind, error) && sqlite_run(sqlite, "BEGIN", error);
}

/* Resets a statement after its last step. Returns false for an error, which must not be mistaken
 * for "no more rows". */
static bool finish(struct sqlite_store *sqlite, sqlite3_stmt *statement, int code,
                   struct error *error)
{
    bool done =
        code == SQLITE_ROW || code == SQLITE_DONE || sqlite_failed(sqlite, "reading", error);
    (void)sqlite3_reset(statement);
    return done;
}

sqlite3_stmt *sqlite_statement_for(struct sqlite_store *sqlite, const struct record_kind *kind,
                                   enum sqlite_statement which, const char *series,
                                   struct error *error)
{
    struct str parts[KIND_TAGS_MAX];
    sqlite3_stmt *statement = sqlite_statement(sqlite, kind, which, error);
    bool cut = series_cut(kind, str_from(series), parts); /* false only for "", from which a walk
                                                             over all series starts */
    bool bound = statement != NULL;
    for (size_t i = 0; bound && i < kind->tag_count; i++) {
        struct str part = cut ? parts[i] : str_from("");
        bound = sqlite3_bind_text(statement, (int)i + 1, part.data, (int)part.length,
                                  SQLITE_STATIC) == SQLITE_OK ||
                sqlite_failed(sqlite, "reading", error);
    }
    return bound ? statement : NULL;
}

bool sqlite_bind_range(sqlite3_stmt *statement, const struct record_kind *kind, int64_t from_ns,
                       int64_t to_ns)
{
    int64_t last_ns = to_ns < INT64_MAX ? to_ns - 1 : to_ns;
    int place = sqlite_place_a(kind);
    return sqlite3_bind_int64(statement, place, from_ns) == SQLITE_OK &&
           sqlite3_bind_int64(statement, place + 1, last_ns) == SQLITE_OK;
}

static sqlite3_stmt *statement_for_range(struct sqlite_store *sqlite,
                                         const struct record_kind *kind,
                                         enum sqlite_statement which, const char *series,
                                         int64_t from_ns, int64_t to_ns, struct error *error)
{
    sqlite3_stmt *statement = sqlite_statement_for(sqlite, kind, which, series, error);
    if (statement != NULL && !sqlite_bind_range(statement, kind, from_ns, to_ns)) {
        (void)sqlite_failed(sqlite, "reading", error);
        return NULL;
    }
    return statement;
}

/* Finds the newest point before *before_ns and moves *before_ns to the start of its bucket. */
static bool step_back(struct sqlite_store *sqlite, const struct candle_query *query,
                      int64_t *before_ns, bool *found, struct error *error)
{
    sqlite3_stmt *statement = statement_for_range(sqlite, query->kind, STATEMENT_NEWEST_BETWEEN,
                                                  query->series, query->from_ns, *before_ns, error);
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    *found = code == SQLITE_ROW;
    if (*found) {
        *before_ns = candle_bucket_start(sqlite3_column_int64(statement, 0), query->interval_ns);
    }
    return finish(sqlite, statement, code, error);
}

/* Finds the start of the newest query->limit candles: one search per bucket, so that older rows are
 * never read. */
static bool find_start(struct sqlite_store *sqlite, const struct candle_query *query,
                       int64_t *start_ns, struct error *error)
{
    *start_ns = query->to_ns;
    bool found = true;
    for (size_t i = 0; found && i < query->limit; i++) {
        if (!step_back(sqlite, query, start_ns, &found, error)) {
            return false;
        }
    }
    if (*start_ns < query->from_ns) {
        *start_ns = query->from_ns; /* the first candle begins at from_ns, so it may be cut */
    }
    return true;
}

/* Folds a row of STATEMENT_RANGE; returns what candle_fold() does. */
static bool fold_row(struct candle *candle, const struct candle_query *query,
                     sqlite3_stmt *statement)
{
    int64_t time_ns = sqlite3_column_int64(statement, 0);
    double price = sqlite3_column_double(statement, 1);
    return query->kind->amount != NULL
               ? candle_fold_trade(candle, query->interval_ns, time_ns, price,
                                   sqlite3_column_double(statement, 2))
               : candle_fold(candle, query->interval_ns, time_ns, price);
}

/* Folds the rows to candles. Stops after one more candle than the limit, so that the caller sees
 * that there are too many. */
static bool fold_range(struct sqlite_store *sqlite, const struct candle_query *query,
                       int64_t start_ns, struct candle_list *candles, struct error *error)
{
    sqlite3_stmt *statement = statement_for_range(sqlite, query->kind, STATEMENT_RANGE,
                                                  query->series, start_ns, query->to_ns, error);
    if (statement == NULL) {
        return false;
    }
    struct candle candle = {.ticks = 0};
    size_t most = candles->count + STORE_CANDLES_MAX;
    bool added = true;
    int code = SQLITE_ROW;
    while (added && candles->count <= most && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        /* candle_fold() has not added the tick: close this candle, and fold the tick into the next
         * one. */
        while (added && fold_row(&candle, query, statement)) {
            added = store_add_candle(candles, &candle, error);
            candle.ticks = 0;
        }
    }
    bool finished = finish(sqlite, statement, code, error);
    if (added && finished && candle.ticks > 0) {
        added = store_add_candle(candles, &candle, error);
    }
    return added && finished;
}

bool sqlite_candles(struct store *store, const struct candle_query *query,
                    struct candle_list *candles, struct error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    if (!begin_reading(sqlite, query->kind, error)) {
        return false;
    }
    int64_t start_ns = query->from_ns;
    bool ok = (query->limit == 0 || find_start(sqlite, query, &start_ns, error)) &&
              fold_range(sqlite, query, start_ns, candles, error);
    sqlite_roll_back(sqlite);
    return ok;
}

/* Reads the tags of a row, whose first is in column `place`. A tag that is no text counts as "". */
static void read_tags(sqlite3_stmt *statement, int place, const struct record_kind *kind,
                      struct str parts[KIND_TAGS_MAX])
{
    for (size_t i = 0; i < kind->tag_count; i++) {
        const char *text = (const char *)sqlite3_column_text(statement, place + (int)i);
        parts[i] = str_from(text != NULL ? text : "");
    }
}

bool sqlite_next_series(struct sqlite_store *sqlite, const struct record_kind *kind,
                        char series[RECORD_SERIES_MAX + 1], bool *found, struct error *error)
{
    char before[RECORD_SERIES_MAX + 1];
    memcpy(before, series, sizeof before);
    sqlite3_stmt *statement =
        sqlite_statement_for(sqlite, kind, STATEMENT_NEXT_SERIES, before, error);
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    *found = code == SQLITE_ROW;
    if (*found) {
        struct str parts[KIND_TAGS_MAX];
        read_tags(statement, 0, kind, parts);
        series_join(kind, parts, series);
    }
    return finish(sqlite, statement, code, error);
}

static bool first_time(struct sqlite_store *sqlite, const struct record_kind *kind,
                       const char *series, int64_t *time_ns, struct error *error)
{
    sqlite3_stmt *statement =
        sqlite_statement_for(sqlite, kind, STATEMENT_FIRST_TIME, series, error);
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    *time_ns = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    return finish(sqlite, statement, code, error);
}

/* Reads a long text as read_column() reads other columns; reads nothing if `texts` is NULL. A text
 * that no record can have is read as "", and counts as another type. */
static bool read_long_text(sqlite3_value *cell, const struct column *column, void *point,
                           struct text_arena *texts)
{
    column_set_null(column, point);
    if (texts == NULL || sqlite3_value_type(cell) != SQLITE_TEXT) {
        return texts == NULL;
    }
    struct str text = {.data = (const char *)sqlite3_value_text(cell)};
    text.length = (size_t)sqlite3_value_bytes(cell);
    return text.data != NULL && column_set_long_text(column, point, texts, text);
}

/* Returns false if the cell has another type than bind_column() writes; SQLite then converts it. */
static bool read_column(sqlite3_value *cell, const struct column *column, void *point,
                        struct text_arena *texts)
{
    int type = sqlite3_value_type(cell);
    if (type == SQLITE_NULL && column->present_offset != COLUMN_REQUIRED) {
        column_set_null(column, point);
        return true;
    }
    struct str text;
    int64_t integer;
    switch (column->type) {
    case COLUMN_INT64:
        column_set_int64(column, point, sqlite3_value_int64(cell));
        return type == SQLITE_INTEGER;
    case COLUMN_DOUBLE:
        column_set_double(column, point, sqlite3_value_double(cell));
        return type == SQLITE_FLOAT;
    case COLUMN_BOOL:
        integer = sqlite3_value_int64(cell);
        column_set_bool(column, point, integer != 0);
        return type == SQLITE_INTEGER && (integer == 0 || integer == 1);
    case COLUMN_TEXT:
        text.data = (const char *)sqlite3_value_text(cell);
        text.length = (size_t)sqlite3_value_bytes(cell);
        return column_set_text(column, point, text) && type == SQLITE_TEXT &&
               column_text(column, point).length == text.length; /* not so with a NUL in it */
    case COLUMN_LONG_TEXT:
        return read_long_text(cell, column, point, texts);
    }
    return false;
}

/* Returns whether the row's tags are those of the series: see sqlite_contents.c. */
static bool is_of(sqlite3_value **tags, const struct record_kind *kind,
                  const struct str series[KIND_TAGS_MAX])
{
    bool same = true;
    for (size_t i = 0; same && i < kind->tag_count; i++) {
        const char *text = (const char *)sqlite3_value_text(tags[i]);
        struct str tag = {.data = text, .length = (size_t)sqlite3_value_bytes(tags[i])};
        same = text != NULL && str_equal(tag, series[i]);
    }
    return same;
}

/* Reads the cells of time and stored columns. Returns the name of a column whose cell has another
 * type than this program writes, or NULL. */
static const char *read_point(sqlite3_value **cells, const struct stored_columns *columns,
                              void *point, struct text_arena *texts)
{
    const char *odd = NULL;
    const struct column *time = columns->kind->time;
    for (size_t i = columns->count; i > 0; i--) { /* backwards, so that the result is the first
                                                     one */
        const struct column *column = columns->items[i - 1];
        odd = read_column(cells[i], column, point, texts) ? odd : column_stored_name(column);
    }
    return read_column(cells[0], time, point, texts) ? odd : column_stored_name(time);
}

/* The row that is read: what sqlite_read_point() needs, and gives. */
struct sqlite_row {
    struct stored_columns columns;
    struct str series[KIND_TAGS_MAX];
    union record_room point;
    struct text_arena texts;
    const char *odd; /* as for point_callback */
};

void sqlite_read_point(sqlite3_context *context, int count, sqlite3_value **cells)
{
    const struct sqlite_store *sqlite = sqlite3_user_data(context);
    struct sqlite_row *row = sqlite->row;
    const struct record_kind *kind = row->columns.kind;
    (void)count; /* the statement's text, which is this program's, has as many as are read here */
    row->texts.length = 0;
    row->odd = read_point(cells, &row->columns, &row->point, &row->texts);
    if (!is_of(cells + 1 + row->columns.count, kind, row->series)) {
        row->odd = column_stored_name(kind->tags[0].column);
    }
    sqlite3_result_int(context, 1);
}

static bool last_point(struct sqlite_store *sqlite, const struct record_kind *kind,
                       const char *series, void *point, struct error *error)
{
    sqlite3_stmt *statement =
        sqlite_statement_for(sqlite, kind, STATEMENT_LAST_POINT, series, error);
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        const struct stored_columns columns = kind_stored_columns(kind);
        sqlite3_value *cells[1 + KIND_COLUMNS_MAX];
        for (int i = 0; i <= (int)columns.count; i++) {
            /* These values may be read here, because a connection is used by one thread at a
             * time. */
            cells[i] = sqlite3_column_value(statement, i);
        }
        (void)read_point(cells, &columns, point, NULL);
    }
    return finish(sqlite, statement, code, error);
}

static bool add_series(struct sqlite_store *sqlite, const struct record_kind *kind,
                       const char *series, struct series_summary **list, size_t *count,
                       struct error *error)
{
    struct series_summary *summary = store_add_series(kind, list, count, series, error);
    return summary != NULL && first_time(sqlite, kind, series, &summary->first_time_ns, error) &&
           last_point(sqlite, kind, series, &summary->last, error);
}

static bool list_series(struct sqlite_store *sqlite, const struct record_kind *kind,
                        struct series_summary **list, size_t *count, struct error *error)
{
    char series[RECORD_SERIES_MAX + 1] = "";
    bool found = false;
    do {
        if (!sqlite_next_series(sqlite, kind, series, &found, error)) {
            return false;
        }
        bool ours = found && series_valid(kind, str_from(series));
        if (ours && !add_series(sqlite, kind, series, list, count, error)) {
            return false;
        }
    } while (found);
    return true;
}

bool sqlite_list_series(struct store *store, const struct record_kind *kind,
                        struct series_summary **list, size_t *count, struct error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    if (!begin_reading(sqlite, kind, error)) {
        return false;
    }
    bool ok = list_series(sqlite, kind, list, count, error);
    sqlite_roll_back(sqlite);
    return ok;
}

bool sqlite_price_at(struct store *store, const struct record_kind *kind, const char *series,
                     int64_t time_ns, double *price, bool *found, struct error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    sqlite3_stmt *statement =
        sqlite_ready_for(sqlite, kind, error)
            ? sqlite_statement_for(sqlite, kind, STATEMENT_PRICE_AT, series, error)
            : NULL;
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_bind_int64(statement, sqlite_place_a(kind), time_ns);
    code = code == SQLITE_OK ? sqlite3_step(statement) : code;
    *found = code == SQLITE_ROW;
    if (*found) {
        *price = sqlite3_column_double(statement, 0);
    }
    return finish(sqlite, statement, code, error);
}

static bool last_price_between(struct sqlite_store *sqlite, const struct record_kind *kind,
                               const char *series, int64_t from_ns, int64_t to_ns, double *price,
                               struct error *error)
{
    sqlite3_stmt *statement =
        statement_for_range(sqlite, kind, STATEMENT_PRICE_BETWEEN, series, from_ns, to_ns, error);
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *price = sqlite3_column_double(statement, 0);
    }
    return finish(sqlite, statement, code, error);
}

static bool find_closes(struct sqlite_store *sqlite, const struct record_kind *kind,
                        const struct series_closes *wanted, struct error *error)
{
    int64_t from_ns = store_stored_before(kind, wanted->series, wanted->from_ns);
    bool found = true;
    for (size_t i = 0; found && i < wanted->count; i++) {
        int64_t end_ns = wanted->from_ns + (int64_t)(i + 1) * wanted->step_ns;
        int64_t to_ns = store_stored_before(kind, wanted->series, end_ns);
        found = from_ns >= to_ns || last_price_between(sqlite, kind, wanted->series, from_ns, to_ns,
                                                       &wanted->prices[i], error);
        from_ns = to_ns;
    }
    return found;
}

bool sqlite_closes(struct store *store, const struct record_kind *kind,
                   const struct series_closes *wanted, size_t count, struct error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    if (!begin_reading(sqlite, kind, error)) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        ok = find_closes(sqlite, kind, &wanted[i], error);
    }
    sqlite_roll_back(sqlite);
    return ok;
}

bool sqlite_any(struct store *store, const struct record_kind *kind, bool *any, struct error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    sqlite3_stmt *statement = sqlite_ready_for(sqlite, kind, error)
                                  ? sqlite_statement(sqlite, kind, STATEMENT_ANY, error)
                                  : NULL;
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    *any = code != SQLITE_DONE;
    return finish(sqlite, statement, code, error);
}

bool sqlite_count(struct store *store, const struct record_kind *kind, int64_t *points,
                  struct error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    sqlite3_stmt *statement = sqlite_ready_for(sqlite, kind, error)
                                  ? sqlite_statement(sqlite, kind, STATEMENT_COUNT, error)
                                  : NULL;
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *points = sqlite3_column_int64(statement, 0);
    }
    return finish(sqlite, statement, code, error);
}

/* Without an upper bound, the statement also returns rows whose time is no number: these sort above
 * all numbers. Without any bound, it returns every row. */
static sqlite3_stmt *statement_for_points(struct sqlite_store *sqlite,
                                          const struct record_kind *kind, const char *series,
                                          int64_t from_ns, int64_t to_ns, struct error *error)
{
    if (to_ns < INT64_MAX) {
        return statement_for_range(sqlite, kind, STATEMENT_POINTS, series, from_ns, to_ns, error);
    }
    enum sqlite_statement which =
        from_ns == INT64_MIN ? STATEMENT_ALL_POINTS : STATEMENT_POINTS_FROM;
    sqlite3_stmt *statement = sqlite_statement_for(sqlite, kind, which, series, error);
    if (statement != NULL && from_ns > INT64_MIN &&
        sqlite3_bind_int64(statement, sqlite_place_a(kind), from_ns) != SQLITE_OK) {
        (void)sqlite_failed(sqlite, "reading", error);
        return NULL;
    }
    return statement;
}

/* Another program may have written a point without a required column; the callback gets it
 * unchanged. */
bool sqlite_scan(struct store *store, const struct record_kind *kind, const char *series,
                 int64_t from_ns, int64_t to_ns, point_callback callback, void *context,
                 struct error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    sqlite3_stmt *statement =
        sqlite_ready_for(sqlite, kind, error)
            ? statement_for_points(sqlite, kind, series, from_ns, to_ns, error)
            : NULL;
    if (statement == NULL) {
        return false;
    }
    struct sqlite_row row = {.columns = kind_stored_columns(kind), .point = {.bytes = {0}}};
    (void)series_set(kind, str_from(series), &row.point);
    int code = SQLITE_ROW;
    bool room = series_cut(kind, str_from(series), row.series) && /* store_scan() has checked it */
                text_arena_reserve(&row.texts, kind_long_texts(kind) * LONG_TEXT_MAX);
    bool more = room;
    sqlite->row = &row;
    while (more && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        more = callback(context, &row.point, &row.texts, row.odd);
    }
    sqlite->row = NULL;
    text_arena_free(&row.texts);
    return finish(sqlite, statement, code, error) && (room || store_no_memory(error));
}

bool sqlite_count_between(struct store *store, const struct record_kind *kind, const char *series,
                          int64_t from_ns, int64_t to_ns, int64_t *points, struct error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    sqlite3_stmt *statement = sqlite_ready_for(sqlite, kind, error)
                                  ? statement_for_range(sqlite, kind, STATEMENT_COUNT_BETWEEN,
                                                        series, from_ns, to_ns, error)
                                  : NULL;
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *points = sqlite3_column_int64(statement, 0);
    }
    return finish(sqlite, statement, code, error);
}
