/* SQLite: opens the file, opens it again after it was removed or damaged, and prepares
 * statements. */
#include "store/sqlite/sqlite.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"

enum {
    BUSY_MS = 5000,    /* how long to wait for a lock of another connection */
    BUSY_STEP_MS = 10, /* pause between two attempts to get the lock */
    BUSY_FIRST_MS = 1, /* pause between the first few attempts, because most locks are short */
    BUSY_FIRST_TRIES = 5,
};

bool sqlite_failed(struct sqlite_store *sqlite, const char *doing, struct error *error)
{
    const char *remedy = "";
    switch (sqlite3_errcode(sqlite->db)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        remedy = " (another program holds it)";
        break;
    case SQLITE_FULL:
        remedy = " (make room on the disk)";
        break;
    case SQLITE_READONLY:
        remedy = " (is its disk mounted read-only? may this user write it and its folder?)";
        break;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        remedy = " (is its disk whole and there? see the system's log)";
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        remedy = " (it is damaged: move it away with its -wal and -shm; what is in the topic comes "
                 "back by candlewick replay --since TIME)";
        break;
    default:
        break;
    }
    return error_set(error, ERROR_RETRY, "%s: %s: %s%s", sqlite->store.name, doing,
                     sqlite3_errmsg(sqlite->db), remedy);
}

bool sqlite_run(struct sqlite_store *sqlite, const char *sql, struct error *error)
{
    return sqlite3_exec(sqlite->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           sqlite_failed(sqlite, sql, error);
}

void sqlite_roll_back(struct sqlite_store *sqlite)
{
    if (sqlite3_get_autocommit(sqlite->db) == 0) {
        /* This can only fail if SQLite has already rolled back by itself. */
        (void)sqlite3_exec(sqlite->db, "ROLLBACK", NULL, NULL, NULL);
    }
}

sqlite3_stmt *sqlite_prepare(struct sqlite_store *sqlite, const struct record_kind *kind,
                             unsigned int flags, const char *template, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    struct strbuf sql = strbuf_new(SQLITE_SQL_LIMIT);
    sqlite_append_template(&sql, kind, sqlite->tables[kind_number(kind)].version, template);
    if (sql.failed) {
        (void)store_no_memory(error);
    } else if (sqlite3_prepare_v3(sqlite->db, strbuf_text(&sql), -1, flags, &statement, NULL) !=
               SQLITE_OK) {
        (void)sqlite_failed(sqlite, "preparing a statement", error);
    }
    strbuf_free(&sql);
    return statement;
}

sqlite3_stmt *sqlite_statement(struct sqlite_store *sqlite, const struct record_kind *kind,
                               enum sqlite_statement which, struct error *error)
{
    sqlite3_stmt **statement = &sqlite->tables[kind_number(kind)].statements[which];
    if (*statement != NULL) {
        (void)sqlite3_reset(*statement); /* the error that it returns only repeats that of the
                                            last step */
        (void)sqlite3_clear_bindings(*statement);
        return *statement;
    }
    *statement = sqlite_prepare(sqlite, kind, SQLITE_PREPARE_PERSISTENT,
                                sqlite_statement_template(which), error);
    return *statement;
}

static void close_whole(sqlite3 *db)
{
    (void)sqlite3_close(db);
}

static void forget_table(struct sqlite_table *table)
{
    for (size_t i = 0; i < STATEMENT_NUMBER; i++) {
        (void)sqlite3_finalize(table->statements[i]);
        table->statements[i] = NULL;
    }
}

static void forget_statements(struct sqlite_store *sqlite)
{
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        forget_table(&sqlite->tables[i]);
    }
    (void)sqlite3_finalize(sqlite->ask_number);
    sqlite->ask_number = NULL;
}

void sqlite_table_is(struct sqlite_store *sqlite, const struct record_kind *kind, int version)
{
    struct sqlite_table *table = &sqlite->tables[kind_number(kind)];
    if (table->version != version) { /* the statements were prepared for the other version */
        forget_table(table);
        table->version = version;
    }
}

static void close_file(struct sqlite_store *sqlite, void (*close)(sqlite3 *db))
{
    forget_statements(sqlite);
    close(sqlite->db);
    sqlite->db = NULL;
}

static bool open_failed(struct sqlite_store *sqlite, int code, struct error *error)
{
    if (sqlite->db == NULL || code == SQLITE_NOMEM) {
        return store_no_memory(error);
    }
    return error_set(error, ERROR_USAGE,
                     "%s cannot be opened (%s): is its folder there, and are both allowed to you?",
                     sqlite->path, sqlite3_errmsg(sqlite->db));
}

/* Waits as sqlite3_busy_timeout() would, but a stop ends the wait. Returns 0 to make the statement
 * fail with SQLITE_BUSY. */
