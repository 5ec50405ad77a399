/* Writes points to SQLite, one transaction per batch, and deletes those that are too old. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/sqlite/sqlite.h"

enum {
    PURGE_PAUSE_S = 60,
    PURGE_STEP_ROWS = 2000, /* the most rows and series together that one transaction handles */
    PURGE_STEPS = 32,       /* the most transactions of one purge */
};

/* Binds a text without a copy: the caller keeps it until the statement is reset. */
static bool bind_text(sqlite3_stmt *statement, int place, struct str text)
{
    return sqlite3_bind_text(statement, place, text.data, (int)text.length, SQLITE_STATIC) ==
           SQLITE_OK;
}

static bool bind_column(sqlite3_stmt *statement, int place, const struct column *column,
                        const void *record, const struct text_arena *texts)
{
    if (!column_present(column, record)) {
        return sqlite3_bind_null(statement, place) == SQLITE_OK;
    }
    switch (column->type) {
    case COLUMN_INT64:
        return sqlite3_bind_int64(statement, place, column_int64(column, record)) == SQLITE_OK;
    case COLUMN_DOUBLE:
        return sqlite3_bind_double(statement, place, column_double(column, record)) == SQLITE_OK;
    case COLUMN_BOOL:
        return sqlite3_bind_int(statement, place, column_bool(column, record)) == SQLITE_OK;
    case COLUMN_TEXT:
        return bind_text(statement, place, column_text(column, record));
    case COLUMN_LONG_TEXT:
        return bind_text(statement, place, column_long_text(column, record, texts));
    }
    return false;
}

/* The parameters are those of STATEMENT_INSERT. */
static bool bind_record(sqlite3_stmt *statement, const struct record_kind *kind,
                        const struct stored_columns *columns, const void *record,
                        const struct text_arena *texts)
{
    int place = 0;
    bool bound = true;
    for (size_t i = 0; bound && i < kind->tag_count; i++) {
        bound = bind_column(statement, ++place, kind->tags[i].column, record, texts);
    }
    bound = bound && bind_column(statement, ++place, kind->time, record, texts);
    for (size_t i = 0; bound && i < columns->count; i++) {
        bound = bind_column(statement, ++place, columns->items[i], record, texts);
    }
    return bound;
}

/* Begins a transaction. IMMEDIATE waits for the write lock here, not in the middle of the
 * transaction. Then checks the layout: a newer program may have migrated the file since it was
 * opened, but cannot do so before this transaction ends. */
static bool begin_writing(struct sqlite_store *sqlite, struct error *error)
{
    return sqlite_run(sqlite, "BEGIN IMMEDIATE", error) && sqlite_check_number(sqlite, error);
}

static bool insert_all(struct sqlite_store *sqlite, const struct record_set *records,
                       struct rejected_list *rejected, struct error *error)
{
    struct stored_columns columns = kind_stored_columns(records->kind);
    sqlite3_stmt *statement = sqlite_statement(sqlite, records->kind, STATEMENT_INSERT, error);
    bool done = statement != NULL;
    for (size_t i = 0; done && i < records->count; i++) {
        bool admitted = false;
        done = store_admit(records, i, rejected, &admitted, error);
        if (done && admitted) {
            done = (bind_record(statement, records->kind, &columns, record_set_at(records, i),
                                records->texts) &&
                    sqlite3_step(statement) == SQLITE_DONE) ||
                   sqlite_failed(sqlite, "writing a point", error);
            (void)sqlite3_reset(statement);
        }
    }
    return done;
}

/* Deletes at most `limit` old points of a series; *rows becomes their number. */
static bool purge_series(struct sqlite_store *sqlite, const struct record_kind *kind,
                         const char *series, int64_t before_ns, int limit, int *rows,
                         struct error *error)
{
    sqlite3_stmt *statement = sqlite_statement_for(sqlite, kind, STATEMENT_PURGE, series, error);
    if (statement == NULL) {
        return false;
    }
    int place = sqlite_place_a(kind);
    bool done = sqlite3_bind_int64(statement, place, before_ns) == SQLITE_OK &&
                sqlite3_bind_int(statement, place + 1, limit) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_DONE;
    *rows = done ? sqlite3_changes(sqlite->db) : 0;
    done = done || sqlite_failed(sqlite, "deleting old points", error);
    (void)sqlite3_reset(statement);
    return done;
}

/* Deletes the old points of the series after `purged`, as many as one transaction may. `purged`
 * becomes the last series that has no old point left. *more is false after the last series. */
static bool purge_rows(struct sqlite_store *sqlite, const struct record_kind *kind,
                       int64_t before_ns, char purged[RECORD_SERIES_MAX + 1], bool *more,
                       struct error *error)
{
    char series[RECORD_SERIES_MAX + 1];
    *more = true;
    for (int left = PURGE_STEP_ROWS; *more && left > 0;) {
        int rows = 0;
        memcpy(series, purged, sizeof series);
        if (!sqlite_next_series(sqlite, kind, series, more, error) ||
            (*more && !purge_series(sqlite, kind, series, before_ns, left, &rows, error))) {
            return false;
        }
        left -= rows + 1; /* count a series without old points too: it takes time */
        if (*more && left > 0) {
            memcpy(purged, series, sizeof series);
        }
    }
    return true;
}

/* Deletes in several short transactions, so that no other writer waits for long. What is too much
 * for one purge is left to the next one, which continues after the series that are done. */
static bool purge(struct sqlite_store *sqlite, const struct record_kind *kind, int64_t before_ns,
                  struct error *error)
{
    char *purged = sqlite->purged[kind_number(kind)];
    bool more = true;
    before_ns = kind_range_begin(kind, before_ns);
    for (int step = 0; more && step < PURGE_STEPS; step++) {
        bool done = begin_writing(sqlite, error) &&
                    purge_rows(sqlite, kind, before_ns, purged, &more, error) &&
                    sqlite_run(sqlite, "COMMIT", error);
        sqlite_roll_back(sqlite);
        if (!done) {
            return false;
        }
    }
    purged[0] = more ? purged[0] : '\0';
    return true;
}

/* Purges once per PURGE_PAUSE_S. A failure is only logged: the points of this batch are already
 * durable. */
static void purge_when_due(struct sqlite_store *sqlite)
{
    int64_t now_ns = clock_monotonic_ns();
    int64_t before_ns = 0;
    if (sqlite->retention_ns <= 0 || now_ns < sqlite->next_purge_ns ||
        __builtin_sub_overflow(clock_wall_ns(), sqlite->retention_ns, &before_ns)) {
        return;
    }
    sqlite->next_purge_ns = now_ns + PURGE_PAUSE_S * NS_PER_SECOND;
    struct error error = {.kind = ERROR_NONE};
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        if (!purge(sqlite, record_kinds[i], before_ns, &error)) {
            log_warn("store_retention_failed", log_text("table", record_kinds[i]->name),
                     log_text("reason", error.text));
        }
    }
}

bool sqlite_write(struct store *store, const struct record_set *records,
                  struct rejected_list *rejected, struct error *error)
{
    struct sqlite_store *sqlite = (struct sqlite_store *)store;
    if (!sqlite_ready(sqlite, error)) {
        return false;
    }
    bool written = begin_writing(sqlite, error) && insert_all(sqlite, records, rejected, error) &&
                   sqlite_run(sqlite, "COMMIT", error);
    sqlite_roll_back(sqlite);
    /* The file may have been removed meanwhile; what was committed to it is not durable. */
    if (!written || !sqlite_ready(sqlite, error)) {
        return false;
    }
    purge_when_due(sqlite);
    return true;
}
