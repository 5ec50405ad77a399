#include "registry/server/server_store.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "base/sqlite_files.h"

enum {
    APPLICATION_ID = 0x43576B52, /* "CWkR" */
    BUSY_TIMEOUT_MS = 5000,
};

struct server_store {
    sqlite3 *db;
    char *path;
    struct sqlite_files files; /* the files that `db` has open */
    bool writes;               /* the open transaction may write */
};

static const char *const tables =
    "CREATE TABLE IF NOT EXISTS schemas (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " canonical TEXT NOT NULL UNIQUE, text TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS versions (subject TEXT NOT NULL, version INTEGER NOT NULL,"
    " schema_id INTEGER NOT NULL REFERENCES schemas (id), deleted INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (subject, version)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS levels (subject TEXT PRIMARY KEY, level TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;";

static bool fail(const struct server_store *store, struct error *error)
{
    return error_set(error, ERROR_RETRY, "registry database: %s", sqlite3_errmsg(store->db));
}

static bool execute(struct server_store *store, const char *sql, struct error *error)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail(store, error);
}

static sqlite3_stmt *prepare(struct server_store *store, const char *sql, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK) {
        (void)fail(store, error);
    }
    return statement;
}

/* A str with NULL data is bound as NULL. */
static bool bind_str(sqlite3_stmt *statement, int index, struct str text)
{
    return sqlite3_bind_text64(statement, index, text.data, text.length, SQLITE_TRANSIENT,
                               SQLITE_UTF8) == SQLITE_OK;
}

static bool bind_int(sqlite3_stmt *statement, int index, int64_t value)
{
    return sqlite3_bind_int64(statement, index, value) == SQLITE_OK;
}

/* Runs and frees a statement that returns no rows. `bound`: binding its values succeeded. */
static bool finish(struct server_store *store, sqlite3_stmt *statement, bool bound,
                   struct error *error)
{
    bool good = bound && sqlite3_step(statement) == SQLITE_DONE;
    good = good || fail(store, error);
    (void)sqlite3_finalize(statement);
    return good;
}

static char *copy_column(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text != NULL ? strdup((const char *)text) : NULL;
}

/* Reads the integer in the first column of the only row; -1 if there is no row. */
static bool read_number(struct server_store *store, const char *sql, int64_t *number,
                        struct error *error)
{
    sqlite3_stmt *statement = prepare(store, sql, error);
    if (statement == NULL) {
        return false;
    }
    int code = sqlite3_step(statement);
    *number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    bool good = code == SQLITE_ROW || code == SQLITE_DONE || fail(store, error);
    (void)sqlite3_finalize(statement);
    return good;
}

/* Marks an empty database as this program's; leaves another program's unchanged. */
static bool claim(struct server_store *store, struct error *error)
{
    int64_t owner;
    int64_t objects;
    if (!read_number(store, "PRAGMA application_id", &owner, error) ||
        !read_number(store, "SELECT count(*) FROM sqlite_master", &objects, error)) {
        return false;
    }
    if (owner != APPLICATION_ID && (owner != 0 || objects != 0)) {
        return error_set(error, ERROR_FATAL, "it is a database of something else");
    }
    char *sql = sqlite3_mprintf("PRAGMA application_id = %d", APPLICATION_ID);
    bool good = sql != NULL && execute(store, sql, error) && execute(store, tables, error);
    sqlite3_free(sql);
    return good;
}

static bool end_transaction(struct server_store *store, bool keep, struct error *error)
{
    if (keep && execute(store, "COMMIT", error)) {
        return true;
    }
    /* Some errors have already ended the transaction. */
    bool rolled_back =
        sqlite3_get_autocommit(store->db) != 0 || execute(store, "ROLLBACK", keep ? NULL : error);
    return rolled_back && !keep;
}

