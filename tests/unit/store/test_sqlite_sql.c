/* The SQL of each kind: the ticker's to the byte as in the versions before, which is what makes the
 * files of both the same. */
#include "store/sqlite/sqlite_sql.h"

#include <string.h>

#include <sqlite3.h>

#include "cmocka_all.h"
#include "note_kind.h"
#include "record/bar.h"
#include "record/event.h"
#include "record/news.h"
#include "record/ticker.h"
#include "record/trade.h"

static void table_has_the_tags_then_the_time_and_the_columns(void **state)
{
    (void)state;
    static const struct {
        const struct record_kind *kind;
        int version;
        const char *want;
    } cases[] = {
        {&ticker_kind, 1,
         "CREATE TABLE ticker (coin TEXT NOT NULL, time INTEGER NOT NULL, last_price REAL NOT NULL,"
         " bid, bid_size, ask, ask_size, daily_change, daily_change_relative, volume, high, low,"
         " seq INTEGER NOT NULL, run_id INTEGER NOT NULL, PRIMARY KEY (coin, time)) WITHOUT ROWID"},
        {&bar_kind, 1,
         "CREATE TABLE bar (coin TEXT NOT NULL, source TEXT NOT NULL, timeframe TEXT NOT NULL,"
         " time INTEGER NOT NULL, open_time_ns INTEGER NOT NULL, revision INTEGER NOT NULL,"
         " open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL,"
         " volume, quote_volume, trades, PRIMARY KEY (coin, source, timeframe, time))"
         " WITHOUT ROWID"},
        {&trade_kind, 1,
         "CREATE TABLE trade (coin TEXT NOT NULL, source TEXT NOT NULL, time INTEGER NOT NULL,"
         " trade_id INTEGER NOT NULL, exchange_time_ns INTEGER NOT NULL, price REAL NOT NULL,"
         " amount REAL NOT NULL, PRIMARY KEY (coin, source, time)) WITHOUT ROWID"},
        {&event_kind, 1,
         "CREATE TABLE event (subject TEXT NOT NULL, what TEXT NOT NULL, time INTEGER NOT NULL,"
         " source TEXT NOT NULL, begin_ns, end_ns, number, detail,"
         " PRIMARY KEY (subject, what, time)) WITHOUT ROWID"},
        {&news_kind, 1,
         "CREATE TABLE news (source TEXT NOT NULL, time INTEGER NOT NULL, news_id TEXT NOT NULL,"
         " published_ns INTEGER NOT NULL, dated INTEGER NOT NULL, title TEXT NOT NULL, url, coins,"
         " votes, score, PRIMARY KEY (source, time, news_id)) WITHOUT ROWID"},
        {&note_kind, 1,
         "CREATE TABLE note (name TEXT NOT NULL, time INTEGER NOT NULL, text TEXT NOT NULL, more,"
         " final INTEGER NOT NULL, read, count, PRIMARY KEY (name, time)) WITHOUT ROWID"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf sql = strbuf_new(SQLITE_SQL_LIMIT);
        sqlite_append_table(&sql, cases[i].kind, cases[i].version);
        assert_string_equal(strbuf_text(&sql), cases[i].want);
        strbuf_free(&sql);
    }
}

static void statement_names_a_series_by_all_its_tags(void **state)
{
    (void)state;
    static const struct {
        const struct record_kind *kind;
        int version;
        enum sqlite_statement which;
        const char *want;
    } cases[] = {
        {&ticker_kind, 2, STATEMENT_INSERT,
         "INSERT INTO ticker (coin, time, last_price, bid, bid_size, ask, ask_size, daily_change, "
         "daily_change_relative, volume, high, low, market_cap, seq, run_id) VALUES (?1, ?2, ?3, "
         "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT (coin, time) DO "
         "NOTHING"},
        {&ticker_kind, 2, STATEMENT_RANGE,
         "SELECT time, last_price FROM ticker WHERE coin = ?1 AND time >= ?2 AND time <= ?3 "
         "ORDER BY time"},
        {&ticker_kind, 2, STATEMENT_NEXT_SERIES,
         "SELECT coin FROM ticker WHERE coin > ?1 AND coin < x'' AND coin NOT GLOB "
         "'*[^A-Za-z0-9:._^=-]*' AND length(CAST(coin AS BLOB)) BETWEEN 1 AND 64 "
         "AND instr(coin, char(0)) = 0 ORDER BY coin LIMIT 1"},
        {&ticker_kind, 2, STATEMENT_PURGE,
         "DELETE FROM ticker WHERE coin = ?1 AND time IN (SELECT time FROM ticker WHERE coin = ?1 "
         "AND time < ?2 ORDER BY time LIMIT ?3)"},
        {&bar_kind, 1, STATEMENT_INSERT,
         "INSERT INTO bar (coin, source, timeframe, time, open_time_ns, revision, open, high, low, "
         "close, volume, quote_volume, trades) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
         "?11, ?12, ?13) ON CONFLICT (coin, source, timeframe, time) DO NOTHING"},
        {&bar_kind, 1, STATEMENT_RANGE,
         "SELECT time, close FROM bar WHERE coin = ?1 AND source = ?2 AND timeframe = ?3 "
         "AND time >= ?4 AND time <= ?5 ORDER BY time"},
        {&bar_kind, 0, STATEMENT_COUNT,
         "SELECT count(*) FROM (SELECT NULL AS time, NULL AS coin, NULL AS source, NULL AS "
         "timeframe, NULL AS open_time_ns, NULL AS revision, NULL AS open, NULL AS high, NULL AS "
         "low, NULL AS close, NULL AS volume, NULL AS quote_volume, NULL AS trades LIMIT 0)"},
        {&trade_kind, 1, STATEMENT_RANGE,
         "SELECT time, price, amount FROM trade WHERE coin = ?1 AND source = ?2 AND time >= ?3 "
         "AND time <= ?4 ORDER BY time"},
        {&news_kind, 1, STATEMENT_INSERT,
         "INSERT INTO news (source, time, news_id, published_ns, dated, title, url, coins, votes, "
         "score) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (source, time, "
         "news_id) DO NOTHING"},
        {&note_kind, 1, STATEMENT_RANGE,
         "SELECT time, NULL FROM note WHERE name = ?1 AND time >= ?2 AND time <= ?3 ORDER BY time"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf sql = strbuf_new(SQLITE_SQL_LIMIT);
        sqlite_append_template(&sql, cases[i].kind, cases[i].version,
                               sqlite_statement_template(cases[i].which));
        assert_string_equal(strbuf_text(&sql), cases[i].want);
        strbuf_free(&sql);
    }
}

static sqlite3_stmt *prepare(sqlite3 *db, const struct record_kind *kind,
                             enum sqlite_statement which)
{
    sqlite3_stmt *statement = NULL;
    struct strbuf sql = strbuf_new(SQLITE_SQL_LIMIT);
    sqlite_append_template(&sql, kind, kind_version(kind), sqlite_statement_template(which));
    assert_int_equal(sqlite3_prepare_v2(db, strbuf_text(&sql), -1, &statement, NULL), SQLITE_OK);
    strbuf_free(&sql);
    return statement;
}

/* Two values that every tag of the kind can have: bars' are timeframes. */
static const char *first_tag(const struct record_kind *kind)
{
    return kind == &bar_kind ? "1d" : "aa";
}

static const char *later_tag(const struct record_kind *kind)
{
    return kind == &bar_kind ? "1m" : "bb";
}

/* 2,000 points of each of two series that differ in their last tag. */
static void fill(sqlite3 *db, const struct record_kind *kind)
{
    struct stored_columns columns = kind_stored_columns(kind);
    sqlite3_stmt *insert = prepare(db, kind, STATEMENT_INSERT);
    for (int row = 0; row < 4000; row++) {
        int place = 0;
        for (size_t i = 0; i < kind->tag_count; i++) {
            const char *tag =
                i + 1 == kind->tag_count && row % 2 > 0 ? later_tag(kind) : first_tag(kind);
            assert_int_equal(sqlite3_bind_text(insert, ++place, tag, -1, SQLITE_STATIC), SQLITE_OK);
        }
        for (size_t i = 0; i <= columns.count; i++) {
            assert_int_equal(sqlite3_bind_int(insert, ++place, row), SQLITE_OK);
        }
        assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
        assert_int_equal(sqlite3_reset(insert), SQLITE_OK);
    }
    assert_int_equal(sqlite3_finalize(insert), SQLITE_OK);
}

/* One search, however many points a series has: SQLite's steps are counted. */
static void next_series_is_found_without_reading_the_points_of_this_one(void **state)
{
    (void)state;
    for (size_t k = 0; k < RECORD_KINDS; k++) {
        sqlite3 *db = NULL;
        struct strbuf sql = strbuf_new(SQLITE_SQL_LIMIT);
        sqlite_append_table(&sql, record_kinds[k], kind_version(record_kinds[k]));
        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, strbuf_text(&sql), NULL, NULL, NULL), SQLITE_OK);
        strbuf_free(&sql);
        fill(db, record_kinds[k]);
        int last = (int)record_kinds[k]->tag_count;
        sqlite3_stmt *next = prepare(db, record_kinds[k], STATEMENT_NEXT_SERIES);
        for (int i = 1; i <= last; i++) {
            assert_int_equal(
                sqlite3_bind_text(next, i, first_tag(record_kinds[k]), -1, SQLITE_STATIC),
                SQLITE_OK);
        }
        assert_int_equal(sqlite3_step(next), SQLITE_ROW);
        assert_string_equal((const char *)sqlite3_column_text(next, last - 1),
                            later_tag(record_kinds[k]));
        assert_true(sqlite3_stmt_status(next, SQLITE_STMTSTATUS_VM_STEP, 0) < 500);
        assert_int_equal(sqlite3_reset(next), SQLITE_OK);
        assert_int_equal(
            sqlite3_bind_text(next, last, later_tag(record_kinds[k]), -1, SQLITE_STATIC),
            SQLITE_OK);
        assert_int_equal(sqlite3_step(next), SQLITE_DONE);
        assert_int_equal(sqlite3_finalize(next), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_has_the_tags_then_the_time_and_the_columns),
        cmocka_unit_test(statement_names_a_series_by_all_its_tags),
        cmocka_unit_test(next_series_is_found_without_reading_the_points_of_this_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
