/* Whose rows are in the SQLite file: every coin's name that there is, by steps down the primary
 * key, and what else the file holds. */
#include "store/sqlite.h"

/* One statement of several for one look; finalize it. NULL on failure. */
static sqlite3_stmt *prepare(struct sqlite_end *end, const char *sql, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(end->db, sql, -1, &statement, NULL) != SQLITE_OK) {
        (void)sqlite_failed(end, "preparing a statement", error);
    }
    return statement;
}

static bool finish(struct sqlite_end *end, sqlite3_stmt *statement, int code, struct error *error)
{
    bool done = code == SQLITE_ROW || code == SQLITE_DONE || sqlite_failed(end, "reading", error);
    (void)sqlite3_finalize(statement);
    return done;
}

/* SQLite's own tables, of which sqlite_stat1 is ANALYZE's, hold no rows of anyone. */
static bool list_others(struct sqlite_end *end, struct store_contents *contents,
                        struct error *error)
{
    sqlite3_stmt *statement = prepare(end,
                                      "SELECT type, name FROM sqlite_schema WHERE name <> 'ticker' "
                                      "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
                                      error);
    int code = SQLITE_ERROR;
    while (statement != NULL && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        store_add_other(contents, (const char *)sqlite3_column_text(statement, 0),
                        (const char *)sqlite3_column_text(statement, 1));
    }
    return statement != NULL && finish(end, statement, code, error);
}

/* The first coin behind `before` (NULL: the first one), whatever its type; sqlite3_value_free() it.
 * *coin is NULL behind the last one. */
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

/* A name that no tick can have. */
static bool add_oddity(struct sqlite_end *end, sqlite3_value *coin, int64_t from_ns, int64_t to_ns,
                       struct store_contents *contents, struct error *error)
{
    sqlite3_stmt *statement = prepare(end,
                                      "SELECT count(*) FROM ticker WHERE coin = ?1 AND "
                                      "(time BETWEEN ?2 AND ?3 OR typeof(time) <> 'integer')",
                                      error);
    if (statement == NULL) {
        return false;
    }
    int64_t rows = 0;
    bool bound =
        sqlite3_bind_value(statement, 1, coin) == SQLITE_OK &&
        sqlite3_bind_int64(statement, 2, from_ns) == SQLITE_OK &&
        sqlite3_bind_int64(statement, 3, to_ns < INT64_MAX ? to_ns - 1 : to_ns) == SQLITE_OK;
    int code = bound ? sqlite3_step(statement) : SQLITE_ERROR;
    rows = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    if (!finish(end, statement, code, error)) {
        return false;
    }
    struct str name = name_of(coin);
    bool text = sqlite3_value_type(coin) == SQLITE_TEXT;
    return rows == 0 || store_add_oddity(contents, rows, error, "coin %s\"%.*s\"",
                                         text ? "" : "of bytes, not text, ",
                                         (int)(name.length < 60 ? name.length : 60), name.data);
}

static bool add_coin(struct sqlite_end *end, sqlite3_value *coin, int64_t from_ns, int64_t to_ns,
                     struct store_contents *contents, struct error *error)
{
    struct str name = name_of(coin);
    char symbol[SYMBOL_MAX + 1];
    if (sqlite3_value_type(coin) != SQLITE_TEXT || !symbol_valid(name) ||
        !str_copy(name, symbol, sizeof symbol)) {
        return add_oddity(end, coin, from_ns, to_ns, contents, error);
    }
    int64_t last_ns = to_ns < INT64_MAX ? to_ns - 1 : to_ns;
    return store_add_holding(contents, symbol, -1, from_ns, last_ns, error);
}

static bool list_coins(struct sqlite_end *end, int64_t from_ns, int64_t to_ns,
                       struct store_contents *contents, struct error *error)
{
    sqlite3_stmt *first = prepare(end, "SELECT coin FROM ticker ORDER BY coin LIMIT 1", error);
    sqlite3_stmt *next =
        prepare(end, "SELECT coin FROM ticker WHERE coin > ?1 ORDER BY coin LIMIT 1", error);
    sqlite3_value *coin = NULL;
    bool listed = first != NULL && next != NULL && next_coin(end, first, NULL, &coin, error);
    while (listed && coin != NULL) {
        sqlite3_value *behind = NULL;
        listed = add_coin(end, coin, from_ns, to_ns, contents, error) &&
                 next_coin(end, next, coin, &behind, error);
        sqlite3_value_free(coin);
        coin = behind;
    }
    sqlite3_value_free(coin);
    (void)sqlite3_finalize(first);
    (void)sqlite3_finalize(next);
    return listed;
}

bool sqlite_contents(struct store *store, int64_t from_ns, int64_t to_ns,
                     struct store_contents *contents, struct error *error)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    /* Looked at again: this is the state of the file that will be read. */
    return sqlite_ready(end, error) && sqlite_run(end, "BEGIN", error) &&
           sqlite_check_table(end, error) && list_others(end, contents, error) &&
           list_coins(end, from_ns, to_ns, contents, error);
}

void sqlite_contents_end(struct store *store)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    if (end->db != NULL) {
        sqlite_roll_back(end);
    }
}