/* Opens the file. After a failure store->db is NULL. */
static bool connect_file(struct server_store *store, struct error *error)
{
    if (!sqlite_files_one_name(store->path, error)) {
        return false;
    }
    bool good = sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                NULL) == SQLITE_OK ||
                fail(store, error);
    good = good && sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS) == SQLITE_OK &&
           execute(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", error) &&
           execute(store, "BEGIN IMMEDIATE", error);
    if (good) {
        good = claim(store, error);
        good = end_transaction(store, good, good ? error : NULL) && good;
    }
    good = good && (sqlite_files_note(&store->files, store->db, store->path) ||
                    error_set(error, ERROR_RETRY,
                              "registry database: %s-wal or -shm was removed, and this program "
                              "still holds it elsewhere: start it again",
                              store->path));
    if (!good) {
        (void)sqlite3_close(store->db);
        store->db = NULL;
    }
    return good;
}

/* If the -wal or -shm was removed while in use, moves all commits into the file and opens it
 * again. */
static bool log_there(struct server_store *store, struct error *error)
{
    if (store->db == NULL) {
        return connect_file(store, error);
    }
    if (sqlite_files_check(&store->files, store->db) != SQLITE_FILES_LOG_GONE) {
        return true;
    }
    enum sqlite_files_saved saved = sqlite_files_save(&store->files, store->db);
    if (saved == SQLITE_FILES_BUSY) {
        return error_set(error, ERROR_RETRY,
                         "registry database: %s-wal was removed or replaced while in use, and "
                         "another program reads the file: end that one, not this registry",
                         store->path);
    }
    sqlite_files_abandon(store->db);
    store->db = NULL;
    log_warn("registry_log_gone", log_text("file", store->path),
             log_text("reason", "its -wal or -shm was removed or replaced while in use"));
    return (saved == SQLITE_FILES_SAVED ||
            error_set(error, ERROR_RETRY,
                      "registry database: %s-wal was replaced by another program's: register the "
                      "schemas of the last minutes again",
                      store->path)) &&
           connect_file(store, error);
}

struct server_store *server_store_open(const char *path, struct error *error)
{
    struct server_store *store = calloc(1, sizeof *store);
    if (store == NULL || (store->path = strdup(path)) == NULL) {
        error_set(error, ERROR_FATAL, "out of memory for the registry's database");
        free(store);
        return NULL;
    }
    if (!connect_file(store, error)) {
        (void)error_prefix(error, "the registry's file %s cannot be used", path);
        if (error != NULL) {
            error->kind = ERROR_FATAL;
        }
        server_store_close(store);
        return NULL;
    }
    return store;
}

static void close_whole(sqlite3 *db)
{
    (void)sqlite3_close(db);
}

void server_store_close(struct server_store *store)
{
    if (store == NULL) {
        return;
    }
    enum sqlite_files_state state =
        store->db != NULL ? sqlite_files_check(&store->files, store->db) : SQLITE_FILES_WHOLE;
    if (state == SQLITE_FILES_LOG_GONE) {
        (void)sqlite_files_save(&store->files, store->db); /* the last chance to save what only
                                                              the -wal holds */
    } else if (state == SQLITE_FILES_LOG_CUT) {
        sqlite_files_drop_index(&store->files, store->db);
    }
    bool whole = state == SQLITE_FILES_WHOLE || state == SQLITE_FILES_GONE;
    (whole ? close_whole : sqlite_files_abandon)(store->db);
    free(store->path);
    free(store);
}

bool server_store_whole(struct server_store *store, struct error *error)
{
    if (!log_there(store, error)) {
        return false;
    }
    switch (sqlite_files_check(&store->files, store->db)) {
    case SQLITE_FILES_GONE:
        return error_set(error, ERROR_RETRY,
                         "registry database: %s was removed or replaced while in use: put it back, "
                         "or start the registry again for a new one, whose ids begin at 1, so that "
                         "what was written with the old ids cannot be read",
                         store->path);
    case SQLITE_FILES_LOG_CUT:
        return error_set(error, ERROR_RETRY,
                         "registry database: %s-wal or -shm was cut off while in use: start the "
                         "registry again, and register the schemas of the last minutes in their "
                         "order, before anything else",
                         store->path);
    case SQLITE_FILES_WHOLE:
    case SQLITE_FILES_LOG_GONE: /* removed since log_there(), which the next request calls again */
        break;
    }
    return true;
}

