/* SQLite's end, shared by its files: one connection, opened when it can be, and its statements. */
#ifndef CANDLEWICK_STORE_SQLITE_SQLITE_H
#define CANDLEWICK_STORE_SQLITE_SQLITE_H

#include <sqlite3.h>

#include "base/sqlite_files.h"
#include "store/backend.h"
#include "store/sqlite/sqlite_sql.h"

/* One kind's table. */
struct sqlite_table {
    int version; /* of the kind's schema, in the file; 0: not there, or not looked at yet */
    sqlite3_stmt *statements[STATEMENT_NUMBER];
};

struct sqlite_end {
    struct store store; /* first: see backend.h */
    char *path;
    sqlite3 *db;               /* NULL until it could be opened */
    struct sqlite_files files; /* that `db` has open */
    struct sqlite_table tables[RECORD_KINDS];
    int64_t retention_ns;
    struct stop *stop;     /* borrowed; NULL: none */
    int64_t busy_until_ns; /* on the monotonic clock, both */
    int64_t next_purge_ns;
};

/* Opens the file if it is not open yet; a writer makes file and table where missing.
 * ERROR_USAGE: it is not ours or cannot be made there; ERROR_RETRY: anything else, and when a file
 * that was open (with its -wal and -shm) is no longer the one of that name: then the next call
 * opens it anew. A writer asks again after each commit, before it tells anybody. */
NODISCARD bool sqlite_ready(struct sqlite_end *end, struct error *error);

/* Prepared once and reset, nothing bound. NULL on failure. Borrowed. */
NODISCARD sqlite3_stmt *sqlite_statement(struct sqlite_end *end, const struct record_kind *kind,
                                         enum sqlite_statement which, struct error *error);

/* One SQL text without rows. */
NODISCARD bool sqlite_run(struct sqlite_end *end, const char *sql, struct error *error);

/* Ends the transaction under way, if any, without its changes. */
void sqlite_roll_back(struct sqlite_end *end);

/* What SQLite said last, as ERROR_RETRY with its remedy. Returns false. */
bool sqlite_failed(struct sqlite_end *end, const char *doing, struct error *error);

/* sqlite_layout.c: brings a file that was just opened into order. Errors as sqlite_ready(). */
NODISCARD bool sqlite_set_up(struct sqlite_end *end, struct error *error);
bool sqlite_nothing_yet(const struct sqlite_end *end, struct error *error); /* ERROR_RETRY */

/* Whether the kind's table is one that this program makes, with nothing attached to it that would
 * change what is read or written; then its version is known. ERROR_USAGE: it is not. */
NODISCARD bool sqlite_check_table(struct sqlite_end *end, const struct record_kind *kind,
                                  struct error *error);

/* The version of the kind's table was looked at. */
void sqlite_table_is(struct sqlite_end *end, const struct record_kind *kind, int version);

/* sqlite_contents.c */
bool sqlite_contents(struct store *store, const struct record_kind *kind, int64_t from_ns,
                     int64_t to_ns, struct store_contents *contents, struct error *error);
void sqlite_contents_end(struct store *store);

/* sqlite_write.c */
bool sqlite_write(struct store *store, const struct record_set *records,
                  struct rejected_list *rejected, struct error *error);

/* sqlite_query.c */
bool sqlite_candles(struct store *store, const struct candle_query *query,
                    struct candle_list *candles, struct error *error);
bool sqlite_coins(struct store *store, const struct record_kind *kind, struct coin_summary **coins,
                  size_t *count, struct error *error);
bool sqlite_price_at(struct store *store, const struct record_kind *kind, const char *coin,
                     int64_t time_ns, double *price, bool *found, struct error *error);
bool sqlite_any(struct store *store, const struct record_kind *kind, bool *any,
                struct error *error);
bool sqlite_count(struct store *store, const struct record_kind *kind, int64_t *points,
                  struct error *error);
bool sqlite_scan(struct store *store, const struct record_kind *kind, const char *coin,
                 int64_t from_ns, int64_t to_ns, point_callback callback, void *context,
                 struct error *error);
bool sqlite_count_between(struct store *store, const struct record_kind *kind, const char *coin,
                          int64_t from_ns, int64_t to_ns, int64_t *points, struct error *error);

/* For both: the next coin by name behind `coin` ("" at first), found by one step down the primary
 * key. *found is false behind the last one. */
NODISCARD bool sqlite_next_coin(struct sqlite_end *end, const struct record_kind *kind,
                                char coin[RECORD_KEY_MAX + 1], bool *found, struct error *error);

#endif
