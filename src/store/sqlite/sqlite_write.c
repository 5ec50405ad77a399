/* Points into SQLite, one transaction a batch, and out of it again when they are too old. */
#include "base/clock.h"
#include "base/log.h"
#include "store/sqlite/sqlite.h"

enum {
    PURGE_PAUSE_S = 60,
    PURGE_STEP_ROWS = 2000,
    PURGE_STEPS = 32, /* a run takes out at most so many steps' rows */
};

static bool bind_figure(sqlite3_stmt *statement, int place, const struct ticker *tick, size_t i)
{
    int code = tick->has[i] ? sqlite3_bind_double(statement, place, tick->figures[i])
                            : sqlite3_bind_null(statement, place);
    return code == SQLITE_OK;
}

/* The places follow STORE_POINT_COLUMNS. The symbol outlives the step. */
static bool bind_tick(sqlite3_stmt *statement, const struct ticker *tick)
{
    bool bound = sqlite3_bind_text(statement, 1, tick->symbol, -1, SQLITE_STATIC) == SQLITE_OK &&
                 sqlite3_bind_int64(statement, 2, tick->event_time_ns) == SQLITE_OK &&
                 sqlite3_bind_double(statement, 3, tick->last_price) == SQLITE_OK;
    int place = 4;
    for (size_t i = 0; bound && i < TICKER_FIGURES; i++) {
        bound = bind_figure(statement, place++, tick, i);
    }
    return bound && sqlite3_bind_int64(statement, place, tick->seq) == SQLITE_OK &&
           sqlite3_bind_int64(statement, place + 1, tick->run_id) == SQLITE_OK;
}

static bool insert_tick(struct sqlite_end *end, const struct ticker *tick, struct error *error)
{
    sqlite3_stmt *statement = sqlite_statement(end, STATEMENT_INSERT, error);
    if (statement == NULL) {
        return false;
    }
    bool done = bind_tick(statement, tick) && sqlite3_step(statement) == SQLITE_DONE;
    done = done || sqlite_failed(end, "writing a point", error);
    (void)sqlite3_reset(statement);
    return done;
}

static bool insert_all(struct sqlite_end *end, const struct ticker *ticks, size_t count,
                       struct rejected_list *rejected, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        bool admitted = false;
        if (!store_admit(&ticks[i], i, rejected, &admitted, error) ||
            (admitted && !insert_tick(end, &ticks[i], error))) {
            return false;
        }
    }
    return true;
}

static bool purge_step(struct sqlite_end *end, const char *coin, int64_t before_ns, int *rows,
                       struct error *error)
{
    sqlite3_stmt *statement = sqlite_statement(end, STATEMENT_PURGE, error);
    if (statement == NULL) {
        return false;
    }
    bool done = sqlite3_bind_text(statement, 1, coin, -1, SQLITE_STATIC) == SQLITE_OK &&
                sqlite3_bind_int64(statement, 2, before_ns) == SQLITE_OK &&
                sqlite3_bind_int(statement, 3, PURGE_STEP_ROWS) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_DONE;
    *rows = done ? sqlite3_changes(end->db) : 0;
    done = done || sqlite_failed(end, "deleting old points", error);
    (void)sqlite3_reset(statement);
    return done;
}

/* Each step is a transaction of its own, so that no other writer waits for long. */
static bool purge(struct sqlite_end *end, int64_t before_ns, struct error *error)
{
    char coin[SYMBOL_MAX + 1] = "";
    bool found = false;
    int steps = 0;
    do {
        if (!sqlite_next_coin(end, coin, &found, error)) {
            return false;
        }
        for (int rows = PURGE_STEP_ROWS; found && rows == PURGE_STEP_ROWS; steps++) {
            if (steps == PURGE_STEPS) {
                return true; /* the rest next time */
            }
            if (!purge_step(end, coin, before_ns, &rows, error)) {
                return false;
            }
        }
    } while (found);
    return true;
}

/* The points written just now are durable whatever happens here. */
static void purge_when_due(struct sqlite_end *end)
{
    int64_t now_ns = clock_monotonic_ns();
    int64_t before_ns = 0;
    if (end->retention_ns <= 0 || now_ns < end->next_purge_ns ||
        __builtin_sub_overflow(clock_wall_ns(), end->retention_ns, &before_ns)) {
        return;
    }
    end->next_purge_ns = now_ns + PURGE_PAUSE_S * NS_PER_SECOND;
    struct error error = {.kind = ERROR_NONE};
    if (!purge(end, before_ns, &error)) {
        log_warn("store_retention_failed", log_text("reason", error.text));
    }
}

bool sqlite_write(struct store *store, const struct ticker *ticks, size_t count,
                  struct rejected_list *rejected, struct error *error)
{
    struct sqlite_end *end = (struct sqlite_end *)store;
    if (!sqlite_ready(end, error)) {
        return false;
    }
    /* IMMEDIATE: to wait for the lock here, where waiting is allowed. */
    bool written = sqlite_run(end, "BEGIN IMMEDIATE", error) &&
                   insert_all(end, ticks, count, rejected, error) &&
                   sqlite_run(end, "COMMIT", error);
    sqlite_roll_back(end);
    /* What was committed to a file that is gone by now is not durable. */
    if (!written || !sqlite_ready(end, error)) {
        return false;
    }
    purge_when_due(end);
    return true;
}