bool server_store_begin(struct server_store *store, bool writes, struct error *error)
{
    store->writes = writes;
    return log_there(store, error) && (!writes || server_store_whole(store, error)) &&
           execute(store, writes ? "BEGIN IMMEDIATE" : "BEGIN", error);
}

bool server_store_end(struct server_store *store, bool keep, struct error *error)
{
    return end_transaction(store, keep, error) &&
           (!keep || !store->writes || server_store_whole(store, error));
}

/* Ids must fit into the four bytes that a message has for them. */
static bool take_id(int64_t row, int32_t *id, struct error *error)
{
    *id = row <= INT32_MAX ? (int32_t)row : -1;
    return row <= INT32_MAX ||
           error_set(error, ERROR_RETRY,
                     "registry database: all ids up to %d are given: a new schema needs a registry "
                     "with another file",
                     INT32_MAX);
}

bool server_store_find_schema(struct server_store *store, const char *canonical, int32_t *id,
                              struct error *error)
{
    sqlite3_stmt *statement = prepare(store, "SELECT id FROM schemas WHERE canonical = ?1", error);
    if (statement == NULL) {
        return false;
    }
    int code = bind_str(statement, 1, str_from(canonical)) ? sqlite3_step(statement) : SQLITE_ERROR;
    int64_t row = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    bool good = (code == SQLITE_ROW || code == SQLITE_DONE || fail(store, error)) &&
                take_id(row, id, error);
    (void)sqlite3_finalize(statement);
    return good;
}

bool server_store_add_schema(struct server_store *store, const char *canonical, const char *text,
                             int32_t *id, struct error *error)
{
    sqlite3_stmt *statement =
        prepare(store, "INSERT INTO schemas (canonical, text) VALUES (?1, ?2)", error);
    if (statement == NULL || !finish(store, statement,
                                     bind_str(statement, 1, str_from(canonical)) &&
                                         bind_str(statement, 2, str_from(text)),
                                     error)) {
        return false;
    }
    return take_id(sqlite3_last_insert_rowid(store->db), id, error);
}

bool server_store_schema_text(struct server_store *store, int32_t id, char **text,
                              struct error *error)
{
    *text = NULL;
    sqlite3_stmt *statement = prepare(store, "SELECT text FROM schemas WHERE id = ?1", error);
    if (statement == NULL) {
        return false;
    }
    int code = bind_int(statement, 1, id) ? sqlite3_step(statement) : SQLITE_ERROR;
    if (code == SQLITE_ROW) {
        *text = copy_column(statement, 0);
    }
    bool good = (code == SQLITE_ROW && *text != NULL) || code == SQLITE_DONE || fail(store, error);
    (void)sqlite3_finalize(statement);
    return good;
}

void version_list_free(struct version_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].subject);
    }
    free(list->items);
    *list = (struct version_list){0};
}

static bool add_row(struct version_list *list, sqlite3_stmt *statement)
{
    struct subject_version *items =
        array_room(list->items, list->count, &list->capacity, sizeof *items);
    if (items == NULL) {
        return false;
    }
    list->items = items;
    struct subject_version *row = &list->items[list->count++];
    *row = (struct subject_version){.subject = copy_column(statement, 0),
                                    .version = sqlite3_column_int64(statement, 1),
                                    .schema_id = sqlite3_column_int(statement, 2),
                                    .deleted = sqlite3_column_int(statement, 3) != 0};
    return row->subject != NULL;
}

