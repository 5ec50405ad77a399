/* SQLite's end, shared by its files: one connection, opened when it can be, and its statements. */
#ifndef CANDLEWICK_STORE_SQLITE_SQLITE_H
#define CANDLEWICK_STORE_SQLITE_SQLITE_H

#include <sqlite3.h>

#include "base/sqlite_files.h"
#include "store/backend.h"

enum sqlite_statement {
    STATEMENT_INSERT,         /* ?1 coin, ?2 time, then STORE_POINT_COLUMNS */
    STATEMENT_RANGE,          /* time, last_price of ?1 in [?2, ?3] */
    STATEMENT_NEWEST_BETWEEN, /* the newest time of ?1 in [?2, ?3] */
    STATEMENT_NEXT_COIN,      /* the first coin behind ?1 */
    STATEMENT_FIRST_TIME,     /* of ?1 */
    STATEMENT_LAST_POINT,     /* time, STORE_POINT_COLUMNS of ?1 */
    STATEMENT_PRICE_AT,       /* of ?1 at or before ?2 */
    STATEMENT_COUNT,
    STATEMENT_ALL_POINTS,    /* the same of ?1, whatever its times are */
    STATEMENT_POINTS,        /* time, STORE_POINT_COLUMNS of ?1 in [?2, ?3] */
    STATEMENT_COUNT_BETWEEN, /* of ?1 in [?2, ?3] */
    STATEMENT_PURGE,         /* of ?1 what is before ?2, at most ?3 rows */
    STATEMENT_NUMBER,        /* how many */
};

struct sqlite_end {
    struct store store; /* first: see backend.h */
    char *path;
    sqlite3 *db;               /* NULL until it could be opened */
    struct sqlite_files files; /* that `db` has open */
    sqlite3_stmt *statements[STATEMENT_NUMBER];
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
NODISCARD sqlite3_stmt *sqlite_statement(struct sqlite_end *end, enum sqlite_statement which,
                                         struct error *error);

/* One SQL text without rows. */
NODISCARD bool sqlite_run(struct sqlite_end *end, const char *sql, struct error *error);

/* Ends the transaction under way, if any, without its changes. */
void sqlite_roll_back(struct sqlite_end *end);

/* What SQLite said last, as ERROR_RETRY with its remedy. Returns false. */
bool sqlite_failed(struct sqlite_end *end, const char *doing, struct error *error);

/* sqlite_layout.c: brings a file that was just opened into order. Errors as sqlite_ready(). */
NODISCARD bool sqlite_set_up(struct sqlite_end *end, struct error *error);
bool sqlite_nothing_yet(const struct sqlite_end *end, struct error *error); /* ERROR_RETRY */

/* Whether the table is the one that this program makes, with nothing attached to it that would
 * change what is read or written. ERROR_USAGE: it is not. */
NODISCARD bool sqlite_check_table(struct sqlite_end *end, struct error *error);

/* sqlite_contents.c */
bool sqlite_contents(struct store *store, int64_t from_ns, int64_t to_ns,
                     struct store_contents *contents, struct error *error);
void sqlite_contents_end(struct store *store);

/* sqlite_write.c */
bool sqlite_write(struct store *store, const struct ticker *ticks, size_t count,
                  struct rejected_list *rejected, struct error *error);

/* sqlite_query.c */
bool sqlite_candles(struct store *store, const struct candle_query *query,
                    struct candle_list *candles, struct error *error);
bool sqlite_coins(struct store *store, struct coin_summary **coins, size_t *count,
                  struct error *error);
bool sqlite_price_at(struct store *store, const char *coin, int64_t time_ns, double *price,
                     bool *found, struct error *error);
bool sqlite_count(struct store *store, int64_t *points, struct error *error);
bool sqlite_scan(struct store *store, const char *coin, int64_t from_ns, int64_t to_ns,
                 point_callback callback, void *context, struct error *error);
bool sqlite_count_between(struct store *store, const char *coin, int64_t from_ns, int64_t to_ns,
                          int64_t *points, struct error *error);

/* For both: the next coin by name behind `coin` ("" at first), found by one step down the primary
 * key. *found is false behind the last one. */
NODISCARD bool sqlite_next_coin(struct sqlite_end *end, char coin[SYMBOL_MAX + 1], bool *found,
                                struct error *error);

#endif