static int wait_for_lock(void *context, int tries)
{
    struct sqlite_store *sqlite = context;
    int64_t now_ns = clock_monotonic_ns();
    if (tries == 0) {
        sqlite->busy_until_ns = now_ns + BUSY_MS * NS_PER_MS;
    }
    int step_ms = tries < BUSY_FIRST_TRIES ? BUSY_FIRST_MS : BUSY_STEP_MS;
    if (sqlite->stop != NULL) {
        return !stop_wait_ms(sqlite->stop, step_ms) && now_ns < sqlite->busy_until_ns;
    }
    nanosleep(&(struct timespec){.tv_nsec = step_ms * NS_PER_MS}, NULL);
    return now_ns < sqlite->busy_until_ns;
}

/* A check of the tables refuses triggers and views, but only when the file is opened. So this
 * switches off those that another program may create while the file is open. */
static bool forbid_others(struct sqlite_store *sqlite, struct error *error)
{
    bool off =
        sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL) == SQLITE_OK &&
        sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL) == SQLITE_OK;
    return off || sqlite_failed(sqlite, "turning triggers and views off", error);
}

/* Only statements of this connection can call it: nothing that the file's schema has. */
static bool add_function(struct sqlite_store *sqlite, struct error *error)
{
    return sqlite3_create_function_v2(sqlite->db, SQLITE_READ_POINT, -1,
                                      SQLITE_UTF8 | SQLITE_DIRECTONLY, sqlite, sqlite_read_point,
                                      NULL, NULL, NULL) == SQLITE_OK ||
           sqlite_failed(sqlite, "adding a function", error);
}

static bool open_file(struct sqlite_store *sqlite, struct error *error)
{
    /* Check before opening: after a failure a writer might have created the file meanwhile. */
    if (sqlite->store.read_only && access(sqlite->path, F_OK) != 0) {
        return sqlite_nothing_yet(sqlite, error);
    }
    if (!sqlite->store.read_only && !sqlite_files_one_name(sqlite->path, error)) {
        return false;
    }
    int flags =
        sqlite->store.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    /* NOMUTEX: only one thread at a time uses the connection (see store_open()). */
    int code = sqlite3_open_v2(sqlite->path, &sqlite->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    bool ready = code == SQLITE_OK;
    if (!ready) {
        (void)open_failed(sqlite, code, error);
    } else {
        (void)sqlite3_busy_handler(sqlite->db, wait_for_lock, sqlite);
        ready = forbid_others(sqlite, error) && add_function(sqlite, error) &&
                sqlite_set_up(sqlite, error);
    }
    if (!ready) {
        close_file(sqlite, close_whole);
        return false;
    }
    if (!sqlite_files_note(&sqlite->files, sqlite->db, sqlite->path)) {
        close_file(sqlite, sqlite_files_abandon);
        return error_set(error, ERROR_RETRY,
                         "%s-wal or -shm was removed while in use, and this program still holds it "
                         "elsewhere: that ends with its next use; if this stays, start it again",
                         sqlite->path);
    }
    return true;
}

/* Called when FILE exists, but its -wal or -shm was removed or replaced. */
static bool log_gone(struct sqlite_store *sqlite, struct error *error)
{
    enum sqlite_files_saved saved = sqlite->store.read_only
                                        ? SQLITE_FILES_SAVED
                                        : sqlite_files_save(&sqlite->files, sqlite->db);
    if (saved == SQLITE_FILES_BUSY) {
        return error_set(error, ERROR_RETRY,
                         "%s-wal was removed or replaced while in use, and another program reads "
                         "the file: end that one, and keep this one running until it has saved "
                         "what is not in the file yet",
                         sqlite->path);
    }
    close_file(sqlite, sqlite_files_abandon);
    if (saved == SQLITE_FILES_LOST) {
        store_note_emptied(&sqlite->store, "its -wal was removed or replaced while in use");
    }
    return error_set(error, ERROR_RETRY,
                     "%s-wal or -shm was removed or replaced while in use: what was committed is "
                     "%s; the file is opened anew",
                     sqlite->path, saved == SQLITE_FILES_SAVED ? "in the file" : "partly lost");
}

/* Called when the -wal or -shm exists, but was truncated: the last commits may be lost. */
static bool log_cut(struct sqlite_store *sqlite, struct error *error)
{
    if (!sqlite->store.read_only) {
        sqlite_files_drop_index(&sqlite->files, sqlite->db);
        store_note_emptied(&sqlite->store, "its -wal or -shm was cut off while in use");
    }
    close_file(sqlite, sqlite_files_abandon);
    return error_set(
        error, ERROR_RETRY,
        "%s-wal or -shm was cut off while in use: what was committed last may be lost, "
        "and the file is opened anew: candlewick replay --since TIME writes it again",
        sqlite->path);
}

/* Called when FILE itself was removed or replaced. Keeps the old FILE open until another can be
 * opened, because somebody may put it back. */
static bool file_gone(struct sqlite_store *sqlite, struct error *error)
{
    sqlite3 *old = sqlite->db;
    const struct sqlite_files old_files = sqlite->files;
    struct error why = {.kind = ERROR_NONE};
    bool left = sqlite->store.read_only || sqlite_files_leave(&sqlite->files, old) ||
                sqlite_failed(sqlite, "saving what is not in the old one yet", &why);
    forget_statements(sqlite);
    if (left && sqlite_files_same(&old_files)) {
        close_file(sqlite, sqlite_files_abandon);
        return error_set(error, ERROR_RETRY,
                         "%s was renamed or emptied while in use: it is opened anew", sqlite->path);
    }
    sqlite->db = NULL;
    if (!left || !open_file(sqlite, &why)) {
        sqlite->db = old;
        sqlite->files = old_files;
        return error_set(error, ERROR_RETRY,
                         "%s was removed or replaced while in use, and cannot be begun anew: put "
                         "it back (%.100s)",
                         sqlite->path, why.text);
    }
    sqlite_files_abandon(old);
    if (!sqlite->store.read_only) {
        store_note_emptied(&sqlite->store, "its file was removed or replaced while in use");
    }
    return error_set(error, ERROR_RETRY,
                     "%s was removed or replaced while in use, and the one of that name is used "
                     "from now on: candlewick replay --since TIME writes what was in the old one",
                     sqlite->path);
}

bool sqlite_ready(struct sqlite_store *sqlite, struct error *error)
{
    if (sqlite->db == NULL) {
        return open_file(sqlite, error);
    }
    switch (sqlite_files_check(&sqlite->files, sqlite->db)) {
    case SQLITE_FILES_WHOLE:
        return true;
    case SQLITE_FILES_LOG_GONE:
        return log_gone(sqlite, error);
    case SQLITE_FILES_LOG_CUT:
        return log_cut(sqlite, error);
    case SQLITE_FILES_GONE:
        break;
    }
    return file_gone(sqlite, error);
}

static void sqlite_rest(struct store *store)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    enum sqlite_files_state state =
        sqlite->db != NULL ? sqlite_files_check(&sqlite->files, sqlite->db) : SQLITE_FILES_WHOLE;
    if (state == SQLITE_FILES_LOG_GONE) {
        (void)log_gone(sqlite, NULL); /* the last chance to save what only the -wal contains */
    } else if (state == SQLITE_FILES_LOG_CUT) {
        (void)log_cut(sqlite, NULL);
    }
    close_file(sqlite, close_whole);
}

