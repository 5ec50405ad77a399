/* The SQLite back end, shared by its files: one connection and its prepared statements. The file is
 * opened when the store is, or as soon as that is possible. */
#ifndef CANDLEWICK_STORE_SQLITE_SQLITE_H
#define CANDLEWICK_STORE_SQLITE_SQLITE_H

#include <sqlite3.h>

#include "base/sqlite_files.h"
#include "store/backend.h"
#include "store/sqlite/sqlite_sql.h"

/* One kind's table. */
struct sqlite_table {
    int version; /* version of the kind's schema that the table in the file has; 0: there is no
                    table (only if read-only) */
    sqlite3_stmt *statements[STATEMENT_NUMBER];
};

struct sqlite_store {
    struct store store; /* first: see backend.h */
    char *path;
    sqlite3 *db;               /* NULL while the file cannot be opened */
    struct sqlite_files files; /* the files that `db` has open */
    struct sqlite_table tables[RECORD_KINDS];
    sqlite3_stmt *ask_number; /* prepared statement of sqlite_check_number(); NULL until its
                                 first call */
    struct sqlite_row *row;   /* set while points are read: see sqlite_read_point() */
    int64_t retention_ns;
    struct stop *stop;     /* borrowed; NULL: none */
    int64_t busy_until_ns; /* when waiting for a lock ends; monotonic, like next_purge_ns */
    int64_t next_purge_ns;
    /* For each kind, the last series that the purge has finished. The next purge continues with the
     * series after it; "": with the first. */
    char purged[RECORD_KINDS][RECORD_SERIES_MAX + 1];
};

/* Opens the file if it is not open yet; a writer creates the file and its tables if they are
 * missing. Fails with ERROR_USAGE if it is not this program's file, or cannot be created there;
 * with ERROR_FATAL if a newer program has changed its layout; otherwise with ERROR_RETRY: also if
 * the open file, its -wal or its -shm was removed or replaced, in which case the next call opens it
 * again. After each commit a writer calls this once more, before it reports success. */
NODISCARD bool sqlite_ready(struct sqlite_store *sqlite, struct error *error);

/* Prepares a template (sqlite_append_template()) for the kind's table, with `flags` for
 * sqlite3_prepare_v3(). Returns NULL on failure. The caller finalizes it. */
NODISCARD sqlite3_stmt *sqlite_prepare(struct sqlite_store *sqlite, const struct record_kind *kind,
                                       unsigned int flags, const char *template,
                                       struct error *error);

/* Returns one of the kind's statements, which are prepared at their first use; it is reset, with
 * nothing bound. Returns NULL on failure. Borrowed. */
NODISCARD sqlite3_stmt *sqlite_statement(struct sqlite_store *sqlite,
                                         const struct record_kind *kind,
                                         enum sqlite_statement which, struct error *error);

/* Runs one SQL text that returns no rows. */
NODISCARD bool sqlite_run(struct sqlite_store *sqlite, const char *sql, struct error *error);

/* Rolls back the transaction, if one is open. */
void sqlite_roll_back(struct sqlite_store *sqlite);

/* Sets ERROR_RETRY with SQLite's last message and a remedy. Returns false. */
bool sqlite_failed(struct sqlite_store *sqlite, const char *doing, struct error *error);

/* In sqlite_layout.c: checks a file that was just opened; a writer also creates or migrates the
 * tables. Errors as of sqlite_ready(). */
NODISCARD bool sqlite_set_up(struct sqlite_store *sqlite, struct error *error);
bool sqlite_nothing_yet(const struct sqlite_store *sqlite, struct error *error); /* says that
                                                                               nothing is stored
                                                                               yet: ERROR_RETRY */

/* Checks, by one read of the file's header, that no newer program has migrated the file since it
 * was opened. Within a transaction the result holds until its end. Fails with ERROR_FATAL. */