bool server_store_versions(struct server_store *store, const struct version_filter *filter,
                           struct version_list *list, struct error *error)
{
    sqlite3_stmt *statement =
        prepare(store,
                "SELECT subject, version, schema_id, deleted FROM versions"
                " WHERE (?1 IS NULL OR subject = ?1) AND (?2 = 0 OR version = ?2)"
                " AND (?3 = 0 OR schema_id = ?3) AND (?4 OR NOT deleted) AND (NOT ?5 OR deleted)"
                " ORDER BY subject, version",
                error);
    if (statement == NULL) {
        return false;
    }
    bool good = bind_str(statement, 1, filter->subject) &&
                bind_int(statement, 2, filter->version) &&
                bind_int(statement, 3, filter->schema_id) &&
                bind_int(statement, 4, filter->deleted || filter->deleted_only) &&
                bind_int(statement, 5, filter->deleted_only);
    int code = good ? sqlite3_step(statement) : SQLITE_ERROR;
    while (code == SQLITE_ROW) {
        code = add_row(list, statement) ? sqlite3_step(statement) : SQLITE_NOMEM;
    }
    good = code == SQLITE_DONE || fail(store, error);
    (void)sqlite3_finalize(statement);
    return good;
}

bool server_store_add_version(struct server_store *store, struct str subject, int32_t schema_id,
                              struct error *error)
{
    sqlite3_stmt *statement =
        prepare(store,
                "INSERT INTO versions (subject, version, schema_id) SELECT ?1,"
                " coalesce(max(version), 0) + 1, ?2 FROM versions WHERE subject = ?1",
                error);
    return statement != NULL &&
           finish(store, statement,
                  bind_str(statement, 1, subject) && bind_int(statement, 2, schema_id), error);
}

bool server_store_next_version(struct server_store *store, struct str subject, int64_t *version,
                               struct error *error)
{
    sqlite3_stmt *statement = prepare(
        store, "SELECT coalesce(max(version), 0) + 1 FROM versions WHERE subject = ?1", error);
    if (statement == NULL) {
        return false;
    }
    int code = bind_str(statement, 1, subject) ? sqlite3_step(statement) : SQLITE_ERROR;
    *version = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    bool good = code == SQLITE_ROW || fail(store, error);
    (void)sqlite3_finalize(statement);
    return good;
}

bool server_store_delete(struct server_store *store, struct str subject, int64_t version,
                         struct error *error)
{
    sqlite3_stmt *statement = prepare(
        store, "UPDATE versions SET deleted = 1 WHERE subject = ?1 AND (?2 = 0 OR version = ?2)",
        error);
    return statement != NULL &&
           finish(store, statement,
                  bind_str(statement, 1, subject) && bind_int(statement, 2, version), error);
}

bool server_store_level(struct server_store *store, struct str subject, char level[LEVEL_SIZE],
                        struct error *error)
{
    sqlite3_stmt *statement = prepare(store, "SELECT level FROM levels WHERE subject = ?1", error);
    if (statement == NULL) {
        return false;
    }
    int code = bind_str(statement, 1, subject) ? sqlite3_step(statement) : SQLITE_ERROR;
    const unsigned char *text = code == SQLITE_ROW ? sqlite3_column_text(statement, 0) : NULL;
    (void)str_copy(str_from(text != NULL ? (const char *)text : ""), level, LEVEL_SIZE);
    bool good = code == SQLITE_ROW || code == SQLITE_DONE || fail(store, error);
    (void)sqlite3_finalize(statement);
    return good;
}

bool server_store_set_level(struct server_store *store, struct str subject, const char *level,
                            struct error *error)
{
    sqlite3_stmt *statement =
        prepare(store,
                level != NULL ? "INSERT INTO levels VALUES (?1, ?2)"
                                " ON CONFLICT (subject) DO UPDATE SET level = excluded.level"
                              : "DELETE FROM levels WHERE subject = ?1",
                error);
    bool bound = statement != NULL && bind_str(statement, 1, subject) &&
                 (level == NULL || bind_str(statement, 2, str_from(level)));
    return statement != NULL && finish(store, statement, bound, error);
}
