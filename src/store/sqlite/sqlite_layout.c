/* SQLite's file: is it ours, is the table there, how are its commits made durable. */
#include <string.h>

#include "store/sqlite/sqlite.h"

enum {
    LAYOUT = 1,                  /* user_version of the table below */
    APPLICATION_ID = 0x43574b31, /* "CWK1": a file of ours, and no other program's */
};

/* WITHOUT ROWID: the table is the primary key's tree, so that a coin's points lie side by side in
 * time order. The figures have no type on purpose: a REAL column keeps whole numbers as integers,
 * and -0.0 would come back as 0.0. */
#define TABLE                                                                                      \
    "CREATE TABLE ticker (coin TEXT NOT NULL, time INTEGER NOT NULL, last_price REAL NOT NULL,"    \
    " bid, bid_size, ask, ask_size, daily_change, daily_change_relative, volume, high, low,"       \
    " seq INTEGER NOT NULL, run_id INTEGER NOT NULL, PRIMARY KEY (coin, time)) WITHOUT ROWID"
static const char *const layout = TABLE ";"
                                        "PRAGMA application_id = 1129794353;"
                                        "PRAGMA user_version = 1;";

/* One value of one row. */
static bool ask_int(struct sqlite_end *end, const char *sql, int *value, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    bool got = sqlite3_prepare_v2(end->db, sql, -1, &statement, NULL) == SQLITE_OK &&
               sqlite3_step(statement) == SQLITE_ROW;
    if (got) {
        *value = sqlite3_column_int(statement, 0);
    } else if (sqlite3_errcode(end->db) == SQLITE_NOTADB) {
        (void)error_set(error, ERROR_USAGE, "%s is no SQLite file: name another with --store",
                        end->path);
    } else {
        (void)sqlite_failed(end, "reading its layout", error);
    }
    (void)sqlite3_finalize(statement);
    return got;
}

bool sqlite_check_table(struct sqlite_end *end, struct error *error)
{
    int ours = 0;
    int triggers = 0;
    if (!ask_int(end,
                 "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'ticker' "
                 "AND sql = '" TABLE "'",
                 &ours, error) ||
        !ask_int(end,
                 "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' "
                 "AND lower(tbl_name) = 'ticker'",
                 &triggers, error)) {
        return false;
    }
    return (ours == 1 && triggers == 0) ||
           error_set(error, ERROR_USAGE,
                     "%s was changed by another program (%s): name another file with --store, and "
                     "read the topic into it with another --group",
                     end->path,
                     triggers > 0 ? "its table \"ticker\" has a trigger"
                                  : "its table \"ticker\" is not the one that candlewick makes");
}

/* *empty: nothing is in it yet. ERROR_USAGE: another program's file, or a newer layout. Inside a
 * transaction, so that a table which is being made is not taken for somebody else's. */
static bool check_layout(struct sqlite_end *end, bool *empty, struct error *error)
{
    int id = 0;
    int version = 0;
    int objects = 0;
    if (!ask_int(end, "PRAGMA application_id", &id, error) ||
        !ask_int(end, "PRAGMA user_version", &version, error) ||
        !ask_int(end, "SELECT count(*) FROM sqlite_schema", &objects, error)) {
        return false;
    }
    *empty = id == 0 && version == 0 && objects == 0;
    if (*empty) {
        return true;
    }
    if (id == APPLICATION_ID && version == LAYOUT) {
        return sqlite_check_table(end, error);
    }
    if (id == APPLICATION_ID) {
        return error_set(error, ERROR_USAGE,
                         "%s has layout %d, this program knows %d: use the newer candlewick",
                         end->path, version, LAYOUT);
    }
    return error_set(error, ERROR_USAGE,
                     "%s belongs to another program: name another file with --store", end->path);
}

static bool use_wal(struct sqlite_end *end, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(end->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
    code = code == SQLITE_OK ? sqlite3_step(statement) : code;
    const char *mode = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    bool on = mode != NULL && strcmp(mode, "wal") == 0;
    if (code != SQLITE_ROW) {
        (void)sqlite_failed(end, "switching to a write-ahead log", error);
    } else if (!on) {
        (void)error_set(error, ERROR_USAGE,
                        "%s cannot have a write-ahead log: put it on a local disk", end->path);
    }
    (void)sqlite3_finalize(statement);
    return on;
}

/* Two that start together both find nothing; the second one to get the lock looks again. */
static bool make_table(struct sqlite_end *end, struct error *error)
{
    bool empty = false;
    bool made = sqlite_run(end, "BEGIN IMMEDIATE", error) && check_layout(end, &empty, error) &&
                (!empty || sqlite_run(end, layout, error)) && sqlite_run(end, "COMMIT", error);
    sqlite_roll_back(end);
    return made;
}

static bool look_at_layout(struct sqlite_end *end, bool *empty, struct error *error)
{
    bool fits = sqlite_run(end, "BEGIN", error) && check_layout(end, empty, error);
    sqlite_roll_back(end);
    return fits;
}

/* FULL: every commit reaches the disk. With NORMAL a power cut could take the last ones back after
 * their offsets were committed (promise P3). */
static bool prepare_writer(struct sqlite_end *end, struct error *error)
{
    bool empty = false;
    if (sqlite3_db_readonly(end->db, "main") == 1) {
        return error_set(error, ERROR_USAGE, "%s may not be written: see its mode and owner",
                         end->path);
    }
    return look_at_layout(end, &empty, error) && use_wal(end, error) &&
           sqlite_run(end, "PRAGMA synchronous = FULL", error) &&
           (!empty || make_table(end, error));
}

bool sqlite_nothing_yet(const struct sqlite_end *end, struct error *error)
{
    return error_set(error, ERROR_RETRY,
                     "nothing stored yet at %s: start ./launch.sh or candlewick consume",
                     end->path);
}

static bool prepare_reader(struct sqlite_end *end, struct error *error)
{
    bool empty = false;
    return look_at_layout(end, &empty, error) && (!empty || sqlite_nothing_yet(end, error));
}

bool sqlite_set_up(struct sqlite_end *end, struct error *error)
{
    return end->store.read_only ? prepare_reader(end, error) : prepare_writer(end, error);
}
