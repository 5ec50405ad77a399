/* The layout of the SQLite file: checks whether the file is this program's and has the tables,
 * creates and migrates them, and makes commits durable. */
#include <string.h>

#include "store/sqlite/sqlite.h"

enum {
    APPLICATION_ID = 0x43574b31, /* "CWK1": marks the file as this program's */
};

#define NOT_OURS "is not the one that candlewick makes"

/* Returns the layout's number, which is the file's user_version: the sum of its kinds' versions. A
 * new field or kind raises it, so that an older program refuses the file. */
static int layout_number(void)
{
    int number = 0;
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        number += kind_version(record_kinds[i]);
    }
    return number;
}

static bool newer_layout(const struct sqlite_store *sqlite, int number, struct error *error)
{
    return error_set(error, ERROR_FATAL,
                     "%s was written by a newer candlewick (its layout is %d, this program knows "
                     "%d): use that one",
                     sqlite->path, number, layout_number());
}

bool sqlite_check_number(struct sqlite_store *sqlite, struct error *error)
{
    if (sqlite->ask_number == NULL &&
        sqlite3_prepare_v3(sqlite->db, "PRAGMA user_version", -1, SQLITE_PREPARE_PERSISTENT,
                           &sqlite->ask_number, NULL) != SQLITE_OK) {
        return sqlite_failed(sqlite, "reading its layout", error);
    }
    bool asked = sqlite3_step(sqlite->ask_number) == SQLITE_ROW ||
                 sqlite_failed(sqlite, "reading its layout", error);
    int number = asked ? sqlite3_column_int(sqlite->ask_number, 0) : 0;
    (void)sqlite3_reset(sqlite->ask_number);
    return asked && (number <= layout_number() || newer_layout(sqlite, number, error));
}

/* Reads one integer: the first column of the only row. */
static bool ask_int(struct sqlite_store *sqlite, const char *sql, int *value, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    bool got = sqlite3_prepare_v2(sqlite->db, sql, -1, &statement, NULL) == SQLITE_OK &&
               sqlite3_step(statement) == SQLITE_ROW;
    if (got) {
        *value = sqlite3_column_int(statement, 0);
    } else if (sqlite3_errcode(sqlite->db) == SQLITE_NOTADB) {
        (void)error_set(error, ERROR_USAGE, "%s is no SQLite file: name another with --store",
                        sqlite->path);
    } else {
        (void)sqlite_failed(sqlite, "reading its layout", error);
    }
    (void)sqlite3_finalize(statement);
    return got;
}

/* Returns the version whose table definition has that text; 0: none. */
static int version_of(const struct record_kind *kind, const char *text)
{
    int version = kind_version(kind);
    bool same = false;
    while (!same && version > 0) {
        struct strbuf sql = strbuf_new(SQLITE_SQL_LIMIT);
        sqlite_append_table(&sql, kind, version);
        same = strcmp(strbuf_text(&sql), text) == 0;
        version -= same ? 0 : 1;
        strbuf_free(&sql);
    }
    return version;
}

/* Sets *version to that of the kind's table; 0: there is no table, -1: the table is another
 * program's. */
static bool find_version(struct sqlite_store *sqlite, const struct record_kind *kind, int *version,
                         struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int code =
        sqlite3_prepare_v2(sqlite->db, "SELECT type, sql FROM sqlite_schema WHERE lower(name) = ?1",
                           -1, &statement, NULL);
    code =
        code == SQLITE_OK ? sqlite3_bind_text(statement, 1, kind->name, -1, SQLITE_STATIC) : code;
    code = code == SQLITE_OK ? sqlite3_step(statement) : code;
    *version = 0;
    if (code == SQLITE_ROW) {
        const char *type = (const char *)sqlite3_column_text(statement, 0);
        const char *text = (const char *)sqlite3_column_text(statement, 1);
        bool table = type != NULL && text != NULL && strcmp(type, "table") == 0;
        *version = table ? version_of(kind, text) : 0;
        *version = *version > 0 ? *version : -1;
    }
    bool found = code == SQLITE_ROW || code == SQLITE_DONE ||
                 sqlite_failed(sqlite, "reading its layout", error);
    (void)sqlite3_finalize(statement);
    return found;
}

static bool changed(const struct sqlite_store *sqlite, const struct record_kind *kind,
                    const char *what, struct error *error)
{
    return error_set(error, ERROR_USAGE,
                     "%s was changed by another program (its table \"%s\" %s): name another file "
                     "with --store, and read the topic into it with another --group",
                     sqlite->path, kind->name, what);
}

