/* Queries to SQLite: scans of the primary key; candles are folded here. */
#include "store/sqlite/sqlite.h"

#include <string.h>

/* Begins a transaction, so that several statements see one state of the file. */
static bool begin_reading(struct sqlite_end *end, struct error *error)
{
    return sqlite_ready(end, error) && sqlite_run(end, "BEGIN", error);
}

/* Ends a statement after its last step: an error must not look like "no more rows". */
static bool finish(struct sqlite_end *end, sqlite3_stmt *statement, int code, struct error *error)
{
    bool done = code == SQLITE_ROW || code == SQLITE_DONE || sqlite_failed(end, "reading", error);
    (void)sqlite3_reset(statement);
    return done;
}

/* Returns a statement with the coin's name as its first value. `coin` must outlive its steps. */
static sqlite3_stmt *statement_for(struct sqlite_end *end, const struct record_kind *kind,
                                   enum sqlite_statement which, const char *coin,
                                   struct error *error)
{
    sqlite3_stmt *statement = sqlite_statement(end, kind, which, error);
    if (statement != NULL &&
        sqlite3_bind_text(statement, 1, coin, -1, SQLITE_STATIC) != SQLITE_OK) {
        (void)sqlite_failed(end, "reading", error);
        return NULL;
    }
    return statement;
}

/* Binds the range [from_ns, to_ns). INT64_MAX as `to_ns` means no bound. */
static sqlite3_stmt *statement_for_range(struct sqlite_end *end, const struct record_kind *kind,
                                         enum sqlite_statement which, const char *coin,
                                         int64_t from_ns, int64_t to_ns, struct error *error)
{
    sqlite3_stmt *statement = statement_for(end, kind, which, coin, error);
    int64_t last_ns = to_ns < INT64_MAX ? to_ns - 1 : to_ns;
    if (statement != NULL && (sqlite3_bind_int64(statement, 2, from_ns) != SQLITE_OK ||
                              sqlite3_bind_int64(statement, 3, last_ns) != SQLITE_OK)) {
        (void)sqlite_failed(end, "reading", error);
        return NULL;
    }
    return statement;
}

/* Finds the newest point before *before_ns and moves *before_ns to the start of its bucket. */
static bool step_back(struct sqlite_end *end, const struct candle_query *query, int64_t *before_ns,
                      bool *found, struct error *error)
{
    sqlite3_stmt *statement = statement_for_range(end, query->kind, STATEMENT_NEWEST_BETWEEN,
                                                  query->coin, query->from_ns, *before_ns, error);
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    *found = code == SQLITE_ROW;
    if (*found) {
        *before_ns = candle_bucket_start(sqlite3_column_int64(statement, 0), query->interval_ns);
    }
    return finish(end, statement, code, error);
}

/* Finds where the newest query->limit candles begin with one search per bucket, so that older rows
 * are never read. */
static bool find_start(struct sqlite_end *end, const struct candle_query *query, int64_t *start_ns,
                       struct error *error)
{
    *start_ns = query->to_ns;
    bool found = true;
    for (size_t i = 0; found && i < query->limit; i++) {
        if (!step_back(end, query, start_ns, &found, error)) {
            return false;
        }
    }
    if (*start_ns < query->from_ns) {
        *start_ns = query->from_ns; /* the first candle is cut there */
    }
    return true;
}

/* Stops after one candle more than the limit, so that the caller sees that there are too many. */
static bool fold_range(struct sqlite_end *end, const struct candle_query *query, int64_t start_ns,
                       struct candle_list *candles, struct error *error)
{
    sqlite3_stmt *statement = statement_for_range(end, query->kind, STATEMENT_RANGE, query->coin,
                                                  start_ns, query->to_ns, error);
    if (statement == NULL) {
        return false;
    }
    struct candle candle = {.ticks = 0};
    size_t most = candles->count + STORE_CANDLES_MAX;
    bool added = true;
    int code = SQLITE_ROW;
    while (added && candles->count <= most && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        int64_t time_ns = sqlite3_column_int64(statement, 0);
        double price = sqlite3_column_double(statement, 1);
        /* candle_fold() did not take the tick in: close this candle, fold it into the next. */
        while (added && candle_fold(&candle, query->interval_ns, time_ns, price)) {
            added = store_add_candle(candles, &candle, error);
            candle.ticks = 0;
        }
    }
    bool finished = finish(end, statement, code, error);
    if (added && finished && candle.ticks > 0) {
        added = store_add_candle(candles, &candle, error);
    }
    return added && finished;
}

