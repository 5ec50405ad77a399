/* Which coins the SQLite file has rows of, and what else the file holds. Coins are found by
 * repeated searches in the primary key. Somebody may have replaced the text of the table's
 * definition by another one (PRAGMA writable_schema): then the key is not in the order that the
 * text says, and searches miss rows or find those of other coins. So all rows are also counted
 * without any index, and a scan checks the coin of each row. */
#include <string.h>

#include "store/sqlite/sqlite.h"

/* A row whose time is not an integer counts as inside any span: it cannot be compared with
 * bounds. */
#define IN_SPAN "(time BETWEEN ?1 AND ?2 OR typeof(time) <> 'integer')"

static bool finish(struct sqlite_end *end, sqlite3_stmt *statement, int code, struct error *error)
{
    bool done = code == SQLITE_ROW || code == SQLITE_DONE || sqlite_failed(end, "reading", error);
    (void)sqlite3_finalize(statement);
    return done;
}

/* SQLite's own tables (sqlite_stat1 is ANALYZE's) hold no one's rows. list_indexes() lists the
 * indexes on our table. */
static bool list_others(struct sqlite_end *end, const struct record_kind *kind,
                        struct store_contents *contents, struct error *error)
{
    sqlite3_stmt *statement =
        sqlite_prepare(end, kind, 0,
                       "SELECT type, name FROM sqlite_schema "
                       "WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND NOT (type = "
                       "'index' AND lower(tbl_name) = '{table}') ORDER BY name",
                       error);
    int code = SQLITE_ERROR;
    while (statement != NULL && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *type = (const char *)sqlite3_column_text(statement, 0);
        const char *name = (const char *)sqlite3_column_text(statement, 1);
        if (kind_named(str_from(name)) == NULL) {
            store_add_other(contents, type, name);
        }
    }
    return statement != NULL && finish(end, statement, code, error);
}

/* An extra index may hold other values than the table, and SQLite may answer queries from it. This
 * asks SQLite which indexes are in use: the text in sqlite_schema can be rewritten. Our layout
 * creates no index. */
static bool list_indexes(struct sqlite_end *end, const struct record_kind *kind,
                         struct store_contents *contents, struct error *error)
{
    sqlite3_stmt *statement = sqlite_prepare(
        end, kind, 0,
        "SELECT name FROM pragma_index_list('{table}') WHERE origin <> 'pk' ORDER BY name", error);
    int code = SQLITE_ERROR;
    bool added = true;
    while (statement != NULL && added && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        added = store_add_oddity(contents, false, 1, error, "index \"%.60s\" on %s (DROP INDEX it)",
                                 (const char *)sqlite3_column_text(statement, 0), kind->name);
    }
    return statement != NULL && finish(end, statement, code, error) && added;
}

static bool bind_span(sqlite3_stmt *statement, int64_t from_ns, int64_t to_ns)
{
    int64_t last_ns = to_ns < INT64_MAX ? to_ns - 1 : to_ns;
    return sqlite3_bind_int64(statement, 1, from_ns) == SQLITE_OK &&
           sqlite3_bind_int64(statement, 2, last_ns) == SQLITE_OK;
}

/* Counts one coin's rows, or those of all coins if `coin` is NULL. */
static bool count_rows(struct sqlite_end *end, const struct record_kind *kind,
                       const sqlite3_value *coin, int64_t from_ns, int64_t to_ns, int64_t *rows,
                       struct error *error)
{
    sqlite3_stmt *statement =
        sqlite_prepare(end, kind, 0,
                       coin != NULL ? "SELECT count(*) FROM {table} WHERE {key} = ?3 AND " IN_SPAN
                                    : "SELECT count(*) FROM {table} NOT INDEXED WHERE " IN_SPAN,
                       error);
    if (statement == NULL) {
        return false;
    }
    bool bound = bind_span(statement, from_ns, to_ns) &&
                 (coin == NULL || sqlite3_bind_value(statement, 3, coin) == SQLITE_OK);
    int code = bound ? sqlite3_step(statement) : SQLITE_ERROR;
    *rows = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    return finish(end, statement, code, error);
}

/* Finds the first coin after `before` (NULL: the very first), whatever its type. *coin is NULL
 * after the last one; the caller frees it with sqlite3_value_free(). */
static bool next_coin(struct sqlite_end *end, sqlite3_stmt *next, const sqlite3_value *before,
                      sqlite3_value **coin, struct error *error)
{
    (void)sqlite3_reset(next);
    int code = before != NULL ? sqlite3_bind_value(next, 1, before) : SQLITE_OK;
    code = code == SQLITE_OK ? sqlite3_step(next) : code;
    *coin = code == SQLITE_ROW ? sqlite3_value_dup(sqlite3_column_value(next, 0)) : NULL;
    return code == SQLITE_DONE || *coin != NULL || sqlite_failed(end, "reading", error);
}