/* Sets *version to 0 if there is no table. */
static bool check_table(struct sqlite_store *sqlite, const struct record_kind *kind, int *version,
                        struct error *error)
{
    int triggers = 0;
    struct strbuf sql = strbuf_new(SQLITE_SQL_LIMIT);
    strbuf_append_format(&sql,
                         "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' "
                         "AND lower(tbl_name) = '%s'",
                         kind->name);
    bool found = find_version(sqlite, kind, version, error) &&
                 ask_int(sqlite, strbuf_text(&sql), &triggers, error);
    strbuf_free(&sql);
    if (found && triggers > 0) {
        return changed(sqlite, kind, "has a trigger", error);
    }
    return found && (*version >= 0 || changed(sqlite, kind, NOT_OURS, error));
}

bool sqlite_check_table(struct sqlite_store *sqlite, const struct record_kind *kind,
                        struct error *error)
{
    int version = 0;
    if (!check_table(sqlite, kind, &version, error)) {
        return false;
    }
    if (version == 0 && sqlite->tables[kind_number(kind)].version > 0) {
        return changed(sqlite, kind, NOT_OURS, error);
    }
    sqlite_table_is(sqlite, kind, version);
    return true;
}

/* Checks all tables of a file whose user_version is `layout`. A table may be missing only if the
 * file is so old that this number does not include its kind. */
static bool check_tables(struct sqlite_store *sqlite, int layout, struct error *error)
{
    int sum = 0;
    const struct record_kind *missing = NULL;
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        int version = 0;
        if (!check_table(sqlite, record_kinds[i], &version, error)) {
            return false;
        }
        sqlite_table_is(sqlite, record_kinds[i], version);
        sum += version;
        missing = version == 0 ? record_kinds[i] : missing;
    }
    return missing == NULL || sum == layout || changed(sqlite, missing, NOT_OURS, error);
}

bool sqlite_ready_for(struct sqlite_store *sqlite, const struct record_kind *kind,
                      struct error *error)
{
    return sqlite_ready(sqlite, error) && sqlite_check_number(sqlite, error) &&
           (sqlite->tables[kind_number(kind)].version == kind_version(kind) ||
            sqlite_check_table(sqlite, kind, error));
}

/* Checks that the file's encoding is UTF-8, because names are compared byte by byte. An encoding
 * never changes later. */
static bool check_encoding(struct sqlite_store *sqlite, struct error *error)
{
    int utf8 = 0;
    return ask_int(sqlite, "SELECT encoding = 'UTF-8' FROM pragma_encoding", &utf8, error) &&
           (utf8 == 1 || error_set(error, ERROR_USAGE,
                                   "%s was made by another program, in UTF-16: name another file "
                                   "with --store, and read the topic into it with another --group",
                                   sqlite->path));
}

/* Checks whose file it is; *empty: nobody's yet. Fails with ERROR_USAGE for another program's file,
 * and with ERROR_FATAL for a newer layout. Runs in a transaction, so that a table which another
 * process is just creating is not mistaken for a foreign one. */
static bool check_layout(struct sqlite_store *sqlite, bool *empty, struct error *error)
{
    int id = 0;
    int version = 0;
    int objects = 0;
    if (!check_encoding(sqlite, error) || !ask_int(sqlite, "PRAGMA application_id", &id, error) ||
        !ask_int(sqlite, "PRAGMA user_version", &version, error) ||
        !ask_int(sqlite, "SELECT count(*) FROM sqlite_schema", &objects, error)) {
        return false;
    }
    *empty = id == 0 && version == 0 && objects == 0;
    if (*empty) {
        return true;
    }
    if (id == APPLICATION_ID && version <= layout_number()) {
        return check_tables(sqlite, version, error);
    }
    if (id == APPLICATION_ID) {
        return newer_layout(sqlite, version, error);
    }
    return error_set(error, ERROR_USAGE,
                     "%s belongs to another program: name another file with --store", sqlite->path);
}