bool sqlite_candles(struct store *store, const struct candle_query *query,
                    struct candle_list *candles, struct error *error)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    if (!begin_reading(end, error)) {
        return false;
    }
    int64_t start_ns = query->from_ns;
    bool ok = (query->limit == 0 || find_start(end, query, &start_ns, error)) &&
              fold_range(end, query, start_ns, candles, error);
    sqlite_roll_back(end);
    return ok;
}

bool sqlite_next_coin(struct sqlite_end *end, const struct record_kind *kind,
                      char coin[RECORD_KEY_MAX + 1], bool *found, struct error *error)
{
    char before[RECORD_KEY_MAX + 1];
    memcpy(before, coin, sizeof before);
    sqlite3_stmt *statement = statement_for(end, kind, STATEMENT_NEXT_COIN, before, error);
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    *found = code == SQLITE_ROW;
    const char *name = *found ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (name != NULL) {
        (void)str_copy(str_from(name), coin, RECORD_KEY_MAX + 1);
    }
    return finish(end, statement, code, error);
}

static bool first_time(struct sqlite_end *end, const struct record_kind *kind, const char *coin,
                       int64_t *time_ns, struct error *error)
{
    sqlite3_stmt *statement = statement_for(end, kind, STATEMENT_FIRST_TIME, coin, error);
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    *time_ns = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    return finish(end, statement, code, error);
}

/* Returns false when the cell has another type than bind_column() writes; it is then converted by
 * SQLite. */
static bool read_column(sqlite3_stmt *statement, int place, const struct column *column,
                        void *point)
{
    int type = sqlite3_column_type(statement, place);
    if (type == SQLITE_NULL && column->present_offset != COLUMN_REQUIRED) {
        column_set_null(column, point);
        return true;
    }
    struct str text;
    int64_t integer;
    switch (column->type) {
    case COLUMN_INT64:
        column_set_int64(column, point, sqlite3_column_int64(statement, place));
        return type == SQLITE_INTEGER;
    case COLUMN_DOUBLE:
        column_set_double(column, point, sqlite3_column_double(statement, place));
        return type == SQLITE_FLOAT;
    case COLUMN_BOOL:
        integer = sqlite3_column_int64(statement, place);
        column_set_bool(column, point, integer != 0);
        return type == SQLITE_INTEGER && (integer == 0 || integer == 1);
    case COLUMN_TEXT:
        text.data = (const char *)sqlite3_column_text(statement, place);
        text.length = (size_t)sqlite3_column_bytes(statement, place);
        return column_set_text(column, point, text) && type == SQLITE_TEXT;
    }
    return false;
}

/* Checks that the row is really one of this coin: see sqlite_contents.c. */
static bool is_of(sqlite3_stmt *statement, const struct stored_columns *columns, const char *coin)
{
    int place = 1 + (int)columns->count;
    const char *name = (const char *)sqlite3_column_text(statement, place);
    return name != NULL && strcmp(name, coin) == 0;
}

/* Reads a row of time and stored columns. Returns the name of a column whose cell has another type
 * than ours, or NULL. */
static const char *read_point(sqlite3_stmt *statement, const struct stored_columns *columns,
                              void *point)
{
    const char *odd = NULL;
    const struct column *time = columns->kind->time;
    for (size_t i = columns->count; i > 0; i--) { /* backwards, so that the first one is named */
        const struct column *column = columns->items[i - 1];
        odd = read_column(statement, (int)i, column, point) ? odd : column_stored_name(column);
    }
    return read_column(statement, 0, time, point) ? odd : column_stored_name(time);
}

static bool last_point(struct sqlite_end *end, const struct record_kind *kind, const char *coin,
                       void *point, struct error *error)
{
    sqlite3_stmt *statement = statement_for(end, kind, STATEMENT_LAST_POINT, coin, error);
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        const struct stored_columns columns = kind_stored_columns(kind);
        (void)read_point(statement, &columns, point);
    }
    return finish(end, statement, code, error);
}