NODISCARD bool sqlite_check_number(struct sqlite_store *sqlite, struct error *error);

/* Does the same as sqlite_ready() and sqlite_check_number(), for a query of one kind. A reader also
 * checks whether another program has created the kind's table, or added its newer columns, since it
 * opened the file. */
NODISCARD bool sqlite_ready_for(struct sqlite_store *sqlite, const struct record_kind *kind,
                                struct error *error);

/* Checks that the kind's table is one that this program makes, without triggers or the like that
 * change what is read or written; remembers its version, or 0 if there is no table. Fails with
 * ERROR_USAGE if it is another table, or if the table was there before and is gone. */
NODISCARD bool sqlite_check_table(struct sqlite_store *sqlite, const struct record_kind *kind,
                                  struct error *error);

/* Remembers the version of the kind's table. */
void sqlite_table_is(struct sqlite_store *sqlite, const struct record_kind *kind, int version);

/* sqlite_contents.c */
bool sqlite_contents(struct store *store, const struct record_kind *kind, int64_t from_ns,
                     int64_t to_ns, struct store_contents *contents, struct error *error);
bool sqlite_contents_count(struct store *store, const struct record_kind *kind,
                           struct store_contents *contents, struct error *error);
void sqlite_contents_end(struct store *store);

/* sqlite_write.c */
bool sqlite_write(struct store *store, const struct record_set *records,
                  struct rejected_list *rejected, struct error *error);

/* sqlite_query.c */
bool sqlite_candles(struct store *store, const struct candle_query *query,
                    struct candle_list *candles, struct error *error);
bool sqlite_list_series(struct store *store, const struct record_kind *kind,
                        struct series_summary **list, size_t *count, struct error *error);
bool sqlite_price_at(struct store *store, const struct record_kind *kind, const char *series,
                     int64_t time_ns, double *price, bool *found, struct error *error);
bool sqlite_closes(struct store *store, const struct record_kind *kind,
                   const struct series_closes *wanted, size_t count, struct error *error);
bool sqlite_any(struct store *store, const struct record_kind *kind, bool *any,
                struct error *error);
bool sqlite_count(struct store *store, const struct record_kind *kind, int64_t *points,
                  struct error *error);
bool sqlite_scan(struct store *store, const struct record_kind *kind, const char *series,
                 int64_t from_ns, int64_t to_ns, point_callback callback, void *context,
                 struct error *error);
bool sqlite_count_between(struct store *store, const struct record_kind *kind, const char *series,
                          int64_t from_ns, int64_t to_ns, int64_t *points, struct error *error);

/* The SQL function SQLITE_READ_POINT, for sqlite3_create_function(); its user data is the store. */
void sqlite_read_point(sqlite3_context *context, int count, sqlite3_value **cells);

/* Used by queries and by writes: finds the next series after `series` ("" at first) with one search
 * in the primary key. Its tags match the text form of the kind's rule (`class`, `least` and `most`
 * of struct record_tag), which may accept more than `valid`: the series may be one that no record
 * can have. *found is false after the last one. */
NODISCARD bool sqlite_next_series(struct sqlite_store *sqlite, const struct record_kind *kind,
                                  char series[RECORD_SERIES_MAX + 1], bool *found,
                                  struct error *error);

/* Returns one of the kind's statements with the tags of the series bound; the series "" binds ""
 * for each tag. `series` must not change until the statement is reset. NULL on failure. */
NODISCARD sqlite3_stmt *sqlite_statement_for(struct sqlite_store *sqlite,
                                             const struct record_kind *kind,
                                             enum sqlite_statement which, const char *series,
                                             struct error *error);

/* Binds the range [from_ns, to_ns) as [a, b]. INT64_MAX as `to_ns` means no bound. */
NODISCARD bool sqlite_bind_range(sqlite3_stmt *statement, const struct record_kind *kind,
                                 int64_t from_ns, int64_t to_ns);

#endif
