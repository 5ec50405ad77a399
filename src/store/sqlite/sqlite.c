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

bool sqlite_failed(struct sqlite_end *end, const char *doing, struct error *error)
{
    const char *remedy = "";
    switch (sqlite3_errcode(end->db)) {
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
    return error_set(error, ERROR_RETRY, "%s: %s: %s%s", end->store.name, doing,
                     sqlite3_errmsg(end->db), remedy);
}

bool sqlite_run(struct sqlite_end *end, const char *sql, struct error *error)
{
    return sqlite3_exec(end->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           sqlite_failed(end, sql, error);
}

void sqlite_roll_back(struct sqlite_end *end)
{
    if (sqlite3_get_autocommit(end->db) == 0) {
        /* This can only fail if SQLite has already rolled back by itself. */
        (void)sqlite3_exec(end->db, "ROLLBACK", NULL, NULL, NULL);
    }
}

sqlite3_stmt *sqlite_prepare(struct sqlite_end *end, const struct record_kind *kind,
                             unsigned int flags, const char *template, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    struct strbuf sql = strbuf_new(SQLITE_SQL_LIMIT);
    sqlite_append_template(&sql, kind, end->tables[kind_number(kind)].version, template);
    if (sql.failed) {
        (void)store_no_memory(error);
    } else if (sqlite3_prepare_v3(end->db, strbuf_text(&sql), -1, flags, &statement, NULL) !=
               SQLITE_OK) {
        (void)sqlite_failed(end, "preparing a statement", error);
    }
    strbuf_free(&sql);
    return statement;
}

sqlite3_stmt *sqlite_statement(struct sqlite_end *end, const struct record_kind *kind,
                               enum sqlite_statement which, struct error *error)
{
    sqlite3_stmt **statement = &end->tables[kind_number(kind)].statements[which];
    if (*statement != NULL) {
        (void)sqlite3_reset(*statement); /* the error that it returns only repeats that of the
                                            last step */
        (void)sqlite3_clear_bindings(*statement);
        return *statement;
    }
    *statement = sqlite_prepare(end, kind, SQLITE_PREPARE_PERSISTENT,
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

static void forget_statements(struct sqlite_end *end)
{
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        forget_table(&end->tables[i]);
    }
    (void)sqlite3_finalize(end->ask_number);
    end->ask_number = NULL;
}

void sqlite_table_is(struct sqlite_end *end, const struct record_kind *kind, int version)
{
    struct sqlite_table *table = &end->tables[kind_number(kind)];
    if (table->version != version) { /* the statements were prepared for the other version */
        forget_table(table);
        table->version = version;
    }
}

static void close_file(struct sqlite_end *end, void (*close)(sqlite3 *db))
{
    forget_statements(end);
    close(end->db);
    end->db = NULL;
}

static bool open_failed(struct sqlite_end *end, int code, struct error *error)
{
    if (end->db == NULL || code == SQLITE_NOMEM) {
        return store_no_memory(error);
    }
    return error_set(error, ERROR_USAGE,
                     "%s cannot be opened (%s): is its folder there, and are both allowed to you?",
                     end->path, sqlite3_errmsg(end->db));
}

/* Waits as sqlite3_busy_timeout() would, but a stop ends the wait. Returns 0 to make the statement
 * fail with SQLITE_BUSY. */
static int wait_for_lock(void *context, int tries)
{
    struct sqlite_end *end = context;
    int64_t now_ns = clock_monotonic_ns();
    if (tries == 0) {
        end->busy_until_ns = now_ns + BUSY_MS * NS_PER_MS;
    }
    int step_ms = tries < BUSY_FIRST_TRIES ? BUSY_FIRST_MS : BUSY_STEP_MS;
    if (end->stop != NULL) {
        return !stop_wait_ms(end->stop, step_ms) && now_ns < end->busy_until_ns;
    }
    nanosleep(&(struct timespec){.tv_nsec = step_ms * NS_PER_MS}, NULL);
    return now_ns < end->busy_until_ns;
}

/* A check of the tables refuses triggers and views, but only when the file is opened. So this
 * switches off those that another program may create while the file is open. */
static bool forbid_others(struct sqlite_end *end, struct error *error)
{
    bool off = sqlite3_db_config(end->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL) == SQLITE_OK &&
               sqlite3_db_config(end->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL) == SQLITE_OK;
    return off || sqlite_failed(end, "turning triggers and views off", error);
}

static bool open_file(struct sqlite_end *end, struct error *error)
{
    /* Check before opening: after a failure a writer might have created the file meanwhile. */
    if (end->store.read_only && access(end->path, F_OK) != 0) {
        return sqlite_nothing_yet(end, error);
    }
    if (!end->store.read_only && !sqlite_files_one_name(end->path, error)) {
        return false;
    }
    int flags =
        end->store.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    /* NOMUTEX: only one thread at a time uses the connection (see store_open()). */
    int code = sqlite3_open_v2(end->path, &end->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    bool ready = code == SQLITE_OK;
    if (!ready) {
        (void)open_failed(end, code, error);
    } else {
        (void)sqlite3_busy_handler(end->db, wait_for_lock, end);
        ready = forbid_others(end, error) && sqlite_set_up(end, error);
    }
    if (!ready) {
        close_file(end, close_whole);
        return false;
    }
    if (!sqlite_files_note(&end->files, end->db, end->path)) {
        close_file(end, sqlite_files_abandon);
        return error_set(error, ERROR_RETRY,
                         "%s-wal or -shm was removed while in use, and this program still holds it "
                         "elsewhere: that ends with its next use; if this stays, start it again",
                         end->path);
    }
    return true;
}

/* Called when FILE exists, but its -wal or -shm was removed or replaced. */
static bool log_gone(struct sqlite_end *end, struct error *error)
{
    enum sqlite_files_saved saved =
        end->store.read_only ? SQLITE_FILES_SAVED : sqlite_files_save(&end->files, end->db);
    if (saved == SQLITE_FILES_BUSY) {
        return error_set(error, ERROR_RETRY,
                         "%s-wal was removed or replaced while in use, and another program reads "
                         "the file: end that one, and keep this one running until it has saved "
                         "what is not in the file yet",
                         end->path);
    }
    close_file(end, sqlite_files_abandon);
    if (saved == SQLITE_FILES_LOST) {
        store_note_emptied(&end->store, "its -wal was removed or replaced while in use");
    }
    return error_set(error, ERROR_RETRY,
                     "%s-wal or -shm was removed or replaced while in use: what was committed is "
                     "%s; the file is opened anew",
                     end->path, saved == SQLITE_FILES_SAVED ? "in the file" : "partly lost");
}

/* Called when the -wal or -shm exists, but was truncated: the last commits may be lost. */
static bool log_cut(struct sqlite_end *end, struct error *error)
{
    if (!end->store.read_only) {
        sqlite_files_drop_index(&end->files, end->db);
        store_note_emptied(&end->store, "its -wal or -shm was cut off while in use");
    }
    close_file(end, sqlite_files_abandon);
    return error_set(
        error, ERROR_RETRY,
        "%s-wal or -shm was cut off while in use: what was committed last may be lost, "
        "and the file is opened anew: candlewick replay --since TIME writes it again",
        end->path);
}

/* Called when FILE itself was removed or replaced. Keeps the old FILE open until another can be
 * opened, because somebody may put it back. */
static bool file_gone(struct sqlite_end *end, struct error *error)
{
    sqlite3 *old = end->db;
    const struct sqlite_files old_files = end->files;
    struct error why = {.kind = ERROR_NONE};
    bool left = end->store.read_only || sqlite_files_leave(&end->files, old) ||
                sqlite_failed(end, "saving what is not in the old one yet", &why);
    forget_statements(end);
    if (left && sqlite_files_same(&old_files)) {
        close_file(end, sqlite_files_abandon);
        return error_set(error, ERROR_RETRY,
                         "%s was renamed or emptied while in use: it is opened anew", end->path);
    }
    end->db = NULL;
    if (!left || !open_file(end, &why)) {
        end->db = old;
        end->files = old_files;
        return error_set(error, ERROR_RETRY,
                         "%s was removed or replaced while in use, and cannot be begun anew: put "
                         "it back (%.100s)",
                         end->path, why.text);
    }
    sqlite_files_abandon(old);
    if (!end->store.read_only) {
        store_note_emptied(&end->store, "its file was removed or replaced while in use");
    }
    return error_set(error, ERROR_RETRY,
                     "%s was removed or replaced while in use, and the one of that name is used "
                     "from now on: candlewick replay --since TIME writes what was in the old one",
                     end->path);
}

bool sqlite_ready(struct sqlite_end *end, struct error *error)
{
    if (end->db == NULL) {
        return open_file(end, error);
    }
    switch (sqlite_files_check(&end->files, end->db)) {
    case SQLITE_FILES_WHOLE:
        return true;
    case SQLITE_FILES_LOG_GONE:
        return log_gone(end, error);
    case SQLITE_FILES_LOG_CUT:
        return log_cut(end, error);
    case SQLITE_FILES_GONE:
        break;
    }
    return file_gone(end, error);
}

static void sqlite_rest(struct store *store)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    enum sqlite_files_state state =
        end->db != NULL ? sqlite_files_check(&end->files, end->db) : SQLITE_FILES_WHOLE;
    if (state == SQLITE_FILES_LOG_GONE) {
        (void)log_gone(end, NULL); /* the last chance to save what only the -wal contains */
    } else if (state == SQLITE_FILES_LOG_CUT) {
        (void)log_cut(end, NULL);
    }
    close_file(end, close_whole);
}

static void sqlite_close_end(struct store *store)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    sqlite_rest(store);
    free(end->path);
    free(end);
}

/* Implements store_check() and store_prepare(): opening creates whatever is missing. */
static bool sqlite_ready_end(struct store *store, struct error *error)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    return sqlite_ready(end, error) && sqlite_check_number(end, error);
}

static const struct store_backend sqlite_backend = {.close = sqlite_close_end,
                                                    .rest = sqlite_rest,
                                                    .check = sqlite_ready_end,
                                                    .prepare = sqlite_ready_end,
                                                    .write = sqlite_write,
                                                    .candles = sqlite_candles,
                                                    .list_series = sqlite_list_series,
                                                    .price_at = sqlite_price_at,
                                                    .any = sqlite_any,
                                                    .count = sqlite_count,
                                                    .scan = sqlite_scan,
                                                    .count_between = sqlite_count_between,
                                                    .contents = sqlite_contents,
                                                    .contents_end = sqlite_contents_end};

struct store *sqlite_open(const struct store_config *config, const char *path, struct error *error)
{
    /* SQLite would open a temporary database for such a path. */
    if (path[0] == '\0' || path[0] == ':') {
        (void)error_set(error, ERROR_USAGE, "sqlite:%s names no file: give sqlite:PATH", path);
        return NULL;
    }
    struct sqlite_end *end = calloc(1, sizeof *end);
    if (end == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for a store");
        return NULL;
    }
    end->store.backend = &sqlite_backend;
    end->store.read_only = config->read_only;
    end->retention_ns = config->retention_ns;
    end->stop = config->stop;
    end->path = strdup(path);
    if (end->path == NULL || !store_set_text(&end->store.name, "SQLite file %s", path)) {
        (void)error_set(error, ERROR_FATAL, "no memory for a store");
        store_close(&end->store);
        return NULL;
    }
    /* A condition that can pass (no file yet, lock taken) is reported by the call that needs the
     * file. */
    struct error failure = {.kind = ERROR_NONE};
    if (!sqlite_ready(end, &failure) && failure.kind != ERROR_RETRY) {
        (void)error_set(error, ERROR_USAGE, "%s", failure.text);
        store_close(&end->store);
        return NULL;
    }
    return &end->store;
}