static bool list_coins(struct sqlite_end *end, const struct record_kind *kind,
                       struct coin_summary **coins, size_t *count, struct error *error)
{
    char symbol[RECORD_KEY_MAX + 1] = "";
    bool found = false;
    do {
        if (!sqlite_next_coin(end, kind, symbol, &found, error)) {
            return false;
        }
        struct coin_summary *coin =
            found ? store_add_coin(kind, coins, count, symbol, error) : NULL;
        if (found && (coin == NULL || !first_time(end, kind, symbol, &coin->first_time_ns, error) ||
                      !last_point(end, kind, symbol, &coin->last, error))) {
            return false;
        }
    } while (found);
    return true;
}

bool sqlite_coins(struct store *store, const struct record_kind *kind, struct coin_summary **coins,
                  size_t *count, struct error *error)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    if (!begin_reading(end, error)) {
        return false;
    }
    bool ok = list_coins(end, kind, coins, count, error);
    sqlite_roll_back(end);
    return ok;
}

bool sqlite_price_at(struct store *store, const struct record_kind *kind, const char *coin,
                     int64_t time_ns, double *price, bool *found, struct error *error)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    sqlite3_stmt *statement =
        sqlite_ready(end, error) ? statement_for(end, kind, STATEMENT_PRICE_AT, coin, error) : NULL;
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_bind_int64(statement, 2, time_ns);
    code = code == SQLITE_OK ? sqlite3_step(statement) : code;
    *found = code == SQLITE_ROW;
    if (*found) {
        *price = sqlite3_column_double(statement, 0);
    }
    return finish(end, statement, code, error);
}

bool sqlite_any(struct store *store, const struct record_kind *kind, bool *any, struct error *error)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    sqlite3_stmt *statement =
        sqlite_ready(end, error) ? sqlite_statement(end, kind, STATEMENT_ANY, error) : NULL;
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    *any = code != SQLITE_DONE;
    return finish(end, statement, code, error);
}

bool sqlite_count(struct store *store, const struct record_kind *kind, int64_t *points,
                  struct error *error)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    sqlite3_stmt *statement =
        sqlite_ready(end, error) ? sqlite_statement(end, kind, STATEMENT_COUNT, error) : NULL;
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *points = sqlite3_column_int64(statement, 0);
    }
    return finish(end, statement, code, error);
}

/* Without bounds, rows whose time is not a number are returned too. */
static sqlite3_stmt *statement_for_points(struct sqlite_end *end, const struct record_kind *kind,
                                          const char *coin, int64_t from_ns, int64_t to_ns,
                                          struct error *error)
{
    return from_ns == INT64_MIN && to_ns == INT64_MAX
               ? statement_for(end, kind, STATEMENT_ALL_POINTS, coin, error)
               : statement_for_range(end, kind, STATEMENT_POINTS, coin, from_ns, to_ns, error);
}

/* A point that another program wrote may lack a required column; the callback gets it as it is. */
bool sqlite_scan(struct store *store, const struct record_kind *kind, const char *coin,
                 int64_t from_ns, int64_t to_ns, point_callback callback, void *context,
                 struct error *error)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    sqlite3_stmt *statement = sqlite_ready(end, error)
                                  ? statement_for_points(end, kind, coin, from_ns, to_ns, error)
                                  : NULL;
    if (statement == NULL) {
        return false;
    }
    const struct stored_columns columns = kind_stored_columns(kind);
    union record_room point = {.bytes = {0}};
    (void)column_set_text(kind->key, &point, str_from(coin));
    int code = SQLITE_ROW;
    bool more = true;
    while (more && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *odd = read_point(statement, &columns, &point);
        odd = is_of(statement, &columns, coin) ? odd : column_stored_name(kind->key);
        more = callback(context, &point, odd);
    }
    return finish(end, statement, code, error);
}

bool sqlite_count_between(struct store *store, const struct record_kind *kind, const char *coin,
                          int64_t from_ns, int64_t to_ns, int64_t *points, struct error *error)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    sqlite3_stmt *statement =
        sqlite_ready(end, error)
            ? statement_for_range(end, kind, STATEMENT_COUNT_BETWEEN, coin, from_ns, to_ns, error)
            : NULL;
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *points = sqlite3_column_int64(statement, 0);
    }
    return finish(end, statement, code, error);
}