static bool use_wal(struct sqlite_store *sqlite, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(sqlite->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
    code = code == SQLITE_OK ? sqlite3_step(statement) : code;
    const char *mode = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    bool on = mode != NULL && strcmp(mode, "wal") == 0;
    if (code != SQLITE_ROW) {
        (void)sqlite_failed(sqlite, "switching to a write-ahead log", error);
    } else if (!on) {
        (void)error_set(error, ERROR_USAGE,
                        "%s cannot have a write-ahead log: put it on a local disk", sqlite->path);
    }
    (void)sqlite3_finalize(statement);
    return on;
}

static bool make_tables(struct sqlite_store *sqlite, struct error *error)
{
    struct strbuf sql = strbuf_new(SQLITE_SQL_LIMIT);
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        sqlite_append_table(&sql, record_kinds[i], kind_version(record_kinds[i]));
        strbuf_append_text(&sql, ";");
    }
    strbuf_append_format(&sql, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
                         APPLICATION_ID, layout_number());
    bool made = sql.failed ? store_no_memory(error) : sqlite_run(sqlite, strbuf_text(&sql), error);
    strbuf_free(&sql);
    return made && check_tables(sqlite, layout_number(), error);
}

static bool is_old(const struct sqlite_store *sqlite)
{
    bool old = false;
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        old = old || sqlite->tables[i].version < kind_version(record_kinds[i]);
    }
    return old;
}

/* Appends the CREATE TABLE, or an ALTER TABLE for each column that the table lacks. */
static void append_migration(const struct sqlite_store *sqlite, const struct record_kind *kind,
                             struct strbuf *sql)
{
    struct stored_columns columns = kind_stored_columns(kind);
    int newest = kind_version(kind);
    int version = sqlite->tables[kind_number(kind)].version;
    if (version == 0) {
        sqlite_append_table(sql, kind, newest);
        strbuf_append_text(sql, ";");
        return;
    }
    for (int since = version + 1; since <= newest; since++) {
        for (size_t i = 0; i < columns.count; i++) {
            if (columns.items[i]->since == since) {
                strbuf_append_format(sql, "ALTER TABLE %s ADD COLUMN %s;", kind->name,
                                     column_stored_name(columns.items[i]));
            }
        }
    }
}

/* Adds the new columns; in existing rows they are null, and these rows keep their bytes. */
static bool migrate_tables(struct sqlite_store *sqlite, struct error *error)
{
    struct strbuf sql = strbuf_new(SQLITE_SQL_LIMIT);
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        append_migration(sqlite, record_kinds[i], &sql);
    }
    strbuf_append_format(&sql, "PRAGMA user_version = %d;", layout_number());
    bool migrated =
        sql.failed ? store_no_memory(error) : sqlite_run(sqlite, strbuf_text(&sql), error);
    strbuf_free(&sql);
    return migrated && check_tables(sqlite, layout_number(), error);
}

/* Two processes that start together may both find an empty file; so the second one to get the lock
 * checks again. */
static bool make_layout(struct sqlite_store *sqlite, struct error *error)
{
    bool empty = false;
    bool made =
        sqlite_run(sqlite, "BEGIN IMMEDIATE", error) && check_layout(sqlite, &empty, error) &&
        (empty ? make_tables(sqlite, error) : !is_old(sqlite) || migrate_tables(sqlite, error)) &&
        sqlite_run(sqlite, "COMMIT", error);
    sqlite_roll_back(sqlite);
    return made;
}

static bool read_layout(struct sqlite_store *sqlite, bool *empty, struct error *error)
{
    bool fits = sqlite_run(sqlite, "BEGIN", error) && check_layout(sqlite, empty, error);
    sqlite_roll_back(sqlite);
    return fits;
}

/* Sets synchronous = FULL: every commit reaches the disk. With NORMAL a power cut could undo the
 * last commits after their offsets were committed to Kafka (promise P3 of docs/architecture.md). */
static bool prepare_writer(struct sqlite_store *sqlite, struct error *error)
{
    bool empty = false;
    if (sqlite3_db_readonly(sqlite->db, "main") == 1) {
        return error_set(error, ERROR_USAGE, "%s may not be written: see its mode and owner",
                         sqlite->path);
    }
    return read_layout(sqlite, &empty, error) && use_wal(sqlite, error) &&
           sqlite_run(sqlite, "PRAGMA synchronous = FULL", error) &&
           ((!empty && !is_old(sqlite)) || make_layout(sqlite, error));
}

bool sqlite_nothing_yet(const struct sqlite_store *sqlite, struct error *error)
{
    return error_set(error, ERROR_RETRY,
                     "nothing stored yet at %s: start ./launch.sh or candlewick consume",
                     sqlite->path);
}

static bool prepare_reader(struct sqlite_store *sqlite, struct error *error)
{
    bool empty = false;
    return read_layout(sqlite, &empty, error) && (!empty || sqlite_nothing_yet(sqlite, error));
}

bool sqlite_set_up(struct sqlite_store *sqlite, struct error *error)
{
    return sqlite->store.read_only ? prepare_reader(sqlite, error) : prepare_writer(sqlite, error);
}