static void close_store(struct store *store)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    sqlite_rest(store);
    free(sqlite->path);
    free(sqlite);
}

/* Implements store_check() and store_prepare(): opening creates whatever is missing. */
static bool ready_store(struct store *store, struct error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    return sqlite_ready(sqlite, error) && sqlite_check_number(sqlite, error);
}

static const struct store_backend sqlite_backend = {.seeks = true,
                                                    .close = close_store,
                                                    .rest = sqlite_rest,
                                                    .check = ready_store,
                                                    .prepare = ready_store,
                                                    .write = sqlite_write,
                                                    .candles = sqlite_candles,
                                                    .list_series = sqlite_list_series,
                                                    .price_at = sqlite_price_at,
                                                    .closes = sqlite_closes,
                                                    .any = sqlite_any,
                                                    .count = sqlite_count,
                                                    .scan = sqlite_scan,
                                                    .count_between = sqlite_count_between,
                                                    .contents = sqlite_contents,
                                                    .contents_count = sqlite_contents_count,
                                                    .contents_end = sqlite_contents_end};

struct store *sqlite_open(const struct store_config *config, const char *path, struct error *error)
{
    /* SQLite would open a temporary database for such a path. */
    if (path[0] == '\0' || path[0] == ':') {
        (void)error_set(error, ERROR_USAGE, "sqlite:%s names no file: give sqlite:PATH", path);
        return NULL;
    }
    struct sqlite_store *sqlite = calloc(1, sizeof *sqlite);
    if (sqlite == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a store");
        return NULL;
    }
    sqlite->store.backend = &sqlite_backend;
    sqlite->store.read_only = config->read_only;
    sqlite->retention_ns = config->retention_ns;
    sqlite->stop = config->stop;
    sqlite->path = strdup(path);
    if (sqlite->path == NULL || !store_set_text(&sqlite->store.name, "SQLite file %s", path)) {
        (void)error_set(error, ERROR_FATAL, "no memory for a store");
        store_close(&sqlite->store);
        return NULL;
    }
    /* A condition that may end by itself (no file yet, lock taken) is reported by the call that
     * needs the file. */
    struct error failure = {.kind = ERROR_NONE};
    if (!sqlite_ready(sqlite, &failure) && failure.kind != ERROR_RETRY) {
        (void)error_set(error, ERROR_USAGE, "%s", failure.text);
        store_close(&sqlite->store);
        return NULL;
    }
    return &sqlite->store;
}