static struct str name_of(sqlite3_value *coin)
{
    const void *bytes = sqlite3_value_blob(coin);
    return (struct str){.data = bytes, .length = (size_t)sqlite3_value_bytes(coin)};
}

/* SQLite's order: numbers, then text, then blobs; text and blobs by their bytes (SQLite, Datatypes,
 * "Sort Order"). A step backwards would make the caller's loop endless. */
static bool in_order(sqlite3_value *before, sqlite3_value *coin)
{
    int left_type = sqlite3_value_type(before);
    int right_type = sqlite3_value_type(coin);
    if (left_type != right_type) {
        return right_type == SQLITE_BLOB || (right_type == SQLITE_TEXT && left_type != SQLITE_BLOB);
    }
    struct str left = name_of(before);
    struct str right = name_of(coin);
    size_t length = left.length < right.length ? left.length : right.length;
    int order = length > 0 ? memcmp(left.data, right.data, length) : 0;
    return order < 0 || (order == 0 && left.length < right.length);
}

static bool add_coin(struct sqlite_end *end, const struct record_kind *kind, sqlite3_value *coin,
                     int64_t from_ns, int64_t to_ns, struct store_contents *contents, int64_t *rows,
                     struct error *error)
{
    struct str name = name_of(coin);
    bool text = sqlite3_value_type(coin) == SQLITE_TEXT;
    char symbol[RECORD_KEY_MAX + 1];
    if (!count_rows(end, kind, coin, from_ns, to_ns, rows, error)) {
        return false;
    }
    if (text && kind->tags[0].valid(name) && str_copy(name, symbol, sizeof symbol)) {
        int64_t last_ns = to_ns < INT64_MAX ? to_ns - 1 : to_ns;
        return store_add_holding(contents, symbol, *rows, from_ns, last_ns, error);
    }
    /* No tick can have this name. With 0 rows in the span there is nothing to report: either the
     * rows lie outside the span, or a search by key misses them, and list_rows() counts them as
     * hidden. */
    return *rows == 0 || store_add_oddity(contents, true, *rows, error, "coin %s\"%.*s\"",
                                          text ? "" : "of bytes, not text, ",
                                          (int)(name.length < 60 ? name.length : 60), name.data);
}

/* *found becomes the number of rows of all coins that the searches find. */
static bool list_coins(struct sqlite_end *end, const struct record_kind *kind, int64_t from_ns,
                       int64_t to_ns, struct store_contents *contents, int64_t *found,
                       struct error *error)
{
    sqlite3_stmt *first =
        sqlite_prepare(end, kind, 0, "SELECT {key} FROM {table} ORDER BY {key} LIMIT 1", error);
    sqlite3_stmt *next = sqlite_prepare(
        end, kind, 0, "SELECT {key} FROM {table} WHERE {key} > ?1 ORDER BY {key} LIMIT 1", error);
    sqlite3_value *coin = NULL;
    bool listed = first != NULL && next != NULL && next_coin(end, first, NULL, &coin, error);
    bool onwards = true;
    *found = 0;
    while (listed && coin != NULL && onwards) {
        sqlite3_value *behind = NULL;
        int64_t rows = 0;
        listed = add_coin(end, kind, coin, from_ns, to_ns, contents, &rows, error) &&
                 next_coin(end, next, coin, &behind, error);
        *found += rows;
        onwards = behind != NULL && in_order(coin, behind);
        sqlite3_value_free(coin);
        coin = behind;
    }
    sqlite3_value_free(coin);
    (void)sqlite3_finalize(first);
    (void)sqlite3_finalize(next);
    return listed;
}

static bool list_rows(struct sqlite_end *end, const struct record_kind *kind, int64_t from_ns,
                      int64_t to_ns, struct store_contents *contents, struct error *error)
{
    int64_t found = 0;
    int64_t all = 0;
    return list_coins(end, kind, from_ns, to_ns, contents, &found, error) &&
           count_rows(end, kind, NULL, from_ns, to_ns, &all, error) &&
           (all <= found || store_add_oddity(contents, false, all - found, error,
                                             "rows that are counted, but not found by coin"));
}

bool sqlite_contents(struct store *store, const struct record_kind *kind, int64_t from_ns,
                     int64_t to_ns, struct store_contents *contents, struct error *error)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    /* The checks are repeated in this transaction, whose snapshot is what will be read. */
    return sqlite_ready(end, error) && sqlite_run(end, "BEGIN", error) &&
           sqlite_check_table(end, kind, error) && list_others(end, kind, contents, error) &&
           list_indexes(end, kind, contents, error) &&
           list_rows(end, kind, from_ns, to_ns, contents, error);
}

void sqlite_contents_end(struct store *store)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    if (end->db != NULL) {
        sqlite_roll_back(end);
    }
}
